# Statements that cannot run in a transaction: one by one, journalled, resumed, proven by the catalog.

load lib

setup_file() {
	server_start wal_level=logical
}

teardown_file() {
	server_stop
}

mark='-- pg-entrypoint: no-transaction'

valid() {
	sql "select indisvalid and indisready from pg_index where indexrelid = to_regclass('$1')"
}

# Of a table: "NAME VALID", by name.
indexes() {
	sql "select relname, indisvalid from pg_index join pg_class on pg_class.oid = indexrelid
		where indrelid = '$1'::regclass order by relname" | tr '|' ' '
}

@test 'CREATE INDEX CONCURRENTLY' {
	put migrations/0001_t.sql 'create table t (i int);'
	put migrations/0002_index.sql "$mark" 'create index concurrently t_i on t (i);' 'create unique index concurrently on t (i);'
	boots
	equal "$(valid t_i)" t
	equal "$(sql "select count(*) from pg_index where indrelid = 't'::regclass")" 2
}

@test 'CONCURRENTLY comes to its end where transactions are more than read committed, and does not wait for our own lock' {
	local level version=1
	put migrations/0001_t.sql 'create table t (i int);'
	boots
	for level in 'repeatable read' serializable; do
		sql "alter database $database set default_transaction_isolation = '$level'"
		((version++))
		put "migrations/${version}_i.sql" 'create index concurrently on t (i);'
		boots
	done
	equal "$(sql "select count(*) from pg_index where indrelid = 't'::regclass and indisvalid")" 2
}

@test 'such a statement without the mark is found by itself' {
	put migrations/0001_t.sql 'create table t (i int);'
	put migrations/0002_index.sql 'create index concurrently t_i on t (i);' 'vacuum t;'
	boots
	equal "$(valid t_i)" t
}

@test 'an error at the third statement: the first two stay, the next boot goes on there' {
	put migrations/0001_steps.sql "$mark" 'create table t (i int primary key);' 'insert into t values (1);' 'insert into missing values (1);' 'insert into t values (2);'
	boot
	expect 65 0001_steps.sql:4
	equal "$output" ''
	equal "$(sql 'select count(*) from t')" 1
	boot
	expect 65 0001_steps.sql:4
	sql 'create table missing (i int)' 'alter table missing owner to nexus_user'
	boots
	equal "$(sql 'select (select count(*) from t), (select count(*) from missing)')" '2|1'
	boots
}

@test 'a first statement that is wrong leaves nothing: the file may be mended, renamed or removed' {
	local versions="select string_agg(version, ' ' order by version) from entrypoint.migration where version not like '@%'"
	put migrations/0001_t.sql 'create table t (i int);' 'insert into t values (1), (1);'
	put migrations/0002_index.sql 'create index concurrently t_i on t (wrong);'
	boot
	expect 65 0002_index.sql:1
	put migrations/0002_index.sql 'create unique index concurrently t_i on t (i);'
	boot
	expect 65 0002_index.sql:1 'was dropped again'
	mv migrations/0002_index.sql migrations/0003_index.sql
	boot
	expect 65 0003_index.sql:1
	rm migrations/0003_index.sql
	put migrations/0002_steps.sql "$mark" 'select wrong;' 'vacuum t;'
	boot
	expect 65 0002_steps.sql:2
	equal "$(sql "$versions")" 0001
	equal "$(sql "select count(*) from entrypoint.journal where kind ~ '000'")" 0
	put migrations/0002_steps.sql "$mark" 'vacuum t;'
	boots
	boots
	equal "$(sql "$versions")" '0001 0002'
	not_logged 0002_steps
}

