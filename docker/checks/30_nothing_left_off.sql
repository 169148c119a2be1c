-- Invalid indexes (but not one in the making), unproven constraints, disabled triggers.
select 'invalid index' as what, i.indexrelid::regclass::text as name
from pg_index i
join pg_class c on c.oid = i.indrelid
where not i.indisvalid
and c.relnamespace = 'public'::regnamespace
and not exists (
	select from pg_stat_progress_create_index where index_relid = i.indexrelid
)
union all
select 'constraint not validated', conname
from pg_constraint
where not convalidated
and connamespace = 'public'::regnamespace
union all
select 'disabled trigger', tgname
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
where t.tgenabled = 'D'
and c.relnamespace = 'public'::regnamespace;
