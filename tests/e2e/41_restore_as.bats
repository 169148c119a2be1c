#!/usr/bin/env bats
# restore_as: dumps are loaded by a plain login of its own, which can do nothing with the rights of the one that we work with.

load lib

setup_file() {
	server_start
	sql -d postgres 'alter role nexus_user nocreaterole' 'create role foreigner'
}

teardown_file() {
	server_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	database_new
	url="postgresql://postgres@/$database?host=$server&port=$port"
	admin="postgresql://postgres@/$database?host=$server&port=$port"
	as='postgresql://nexus_user@/'
}

restore_as() {
	pge ENTRYPOINT_RESTORE_AS="$as" restore "$@"
}

# All that a dump could have changed outside of its database.
cluster() {
	sql -d postgres 'select rolname, rolsuper, rolcreaterole, rolcreatedb from pg_roles order by 1' \
		'select roleid::regrole, member::regrole from pg_auth_members order by 1, 2' 'select * from pg_file_settings' \
		"select md5(pg_get_functiondef('pg_catalog.pg_ls_dir(text)'::regprocedure))" | grep -v '^/.*postgresql.conf'
	[ ! -s "$server/data/postgresql.auto.conf" ] || grep -v '^#' "$server/data/postgresql.auto.conf" || true
}

@test 'no dump runs a command on the host or gets more rights, whatever it says' {
	local each before ran=0
	mkdir hostile
	python3 "$BATS_TEST_DIRNAME/hostile.py" hostile "$server/owned"
	set -- hostile/*.sql
	equal $# 19
	before=$(cluster)
	for each in $(some 1 "$@"); do
		database_new
		url=$admin
		restore_as "$each"
		[ "$status" = 0 ] || [ "$status" = 65 ] || fail "$each: exit $status"
		[ ! -e "$server/owned" ] || fail "$each has run a command"
		equal "$(cluster)" "$before" "$each"
		equal "$(sql "select count(*) from pg_event_trigger")" 0 "$each"
		# What was kept belongs to the plain one, what was refused is not there.
		if ((status == 0)); then
			logged 'loaded as nexus_user (restore_as), who will own it'
			equal "$(sql "select tableowner from pg_tables where tablename = 'loot'")" nexus_user "$each"
		else
			equal "$(sql "select to_regclass('public.loot')")" '' "$each"
		fi
		# The same in the hands of a superuser who trusts it: some of them do what they want.
		case $each in
		*/program*.sql | */file.sql | */large-object.sql)
			database_new
			url=$admin
			restore_as --trusted "$each"
			[ ! -e "$server/owned" ] || ran=$((ran + 1))
			rm -f "$server/owned"
			;;
		esac
	done
	((ran > 0)) || fail 'none of them would do any harm'
}

@test 'a dump of a superuser, with all that only a superuser makes: exit 0, and each thing left out is named' {
	local source=$database
	sql 'create extension pg_trgm' 'create table parts (id int primary key, name text)' "insert into parts values (1, 'one')" \
		'create index on parts using gin (name gin_trgm_ops)' 'alter table parts owner to foreigner' \
		'grant select on parts to foreigner' 'create publication everything for all tables' \
		'create function noted() returns event_trigger language plpgsql as $$begin end$$' \
		'create event trigger noted on ddl_command_end execute function noted()' \
		'alter default privileges for role foreigner grant select on tables to nexus_user' \
		"create policy own on parts to foreigner using (true)" 'create extension file_fdw'
	"$pg/pg_dump" -Fc -h "$server" -p "$port" -U postgres "$source" >dump
	sql 'drop event trigger noted'
	sql -d postgres "drop database $source with (force)"
	database_new
	url=$admin
	restore_as --plan dump
	expect 0
	[[ $output == *'event trigger'*noted* ]]
	[[ $output == *publication*everything* ]]
	[[ $output == *extension*file_fdw* ]]
	[[ $output == *'default privileges'* ]]
	[[ $output == *owner* ]]
	restore_as dump
	expect 0 'event trigger noted' 'publication everything' 'extension file_fdw' 'default privileges' owner \
		'warning: restore: left out, since only a superuser may make it: '
	equal "$(sql 'select name from parts')|$(sql 'select extname from pg_extension order by 1' | xargs)" 'one|pg_trgm plpgsql'
	equal "$(sql "select distinct tableowner from pg_tables where schemaname = 'public'")" nexus_user
	equal "$(sql 'select count(*) from pg_event_trigger' 'select count(*) from pg_publication' | xargs)" '0 0'
}

@test 'a start restores by it too, and goes on as itself' {
	sql -d postgres "create database other owner nexus_user"
	sql -d other 'create table parts (id int)' 'insert into parts values (1)'
	"$pg/pg_dump" -h "$server" -p "$port" -U postgres other >dump.sql
	sql -d postgres 'drop database other with (force)'
	put migrations/0001_more.sql 'create table more (who text default current_user);' 'insert into more default values;'
	boots ENTRYPOINT_RESTORE_AS="$as" ENTRYPOINT_RESTORE_FROM="$PWD/dump.sql"
	logged 'loaded as nexus_user'
	not_logged 'no privileges'
	equal "$(sql "select tableowner from pg_tables where tablename = 'parts'" 'select who from more' | xargs)" 'nexus_user postgres'
	# Our own schema is ours, and its rights are as before.
	equal "$(sql "select distinct tableowner from pg_tables where schemaname = 'entrypoint'")" postgres
	equal "$(sql "select has_schema_privilege('nexus_user', 'entrypoint', 'create')
		or has_table_privilege('nexus_user', 'entrypoint.journal', 'insert, update, delete, trigger')")" f
	boots ENTRYPOINT_RESTORE_AS="$as" ENTRYPOINT_RESTORE_FROM="$PWD/dump.sql"
}

