# The database as new again: `reset`, and what a restore that was killed is undone with.

load lib

setup_file() {
	server_start
	sql -d postgres 'create role reader'
}

teardown_file() {
	server_stop
}

superuser() {
	url="postgresql://postgres@/$database?host=$server&port=$port"
}

# The dump of a database, without the key of its own that each dump has.
dumped() {
	env -i "$pg/pg_dump" -h "$server" -p "$port" -U postgres "${1:-$database}" | grep -vE '^\\(un)?restrict '
}

# Nothing in the database tells it from a new one.
as_new() {
	database_new_beside
	dumped fresh >fresh.sql
	dumped >was.sql
	diff -u fresh.sql was.sql >difference || fail "not as new: $(head -n 40 difference)"
	equal "$(sql "select count(*) from pg_default_acl")" 0 'default privileges'
	equal "$(sql "select count(*) from pg_depend d where objid >= 16384 and not exists (
		select from pg_depend e where (e.classid, e.objid) = (d.classid, d.objid) and deptype in ('e', 'i'))")" 0 'left objects'
}

database_new_beside() {
	sql -d postgres 'drop database if exists fresh with (force)' 'create database fresh owner nexus_user'
}

load_as() {
	env -i LC_ALL=C.UTF-8 PGOPTIONS='-c client_min_messages=error' "$pg/psql" -XAtq -v ON_ERROR_STOP=1 -h "$server" \
		-p "$port" -U "$1" -d "$database" >/dev/null
}

reset() {
	pge "$@" reset --confirm="RESET $database"
}

@test 'one object of every kind, made by a superuser: afterwards the dump is that of a new database' {
	load_as postgres <"$BATS_TEST_DIRNAME/every.sql"
	superuser
	reset
	expect 0 "$database is as new" 'the slot sub_slot of subscription sub stays'
	as_new
	reset
	expect 0 '0 objects dropped'
	as_new
}

@test 'and as the plain owner' {
	local without='-- superuser$'
	since 15 || without='-- (superuser|owner of public)$'
	grep -vE -- "$without" "$BATS_TEST_DIRNAME/every.sql" | load_as nexus_user
	reset
	expect 0 "$database is as new"
	as_new
}

@test 'real dumps, many times over' {
	local file
	for file in pagila chinook; do
		[ -e "$samples/$file.sql" ] || skip 'SAMPLES names no folder with pagila.sql and chinook.sql'
		database_new
		grep -vE 'OWNER TO|^COMMENT ON EXTENSION' "$samples/$file.sql" | load_as nexus_user
		[ "$(sql "select count(*) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")" -gt 5 ]
		reset
		expect 0
		as_new
	done
}

@test 'in production only with the word, which names what is lost; elsewhere without it' {
	sql 'set role nexus_user' 'create table b (i int)' 'create table a (i int)' 'insert into b values (1)' \
		'create view v as select * from a'
	pge reset
	expect 64 'it drops 2 tables, 1 view, first with rows public.b' "--confirm \"RESET $database\""
	pge reset --confirm='RESET other'
	expect 64 'says "RESET other"'
	equal "$(sql 'select count(*) from b')" 1
	pge ENTRYPOINT_ENVIRONMENT=dev reset
	expect 0
	as_new
}

@test 'an environment that nobody knows is a typo of production, and nothing is dropped; a folder of seeds makes it known' {
	sql 'set role nexus_user' 'create table a (i int)'
	pge --environment=produciton reset
	expect 78 'produciton is neither dev, test, staging nor prod, nor is there a folder'
	pge --environment=produciton reset --confirm="RESET $database"
	expect 78
	put seeds/common/1.ini '[@table]' 'name = a' 'key = i'
	pge --environment=produciton reset
	expect 78 "nor is there a folder $PWD/seeds/produciton"
	equal "$(sql "select to_regclass('a') is not null")" t
	mkdir seeds/special
	pge --environment=special reset
	expect 0
	as_new
}

@test 'a role that does not own the database: 78 with what it needs, and nothing is dropped' {
	since 15 || skip 'what it may not bring back is the schema public of 15'
	sql -d postgres 'drop role if exists other' 'create role other login' "grant create on database $database to other"
	sql 'grant create on schema public to other' 'set role other' 'create table t (i int)' 'revoke all on t from public'
	url="postgresql://other@/$database?host=$server&port=$port" reset
	expect 78 "the schemas' privileges cannot be brought back" 'other has to own the database'
	equal "$(sql "select to_regclass('t') is not null")" t
	sql 'drop owned by other' 'drop role other'
}

