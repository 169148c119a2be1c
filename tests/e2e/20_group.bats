# Migrations together: groups, the order of repeatables, the snapshot, hooks, and a file that leaves its transaction.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

t='create table t (i int);'

# How many transactions the rows of the ledger come from.
transactions() {
	sql 'select count(distinct xmin::text) from entrypoint.migration'
}

# The names of what ran, in its order.
order() {
	sql "select string_agg(name, ' ' order by n) from ran"
}

# How many simple queries have reached the server since log_mark.
queries() {
	log_since | grep -c 'statement: '
}

# ---- groups ------------------------------------------------------------------------------------------------------------

@test 'an empty database: all pending files in one transaction, in few round trips, a row for each' {
	local i
	for ((i = 1; i <= 200; i++)); do
		put "migrations/$(printf %04d "$i")_t.sql" "create table t$i (i int);"
	done
	put migrations/R__view.sql 'create view v as select * from t200;'
	LEAKS=0 command_of -- echo APP
	strace -qq -e trace=sendto -s 1 -o trace "${command[@]}" >out 2>err
	equal "$(sql 'select count(*) from entrypoint.migration where finished_at is not null and statements = 1')" 201
	equal "$(sql "select count(distinct xmin::text) <= 2 from entrypoint.migration")" t 'one transaction, but for the row that is noted last'
	(($(wc -l <trace) < 45)) || fail "$(wc -l <trace) sends"
	grep -q '0200_t.sql applied' err
	boots
	not_logged applied
}

# The files of tables from one number to another.
put_tables() {
	local i
	for ((i = $1; i <= $2; i++)); do
		put "migrations/$(printf %04d "$i")_t.sql" "create table t$i (i int);"
	done
}

@test 'one file each: exactly one query more for each file more' {
	local some
	put_tables 1 1
	boots
	put_tables 2 21
	log_mark
	boots
	some=$(queries)
	put_tables 22 141
	log_mark
	boots
	equal "$(queries)" "$((some + 100))" 'queries'
	equal "$(sql 'select count(*) from entrypoint.migration')" 141
	(($(transactions) >= 140)) || fail 'shared'
}

@test 'a file that deallocates what our session has prepared, in each kind of transaction' {
	local how
	for how in file auto all; do
		sql 'drop schema if exists entrypoint cascade' 'drop schema public cascade' 'create schema public' \
			'grant all on schema public to public'
		put_tables 1 12
		put migrations/0005_d.sql 'deallocate all;' 'create table d ();'
		rm migrations/0005_t.sql
		put migrations/0010_q.sql 'prepare q as select 1;' 'execute q;' 'create table q ();'
		rm migrations/0010_t.sql
		boots ENTRYPOINT_MIGRATIONS_TRANSACTION=$how
		equal "$(sql 'select count(*) from entrypoint.migration where finished_at is not null and statements > 0')" 12 "$how"
		equal "$(sql "select count(*) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")" 12 "$how"
	done
}

@test 'what our session has prepared is gone after DISCARD ALL, outside a transaction' {
	put_tables 1 12
	put migrations/0006_d.sql '-- pg-entrypoint: no-transaction' 'discard all;'
	rm migrations/0006_t.sql
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=file
	equal "$(sql 'select count(*) from entrypoint.migration where finished_at is not null')" 12
}

@test 'a role that a deferred trigger takes in the COMMIT is not that of the next file' {
	sql "create role t${BATS_TEST_NUMBER}_other" "grant t${BATS_TEST_NUMBER}_other to nexus_user" \
		"grant all on schema public to t${BATS_TEST_NUMBER}_other"
	put migrations/0001_a.sql 'create table t1 (i int);' \
		"create function f() returns trigger language plpgsql as \$\$ begin perform set_config('role', 't${BATS_TEST_NUMBER}_other', false); return null; end \$\$;" \
		'create constraint trigger c after insert on t1 deferrable initially deferred for each row execute function f();' \
		'insert into t1 values (1);'
	put_tables 2 3
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=file
	equal "$(sql "select string_agg(distinct tableowner, ' ') from pg_tables where schemaname = 'public'")" nexus_user
	sql 'drop function f cascade' "revoke all on schema public from t${BATS_TEST_NUMBER}_other" "drop role t${BATS_TEST_NUMBER}_other"
}

@test 'a file that takes the ledger away is the one that is told of' {
	local how
	for how in file auto all; do
		database_new "t${BATS_TEST_NUMBER}_$how"
		put_tables 1 40
		put migrations/0005_t.sql 'create table t5 (i int);' '-- é' 'alter table entrypoint.migration rename to gone;'
		put migrations/0020_t.sql "$(printf -- '-- a comment that is longer than what is prepared %s\n' {1..90})" 'create table t20 ();'
		boot ENTRYPOINT_MIGRATIONS_TRANSACTION=$how
		expect 65 'migrations/0005_t.sql: relation "entrypoint.migration" does not exist'
		(($(grep -c 'did not go with the others' err) <= 1)) || fail "$(cat err)"
	done
}

@test "a file's own EXECUTE of what is not there runs once" {
	put_tables 1 12
	put migrations/0005_t.sql "do \$\$ begin raise notice 'hello'; end \$\$;" 'execute missing;'
	boot ENTRYPOINT_MIGRATIONS_TRANSACTION=file
	expect 65 '0005_t.sql:2:1: prepared statement "missing" does not exist'
	equal "$(grep -c 'server: hello' err)" 1
}