@test 'a repeatable whose first statement is wrong leaves what its last run had: no row, or that one' {
	local row="select row_to_json(m) from entrypoint.migration m where version = 'R__a'"
	put migrations/0001_t.sql 'create table t (i int);'
	put migrations/R__a.sql "$mark" 'vacuum wrong;' 'vacuum t;'
	boot
	expect 65 R__a.sql:2
	equal "$(sql "$row")" ''
	mv migrations/R__a.sql saved
	boots
	not_logged R__a
	put migrations/R__a.sql "$mark" 'vacuum t;'
	boots
	local before
	before=$(sql "$row")
	[[ $before == *R__a* ]] || fail 'no row'
	mv saved migrations/R__a.sql
	boot
	expect 65 R__a.sql:2
	equal "$(sql "$row")" "$before"
	# As if it had never been tried: removed it is missing, put back it is done.
	rm migrations/R__a.sql
	boots
	logged 'R__a'
	put migrations/R__a.sql "$mark" 'vacuum t;'
	boots
	not_logged R__a
	equal "$(sql "$row")" "$before"
}

@test 'a repeatable that is half run and gone stops the start, mended it begins anew' {
	put migrations/0001_t.sql 'create table t (i int);'
	put migrations/R__a.sql "$mark" 'insert into t values (1);' 'vacuum wrong;'
	boot
	expect 65 R__a.sql:3
	mv migrations/R__a.sql saved
	boot
	expect 65 'R__a was begun' 'half applied, 1 statement in, but there is no such file' 'it begins anew' 'delete from "entrypoint".migration'
	# Mended it begins anew: its statements are repeatable.
	put migrations/R__a.sql "$mark" 'insert into t values (2);' 'vacuum t;'
	boots
	equal "$(sql 'select count(*) from t')" 2
}

@test 'of a half applied file what is still to be done may be edited' {
	put migrations/0001_steps.sql "$mark" 'create table t (i int);' 'insert into t values (1), (1);' \
		'create unique index concurrently t_i on t (i);' 'insert into t values (2);'
	boot
	expect 65 0001_steps.sql:4
	# Comments count for nothing; what was built wrongly is gone.
	put migrations/0001_steps.sql "$mark" '-- a table' 'create table t (i int);' 'insert into t values (1), (1);' \
		'create index concurrently u_i on t (i);' 'insert into missing values (3);'
	pge plan
	equal "$status" 2
	[[ $output == *interrupted*0001_steps.sql* ]] || fail 'not pending'
	boot
	expect 65 0001_steps.sql:6
	put migrations/0001_steps.sql "$mark" 'create table t (i int);' 'insert into t values (1), (1);' \
		'create index concurrently u_i on t (i);' 'insert into t values (3);'
	boots
	equal "$(indexes t)" 'u_i t'
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '1 1 3'
	equal "$(sql "select checksum from entrypoint.migration where version = '0001'")" "$(sha256sum <migrations/0001_steps.sql | cut -d' ' -f1)"
	equal "$(sql "select count(*) from entrypoint.journal where kind ~ '0001'")" 0
	boots
}

# meanwhile STATEMENT...: a run that was killed has these under way on the server, which commits them a second later.
meanwhile() {
	sql_apart begin "$@" "select pg_sleep(1.5 * $patience)" commit >/dev/null 3>&- &
	rival=$!
	eventually 5 running pg_sleep
}

@test 'a statement that a killed run commits late is not done again, those behind it are' {
	put migrations/0001_steps.sql "$mark" 'create table t (i int);' 'insert into missing values (1);' 'insert into t values (2);'
	boot
	expect 65 0001_steps.sql:3
	sql 'create table missing (i int)' 'alter table missing owner to nexus_user'
	meanwhile 'insert into missing values (1)' "update entrypoint.migration set statements = 2 where version = '0001'"
	boots
	wait "$rival"
	equal "$(sql 'select (select count(*) from t), (select count(*) from missing)')" '1|1'
	equal "$(sql "select statements, finished_at is not null from entrypoint.migration where version = '0001'")" '3|t'
}

