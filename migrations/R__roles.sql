-- pg-entrypoint: vars app_password?

-- Variables are not replaced inside $$: a setting takes the value there, for this transaction only.
-- "is null" keeps it out of the answer.
select set_config('nexus.app_password', coalesce(:'app_password', ''), true) is null as hidden;

do $$
declare
	password text := current_setting('nexus.app_password');
	is_new boolean := not exists (select from pg_roles where rolname = 'nexus_app');
begin
	if is_new then
		begin
			create role nexus_app login;
		exception when duplicate_object or unique_violation then
			is_new := false; -- roles are the cluster's: another database was first
		end;
	end if;

	if password <> '' then
		execute format('alter role nexus_app password %L', password);
	elsif is_new then
		raise notice 'role nexus_app has no password and cannot log in by one: set app_password';
	else
		raise notice 'app_password is not set: role nexus_app keeps the password it has, if any';
	end if;
exception
	when insufficient_privilege then
		raise warning '% may not create or alter role nexus_app', current_user
			using hint = 'Let an administrator do it, or grant createrole.';
	when others then
		-- Raised anew: the original's context quotes the statement, password and all.
		raise exception using errcode = sqlstate, message = sqlerrm;
end
$$;

-- What the application may do. A migration that adds a table adds it here too.
do $$
begin
	if not exists (select from pg_roles where rolname = 'nexus_app') then
		raise warning 'role nexus_app does not exist: nothing is granted to it';
		return;
	end if;

	execute format('grant connect on database %I to nexus_app', current_database());
	if not has_schema_privilege('nexus_app', 'public', 'usage') then
		grant usage on schema public to nexus_app;
	end if;

	-- Until PostgreSQL 14 everybody may create tables in public. The server warns if it stays so.
	if has_schema_privilege('nexus_app', 'public', 'create') then
		revoke create on schema public from public;
	end if;

	grant select on work_centers, traveler_overview to nexus_app;
	grant select, insert, update on
		users, customers, parts, revisions, work_orders, travelers, process_steps,
		sub_steps, manual_steps, labor_entries, approvals
		to nexus_app;

	-- The trail is written, never read or changed.
	grant insert on audit_logs to nexus_app;
	grant execute on function make_audit_partitions(integer) to nexus_app;
end
$$;