@test 'a schema with a quote, a backslash or a comma in its name is as good as another' {
	sql 'set role nexus_user' 'create schema "a""b\,c"' 'create table "a""b\,c".t (i int)'
	reset ENTRYPOINT_FOREIGN_SCHEMAS='other a"b\z'
	expect 0
	equal "$(sql "select count(*) from pg_class where relname = 't'")" 0
	sql 'set role nexus_user' 'create schema "a""b\z"' 'create table "a""b\z".t (i int)'
	reset ENTRYPOINT_FOREIGN_SCHEMAS='other a"b\z'
	expect 0
	equal "$(sql "select count(*) from pg_class where relname = 't'")" 1
}

@test 'foreign_schemas stay as they are, and the extension of a superuser; what else is not ours stops it' {
	sql 'create schema auth' 'create table auth.users (id int primary key)' 'insert into auth.users values (7)' \
		'grant usage on schema auth to nexus_user' 'grant references, select on auth.users to nexus_user' \
		'create extension pg_buffercache'
	sql 'create table public.theirs (i int)'
	sql 'set role nexus_user' 'create table t (u int references auth.users)' 'create function f() returns int language sql as $$ select 1 $$'
	since 15 || sql 'create schema s' 'alter table theirs set schema s'
	reset ENTRYPOINT_FOREIGN_SCHEMAS=auth
	if since 15; then
		# Whoever owns the schema may drop what others have made in it.
		expect 0
	else
		expect 78 'what belongs to others: table s.theirs'
		equal "$(sql "select to_regclass('t') is not null")" t 'nothing was dropped'
		sql 'drop schema s cascade'
		reset ENTRYPOINT_FOREIGN_SCHEMAS=auth
		expect 0
	fi
	equal "$(sql 'select id from auth.users')" 7
	equal "$(sql "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relname not like 'pg_buffer%'")" 0
	equal "$(sql "select count(*) from pg_extension where extname = 'pg_buffercache'")" 1
	reset
	expect 78 'what belongs to others: table auth.users'
}

@test 'a start before and after: the same' {
	put migrations/0001_t.sql 'create table t (i int);'
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = i' '[5]'
	boots
	reset
	expect 0
	as_new
	boots
	logged '0001_t.sql'
	equal "$(sql 'select i from t')" 5
}

# So many that they need several transactions; the oldest table is dropped last.
many() {
	sql 'set role nexus_user' 'create table oldest (i int)' \
		"do 'begin for i in 1..700 loop execute format(''create table t%s (id serial primary key, o int)'', i); end loop; end'"
}

@test 'many objects: killed between its transactions it stops every start, and ends the same when run again' {
	put migrations/0001_t.sql 'create table if not exists t (i int);'
	boots
	many
	hold 'lock table oldest in access share mode'
	begin ENTRYPOINT_LOCK_TIMEOUT=60s reset --confirm="RESET $database"
	eventually 20 log_has 'waiting for a lock'
	# While it is at work others wait for its end.
	boot ENTRYPOINT_BOOT_LOCK_TIMEOUT=500ms
	expect 75 'another container has it'
	boot ENTRYPOINT_EXPECT_SCHEMA=yes ENTRYPOINT_WAIT_TIMEOUT=1s
	expect 75 'another container has still not applied the reset'
	kill -KILL "$pid"
	end || true
	release
	eventually 10 no_advisory_lock
	equal "$(sql "select to_regclass('oldest') is not null, to_regclass('t700') is null")" 't|t' 'half of it is gone'
	boot
	expect 65 'a reset of this database was cut off' '`pg-entrypoint reset` again ends it'
	equal "$output" ''
	pge migrate baseline 0001
	expect 65 'was cut off'
	reset
	expect 0
	as_new
}

@test 'fewer objects at a time where the server has room for few locks' {
	many
	hold "do 'declare n int := 0; begin
			loop
				begin
					perform pg_advisory_lock(n + 1);
				exception when out_of_memory then exit;
				end;
				n := n + 1;
			end loop;
			for i in n - 700 .. n loop perform pg_advisory_unlock(i); end loop;
		end'"
	reset --log-level=debug
	expect 0 'going on with'
	release
	as_new
}

@test 'kill -9 at any moment: the next one ends the same' {
	local round rounds=${KILLS:-20}
	for ((round = 0; round < (rounds > 20 ? 40 : 6); round++)); do
		database_new
		grep -vE -- '-- (superuser|owner of public)$' "$BATS_TEST_DIRNAME/every.sql" | load_as nexus_user
		begin reset --confirm="RESET $database"
		sleep "0.0$((RANDOM % 90 + 10))"
		kill -KILL "$pid" 2>/dev/null || true
		end || true
		eventually 10 no_advisory_lock
		# So few objects are one transaction: all are there, or none.
		[[ $(sql 'select count(*) from pg_class where oid >= 16384 and relname in ($$orders$$, $$people$$, $$child$$, $$many$$)') == [04] ]]
		reset
		expect 0
		as_new
	done
}