@test 'a repeatable that hundreds of others come after' {
	local i long
	long=$(printf 'x%.0s' {1..100})
	put migrations/R__a0.sql 'select 1;'
	put migrations/R__a1.sql 'select 1;'
	for ((i = 0; i < 700; i++)); do
		put "migrations/R__b${i}_$long.sql" '-- pg-entrypoint: after a1' 'select 1;'
	done
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=file
	put migrations/R__a0.sql 'select 2;'
	put migrations/R__a1.sql 'select 2;'
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=file
	logged '702 applied'
}

# The server counts a little later what a session has done.
has_counted_rows() {
	[ "$(sql "select n_tup_ins >= $1 from pg_stat_user_tables where relname = 'migration'")" = t ]
}

@test 'the plan of what is prepared goes with the growth of the ledger' {
	put_tables 1 30
	boots
	sql 'vacuum analyze entrypoint.migration'
	put_tables 31 900
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=file
	eventually 10 has_counted_rows 900
	equal "$(sql "select seq_scan < 600 from pg_stat_user_tables where relname = 'migration'")" t
}

@test 'lock_timeout = 0: no query more than with one' {
	local limited
	put migrations/0001_t.sql 'create table t1 (i int);' 'select pg_sleep(0.1);'
	boots
	put migrations/0002_t.sql 'create table t2 (i int);' 'select pg_sleep(0.1);'
	log_mark
	boots
	limited=$(queries)
	put migrations/0003_t.sql 'create table t3 (i int);' 'select pg_sleep(0.1);'
	log_mark
	boots ENTRYPOINT_LOCK_TIMEOUT=0
	equal "$(queries)" "$limited" queries
}

@test 'a database that is in use: one file each, unless all is set' {
	put migrations/0001_a.sql "$t"
	boots
	put migrations/0002_b.sql 'create table u (i int);'
	put migrations/0003_c.sql 'create table w (i int);' 'select wrong;'
	boot
	expect 65 0003_c.sql:2:8
	equal "$(sql "select to_regclass('u')")" u
	put migrations/0004_d.sql 'create table x (i int);'
	put migrations/0003_c.sql 'create table w (i int);'
	put migrations/0005_e.sql 'create table y (i int);' 'select wrong;'
	boot ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	expect 65 0005_e.sql:2:8 'select wrong;'
	equal "$(sql "select to_regclass('w') is null and to_regclass('x') is null")" t 'all or nothing'
	equal "$(sql 'select count(*) from entrypoint.migration')" 2
	put migrations/0005_e.sql 'create table y (i int);'
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	logged '3 files in one transaction'
}

@test 'an error in the middle of a group points into its file: by position, by statement, in COPY, in a variable file' {
	put migrations/0001_a.sql "-- ü ü" "$t" 'savepoint s;' 'insert into t values (1);' 'rollback to s;'
	put migrations/0002_b.sql 'create table u (i int primary key);' 'insert into u values (1), (2); -- comment'
	put migrations/0003_c.sql 'select 1;'
	put migrations/0004_d.sql '-- pg-entrypoint: vars v' "insert into t select length(:'v');"
	put migrations/0005_e.sql 'copy t from stdin;' 5 '\.' 'insert into t values (6);'
	put migrations/0006_f.sql 'insert into t values (7);' '' "insert into u" "  values (1);"
	put migrations/0007_g.sql "create table w (i int);"
	boot ENTRYPOINT_VAR_V=ü ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	expect 65 0006_f.sql:3:1 23505
	equal "$(sql "select to_regclass('t') is null")" t
	put migrations/0006_f.sql "select 'ü'," '  wrong;'
	boot ENTRYPOINT_VAR_V=ü ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	expect 65 0006_f.sql:2:3 wrong
	put migrations/0006_f.sql 'copy t from stdin;' 7 eight '\.'
	boot ENTRYPOINT_VAR_V=ü ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	expect 65 0006_f.sql:3 22P02
	put migrations/0006_f.sql 'select 1;'
	boots ENTRYPOINT_VAR_V=ü ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	equal "$(sql 'select sum(i) from t')" 12
	equal "$(sql 'select count(*) from entrypoint.migration')" 7
}

@test 'on an empty database a wrong file leaves those before it, as without groups' {
	put migrations/0001_a.sql "$t"
	put migrations/0002_b.sql 'insert into t values (1);'
	put migrations/0003_c.sql "select 1 / 0;"
	boot
	expect 65 0003_c.sql:1 22012 'a transaction for each file'
	equal "$(sql 'select count(*) from t')" 1
	equal "$(sql 'select count(*) from entrypoint.migration')" 2
}

@test 'what only a shared transaction refuses, a new enum value used at once or pending triggers: with all nothing is applied' {
	put migrations/0001_a.sql "create type e as enum ('a');" 'create table p (i int primary key);' \
		'create table c (i int references p deferrable initially deferred, e e);'
	boots
	put migrations/0002_b.sql 'create table u (i int);'
	put migrations/0003_c.sql "alter type e add value 'b';"
	put migrations/0004_d.sql "insert into c values (null, 'b');"
	boot ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	expect 65 'migrations/0004_d.sql:1:29: unsafe use of new value "b"' 'nothing was applied' \
		'migrations_transaction = all' 'set it to file'
	equal "$(sql "select to_regclass('u') is null")" t 'nothing was applied'
	equal "$(sql 'select count(*) from entrypoint.migration')" 1
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=file
	equal "$(sql 'select count(*) from c')" 1
	put migrations/0005_e.sql 'insert into p values (1);' 'insert into c values (1);'
	put migrations/0006_f.sql 'alter table c add column j int;'
	boot ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	expect 65 'migrations/0006_f.sql:1' 'pending trigger events' 'nothing was applied' 'set it to file'
	equal "$(sql 'select count(*) from p')" 0
	boots
	equal "$(sql 'select count(*) from entrypoint.migration where finished_at is not null')" 6
}