@test 'a file whose end a killed run commits late is not finished again, nor is after.sql run again' {
	put migrations/0001_steps.sql "$mark" 'create table t (i int);' 'vacuum t;'
	put migrations/after.sql 'insert into missing values (1);'
	boot
	expect 65 after.sql:1
	sql 'create table missing (i int)' 'alter table missing owner to nexus_user'
	meanwhile 'insert into missing values (1)' "update entrypoint.migration set finished_at = now() where version = '0001'"
	boots
	wait "$rival"
	equal "$(sql 'select count(*) from missing')" 1
	# What divides by zero itself is told.
	put migrations/0002_steps.sql "$mark" 'vacuum t;'
	put migrations/after.sql 'select 1 / 0;'
	boot
	expect 65 after.sql:1 'division by zero'
	equal "$(sql "select finished_at is null from entrypoint.migration where version = '0002'")" t
}

@test 'a half applied file from which the reason for it is gone goes on where it was' {
	put migrations/0001_steps.sql 'create table t (i int);' 'insert into t values (1), (1);' 'create unique index concurrently t_i on t (i);'
	boot
	expect 65 0001_steps.sql:3
	put migrations/0001_steps.sql 'create table t (i int);' 'insert into t values (1), (1);' 'create unique index t_i on t (i);'
	boot
	expect 65 0001_steps.sql:3
	put migrations/0001_steps.sql 'create table t (i int);' 'insert into t values (1), (1);' 'create index t_i on t (i);'
	boots
	logged '0001_steps.sql was interrupted: going on after statement 2'
	equal "$(indexes t)" 't_i t'
	equal "$(sql 'select count(*) from t')" 2
	boots
}

@test 'a half applied file whose version is written in another way goes on, in the row that it has' {
	put migrations/0001_steps.sql "$mark" 'create table t (i int);' 'create table t ();' 'vacuum t;'
	boot
	expect 65 0001_steps.sql:3
	rm migrations/0001_steps.sql
	put migrations/01_steps.sql "$mark" 'create table t (i int);' 'insert into t values (1);' 'vacuum t;' 'insert into t values (2);'
	boots
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '1 2'
	equal "$(sql "select version, statements, finished_at is not null from entrypoint.migration where version not like '@%'")" '0001|4|t'
	equal "$(sql "select count(*) from entrypoint.journal where kind ~ '01'")" 0
}

@test 'of a half applied file what is done may not be edited, nor may it go: told with the statement that helps' {
	local forget="delete from \"entrypoint\".migration where version = '0001'"
	put migrations/0001_steps.sql "$mark" 'create table t (i int);' 'insert into t values (1);' 'select wrong;'
	boot
	expect 65 0001_steps.sql:4
	cp migrations/0001_steps.sql saved
	put migrations/0001_steps.sql "$mark" 'create table t (i int);' 'insert into t values (3);' 'insert into t values (2);'
	boot
	expect 65 0001_steps.sql 'half applied, 2 statements in' 'put their text back exactly' "$forget"
	equal "$output" ''
	pge plan
	equal "$status" 3
	put migrations/0001_steps.sql "$mark" 'create table t (i int);'
	boot
	expect 65 'half applied, 2 statements in'
	rm migrations/0001_steps.sql
	boot
	expect 65 0001_steps 'there is no such file' "$forget"
	equal "$(sql 'select string_agg(i::text, $$ $$) from t')" 1
	sql 'drop table t' "$forget"
	put migrations/0001_steps.sql "$mark" 'create table t (i int);' 'insert into t values (3);'
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$) from t')" 3
}

@test 'a statement that was interrupted may not be edited either: it may have left something' {
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	put migrations/0001_index.sql 'create index concurrently t_i on t (i);' 'create table u ();'
	cp migrations/0001_index.sql saved
	hold 'insert into t values (1)'
	begin -- echo APP
	eventually 10 log_has 'will wait for pid'
	eventually 10 running 'create index'
	kill -s KILL "$pid"
	end
	gone 'create index'
	release
	put migrations/0001_index.sql 'create index concurrently other on t (i);' 'create table u ();'
	boot
	expect 65 0001_index.sql 'half applied, 0 statements in, and 1 more was begun'
	equal "$(indexes t)" 't_i f'
	put migrations/0001_index.sql 'create index concurrently t_i on t (i);' 'create table v ();'
	boots
	equal "$(indexes t)" 't_i t'
	equal "$(sql "select to_regclass('u'), to_regclass('v')")" '|v'
}

