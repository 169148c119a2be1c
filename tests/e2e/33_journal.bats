# What a restore rests on, before there is one: the proof of emptiness, the journal, the undoing of a run that was killed. Driven
# by tests/drive/restoration.c.

load lib

setup_file() {
	(cd "$root" && make -s drive >/dev/null)
	server_start
	sql -d postgres 'create role reader'
}

teardown_file() {
	server_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	database_new
	SANITIZED=yes
	setting_up
}

# drive COMMAND...: in the database of the test, as whoever $url says.
drive() {
	captured env -i "${base[@]}" "DATABASE_URL=$url" "$root/build/dev/drive/restoration" "$@"
}

superuser() {
	url="postgresql://postgres@/$database?host=$server&port=$port"
}

load_as() {
	env -i LC_ALL=C.UTF-8 PGOPTIONS='-c client_min_messages=error' "$pg/psql" -XAtq -v ON_ERROR_STOP=1 -h "$server" \
		-p "$port" -U "$1" -d "$database" >/dev/null
}

# The dump of all but our schema, without the key of its own that each dump has.
dumped() {
	env -i "$pg/pg_dump" -h "$server" -p "$port" -U postgres -N entrypoint "$database" | grep -vE '^\\(un)?restrict '
}

same_as() {
	dumped >is.sql
	diff -u "$1" is.sql >difference || fail "not as before: $(head -n 40 difference)"
}

# empty [NAME=VALUE...]: the database counts as that.
empty() {
	drive words
	expect 0 'database is empty'
}

holds() {
	drive words
	expect 0 "database is not empty: $1"
	[[ $stderr == *"$1" ]] || fail "more than: $1"
}

@test 'empty: a new database, and what an init script leaves that is no relation' {
	empty
	sql 'create extension pg_trgm' 'create extension pg_stat_statements' 'create schema s' 'create type s.e as enum ()' \
		'create function s.f() returns int language sql as $$ select 1 $$' 'create type c as (i int)' 'create domain d as int' \
		'create publication p' 'alter default privileges grant select on tables to public'
	empty
	# Tables of an extension, of ours, of others that were named.
	sql 'create extension file_fdw' 'create schema auth' 'create table auth.users (id serial primary key)'
	boots
	holds '1 table, 1 sequence'
	base+=(ENTRYPOINT_FOREIGN_SCHEMAS=auth)
	empty
}

@test 'not empty: a relation of any kind, with rows or without, a large object; in words' {
	sql 'create sequence s'
	holds '1 sequence'
	sql 'drop sequence s' 'create view v as select 1'
	holds '1 view'
	sql 'drop view v' 'select lo_create(0)'
	holds '1 large object'
	sql 'select lo_unlink(oid) from pg_largeobject_metadata' 'create materialized view m as select 1 as i with no data'
	holds '1 materialized view'
	sql 'drop materialized view m' 'create table parts (i int) partition by list (i)'
	holds '1 table'
	sql 'drop table parts' 'set role nexus_user' \
		"do 'begin for i in 1..13 loop execute format(''create table a%s ()'', i); end loop; end'" 'create table users (i int)'
	holds '14 tables'
	sql 'insert into users values (1)'
	holds '14 tables, first with rows public.users'
	sql 'delete from users'
	holds '14 tables'
	# A table whose rows are none of our business is a table all the same.
	sql 'create table secret (i int)' 'insert into secret values (1)'
	holds '15 tables'
	sql 'insert into a1 default values'
	holds '15 tables, first with rows public.a1'
	sql 'create materialized view a0 as select 1 as i with no data'
	holds '15 tables, 1 materialized view, first with rows public.a1'
	sql 'drop materialized view a0'
}

@test 'a table that somebody has locked keeps nobody from the answer' {
	local from
	sql 'create table t (i int)' 'insert into t values (1)' 'grant select on t to nexus_user'
	hold 'lock table t'
	from=$(now_ms)
	holds '1 table'
	(($(now_ms) - from < 3000 * patience)) || fail 'it waited'
	release
	holds '1 table, first with rows public.t'
}

