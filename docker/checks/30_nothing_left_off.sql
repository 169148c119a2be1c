-- Of what stands in our search_path: invalid indexes (but not one in the making), unproven constraints, disabled triggers.
select 'invalid index' as what, indexrelid::regclass::text as name
from pg_index
where not indisvalid
and pg_table_is_visible(indrelid)
and not exists (
	select from pg_stat_progress_create_index where index_relid = indexrelid
)
union all
select 'constraint not validated', conname
from pg_constraint
where not convalidated
and (pg_table_is_visible(conrelid) or pg_type_is_visible(contypid))
union all
select 'disabled trigger', tgname
from pg_trigger
where tgenabled = 'D'
and pg_table_is_visible(tgrelid);