@test 'an invalid index that a failed try left is dropped before the next' {
	put migrations/0001_t.sql 'create table t (i int);' 'insert into t values (1), (1);'
	put migrations/0002_index.sql "$mark" 'create unique index concurrently t_i on t (i);'
	boot
	expect 65 0002_index.sql:2 23505
	sql 'delete from t'
	boots
	equal "$(valid t_i)" t
}

@test 'an invalid index hidden by IF NOT EXISTS is noticed' {
	put migrations/0001_t.sql 'create table t (i int);' 'insert into t values (1), (1);'
	put migrations/0002_index.sql "$mark" 'create unique index concurrently if not exists t_i on t (i);'
	boot
	expect 65 0002_index.sql:2
	boot
	expect 65 0002_index.sql:2
	sql 'delete from t'
	boots
	equal "$(valid t_i)" t
}

@test 'what a failed build leaves is dropped at once, and said' {
	put migrations/0001_t.sql 'create table t (i int);' 'insert into t values (1), (1);'
	put migrations/0002_index.sql 'create unique index concurrently t_i on t (i);'
	boot
	expect 65 '0002_index.sql:1:1: could not create unique index' 23505 'Key (i)=(1) is duplicated' 'was dropped again'
	equal "$(indexes t)" ''
	put migrations/0002_index.sql 'create unique index concurrently on t (i);'
	sql 'delete from entrypoint.migration where name ~ $$index$$'
	boot
	expect 65 'was dropped again'
	equal "$(indexes t)" ''
	sql 'delete from t'
	boots
	equal "$(indexes t)" 't_i_idx t'
}

@test "somebody else's invalid index of that name is not dropped, however often we start" {
	local statement
	put migrations/0001_t.sql 'create table t (i int);' 'insert into t values (1), (1);'
	boots
	run sql 'create unique index concurrently t_i on t (i)'
	for statement in 'create index concurrently t_i on t (i);' 'create index concurrently if not exists "t_i" on public.t (i);'; do
		put migrations/0002_index.sql 'create table u (i int);' "$statement"
		for _ in 1 2; do
			boot
			expect 65 '0002_index.sql:2:1: index' 'invalid' 'not made by this file' 'hint: drop index concurrently public.t_i;'
			equal "$(indexes t)" 't_i f'
		done
		sql 'delete from entrypoint.migration where name ~ $$index$$' 'drop table u'
	done
	sql 'drop index concurrently t_i'
	boots
	equal "$(indexes t)" 't_i t'
}

# gone STATEMENT: it ends with the client that was killed. A server before 14 would go on.
gone() {
	since 14 || sql "select pg_terminate_backend(pid) from pg_stat_activity where query like '%$1%' and pid <> pg_backend_pid()" >/dev/null
	eventually 10 not_running "$1"
}

# Boots until the log has this, is killed while `hold` keeps the statement from its end, and boots again.
killed_while_held() {
	begin -- echo APP
	eventually 10 log_has 'will wait for pid'
	eventually 10 running "$1"
	kill -s KILL "$pid"
	end
	gone "$1"
	release
	boots
}

@test 'killed while an index is built, with a name or without one: ours is dropped, and built' {
	sql 'create table t (i int)' 'alter table t owner to nexus_user' 'insert into t values (1)' \
		'create index strange on t (i)' "update pg_index set indisvalid = false where indexrelid = 'strange'::regclass"
	put migrations/0001_index.sql 'create index concurrently on t (i);'
	hold 'insert into t values (1)'
	killed_while_held 'create index'
	logged 'an interrupted run left something behind: drop index concurrently public.t_i_idx'
	equal "$(indexes t)" $'strange f\nt_i_idx t'
	put migrations/0002_index.sql 'create index concurrently if not exists named on t (i);'
	hold 'insert into t values (1)'
	killed_while_held 'create index'
	logged 'left something behind: drop index concurrently public.named'
	equal "$(indexes t)" $'named t\nstrange f\nt_i_idx t'
}

