-- pg-entrypoint: allow several-tables they come with the first release, before anybody works
-- One row per changed field; an insert is one row, its id. Who did it is what the application says
-- at the start of its transaction:
--
--	set local nexus.user_id = '7';
--	set local nexus.ip_address = '192.0.2.1';
--	set local nexus.user_agent = 'scanner at line 2';
--
-- Afterwards such a setting is not unset but empty.
create function audit_change() returns trigger
language plpgsql as $$
declare
	before jsonb := '{}';
	after jsonb := '{}';
	changed jsonb;
begin
	if tg_op = 'INSERT' then
		after := jsonb_build_object('id', new.id);
		changed := to_jsonb(new);
	elsif tg_op = 'UPDATE' then
		before := to_jsonb(old) - 'updated_at';
		after := to_jsonb(new) - 'updated_at';
		changed := after;
	else
		before := to_jsonb(old);
		changed := before;
	end if;

	insert into audit_logs (
		traveler_id, user_id, action, table_name, row_id,
		field_changed, old_value, new_value, ip_address, user_agent
	)
	select
		-- the column that says which traveler is the trigger's argument
		(changed ->> tg_argv[0])::integer,
		nullif(current_setting('nexus.user_id', true), '')::integer,
		tg_op,
		tg_table_name,
		(changed ->> 'id')::integer,
		field,
		was.value,
		is_now.value,
		nullif(current_setting('nexus.ip_address', true), ''),
		left(nullif(current_setting('nexus.user_agent', true), ''), 500)
	from jsonb_each_text(before) as was (field, value)
	full join jsonb_each_text(after) as is_now (field, value) using (field)
	where was.value is distinct from is_now.value;

	return null;
end
$$;

create trigger travelers_audit
	after insert or update or delete on travelers
	for each row execute function audit_change('id');

create trigger process_steps_audit
	after insert or update or delete on process_steps
	for each row execute function audit_change('traveler_id');

create trigger manual_steps_audit
	after insert or update or delete on manual_steps
	for each row execute function audit_change('traveler_id');

create trigger labor_entries_audit
	after insert or update or delete on labor_entries
	for each row execute function audit_change('traveler_id');

create trigger approvals_audit
	after insert or update or delete on approvals
	for each row execute function audit_change('traveler_id');