@test 'on an empty database, where nobody has asked for a group, such files go one by one; said in a line' {
	sql "create type e as enum ('a')" 'alter type e owner to nexus_user' # a type does not make it less empty
	put migrations/0001_a.sql 'create table c (e e);'
	put migrations/0002_b.sql "alter type e add value 'b';"
	put migrations/0003_c.sql "insert into c values ('b');"
	boots
	logged '0003_c.sql did not go with the others (55P04)' 'a transaction for each file'
	equal "$(sql 'select count(*) from c')" 1
}

@test 'what only the COMMIT refuses is blamed on no file of several' {
	put migrations/0001_a.sql 'create table p (i int primary key);' 'create table c (i int references p deferrable initially deferred);'
	boots
	put migrations/0002_b.sql 'insert into c values (5);'
	put migrations/0003_c.sql 'select 1;'
	boot ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	expect 65 'error: migrate: 0002_b.sql to 0003_c.sql, at the end of their transaction: insert or update on table "c"' 23503
	boot
	expect 65 'migrations/0002_b.sql: insert or update on table "c"'
	rm migrations/0003_c.sql
	put migrations/after.sql 'select 1;'
	boot
	expect 65 'error: migrate: 0002_b.sql to after.sql, at the end'
}

@test 'temporary tables and settings of one file do not reach the next of its group' {
	put migrations/0001_a.sql 'create temporary table x (i int) on commit drop;' "set search_path = '';" 'set role nexus_user;'
	put migrations/0002_b.sql 'create temporary table x (i int) on commit drop;' 'create table t as select current_setting($$search_path$$) as path;'
	boots
	equal "$(sql 'select path from t')" '"$user", public'
}

@test 'standard_conforming_strings of one file does not reach the next of its group, however they are sent' {
	put migrations/0001_a.sql 'create table t (i int, s text);' 'set standard_conforming_strings = off;' "insert into t values (1, 'C:\\\\new');"
	put migrations/0002_b.sql "insert into t values (2, 'C:\new');"
	{
		echo "select set_config('standard_conforming_strings', 'off', false);"
		printf -- '-- %066000d\n' 0 # more than is sent together
	} >migrations/0003_c.sql
	put migrations/0004_d.sql "insert into t values (4, 'C:\new');"
	boots
	logged '4 files in one transaction'
	equal "$(sql 'select distinct s from t')" 'C:\new'
}

@test 'a file that cannot run in a transaction: the others in groups around it; with all it is refused beside others' {
	put migrations/0001_a.sql "$t"
	put migrations/0002_b.sql 'create table u (i int);'
	put migrations/0003_c.sql 'create index concurrently t_i on t (i);'
	put migrations/0004_d.sql 'create table w (i int);'
	put migrations/0005_e.sql 'create table x (i int);'
	boots
	equal "$(grep -c 'files in one transaction' <<<"$stderr")" 2
	equal "$(sql "select indisvalid from pg_index where indexrelid = 't_i'::regclass")" t
	equal "$(sql 'select count(*) from entrypoint.migration where finished_at is not null')" 5
	put migrations/0006_f.sql 'vacuum t;'
	put migrations/0007_g.sql 'create table y (i int);'
	put checks/t.sql 'select 1 where false;'
	pge ENTRYPOINT_MIGRATIONS_TRANSACTION=all plan
	expect 65 'migrations/0006_f.sql cannot run in a transaction'
	boot ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	expect 65 'migrations/0006_f.sql cannot run in a transaction' 'nothing was applied' 'to file'
	equal "$(sql "select to_regclass('y') is null")" t
	mv migrations/0007_g.sql .
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	mv 0007_g.sql migrations
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	equal "$(sql 'select count(*) from entrypoint.migration where finished_at is not null')" 7
}

@test 'a group that meets a lock is tried again as a whole' {
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	put migrations/0001_a.sql 'create table u (i int);'
	put migrations/0002_b.sql 'alter table t add column j int;'
	hold 'lock table t in access share mode'
	begin ENTRYPOINT_LOCK_TIMEOUT=200ms ENTRYPOINT_MIGRATIONS_TRANSACTION=all -- echo APP
	eventually 20 log_has 'trying again'
	release
	end
	expect 0 0002_b.sql '2 files in one transaction'
	started
}

@test 'behind a pooler a group is one transaction as well, and leaves no setting behind' {
	local i
	own_pooler=yes
	pgbouncer_start default_pool_size=3
	for ((i = 1; i <= 40; i++)); do
		put "migrations/$(printf %04d "$i")_t.sql" "create table t$i (i int);" 'set work_mem = 12345;'
	done
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	boots
	logged '40 files in one transaction'
	equal "$(env -i "$pg/psql" -XAtq "$url" -c 'show work_mem')" 4MB
}

@test 'a migration of which the ledger has an unfinished row stops the boot in words' {
	put "migrations/20240102_it's.sql" "$t"
	boots
	sql 'update entrypoint.migration set finished_at = null'
	boot
	expect 65 "20240102_it's.sql" 'not finished' "set finished_at = now() where version = '20240102_it''s';" 'delete that row'
}

# ---- the order of repeatables -------------------------------------------------------------------------------------------

ran() {
	put "migrations/R__$1.sql" "${@:2}" "insert into ran (name) values ('$1');"
}

ran_table='create table ran (name text, n int generated always as identity);'