@test 'killed while a repeatable builds an index: it begins anew, without what that has left' {
	sql 'create table t (i int)' 'alter table t owner to nexus_user' 'insert into t values (1)'
	put migrations/R__index.sql 'create table if not exists u ();' 'create index concurrently if not exists t_i on t (i);'
	hold 'insert into t values (1)'
	killed_while_held 'create index'
	logged 'an interrupted run left something behind: drop index concurrently public.t_i'
	equal "$(indexes t)" 't_i t'
	boots
	not_logged R__index
	# Also where only the file's own settings show it.
	sql 'create schema app authorization nexus_user' 'alter table t set schema app' 'drop index app.t_i' \
		'drop role if exists builder' 'create role builder' 'grant builder to nexus_user' 'grant all on schema app to builder' \
		'alter table app.t owner to builder'
	put migrations/R__index.sql 'set search_path = app;' 'set role builder;' 'create index concurrently if not exists t_i on t (i);'
	hold 'insert into app.t values (1)'
	killed_while_held 'create index'
	logged 'an interrupted run left something behind: drop index concurrently app.t_i'
	equal "$(indexes app.t)" 't_i t'
}

@test 'killed while indexes are built anew: what REINDEX left is dropped, what others left is named' {
	local form number=0
	sql 'create schema app authorization nexus_user' "alter role nexus_user in database $database set search_path = app" \
		'create table app.t (i int, long text) partition by list (i)' 'create table app.t1 partition of app.t for values in (1)' \
		'create index t_i on app.t (i)' 'create index t1_ccold on app.t1 (long)' 'alter table app.t1 owner to nexus_user' \
		'alter table app.t owner to nexus_user' \
		"update pg_index set indisvalid = false where indexrelid = 'app.t1_ccold'::regclass" \
		"alter database $database owner to nexus_user"
	# A server before 14 takes no partitioned table.
	for form in 'index concurrently t1_i_idx' "table concurrently t$(since 14 || echo 1)" 'schema concurrently app' "database concurrently $database"; do
		((number += 1))
		put "migrations/000${number}_reindex.sql" "reindex $form;"
		hold 'select from app.t'
		killed_while_held reindex
		logged 'left something behind: ' 'drop index concurrently app.t1_i_idx_ccnew'
		equal "$(indexes app.t1)" $'t1_ccold f\nt1_i_idx t' "after $form"
	done
	form='table concurrently t1'
	! since 14 || form='(concurrently) table t1'
	put migrations/0009_reindex.sql "reindex $form;"
	boots
	logged "left by a REINDEX CONCURRENTLY that was not this file's: " 'drop index concurrently app.t1_ccold'
	equal "$(indexes app.t1)" $'t1_ccold f\nt1_i_idx t'
}

@test 'a partitioned table has the way told; a name that belongs to another table is noticed' {
	put migrations/0001_t.sql 'create table t (i int) partition by list (i);' 'create table u (i int);' 'create index u_i on u (i);'
	put migrations/0002_index.sql 'create index concurrently t_i on t (i);'
	boot
	expect 65 0002_index.sql:1 0A000 'create index t_i on only t' 'attach partition'
	rm migrations/0002_index.sql
	sql 'delete from entrypoint.migration where name ~ $$index$$'
	put migrations/0002_name.sql 'create table v (i int);' 'create index concurrently if not exists u_i on v (i);'
	boot
	expect 65 '0002_name.sql:2:1: there is no index u_i on v'
}

@test 'lock_timeout does not apply to CREATE INDEX CONCURRENTLY, and what it waits for is told' {
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	put migrations/0001_index.sql "$mark" 'create index concurrently t_i on t (i);'
	sql_apart begin 'insert into t values (1)' "select pg_sleep($((patience + 1)))" >/dev/null 3>&- &
	holder=$!
	eventually 5 running pg_sleep
	pid=$(sql "select pid from pg_stat_activity where query like '%pg_sleep(%' and pid <> pg_backend_pid()")
	boots ENTRYPOINT_LOCK_TIMEOUT=300ms ENTRYPOINT_LOCK_RETRY_FOR=1s
	equal "$(valid t_i)" t
	logged "$pid"
	wait "$holder"
}