@test 'what an init script has left goes before a restore, and is told; extensions and what they need stay' {
	superuser
	sql 'create schema ext' 'create extension pg_trgm schema ext' 'create schema guard' \
		'create function guard.e() returns event_trigger language plpgsql as $$ begin end $$' \
		'create event trigger e on ddl_command_end execute function guard.e()' 'create publication p' \
		'alter default privileges grant select on tables to reader'
	dumped >before.sql
	drive leftovers
	expect 0 'left over: nothing'
	same_as before.sql
	sql 'create function public.f() returns int language sql as $$ select 1 $$' 'create schema app' \
		'create type app.e as enum ()' 'create collation app.c from "C"'
	drive leftovers
	expect 0 'left over: collation app.c, ' 'type app.e' 'function public.f()' 'schema app'
	same_as before.sql
	sql 'create schema theirs' 'create function theirs.f() returns int language sql as $$ select 1 $$' \
		'create schema mine authorization nexus_user'
	url="postgresql://nexus_user@/$database?host=$server&port=$port"
	drive leftovers
	expect 0 'left over: schema mine; kept: ' 'function theirs.f()' 'schema theirs'
	equal "$(sql "select string_agg(nspname, ' ' order by nspname) from pg_namespace where nspname in ('mine', 'theirs')")" theirs
}

# What may be there before: it stays as it is.
before() {
	sql 'create schema kept authorization nexus_user' 'create extension pg_trgm schema kept' \
		'create function kept.f() returns int language sql as $$ select 1 $$' "comment on schema kept is 'kept'" \
		'grant usage on schema kept to reader' \
		'alter default privileges for role nexus_user grant select on tables to reader' \
		'alter default privileges for role nexus_user in schema kept grant execute on functions to reader' \
		'create publication kept'
	dumped >before.sql
}

# And is changed by the restore, besides all that it makes.
change() {
	load_as postgres <<-'end'
		comment on schema kept is 'changed';
		revoke usage on schema kept from reader;
		grant create on schema kept to nexus_user with grant option;
		grant create on schema kept to public;
		alter schema kept owner to postgres;
		alter default privileges for role nexus_user grant all on tables to reader;
		alter default privileges for role nexus_user in schema kept revoke execute on functions from reader;
		drop schema public cascade;
		create schema public;
		grant all on schema public to reader;
		create table kept.t (i int);
	end
}

@test 'a restore that was killed: all that it made and changed is undone, what was there is as it was' {
	superuser
	before
	drive begin
	expect 0
	change
	load_as postgres <"$BATS_TEST_DIRNAME/every.sql"
	sql "insert into entrypoint.seed values ('x', 'x', now(), 'x')" \
		"insert into entrypoint.migration values ('0001', 'x', 'x', now(), now(), '1 s', 0, 'x', null, null, 'x')"
	boot
	expect 65 'a restore of this database was cut off'
	drive take-over
	expect 0 'taking over the restore of some.sql' 'run 2'
	same_as before.sql
	equal "$(sql "select count(*) from entrypoint.seed")|$(sql "select version from entrypoint.migration")" '0|@partial' 'our rows'
	boot
	expect 65 'a restore of this database was cut off'
	load_as postgres <"$BATS_TEST_DIRNAME/every.sql"
	drive take-over fenced 'create table restored (i int)' finish
	expect 0 'run 3'
	boots
	drive take-over
	expect 0 'no restore is under way'
	equal "$(sql "select kind, finished_at is not null, objects is null from entrypoint.journal where kind = 'restore'")" 'restore|t|t'
	equal "$(sql "select to_regclass('restored') is not null")" t
}

@test 'and as the plain owner' {
	local without='-- superuser$'
	since 15 || without='-- (superuser|owner of public)$'
	before
	drive begin
	expect 0
	grep -vE -- "$without" "$BATS_TEST_DIRNAME/every.sql" | load_as nexus_user
	drive take-over
	expect 0 'run 2'
	same_as before.sql
}

@test 'a run that was replaced writes nothing any more' {
	drive begin fenced 'create table ours ()' fenced 'update entrypoint.journal set statements = 2' fenced 'create table late ()'
	expect 65 'division by zero'
	equal "$(sql "select to_regclass('ours') is not null, to_regclass('late') is null")" 't|t'
}

@test 'taking over waits for the transactions of the killed run, and undoes what they still did' {
	env -i "${base[@]}" "DATABASE_URL=$url" "$root/build/dev/drive/restoration" begin \
		fenced 'create table ours ()' fenced 'create table late (); select pg_sleep(2)' 2>err 3>&- &
	job=$!
	eventually 10 running 'pg_sleep(2)'
	kill -KILL "$job"
	wait "$job" || true
	job=
	drive take-over
	expect 0 'run 2'
	[[ $(sql "select count(*) from pg_class where relname in ('ours', 'late')") == 0 ]] || fail 'something is left'
	sleep 2.5
	equal "$(sql "select count(*) from pg_class where relname in ('ours', 'late')")" 0 left
}