@test 'repeatables: by name, but for what they come after' {
	put migrations/0001_ran.sql "$ran_table"
	ran a '-- pg-entrypoint: after z R__m.sql'
	ran b
	ran m '-- pg-entrypoint: after R__z'
	ran y
	ran z
	boots
	equal "$(order)" 'b y z m a'
	boots
	equal "$(order)" 'b y z m a'
	pge migrate status
	equal "$(awk '{ print $2 }' <<<"$output" | xargs)" '0001_ran.sql R__b.sql R__y.sql R__z.sql R__m.sql R__a.sql'
}

@test 'what comes after a repeatable that runs again runs again too' {
	put migrations/0001_ran.sql "$ran_table" 'create table base (i int, j int);'
	ran one 'drop view if exists one cascade;' 'create view one as select i from base;'
	ran after_one '-- pg-entrypoint: after one' 'drop view if exists after_one cascade;' 'create view after_one as select * from one;'
	ran other
	boots
	ran one 'drop view if exists one cascade;' 'create view one as select i, j from base;'
	pge plan
	expect 2
	equal "$(awk '{ print $2 }' <<<"$output" | xargs)" 'R__one.sql R__after_one.sql'
	boots
	equal "$(order)" 'one after_one other one after_one'
	equal "$(sql "select count(*) from information_schema.columns where table_name = 'after_one'")" 2
	boots
	not_logged applied
}

@test 'and also when the run ends between the two' {
	put migrations/0001_ran.sql "$ran_table"
	ran one
	ran two '-- pg-entrypoint: after one'
	boots
	ran one 'select 1;'
	put migrations/R__two.sql '-- pg-entrypoint: after one' 'select 1 / 0;'
	boot
	expect 65 R__two.sql:2
	ran two '-- pg-entrypoint: after one'
	boots
	equal "$(order)" 'one two one two'
}

@test 'an unknown name, a circle and a mark in the wrong file are errors before anything runs' {
	put migrations/0001_a.sql "$t"
	put migrations/R__b.sql '-- b' '-- pg-entrypoint: after x' 'select 1;'
	boot
	expect 65 R__b.sql:2:25 'no repeatable is called x' 'remove this mark too'
	put migrations/R__b.sql '-- pg-entrypoint: after 0001_a' 'select 1;'
	boot
	expect 65 R__b.sql:1:25 'versioned migrations run before all repeatables anyway'
	put migrations/R__b.sql '-- pg-entrypoint: after c' 'select 1;'
	put migrations/R__c.sql '-- pg-entrypoint: after b' 'select 1;'
	boot
	expect 65 R__b.sql:1:25 'R__b after R__c after R__b'
	rm migrations/R__*
	put migrations/0001_a.sql '-- pg-entrypoint: after x' "$t"
	boot
	expect 65 0001_a.sql:1:25 'only a repeatable'
	put migrations/0001_a.sql '-- pg-entrypoint: snapshot 5' "$t"
	boot
	expect 65 0001_a.sql:1:28 schema.sql
	equal "$(sql "select count(*) from pg_class where relnamespace = 'public'::regnamespace")" 0
}

# ---- the snapshot --------------------------------------------------------------------------------------------------------

three_files() {
	put migrations/0001_a.sql "$t" 'select 1;'
	put migrations/0002_b.sql 'insert into t values (2);'
	put migrations/0003_c.sql 'insert into t values (3);'
}

@test 'an empty database loads schema.sql instead of the files it stands for, and then the newer ones' {
	three_files
	put migrations/schema.sql '-- pg-entrypoint: snapshot 2' "$t" 'insert into t values (100);'
	put migrations/R__r.sql 'insert into t values (1000);'
	pge plan
	expect 2
	equal "$(awk '{ print $2 }' <<<"$output" | xargs)" 'schema.sql, 0001_a.sql 0002_b.sql 0003_c.sql R__r.sql' || true
	pge plan --json
	[[ $output == *'"snapshot":"2"'* ]] || fail 'not in the plan'
	boots
	logged 'schema.sql loaded, for all up to 2'
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '3 100 1000'
	equal "$(sql "select string_agg(version, ' ' order by version) from entrypoint.migration where finished_at is not null")" '0001 0002 0003 R__r'
	boots
	not_logged applied loaded
	# Their checksums are those of the files.
	put migrations/0002_b.sql 'insert into t values (22);'
	boot
	expect 65 0002_b.sql changed
}

@test 'files that the snapshot stands for may be gone; one that comes back is no news, one that is new is out of order' {
	three_files
	rm migrations/000[12]*
	put migrations/schema.sql '-- pg-entrypoint: snapshot 0002' "$t"
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$) from t')" 3
	boots
	not_logged 'not in'
	put migrations/0002_b.sql 'insert into t values (2);'
	boots
	put migrations/0001_a.sql "$t"
	boot
	expect 65 0001_a.sql
}

@test 'files that are gone and covered are not missed in a database that was made from them' {
	three_files
	boots
	rm migrations/000[12]*
	boots
	logged 'not in'
	put migrations/schema.sql '-- pg-entrypoint: snapshot 2' 'wrong'
	boots
	not_logged 'not in'
	equal "$(sql 'select count(*) from t')" 2
}

@test 'a database that never came as far as the snapshot, with the files in between gone, is refused in words' {
	three_files
	boots
	rm migrations/000[123]*
	put migrations/schema.sql '-- pg-entrypoint: snapshot 0005' "$t"
	put migrations/0006_f.sql 'insert into t values (6);'
	boot
	expect 65 schema.sql 'is at version 0003' 'no file for 0005' 'put them back'
	equal "$(sql 'select count(*) from t')" 2
	put migrations/0005_e.sql 'insert into t values (5);'
	boots
	equal "$(sql 'select count(*) from t')" 4
}