@test 'other statements that want no transaction' {
	sql -d postgres "drop database if exists other_$$"
	sql -d postgres 'alter role nexus_user createdb'
	put migrations/0001_t.sql 'create table t (i int) partition by list (i);' 'create table t1 partition of t for values in (1);' \
		"create type mood as enum ('ok');" 'create index on t1 (i);'
	put migrations/0002_alone.sql "$mark" 'vacuum (analyze) t1;' "alter type mood add value 'good';" \
		'reindex index concurrently t1_i_idx;' "alter table t detach partition t1 $(since 14 && echo concurrently);" \
		'drop index concurrently t1_i_idx;' "create database other_$$;" "drop database other_$$;"
	boots
	equal "$(sql "select enum_range(null::mood)")" '{ok,good}'
	boots
}

@test 'an enum value may be used by the next statement of such a file' {
	put migrations/0001_t.sql "create type mood as enum ('ok');" 'create table t (m mood);'
	put migrations/0002_add.sql "$mark" "alter type mood add value 'good';" "insert into t values ('good');"
	boots
	equal "$(sql 'select m from t')" good
}

@test 'what only the server knows to want no transaction: a procedure or a block that commits, a partitioned table' {
	sql 'create schema app authorization nexus_user'
	put migrations/0001_t.sql 'create table app.t (i int) partition by list (i);' 'create table app.t1 partition of app.t for values in (1);' \
		'create index t_i on app.t (i);' \
		'create procedure app.p(n int) language plpgsql as $$ begin insert into t select 1 from generate_series(1, n); commit; perform 1 / (n - 3); end $$;'
	put migrations/0002_p.sql "$mark" 'set search_path = app;' 'call p(3);' 'do $$ begin insert into t values (1); commit; end $$;' 'reindex table t;'
	boot
	expect 65 0002_p.sql:3 'division by zero'
	# Statement by statement it goes on; what it had committed stays.
	sed -i 's/call p(3)/call p(2)/' migrations/0002_p.sql
	boots
	logged 'going on after statement 1'
	equal "$(sql 'select count(*) from app.t')" 6
	equal "$(sql "select statements, finished_at is not null from entrypoint.migration where version = '0002'")" '4|t'
	equal "$(sql "select count(*) from entrypoint.journal where kind ~ '0002'")" 0
}

@test 'a replication slot, which no transaction that has written may make' {
	sql 'alter role nexus_user replication'
	put migrations/0001_slot.sql "$mark" "select pg_create_logical_replication_slot('ours', 'pgoutput');" 'create table t (i int);'
	boots
	equal "$(sql 'select slot_name from pg_replication_slots')" ours
	sql "select pg_drop_replication_slot('ours')" 'alter role nexus_user noreplication'
}

@test 'a killed run whose DROP INDEX ends only now has done it' {
	put migrations/0001_t.sql 'create table t (i int);' 'create index t_i on t (i);'
	boots
	put migrations/0002_drop.sql 'drop index concurrently t_i;' 'vacuum t;'
	hold 'select from t'
	begin -- echo APP
	eventually 10 running 'drop index'
	kill -s KILL "$pid"
	end
	gone 'drop index'
	# What a server before 14 goes on with, or any for a second.
	sql_apart -U nexus_user 'drop index concurrently t_i' >/dev/null 3>&- &
	eventually 10 running 'drop index'
	begin -- echo APP
	eventually 10 log_has 'waiting for a lock'
	release
	end
	expect 0 '0002_drop.sql: statement 1 was completed by a run that was interrupted'
	started
}

