-- A traveler that is on the floor says what is to be done.
select t.job_number, t.status
from travelers t
where t.status in ('IN_PROGRESS', 'COMPLETED')
and not exists (select from process_steps where traveler_id = t.id);