@test 'schema.sql: tables of this start's own initdb.d leave the database new, for the start after one that was cut off too' {
	put initdb.d/1.sql 'create table ini (a int);'
	put initdb.d/2.sh '#!/bin/sh' "'$pg/psql' -Xqc 'create table shell (a int)'"
	chmod +x initdb.d/2.sh
	put migrations/schema.sql '-- pg-entrypoint: snapshot 0002' "$t" 'insert into t values (100);'
	put migrations/0002_b.sql 'insert into t values (2);'
	pge plan
	[[ $output == *'schema.sql, for all up to 0002'* ]] || fail "$output"
	put initdb.d/3.sql 'wrong;'
	boot
	expect 65 3.sql
	equal "$(sql "select to_regclass('shell') is not null")" t
	rm initdb.d/3.sql
	put migrations/0003_c.sql 'select wrong;'
	boot
	expect 65 'schema.sql loaded, for all up to 0002' 0003_c.sql
	put migrations/0003_c.sql 'insert into t values (3);'
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '3 100'
	equal "$(sql "select string_agg(version, ' ' order by version) from entrypoint.migration")" '0002 0003'
}

@test 'schema.sql: tables that somebody else has made before, with the files in between gone, are refused in words' {
	put initdb.d/1.sql 'create table if not exists ini (a int);'
	sql 'create table ini (a int)'
	put migrations/schema.sql '-- pg-entrypoint: snapshot 0002' "$t"
	put migrations/0002_b.sql 'select 1;'
	boot
	expect 65 'there is no file for what comes before 0002' 'migrate baseline 0002'
	not_logged 'initdb: 1.sql' applied
	pge migrate baseline 0002
	boots
}

@test 'a database that is not new does not load it' {
	sql 'create table other (i int)'
	three_files
	put migrations/schema.sql '-- pg-entrypoint: snapshot 2' 'create table never (i int);'
	boots
	equal "$(sql 'select count(*) from t')" 2
	equal "$(sql "select to_regclass('never') is null")" t
}

@test 'a snapshot alone, without any file, is loaded too, once' {
	put migrations/schema.sql '-- pg-entrypoint: snapshot 17' "$t"
	boots
	equal "$(sql 'select version, name from entrypoint.migration')" '17|schema'
	boots
	not_logged loaded
	boots ENTRYPOINT_MIN_VERSION=17
}

@test 'expect_schema: a snapshot that another container is to load is waited for, and named' {
	put migrations/schema.sql '-- pg-entrypoint: snapshot 17' "$t"
	boot ENTRYPOINT_EXPECT_SCHEMA=yes ENTRYPOINT_WAIT_TIMEOUT=3s
	expect 75 'has still not applied schema.sql after'
	put migrations/0018_b.sql 'select 1;'
	boot ENTRYPOINT_EXPECT_SCHEMA=yes ENTRYPOINT_WAIT_TIMEOUT=3s
	expect 75 'has still not applied schema.sql, 1 migration after'
	boots
	boots ENTRYPOINT_EXPECT_SCHEMA=yes
}

@test 'a snapshot that fails leaves nothing: file, line, column; one without a version is refused' {
	three_files
	put migrations/schema.sql '-- pg-entrypoint: snapshot 2' "$t" 'select wrong;'
	boot
	expect 65 schema.sql:3:8
	equal "$(sql "select to_regclass('t') is null")" t
	equal "$(sql 'select count(*) from entrypoint.migration')" 0
	put migrations/schema.sql "$t" '-- pg-entrypoint: snapshot 2'
	boot
	expect 65 schema.sql 'snapshot VERSION'
	put migrations/schema.sql '-- pg-entrypoint: snapshot 2' "$t" 'vacuum;'
	boot
	expect 65 schema.sql:3 'cannot run in a transaction'
}

@test 'a dump by the built-in pg_dump is a snapshot, and a migration' {
	runs_itself
	three_files
	put migrations/0003_c.sql "create table named (i int primary key, name text);" "insert into named values (1, E'a\\tb\\\\c'), (2, null);" \
		"create function f() returns text language sql begin atomic select 'x;y'; end;" 'create view v as select f(), * from named;'
	boots
	before=$(sql 'select * from v order by i')
	{
		echo '-- pg-entrypoint: snapshot 0003'
		setting_up
		env -i "${base[@]}" bash -c 'exec -a pg_dump "$0" "$@"' "$binary" --exclude-schema=entrypoint -h "$server" -p "$port" -U postgres -O "$database"
	} >schema.sql
	grep -q '^COPY public.named' schema.sql
	grep -q '^.restrict' schema.sql
	mv schema.sql migrations
	put migrations/0004_d.sql 'insert into t values (4);'
	database_new "${database}b"
	boots
	logged 'schema.sql loaded'
	equal "$(sql 'select * from v order by i')" "$before"
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '2 4'
	boots
	database_new "${database}c"
	rm migrations/000[1-4]*
	sed 1d migrations/schema.sql >migrations/0001_dump.sql
	rm migrations/schema.sql
	put migrations/0002_more.sql "insert into named values (3, 'c');"
	boots
	equal "$(sql 'select count(*) from v')" 3
}

@test 'a snapshot of a date names the file: which of the day are in it?' {
	put migrations/20240101_a.sql "$t"
	put migrations/schema.sql '-- pg-entrypoint: snapshot 20240101' "$t"
	boot
	expect 65 'schema.sql:1:28: of a file of 8 digits the whole name is the version'
	put migrations/schema.sql '-- pg-entrypoint: snapshot 20240101_a' "$t"
	boots
	logged 'schema.sql loaded, for all up to 20240101_a'
	not_logged '20240101_a.sql'
}