@test 'killed in a procedure that commits: it is not called again, since nobody knows how far it came' {
	put migrations/0001_p.sql 'create table t (i int);' \
		'create procedure p() language plpgsql as $$ begin insert into t values (1); commit; perform pg_sleep(60); end $$;'
	put migrations/0002_p.sql "$mark" 'call p();' 'insert into t values (2);'
	begin -- echo APP
	eventually 10 running 'call p'
	eventually 5 [ "$(sql 'select count(*) from t')" = 1 ]
	kill -9 "$pid"
	end
	gone 'call p'
	boot
	expect 65 'it cannot be told whether statement 1 was done' 'set statements = 1'
	sql "update entrypoint.migration set statements = 1 where version = '0002'"
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '1 2'
}

@test 'set_config by itself is kept for the file, as SET is; among other things it is refused' {
	sql 'create schema app authorization nexus_user'
	put migrations/0001_a.sql "$mark" "select pg_catalog.set_config('search_path', 'app', false);" 'create table foo (i int);' \
		"SELECT set_config('search_path', 'public', true);" 'create table bar (i int);'
	boots
	equal "$(sql "select to_regclass('app.foo') is not null, to_regclass('app.bar') is not null")" 't|t'
	put migrations/0002_b.sql "$mark" 'create table app.baz (i int);' "select set_config('search_path', 'app', false), 1;"
	boot
	expect 65 0002_b.sql:3 'set_config among other things'
	equal "$(sql "select to_regclass('app.baz') is null")" t
}

@test 'BEGIN in such a file is refused' {
	put migrations/0001_t.sql "$mark" 'create table t (i int);' 'begin;' 'vacuum;'
	boot
	expect 65 0001_t.sql:3
	equal "$(sql "select to_regclass('t') is null")" t
}

@test 'a statement outside a transaction through PgBouncer' {
	own_pooler=yes
	pgbouncer_start
	put migrations/0001_t.sql 'create table t (i int);'
	put migrations/0002_index.sql "$mark" 'create index concurrently t_i on t (i);' 'insert into t values (1);'
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	boots
	equal "$(valid t_i)" t
}

@test 'SET lasts until the end of the file, and no longer' {
	sql 'create schema other authorization nexus_user' 'create role maker' 'grant maker to nexus_user' \
		'grant all on schema other to maker'
	put migrations/0001_set.sql "$mark" 'set search_path = other, public;' 'create table t (i int);' \
		'create index concurrently t_i on t (i);' 'set role maker;' 'create table made ();' 'reset role;' 'vacuum t;'
	put migrations/0002_after.sql "$mark" 'create table here (i int);' 'create index concurrently here_i on here (i);'
	boots
	equal "$(sql "select string_agg(format('%s.%s %s', schemaname, tablename, tableowner), ', ' order by tablename) from pg_tables where schemaname in ('public', 'other')")" \
		'public.here nexus_user, other.made maker, other.t nexus_user'
	equal "$(valid other.t_i)$(valid here_i)" tt
}

@test 'what such a file has set and taken back is not set again: a role that is gone, all before DISCARD ALL' {
	sql 'alter role nexus_user createrole' 'drop role if exists passing' 'create role passing' 'grant passing to nexus_user with admin option' \
		'create schema own authorization nexus_user' 'grant all on schema own to passing' 'create schema other authorization nexus_user'
	put migrations/0001_a.sql "$mark" 'set search_path = own;' 'set role passing;' 'create table a ();' 'reset role;' 'reassign owned by passing to nexus_user;' \
		'drop owned by passing;' 'drop role passing;' 'create table b ();' 'set search_path = other;' 'discard all;' 'create table c ();'
	boots
	equal "$(sql "select string_agg(format('%s.%s %s', schemaname, tablename, tableowner), ', ' order by tablename) from pg_tables
		where tablename in ('a', 'b', 'c')")" 'own.a nexus_user, own.b nexus_user, public.c nexus_user'
}