@test 'with --replace: into the new database, by the same login' {
	sql 'create table parts (id int)' 'insert into parts values (1)'
	"$pg/pg_dump" -h "$server" -p "$port" -U postgres "$database" >dump.sql
	sql 'drop table parts' 'create table other ()'
	restore_as --replace --no-safety-copy --confirm="REPLACE $database" dump.sql
	expect 0 'loaded as nexus_user' 'the old one is dropped (--no-safety-copy)'
	not_logged 'no privileges'
	# Nobody is to be warned of what the settings show.
	pge help settings
	pge ENTRYPOINT_RESTORE_AS="$(grep -o 'postgresql://loader:[^`]*' out)" restore
	expect 64
	not_logged 'everybody knows'
	equal "$(sql "select tablename, tableowner from pg_tables where schemaname = 'public'")" 'parts|nexus_user'
}

@test 'more tables than one transaction could lock: by it too, in several, of which none is left after a failure' {
	{
		printf '%s\n' '-- PostgreSQL database dump'
		printf 'CREATE TABLE public.m%s (i integer);\n' {1..510}
		printf 'COPY public.m%s (i) FROM stdin;\n7\n\\.\n' {1..510}
		echo '-- PostgreSQL database dump complete'
	} >many.sql
	sed '$ i CREATE VIEW public.m7 AS SELECT 1;' many.sql >broken.sql
	restore_as broken.sql
	expect 65 'broken.sql:' '"m7" already exists' 'nothing was restored: what it had made is dropped again'
	equal "$(sql "select count(*) from pg_tables where schemaname = 'public'")" 0 'tables that are left'
	restore_as many.sql
	expect 0 'loaded as nexus_user' '510 rows of 510 tables'
	not_logged 'no privileges'
	equal "$(sql "select statements, finished_at is not null from entrypoint.journal")" '1|t' 'by several transactions'
	equal "$(sql "select distinct tableowner from pg_tables where schemaname = 'public'")" nexus_user
	equal "$(sql "select distinct tableowner from pg_tables where schemaname = 'entrypoint'")" postgres
}

@test 'killed behind what it loaded, before our tables were out of its reach: the next start sees to it' {
	printf '%s\n' '-- PostgreSQL database dump' 'CREATE TABLE public.t (id integer);' '-- PostgreSQL database dump complete' >dump.sql
	restore_as dump.sql
	expect 0
	equal "$(sql "select has_table_privilege('nexus_user', 'entrypoint.migration', 'insert')")" f
	# As the run had it then.
	sql 'grant usage on schema entrypoint to nexus_user' \
		'grant select, insert, update, delete on all tables in schema entrypoint to nexus_user'
	pge ENTRYPOINT_RESTORE_AS="$as" migrate
	expect 0
	not_logged warning
	equal "$(sql "select has_table_privilege('nexus_user', 'entrypoint.migration', 'insert')")" f
}

@test 'it has to be plain, to be allowed to make something, and to be within reach' {
	printf '%s\n' '-- PostgreSQL database dump' '-- Dumped from database version 15' '-- Dumped by pg_dump version 15' \
		'CREATE TABLE public.t (id integer);' '-- PostgreSQL database dump complete' >dump.sql
	sql -d postgres "create role chief login superuser" 'create role clerk login' 'create role worker login' \
		'grant pg_execute_server_program to worker' "create role loader login password 'load'"
	as=postgresql://chief@/
	restore_as dump.sql
	expect 78 'chief is no plain login: it is a superuser'
	as='user=worker'
	restore_as dump.sql
	expect 78 'worker is no plain login: it is of pg_execute_server_program'
	sql -d postgres 'grant chief to clerk'
	as='user=clerk'
	restore_as dump.sql
	expect 78 'it is a superuser, through chief'
	sql -d postgres 'revoke chief from clerk'
	restore_as dump.sql
	expect 78 'clerk may make nothing in database' "alter database \"$database\" owner to \"clerk\""
	sql "grant create on database $database to clerk"
	url="postgresql://nexus_user@/$database?host=$server&port=$port"
	restore_as dump.sql
	expect 78 'clerk would own all that is restored, and nexus_user could not change it' 'grant "clerk" to "nexus_user"'
	as='dbname=x'
	restore_as dump.sql
	expect 78 'restore_as: names no user'
	# Its password is its own, and nobody prints it.
	url="postgresql://nexus_user:secret@127.0.0.1:$port/$database"
	as='postgresql://loader:wrong-one@/'
	restore_as dump.sql
	expect 77 'password authentication failed for user "loader"'
	not_logged wrong-one
	equal "$(sql "select to_regclass('public.t')")" ''
}