@test 'a meta-command in a dump that is not harmless is refused with its line before anything runs' {
	put migrations/0001_a.sql "$t"
	put migrations/schema.sql '-- pg-entrypoint: snapshot 1' '\restrict abc' "$t" '\connect other' '\unrestrict abc'
	boot
	expect 65 schema.sql:4 '\connect'
	equal "$(sql "select to_regclass('t') is null")" t
}

# ---- hooks ----------------------------------------------------------------------------------------------------------------

@test 'before.sql and after.sql run around what is pending, and only then' {
	sql 'create table ran (name text, n int generated always as identity)' 'alter table ran owner to nexus_user'
	put migrations/before.sql "insert into ran (name) values ('before');"
	put migrations/after.sql "insert into ran (name) values ('after');"
	put migrations/0001_a.sql "insert into ran (name) values ('a');"
	put migrations/0002_b.sql "insert into ran (name) values ('b');"
	boots
	equal "$(order)" 'before a b after'
	boots
	equal "$(order)" 'before a b after'
	put migrations/0003_c.sql 'create index concurrently on ran (name);' "insert into ran (name) values ('c');"
	boots
	equal "$(order)" 'before a b after before c after'
	equal "$(sql 'select count(*) from entrypoint.migration')" 3 'they are no migrations'
}

@test 'a hook that fails stops the boot with file and line; after.sql takes the last file with it and runs again' {
	put migrations/0001_a.sql "$t"
	put migrations/before.sql 'select 1;' 'select wrong;'
	boot
	expect 65 before.sql:2:8
	equal "$(sql "select to_regclass('t') is null")" t
	rm migrations/before.sql
	put migrations/0002_b.sql 'insert into t values (2);'
	put migrations/after.sql 'select 1;' '' 'select 1 / 0;'
	boot ENTRYPOINT_MIGRATIONS_TRANSACTION=file
	expect 65 after.sql:3 22012
	equal "$(sql 'select count(*) from t')" 0
	put migrations/after.sql 'insert into t values (100);'
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=file
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '2 100'
	put migrations/0003_c.sql 'create index concurrently t_i on t (i);'
	put migrations/after.sql 'select wrong;'
	boot
	expect 65 after.sql:1:8
	equal "$(sql 'select count(*) from entrypoint.migration where finished_at is null')" 1
	put migrations/after.sql 'insert into t values (200);'
	boots
	equal "$(sql 'select count(*) from t where i = 200')" 1
}

@test 'before.sql goes with the snapshot: what it makes does not keep that from being loaded by the next start' {
	put migrations/before.sql 'create table hook (i int);'
	put migrations/schema.sql '-- pg-entrypoint: snapshot 17' "$t" 'insert into t select count(*) from hook;' 'select wrong;'
	put migrations/after.sql 'insert into t values (2);'
	boot
	expect 65 schema.sql:4:8
	equal "$(sql "select to_regclass('hook') is null")" t
	put migrations/schema.sql '-- pg-entrypoint: snapshot 17' "$t" 'insert into t select count(*) from hook;'
	put migrations/0018_b.sql 'insert into t values (1);'
	put migrations/0019_c.sql 'select wrong;'
	boot
	expect 65 'a transaction for each file' 'before.sql run' 'schema.sql loaded' '0018_b.sql applied' 0019_c.sql:1:8
	put migrations/before.sql 'create table if not exists hook (i int);'
	put migrations/0019_c.sql 'select 1;'
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$) from t')" '0 1 2'
}

@test 'a hook that cannot run in a transaction is refused before anything runs' {
	put migrations/0001_a.sql "$t"
	put migrations/after.sql 'select 1;' 'vacuum;'
	boot
	expect 65 after.sql:2
	equal "$(sql "select to_regclass('t') is null")" t
}

# ---- beside the rest -----------------------------------------------------------------------------------------------------

# In a statement whose text is cut off where the server shows it.
asleep() {
	[ "$(sql -d postgres "select count(*) from pg_stat_activity where datname = '$database' and wait_event = 'PgSleep'")" != 0 ]
}

awake() {
	! asleep
}

@test 'killed in the middle of a group: nothing of it is there, and the next boot applies it' {
	put migrations/0001_a.sql "$t"
	put migrations/0002_b.sql 'insert into t values (2);'
	put migrations/0003_c.sql 'insert into t values (3);' 'select pg_sleep(60);'
	begin -- echo APP
	eventually 10 asleep
	kill -s KILL "$pid"
	end
	eventually 2 awake
	eventually 2 no_advisory_lock
	equal "$(sql "select to_regclass('t') is null")" t
	put migrations/0003_c.sql 'insert into t values (3);'
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '2 3'
	equal "$(sql 'select count(*), count(finished_at) from entrypoint.migration')" '3|3'
}

# meanwhile STATEMENT...: a run that was killed has these under way on the server, which commits them a second later.
meanwhile() {
	sql_apart begin "$@" "select pg_sleep(1.5 * $patience)" commit >/dev/null 3>&- &
	rival=$!
	eventually 5 running pg_sleep
}

row="insert into entrypoint.migration (version, name, checksum, started_at, finished_at, statements, tool_version, role)"

