-- Foreign keys see to it, unless a restore switched triggers off.
select 'process_steps' as child, s.id, 'travelers' as parent, s.traveler_id as missing
from process_steps s
where not exists (select from travelers where id = s.traveler_id)
union all
select 'sub_steps', s.id, 'process_steps', s.process_step_id
from sub_steps s
where not exists (select from process_steps where id = s.process_step_id)
union all
select 'labor_entries', l.id, 'travelers', l.traveler_id
from labor_entries l
where not exists (select from travelers where id = l.traveler_id);