@test 'what such a file has set is kept by its whole name, and under the role that may' {
	sql 'drop role if exists boss' 'create role boss superuser' 'grant boss to nexus_user'
	put migrations/0001_a.sql "$mark" "set app.tenant = 'x';" "set app.user_id = 'y';" 'set role boss;' \
		'set session_replication_role = replica;' 'reset role;' 'create table t (a text, b text, c text);' \
		"insert into t values (current_setting('app.tenant'), current_setting('app.user_id'), current_setting('session_replication_role'));"
	boots
	equal "$(sql 'select * from t')" 'x|y|replica'
	equal "$(sql "select tableowner from pg_tables where tablename = 't'")" nexus_user
	sql 'drop role boss'
}

@test 'standard_conforming_strings of such a file is that of its later statements, as in psql, and no longer' {
	put migrations/0001_t.sql "$mark" 'create table t (i int, s text);' 'set standard_conforming_strings = off;' \
		"insert into t values (1, 'C:\\\\new');" 'vacuum t;' "insert into t values (2, 'C:\\\\new');" \
		"select wrong, '\\\\';"
	boot
	expect 65 0001_t.sql:7:8
	sed -i '$d' migrations/0001_t.sql
	put migrations/0002_t.sql "insert into t values (3, 'C:\new');"
	boots
	equal "$(sql 'select distinct s from t')" 'C:\new'
}

@test 'a role that such a file takes need not be able to write the ledger' {
	sql 'drop role if exists plain' 'create role plain' 'grant plain to nexus_user' 'grant create on schema public to plain' 'create table t (i int)' 'alter table t owner to plain'
	put migrations/0001_a.sql 'set role plain;' 'create index concurrently t_i on t (i);' 'reindex index concurrently t_i;'
	boots
	equal "$(sql "select statements, finished_at is not null from entrypoint.migration where version = '0001'")" '3|t'
}

@test 'a role that is set for each session of a login, which has no rights of its own' {
	sql 'drop role if exists actor' 'create role actor' 'create role lender noinherit login in role actor' 'alter role lender set role = actor' \
		"grant create on database $database to actor" 'grant create on schema public to actor'
	put migrations/0001_a.sql 'create table t (i int);'
	put migrations/0002_a.sql 'create index concurrently t_i on t (i);' 'wrong;'
	url=${url/nexus_user/lender}
	boot
	expect 65 0002_a.sql:2
	put migrations/0002_a.sql 'create index concurrently t_i on t (i);'
	boots
	equal "$(valid t_i)" t
	sql 'drop owned by actor' 'drop role lender'
}

@test 'of a file that has set what keeps us from writing, the statement that is wrong may be mended too' {
	sql 'drop role if exists reader' 'create role reader' 'grant reader to nexus_user' 'create table t (i int)' 'alter table t owner to reader'
	put migrations/0001_a.sql 'set role reader;' 'set default_transaction_read_only = on;' 'vacuum missing;' 'create table u ();'
	boot
	expect 65 '0001_a.sql:3:1: relation "missing" does not exist'
	not_logged warning
	put migrations/0001_a.sql 'set role reader;' 'set default_transaction_read_only = on;' 'vacuum t;' \
		'reset default_transaction_read_only;' 'reset role;' 'create table u ();'
	boots
	equal "$(sql "select tableowner from pg_tables where tablename = 'u'")" nexus_user
}

@test 'SET before a statement outside a transaction, through PgBouncer: refused, nothing of it reaches others' {
	own_pooler=yes
	pgbouncer_start
	put migrations/0001_set.sql "$mark" 'create table t (i int);' 'set search_path = public;' 'create index concurrently t_i on t (i);'
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	boot
	expect 78 0001_set.sql admin_url
	equal "$output" ''
	boots ENTRYPOINT_ADMIN_URL="postgresql://nexus_user@/$database?host=$server&port=$port"
	equal "$(valid t_i)" t
}

@test '500 statements in one file' {
	{
		echo "$mark"
		echo 'create table t (i int);'
		seq -f 'insert into t values (%.0f);' 500
	} | put migrations/0001_many.sql
	boots
	equal "$(sql 'select count(*), sum(i) from t')" '500|125250'
}