@test 'a file of the group that a killed run commits late is not applied again, those behind it are' {
	put migrations/0001_a.sql 'create table a (i int);'
	boots
	put migrations/0002_b.sql 'create table b (i int);'
	put migrations/0003_c.sql 'create table c (i int);'
	put migrations/0004_d.sql 'create table d (i int);'
	boots
	checksum=$(sql "select checksum from entrypoint.migration where version = '0002'")
	sql 'drop table b, c, d' "delete from entrypoint.migration where version > '0001'"
	meanwhile 'create table b (i int)' "$row values ('0002', '0002_b', '$checksum', now(), now(), 1, 'x', 'x')"
	boots ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	logged '0002_b.sql was applied by a run that was interrupted' '2 files in one transaction' '2 applied'
	equal "$(sql 'select count(finished_at) from entrypoint.migration')" 4
	wait "$rival"
}

@test 'a snapshot that a killed run commits late is not loaded again' {
	put migrations/0002_b.sql 'select wrong;'
	boot
	expect 65
	put migrations/schema.sql '-- pg-entrypoint: snapshot 1' "$t"
	put migrations/0002_b.sql 'insert into t values (2);'
	meanwhile "$t" 'alter table t owner to nexus_user' "$row values ('1', 'schema', '', now(), now(), 0, 'x', 'x')"
	boots
	logged 'schema.sql was applied by a run that was interrupted' '1 applied'
	equal "$(sql 'select count(*) from t')" 1
	wait "$rival"
}

@test 'nor with before.sql, which that run has run too' {
	put migrations/0002_b.sql 'select wrong;'
	boot
	expect 65
	put migrations/before.sql 'create table hook ();'
	put migrations/schema.sql '-- pg-entrypoint: snapshot 1' "$t"
	put migrations/0002_b.sql 'insert into t values (2);'
	meanwhile 'create table hook ()' "$t" 'alter table t owner to nexus_user' \
		"$row values ('1', 'schema', '', now(), now(), 0, 'x', 'x')"
	boots
	logged 'before.sql was applied by a run that was interrupted' '1 applied'
	equal "$(sql 'select count(*) from t')" 1
	wait "$rival"
}

@test 'killed while the snapshot is loaded: the next boot loads it' {
	put migrations/schema.sql '-- pg-entrypoint: snapshot 17' "$t" 'select pg_sleep(60);'
	begin -- echo APP
	eventually 10 running pg_sleep
	kill -s KILL "$pid"
	end
	eventually 2 not_running pg_sleep
	eventually 2 no_advisory_lock
	equal "$(sql 'select version from entrypoint.migration')" '@changing'
	put migrations/schema.sql '-- pg-entrypoint: snapshot 17' "$t"
	boots
	logged 'schema.sql loaded'
	equal "$(sql 'select version from entrypoint.migration')" 17
}

@test 'up VERSION: below the snapshot no new database comes, since files may be gone; with it and above by the snapshot' {
	three_files
	put migrations/schema.sql '-- pg-entrypoint: snapshot 2' "$t" 'insert into t values (100);'
	pge migrate up 1
	expect 65 'schema.sql stands for all up to 2' 'end at 0001' 'go as far as 2 at least'
	equal "$(sql "select to_regclass('t') is null")" t
	mv migrations/schema.sql .
	pge migrate up 1
	expect 0 '0001_a.sql applied'
	mv schema.sql migrations/
	pge migrate up 2
	expect 0 '0002_b.sql applied'
	not_logged 'nothing to do'
	pge migrate up 2
	expect 0 'migrate: nothing to do'
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" 2
	database_new "${database}b"
	pge migrate up 2
	expect 0 'schema.sql loaded'
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" 100
	database_new "${database}c"
	pge migrate up 3
	expect 0 'schema.sql loaded' '0003_c.sql applied'
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '3 100'
}

@test 'redo: the newest again, between the hooks, no snapshot; new: behind the snapshot' {
	three_files
	put migrations/0003_c.down.sql 'delete from t where i = 3;'
	put migrations/schema.sql '-- pg-entrypoint: snapshot 2' 'create table never (i int);'
	sql 'create table other (i int)'
	boots
	put migrations/before.sql 'insert into t values (10);'
	put migrations/after.sql 'insert into t values (20);'
	pge ENTRYPOINT_ENVIRONMENT=dev migrate redo
	expect 0 '0003_c undone' '1 applied'
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '2 3 10 20'
	equal "$(sql "select to_regclass('never') is null")" t
	equal "$(sql "select count(*) from entrypoint.migration where version like '@%'")" 0
	put migrations/0004_d.sql "$t"
	put migrations/schema.sql '-- pg-entrypoint: snapshot 4' 'create table never (i int);'
	pge ENTRYPOINT_ENVIRONMENT=dev migrate redo
	expect 0 '0003_c undone' '1 applied'
	put migrations/schema.sql '-- pg-entrypoint: snapshot 0017' 'create table never (i int);'
	pge migrate new more
	expect 0
	[ -e migrations/0018_more.sql ] || fail 'not behind the snapshot'
}

@test 'rehearse: the snapshot and the hooks too' {
	three_files
	put migrations/schema.sql '-- pg-entrypoint: snapshot 2' "$t"
	put migrations/before.sql 'create schema made;'
	put migrations/after.sql 'create table made.after (i int);'
	pge migrate rehearse --json
	expect 0
	equal "$(jq -r '[.migrations[] | .name] | join(" ")' <<<"$output")" 'before schema 0003_c after'
	equal "$(sql "select to_regclass('t') is null and to_regnamespace('made') is null")" t
	boots
	pge migrate rehearse
	equal "$output" 'nothing is pending'
}

@test 'migrate_command: behind the versioned files, whose group ends before it, and before the repeatables' {
	put migrations/0001_ran.sql "$ran_table"
	put migrations/0002_b.sql "insert into ran (name) values ('b');"
	ran r
	ran s '-- pg-entrypoint: after r'
	put migrations/before.sql 'select 1;'
	put migrations/after.sql "insert into ran (name) values ('after');"
	other="ENTRYPOINT_MIGRATE_COMMAND='$pg/psql' -XAtqc \"insert into ran (name) values ('command')\""
	boots "$other" ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	equal "$(order)" 'b command r s after'
	equal "$(grep -c 'files in one transaction' <<<"$stderr")" 2
	# Nothing but the command: no file for the hooks to stand around.
	boots "$other"
	equal "$(order)" 'b command r s after command'
	not_logged before.sql after.sql
}

@test 'the backup is of the time before before.sql' {
	runs_itself
	mkdir backups
	put migrations/0001_a.sql "$t"
	boots
	put migrations/before.sql 'create table hook (i int);'
	put migrations/0002_b.sql 'select wrong;'
	boot ENTRYPOINT_BACKUP_DIR="$PWD/backups" ENTRYPOINT_BACKUP_BEFORE_MIGRATE=yes
	expect 65 0002_b.sql:1:8 'the database as it was before'
	gunzip -c backups/*.gz >backup.sql
	grep -q 'public.t ' backup.sql
	[ "$(grep -c 'public.hook' backup.sql)" -eq 0 ] || fail 'the hook came first'
	equal "$(sql "select to_regclass('hook')")" hook
}

@test 'files of another tool in a group: each with its row in the history; no companions there' {
	put migrations/001_a.sql '-- migrate:up' "$t" '-- migrate:down' 'drop table t;'
	put migrations/002_b.sql '-- migrate:up' 'insert into t values (2);'
	put migrations/003_c.sql '-- migrate:up' 'insert into t values (3);'
	put migrations/schema.sql 'create table never (i int);'
	put migrations/before.sql 'select wrong;'
	boots
	logged '3 files in one transaction' 'schema.sql is not named as a migration of dbmate'
	equal "$(sql 'select string_agg(version, $$ $$ order by version) from schema_migrations')" '001 002 003'
	equal "$(sql 'select count(distinct xmin::text) from schema_migrations')" 1
	equal "$(sql "select to_regclass('never') is null")" t
	put migrations/004_d.sql '-- migrate:up' 'insert into t values (4);'
	put migrations/005_e.sql '-- migrate:up' 'select wrong;'
	boot ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	expect 65 005_e.sql:2:8
	equal "$(sql 'select count(*) from schema_migrations')" 3
}

@test 'what takes long in a group is told with the files that are being sent' {
	put migrations/0001_a.sql "$t"
	put migrations/0002_b.sql 'select pg_sleep(6);'
	put migrations/0003_c.sql 'insert into t values (3);'
	boots
	logged '0001_a.sql to 0003_c.sql: has been running for 5 s'
}

# ---- a file that leaves its transaction -------------------------------------------------------------------------------------

# Read with standard_conforming_strings off, as the server does then, the string ends early, and a COMMIT comes to light.
hidden() {
	printf '%s\n' "select '\\' || '; $1; --';"
}

@test 'a procedure that commits is refused by the server, but in a file without a transaction' {
	sql 'create table t (i int)' 'alter table t owner to nexus_user' \
		'create procedure p() language plpgsql as $$ begin insert into t values (1); commit; end $$'
	put migrations/0001_a.sql 'call p();'
	boot
	expect 65 0001_a.sql:1 2D000
	put migrations/0001_a.sql 'do $$ begin insert into t values (1); commit; end $$;'
	boot
	expect 65 0001_a.sql:1 2D000
	equal "$(sql 'select count(*) from t')" 0
}

@test 'a COMMIT that the server sees and the lexer does not: found out by its tag, and the next start stops as well' {
	sql "alter database $database set standard_conforming_strings = off" 'create table before (i int)'
	put migrations/0001_a.sql "$t" "$(hidden commit)" 'insert into t values (1);'
	boot
	expect 65 0001_a.sql 'ended from within' committed
	equal "$output" ''
	equal "$(sql 'select count(*) from entrypoint.migration where finished_at is not null')" 0
	boot
	expect 65 0001_a.sql 'not finished'
	# Edited, neither: nobody knows what it did.
	put migrations/0001_a.sql "$t"
	boot
	expect 65 0001_a.sql 'was changed while it was half applied, 0 statements in' 'put its text back exactly as it was' 'delete from "entrypoint".migration'
}

@test 'the same where the file fails afterwards, in a rollback, in a group, and statement by statement' {
	sql "alter database $database set standard_conforming_strings = off" 'create table before (i int)'
	put migrations/0001_a.sql "$t" "$(hidden commit)" 'select 1 / 0;'
	boot
	expect 65 0001_a.sql 'ended from within' 'division by zero'
	sql 'drop table t' 'truncate entrypoint.migration'
	put migrations/0001_a.sql "$t" 'savepoint s;' 'rollback to s;' "$(hidden rollback)" 'create table u (i int);'
	boot
	expect 65 0001_a.sql 'ended from within' 'rolled back'
	sql 'drop table if exists t, u' 'truncate entrypoint.migration'
	put migrations/0001_a.sql "$t"
	put migrations/0002_b.sql "$(hidden commit)"
	boot ENTRYPOINT_MIGRATIONS_TRANSACTION=all
	expect 65 'ended from within'
	sql 'drop table t' 'truncate entrypoint.migration'
	put migrations/0002_b.sql 'copy t from stdin;' 1 '\.' 'select 1;' "$(hidden commit)" 'insert into t values (2);'
	boot
	expect 65 0002_b.sql:5 'ended from within'
	equal "$(sql 'select count(*) from t')" 1 'what was committed'
}
