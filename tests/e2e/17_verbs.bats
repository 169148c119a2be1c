# The verbs of migrate beside up: down, redo, new, accept, rehearse, verify; and up to one version.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# Three migrations, each a table with its down file.
three() {
	local i
	for i in 1 2 3; do
		put "migrations/000${i}_t$i.sql" "create table t$i (i int primary key);"
		put "migrations/000${i}_t$i.down.sql" "drop table t$i;"
	done
}

tables() {
	sql "select coalesce(string_agg(relname, ' ' order by relname), '') from pg_class
		where relkind = 'r' and relnamespace = 'public'::regnamespace"
}

ledger() {
	sql "select coalesce(string_agg(version, ' ' order by version), '') from entrypoint.migration where version not like '@%'"
}

dev=ENTRYPOINT_ENVIRONMENT=dev

# ---- up ----------------------------------------------------------------------------------------------------------------

@test 'up VERSION: up to and with it, the rest stays pending' {
	three
	put migrations/R__v.sql 'create or replace view v as select 1 as i;'
	pge migrate up 2
	expect 0
	equal "$(tables)" 't1 t2'
	equal "$(sql "select to_regclass('v')")" ''
	pge plan
	equal "$status" 2
	[[ $output == *0003_t3.sql*R__v.sql* && $output != *0002* ]] || fail 'not what is pending'
	pge migrate up "$PWD/migrations/0003_t3.sql"
	expect 0
	equal "$(tables)" 't1 t2 t3'
	equal "$(sql "select to_regclass('v')")" ''
	pge migrate up
	expect 0
	equal "$(sql "select to_regclass('v')")" v
}

@test 'up with a name that no file has: 66, nothing applied' {
	three
	pge migrate up 4
	expect 66 'no migration is called 4'
	equal "$(tables)" ''
}

@test 'two files of one date: ordered and identified by the whole name' {
	put migrations/20240618_a.sql 'create table a (i int);'
	put migrations/20240618_b.sql 'create table b (i int);'
	put migrations/20240618_b.down.sql 'drop table b;'
	put migrations/20240619_c.sql 'create table c (i int);'
	put migrations/20240619_c.down.sql 'drop table c;'
	pge migrate up 20240618
	expect 66 'did you mean 20240618_a.sql'
	pge migrate up 20240618_a
	expect 0
	equal "$(tables)" a
	pge migrate up
	expect 0
	equal "$(tables)" 'a b c'
	pge "$dev" migrate down 20240618_a.sql
	expect 0 '20240619_c undone' '20240618_b undone'
	equal "$(ledger)" 20240618_a
}

# ---- down --------------------------------------------------------------------------------------------------------------

@test 'down: the newest; N: so many; VERSION: all behind it' {
	three
	put migrations/0004_t4.sql 'create table t4 (i int);'
	put migrations/0004_t4.down.sql 'drop table t4;'
	boots
	pge "$dev" migrate down
	expect 0 '0004_t4 undone' '1 undone'
	equal "$(tables)" 't1 t2 t3'
	equal "$(ledger)" '0001 0002 0003'
	pge "$dev" migrate down 0002
	expect 0 '0003_t3 undone'
	equal "$(tables)" 't1 t2'
	pge "$dev" migrate down 0002_t2.sql
	expect 0 '0 undone'
	pge "$dev" migrate down 2
	expect 0 '2 undone'
	equal "$(tables)" ''
	equal "$(ledger)" ''
	pge "$dev" migrate down
	expect 65
	boots
	equal "$(tables)" 't1 t2 t3 t4'
}

@test 'down: more than there are, a version that is not applied or not known' {
	three
	pge migrate up 2
	pge "$dev" migrate down 3
	expect 65 '3 to undo, but 2 applied'
	pge "$dev" migrate down 0003
	expect 65 '0003_t3.sql is not applied'
	put migrations/R__v.sql 'create or replace view v as select 1 as i;'
	pge "$dev" migrate down R__v
	expect 65 'R__v.sql is repeatable'
	pge "$dev" migrate down 0007
	expect 66 0007
	equal "$(tables)" 't1 t2'
}

@test 'down 0: behind nothing, so all are undone' {
	three
	boots
	pge "$dev" migrate down 0
	expect 0 '0001_t1 undone' '3 undone'
	equal "$(tables)" ''
}

@test 'down 0: a file of version 0000 too; one that is called 0 could be meant itself' {
	put migrations/0000_base.sql 'create table base (i int);'
	put migrations/0000_base.down.sql 'drop table base;'
	three
	boots
	pge "$dev" migrate down 0000
	expect 0 '3 undone'
	pge "$dev" migrate down 0
	expect 0 '0000_base undone'
	equal "$(tables)" ''
	rename() { mv "migrations/0000_base$1" "migrations/0_base$1"; }
	rename .sql
	rename .down.sql
	boots
	pge "$dev" migrate down 0
	expect 64 'may be a number as well'
}

@test 'down: what could be a version or a number is refused' {
	put migrations/1_a.sql 'create table a (i int);'
	put migrations/2_b.sql 'create table b (i int);'
	put migrations/2_b.down.sql 'drop table b;'
	boots
	pge "$dev" migrate down 1
	expect 64 'may be a number as well'
	equal "$(tables)" 'a b'
	pge "$dev" migrate down 1_a.sql
	expect 0
	equal "$(tables)" a
}

@test 'down in production: only with the name of the database, typed exactly' {
	three
	boots
	pge migrate down 2
	expect 64 '0003_t3, 0002_t2' "--confirm \"DOWN $database\""
	pge migrate down 2 --confirm 'DOWN other'
	expect 64
	pge migrate down 2 --confirm "down $database"
	expect 64
	pge "$dev" migrate down 2 --confirm 'DOWN other'
	expect 64
	pge migrate redo --confirm "DOWN $database"
	expect 64 "REDO $database"
	pge --environment=produciton migrate down 2
	expect 78 'produciton is neither dev, test, staging nor prod'
	pge --environment=produciton migrate redo
	expect 78
	equal "$(tables)" 't1 t2 t3'
	pge migrate down 2 --confirm "DOWN $database"
	expect 0
	equal "$(tables)" t1
}

@test 'down: no down file somewhere in the range: nothing is undone' {
	three
	boots
	rm migrations/0002_t2.down.sql
	pge "$dev" migrate down 0001
	expect 66 0002_t2.sql 'write 0002_t2.down.sql'
	put migrations/0002_t2.down.sql '-- nothing yet' ''
	pge "$dev" migrate down 2
	expect 65 '0002_t2.down.sql has no statement'
	put migrations/0002_t2.down.sql 'drop table t2; commit;'
	pge "$dev" migrate down 2
	expect 65 0002_t2.down.sql:1
	rm migrations/0003_t3*
	pge "$dev" migrate down
	expect 66 '0003_t3 is applied, but there is no such file'
	equal "$(tables)" 't1 t2 t3'
	equal "$(ledger)" '0001 0002 0003'
}

@test 'down: a file that was edited is not undone, unless on_edited allows' {
	three
	boots
	put migrations/0003_t3.sql 'create table t3 (i int, j int);'
	pge "$dev" migrate down
	expect 65 '0003_t3.sql was changed after it was applied at 20'
	equal "$(tables)" 't1 t2 t3'
	pge "$dev" migrate down --on-edited=warn
	expect 0 'was changed'
	equal "$(tables)" 't1 t2'
}

@test 'down: an error leaves table and row as they were' {
	three
	put migrations/0003_t3.down.sql 'drop table t3;' 'select wrong;'
	boots
	pge "$dev" migrate down
	expect 65 0003_t3.down.sql:2:8
	equal "$(tables)" 't1 t2 t3'
	equal "$(ledger)" '0001 0002 0003'
	boots
}

@test 'down: killed in the middle, nothing is undone, and the next one does it' {
	three
	put migrations/0003_t3.down.sql 'drop table t3;' "select pg_sleep(20), 'in the middle';"
	boots
	begin "$dev" migrate down
	eventually 10 running 'in the middle'
	kill -s KILL "$pid"
	end
	eventually 10 not_running 'in the middle'
	equal "$(tables)" 't1 t2 t3'
	equal "$(ledger)" '0001 0002 0003'
	boots
	put migrations/0003_t3.down.sql 'drop table t3;'
	pge "$dev" migrate down
	expect 0
	equal "$(tables)" 't1 t2'
}

@test 'down outside a transaction: killed in the middle, no start takes it for applied, and it goes on' {
	three
	put migrations/0004_index.sql 'create index concurrently t1_a on t1 (i);' 'create table t4 (i int);'
	put migrations/0004_index.down.sql 'drop table t4;' 'drop index concurrently t1_a;' \
		"select pg_sleep(case when exists (select from t1) then 20 else 0 end), 'in the middle';" 'insert into t2 values (1);'
	boots
	sql 'insert into t1 values (1)'
	begin "$dev" migrate down
	eventually 10 running 'in the middle'
	kill -s KILL "$pid"
	end
	eventually 10 not_running 'in the middle'
	boot
	expect 65 '0004_index.sql is half undone, 2 statements' 'migrate down'
	equal "$output" ''
	pge plan
	equal "$status" 3
	[[ $output == *'half undone'*0004_index.sql* ]] || fail 'not in the plan'
	pge status
	[[ $output == *'half_undone  1: 0004_index.sql'* ]] || fail 'not in the status'
	mv migrations/0004_index.sql .
	boot
	expect 65 'there is no such file'
	mv 0004_index.sql migrations
	cp migrations/0004_index.down.sql saved
	put migrations/0004_index.down.sql 'select 1;'
	pge "$dev" migrate down
	expect 65 'was changed while it was half done, 2 statements in' 'put their text back exactly; later ones may be edited (checksum' "delete from \"entrypoint\".migration where version = '0004'"
	put migrations/0004_index.down.sql 'drop table t4;' 'drop index concurrently t1_a;' 'insert into t2 values (1), (wrong);'
	pge "$dev" migrate down
	expect 65 0004_index.down.sql:3
	put migrations/0004_index.down.sql 'drop table t4;' 'drop index concurrently t1_a;' 'insert into t2 values (1);'
	pge "$dev" migrate down
	expect 0 'going on after statement 2' '0004_index undone'
	equal "$(tables)" 't1 t2 t3'
	equal "$(ledger)" '0001 0002 0003'
	equal "$(sql "select count(*) from t2")" 1
	boots
	equal "$(tables)" 't1 t2 t3 t4'
}

@test 'down outside a transaction: a first statement that is wrong leaves the migration applied' {
	three
	put migrations/0004_index.sql 'create index concurrently t1_a on t1 (i);' 'create table t4 ();'
	put migrations/0004_index.down.sql 'drop index concurrently nosuch;' 'drop table t4;'
	boots
	# finished_at is another reading of the clock than duration, from which it is made again.
	local before rows='select version, name, checksum, started_at, duration, statements from entrypoint.migration order by version'
	before=$(sql "$rows")
	pge "$dev" migrate down
	expect 65 0004_index.down.sql:1
	equal "$(sql "$rows")" "$before"
	equal "$(sql 'select count(*) from entrypoint.migration where finished_at is null')" 0
	boots
	put migrations/0004_index.down.sql '-- pg-entrypoint: no-transaction' 'drop index t1_a;' 'drop table nosuch;'
	pge "$dev" migrate down
	expect 65 0004_index.down.sql:3
	# Nothing in it asks for that any more; from the front it would fail.
	put migrations/0004_index.down.sql 'drop index t1_a;' 'drop table t4;'
	pge "$dev" migrate down
	expect 0 '0004_index undone'
	equal "$(tables)" 't1 t2 t3'
}

@test 'down outside a transaction: what would be set for one statement only is refused before anything runs' {
	three
	put migrations/0004_set.sql 'create schema app;'
	put migrations/0004_set.down.sql '-- pg-entrypoint: no-transaction' 'create table app.t ();' \
		"select set_config('search_path', 'app', false), 1;" 'drop table t;' 'drop schema app;'
	boots
	pge "$dev" migrate down
	expect 65 0004_set.down.sql:3 'set_config among other things'
	equal "$(sql "select to_regclass('app.t')")" ''
	boots
}

@test 'down outside a transaction: killed while it waits, what it had begun is done again' {
	three
	put migrations/0004_index.sql 'create index concurrently t1_a on t1 (i);'
	put migrations/0004_index.down.sql 'drop index concurrently t1_a;' 'vacuum t1;'
	boots
	hold 'select * from t1'
	begin "$dev" migrate down
	eventually 10 running 'drop index concurrently'
	kill -s KILL "$pid"
	end
	release
	eventually 10 not_running 'drop index concurrently'
	boot
	expect 65 'half undone, 0 statements'
	pge "$dev" migrate down
	expect 0 '0004_index undone'
	equal "$(sql "select to_regclass('t1_a')")" ''
	equal "$(ledger)" '0001 0002 0003'
	equal "$(sql "select count(*) from entrypoint.journal where kind like '%0004%'")" 0
	boots
	equal "$(sql "select indisvalid from pg_index where indexrelid = 't1_a'::regclass")" t
}

@test 'down behind a pooler: nothing of it reaches the session of another; what cannot be right there is refused' {
	own_pooler=yes
	three
	put migrations/0003_t3.down.sql 'set search_path = t3;' 'create temporary table left_over (i int);' 'drop table public.t3;'
	put migrations/0004_set.sql 'select 1;'
	put migrations/0004_set.down.sql '-- pg-entrypoint: no-transaction' 'set work_mem = 64;' 'vacuum t1;'
	boots
	pgbouncer_start default_pool_size=2
	local pooled_url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	url=$pooled_url pge "$dev" migrate down
	expect 78 0004_set.down.sql admin_url
	equal "$(ledger)" '0001 0002 0003 0004'
	pge "$dev" migrate down
	expect 0
	url=$pooled_url pge "$dev" migrate down
	expect 0 '0003_t3 undone'
	equal "$(sql "select count(*) from pg_class where relname = 'left_over'")" 0
	equal "$("$pg/psql" -XAtq "$pooled_url" -c 'show search_path')" '"$user", public'
}

@test 'down: one that is half applied is finished first' {
	three
	boots
	put migrations/0004_half.sql '-- pg-entrypoint: no-transaction' 'create table t4 (i int);' 'select wrong;'
	put migrations/0004_half.down.sql 'drop table t4;'
	boot
	expect 65
	pge "$dev" migrate down
	expect 65 'half applied, 1 statement in' 'migrate up'
	equal "$(tables)" 't1 t2 t3 t4'
}

@test 'down: a role that the file takes need not be able to write the ledger' {
	three
	sql "do 'begin create role reader; exception when duplicate_object then null; end'" 'grant reader to nexus_user'
	put migrations/0003_t3.down.sql 'drop table t3;' 'set role reader;'
	boots
	pge "$dev" migrate down
	expect 0
	equal "$(ledger)" '0001 0002'
}

@test 'an option that the verb does not know stops it: nothing is undone or applied' {
	three
	pge migrate up --json
	expect 64 'migrate up takes no --json'
	equal "$(tables)" ''
	boots
	pge "$dev" migrate down --check
	expect 64 'migrate down takes no --check'
	equal "$(tables)" 't1 t2 t3'
}

@test 'each line of a verb begins with its step' {
	three
	boots
	pge "$dev" migrate rehearse
	expect 0 'wait: postgresql://'
	not_logged 'pg-entrypoint: postgresql://'
}

@test 'redo: down and up of the newest' {
	three
	boots
	sql 'insert into t3 values (1)' 'insert into t2 values (1)'
	put migrations/0004_later.sql 'create table later (i int);'
	pge "$dev" migrate redo
	expect 0 '0003_t3 undone' '0003_t3.sql applied'
	equal "$(sql 'select (select count(*) from t2), (select count(*) from t3)')" '1|0'
	equal "$(ledger)" '0001 0002 0003'
}

@test 'redo: one that fails can be said again without undoing the one before' {
	three
	boots
	sql 'insert into t2 values (1)'
	put migrations/0003_t3.sql 'create table t3 (i int);' 'select 1 / 0;'
	pge "$dev" ENTRYPOINT_ON_EDITED=warn migrate redo
	expect 65 '0003_t3.sql:2' 'it stays undone: `migrate up` applies it'
	pge "$dev" migrate redo
	expect 65 'version 0003 was undone by a redo that failed' 'migrate up'
	equal "$(ledger)" '0001 0002'
	equal "$(sql 'select count(*) from t2')" 1
	# Whoever applies it, or undoes another one in so many words, has seen to it.
	put migrations/0003_t3.sql 'create table t3 (i int);'
	boots
	pge "$dev" migrate redo
	expect 0 '0003_t3 undone' '0003_t3.sql applied'
	put migrations/0003_t3.sql 'select 1 / 0;'
	pge "$dev" ENTRYPOINT_ON_EDITED=warn migrate redo
	equal "$status" 65
	pge "$dev" migrate down
	expect 0 '0002_t2 undone'
	put migrations/0003_t3.sql 'create table t3 (i int);'
	boots
	equal "$(sql "select count(*) from entrypoint.migration where version = '@redo'")" 0
	# Without a transaction it is as far as it came.
	put migrations/0003_t3.sql 'create table t3 (i int);'
	put migrations/0004_t4.sql '-- pg-entrypoint: no-transaction' 'create table t4 (i int);' 'select 1 / 0;'
	put migrations/0004_t4.down.sql 'drop table t4;'
	boot
	expect 65 '0004_t4.sql:3'
	put migrations/0004_t4.sql '-- pg-entrypoint: no-transaction' 'create table t4 (i int);' 'select 1;'
	boots
	put migrations/0004_t4.sql '-- pg-entrypoint: no-transaction' 'create table t4 (i int);' 'select 1 / 0;'
	pge "$dev" ENTRYPOINT_ON_EDITED=warn migrate redo
	expect 65 '0004_t4.sql:3'
	not_logged 'it stays undone'
}

@test 'redo: what cannot be applied again is not undone' {
	three
	boots
	put migrations/0003_t3.sql 'create table t3 (i int);' 'commit;' 'select 1;'
	pge "$dev" ENTRYPOINT_ON_EDITED=warn migrate redo
	expect 65 '0003_t3.sql:2:1: transaction control'
	equal "$(tables)" 't1 t2 t3'
	equal "$(ledger)" '0001 0002 0003'
}

# ---- new ---------------------------------------------------------------------------------------------------------------

# new_file NAME: the name of the file that was made, without a server to ask.
new_file() {
	url='' pge migrate new "$1"
	expect 0
	[[ $output == "$PWD/migrations/"*.sql$'\n'"$PWD/migrations/"*.down.sql ]] || fail 'not both paths'
	if [ ! -s "${output%%$'\n'*}" ] || [ ! -s "${output##*$'\n'}" ]; then
		fail 'not written'
	fi
	REPLY=$(basename "${output%%$'\n'*}")
}

@test 'new: the next number, with its zeros' {
	mkdir migrations
	new_file 'Add the users'
	equal "$REPLY" 0001_add_the_users.sql
	put migrations/0009_x.sql 'select 1;'
	new_file more
	equal "$REPLY" 0010_more.sql
}

@test 'new: a timestamp, also when the newest lies ahead' {
	put migrations/20240101120000_x.sql 'select 1;'
	new_file a
	[[ $REPLY =~ ^20[0-9]{12}_a\.sql$ && $REPLY != 20240101* ]] || fail "$REPLY"
	put migrations/29990101120000_x.sql 'select 1;'
	new_file b
	equal "$REPLY" 29990101120001_b.sql
}

@test 'new: a date; of one day the name decides' {
	put migrations/20240618_b.sql 'select 1;'
	new_file x
	equal "$REPLY" "$(date -u +%Y%m%d)_x.sql"
	pge migrate new a
	expect 64 'would come before'
	new_file y
	equal "$REPLY" "$(date -u +%Y%m%d)_y.sql"
}

@test 'new: never overwrites; a name or a folder that cannot be' {
	put migrations/0001_x.sql 'select 1;'
	put migrations/0002_y.down.sql 'select 2;'
	pge migrate new y
	[ "$status" -ne 0 ] || fail 'overwritten'
	equal "$(<migrations/0002_y.down.sql)" 'select 2;'
	[ ! -e migrations/0002_y.sql ] || fail 'half of it was left'
	pge migrate new '../y'
	expect 64
	pge migrate new
	expect 64
	rm -r migrations
	pge migrate new y
	expect 66 'hint: ' --migrations-dir=FOLDER
	mkdir "$server/may-not"
	captured runuser -u nobody -- env -i "${base[@]}" "$binary" migrate new y --migrations-dir="$server/may-not"
	expect 73 'may-not/0001_y.sql'
}

# ---- accept ------------------------------------------------------------------------------------------------------------

@test 'accept: an edited file is right as it is, named by version, name or file' {
	three
	boots
	local word
	for word in 2 0002_t2 migrations/0002_t2.sql; do
		put migrations/0002_t2.sql "create table t2 (i int primary key); -- $word"
		boot
		expect 65 0002_t2.sql
		pge migrate accept "$word"
		expect 0 '0002_t2.sql is accepted'
		boots
	done
	pge migrate accept 2
	expect 0 'as it was applied'
}

@test 'accept: a file that was renamed within its version' {
	put migrations/1_a.sql 'create table a (i int);'
	boots
	rm migrations/1_a.sql
	put migrations/0001_a.sql 'create table a (j int);'
	pge migrate accept 1
	expect 0 'is accepted'
	boots
}

@test 'accept: of 8-digit dates the whole name' {
	put migrations/20240618_a.sql 'create table a (i int);'
	put migrations/20240618_b.sql 'create table b (i int);'
	boots
	put migrations/20240618_b.sql 'create table b (j int);'
	pge migrate accept 20240618
	expect 66
	pge migrate accept 20240618_a
	expect 0 'as it was applied'
	boot
	expect 65
	pge migrate accept 20240618_b.sql
	expect 0
	boots
}

@test 'accept: a repeatable whose file is gone is forgotten, a version is not' {
	three
	put migrations/R__view.sql 'select 1;'
	put migrations/R__other.sql 'select 1;'
	boots
	rm migrations/R__view.sql
	boots
	logged 'R__view' 'pg-entrypoint migrate accept R__view'
	pge migrate accept R__view.sql
	expect 0 'R__view is forgotten'
	boots
	not_logged R__view
	equal "$(ledger)" '0001 0002 0003 R__other'
	pge migrate accept R__view
	expect 66 'no migration is called R__view'
	put migrations/R__view.sql 'select 1;'
	boots
	logged 'R__view.sql applied'
	rm migrations/0003_*.sql
	boots
	not_logged 'migrate accept'
	pge migrate accept 0003
	expect 66
	equal "$(ledger)" '0001 0002 0003 R__other R__view'
}

@test 'accept: unknown, not applied, nothing named' {
	three
	pge migrate up 1
	pge migrate accept 9
	expect 66 'no migration is called 9'
	pge migrate accept 2
	expect 65 '0002_t2.sql is not applied'
	pge migrate accept
	expect 64
}

# ---- rehearse ----------------------------------------------------------------------------------------------------------

# Everything in the catalog that could have been left behind.
catalog() {
	sql "select md5(string_agg(c::text, ',' order by oid)) from pg_class c" \
		"select md5(string_agg(a::text, ',' order by attrelid, attnum)) from pg_attribute a" \
		"select count(*) from pg_proc" "select count(*) from pg_namespace"
}

@test 'rehearse: durations and locks of all that is pending, and no trace' {
	local before
	three
	boots
	put migrations/0004_alter.sql 'alter table t1 add column name text;' 'select pg_sleep(0.2);' 'drop table t2;'
	put migrations/0005_new.sql 'create table t5 (i int);' 'insert into t1 values (1);'
	put migrations/0006_index.sql 'create index concurrently t1_a on t1 (i);'
	put migrations/R__f.sql 'create or replace function f() returns int language sql as $$ select 1 $$;'
	before=$(catalog)
	pge migrate rehearse
	expect 0 'rolled back'
	equal "$(catalog)" "$before"
	[[ $output == *0004_alter.sql*'AccessExclusiveLock on public.t1'*'AccessExclusiveLock on public.t2'*0005_new.sql*'public.t5 (new)'* ]] ||
		fail 'locks'
	[[ $output == *'left out'*0006_index.sql* && $output == *R__f.sql* ]] || fail 'files'
	[[ $output =~ \ (2|3|4)[0-9][0-9]\ ms\ \ line\ 2 ]] || fail 'duration'
	pge migrate rehearse --json
	expect 0
	equal "$(jq -r '[.migrations[0].statements[0].locks[] | select(.relation == "public.t1").mode] | join(" ")' <<<"$output")" AccessExclusiveLock
	equal "$(jq -r '[.migrations[] | .state] | join(" ")' <<<"$output")" 'rehearsed rehearsed left out rehearsed'
	equal "$(catalog)" "$before"
}

@test 'rehearse: no ledger is needed, and none is made' {
	three
	pge migrate rehearse
	expect 0
	equal "$(tables)" ''
	equal "$(sql "select to_regnamespace('entrypoint')")" ''
	pge migrate rehearse --json
	jq -e '.migrations | length == 3' <<<"$output" >/dev/null || fail 'no JSON'
}

@test 'rehearse: migrate_command is left out, and that is said' {
	put migrations/0001_a.sql 'create table a (i int);'
	put ran.sh 'touch ran'
	pge ENTRYPOINT_MIGRATE_COMMAND="sh '$PWD/ran.sh'" migrate rehearse
	expect 0 'migrate_command was left out: what sh does cannot be rolled back'
	[ ! -e ran ]
}

@test 'rehearse: an error has file and line; numbers of sequences stay taken, and that is said' {
	put migrations/0001_t.sql 'create table t (id serial, i int);'
	boots
	put migrations/0002_insert.sql 'insert into t (i) values (1);'
	pge migrate rehearse
	expect 0 'stay taken: public.t_id_seq'
	equal "$(sql 'select count(*) from t')" 0
	put migrations/0003_wrong.sql 'select 1;' 'select wrong;'
	pge migrate rehearse
	expect 65 0003_wrong.sql:2:8
	equal "$(ledger)" 0001
}

@test 'rehearse: what a commit would check is checked' {
	put migrations/0001_t.sql 'create table p (i int primary key);' \
		'create table c (i int references p deferrable initially deferred);'
	boots
	put migrations/0002_late.sql 'insert into c values (1);' 'insert into p values (1);'
	put migrations/0003_late.sql 'alter table c add column j int;' 'insert into c values (2);' 'insert into p values (2);'
	pge migrate rehearse
	expect 0
	# A constraint of the same name that cannot be deferred, and one that begins as immediate.
	put migrations/0004_same.sql 'create table d (i int constraint c_i_fkey references p);' \
		'create table e (i int constraint e references p deferrable);'
	put migrations/0005_late.sql 'insert into c values (4);' 'insert into p values (4);'
	pge migrate rehearse
	expect 0
	put migrations/0006_now.sql 'insert into e values (5);' 'insert into p values (5);'
	pge migrate rehearse
	expect 65 0006_now.sql:1
	rm migrations/0006_now.sql
	put migrations/0006_never.sql 'insert into c values (3);'
	pge migrate rehearse
	expect 65 0006_never.sql 23503
}

@test 'rehearse: a table in use: tried for as long as lock_retry_for allows' {
	three
	boots
	put migrations/0004_alter.sql 'alter table t1 add column name text;'
	hold 'select * from t1'
	pge ENTRYPOINT_LOCK_TIMEOUT=200ms ENTRYPOINT_LOCK_RETRY_FOR=1s migrate rehearse
	release
	expect 75 0004_alter.sql:1
}

# ---- verify ------------------------------------------------------------------------------------------------------------

zoo() {
	put migrations/0001_zoo.sql <<-'SQL'
		create table t (id int generated always as identity primary key, a int not null default 1, "B c" text check ("B c" <> ''));
		create index t_a on t (a) where a > 1;
		create view v as select id, a from t where a = 2;
		create materialized view m as select count(*) from t;
		create type mood as enum ('sad', 'glad');
		create domain small as int check (value < 10);
		create function f(i int) returns int language sql as 'select i + 1';
		create function g() returns trigger language plpgsql as 'begin return new; end';
		create trigger g before insert on t for each row execute function g();
		create sequence s increment 2;
		create policy p on t using (a > 0);
		create table parts (day date not null, i int) partition by range (day);
		create schema other;
		create table other.u (moment timestamptz default '2024-01-01 12:00:00+00', i interval default '1 day');
		grant select on t to public;
	SQL
	boots
}

# differs KIND NAME STATE STATEMENT...: after these statements verify says just that; then it is accepted.
differs() {
	local was=$4
	sql "${@:4}"
	pge migrate verify
	equal "$status" 3 "exit after $was"
	equal "$(tr -s ' ' <<<"$output")" "$3 $1 $2"
	pge migrate accept schema
	expect 0
}

@test 'verify: nothing to tell after our own migration, whatever the session is like' {
	zoo
	pge migrate verify
	equal "$status $output" '0 all agree'
	pge PGOPTIONS="-c search_path=other -c datestyle=german -c timezone=Asia/Tokyo -c intervalstyle=iso_8601 -c quote_all_identifiers=on" migrate verify
	equal "$status $output" '0 all agree'
	put migrations/0002_more.sql 'alter table t add column c int;' 'drop view v;'
	boots
	pge migrate verify
	equal "$status $output" '0 all agree'
	cp migrations/0002_more.sql migrations/0003_not_yet.sql
	pge migrate verify
	equal "$status" 2
}

@test 'verify: names what was changed, added or gone by hand' {
	zoo
	differs view public.v changed 'create or replace view v as select id, a from t where a = 3'
	differs column public.t.a changed 'alter table t alter a set default 2'
	differs column 'public.t."B c"' changed 'alter table t alter "B c" type text collate "C"'
	differs grants public.t.a added 'grant update (a) on t to public'
	differs index public.t_a changed 'drop index t_a' 'create index t_a on t (a) where a > 2'
	differs index public.t_a gone 'drop index t_a'
	differs column 'public.t."B d"' added 'alter table t add column "B d" text'
	differs constraint public.t.positive added 'alter table t add constraint positive check (a > 0) not valid'
	differs constraint public.t.positive changed 'alter table t validate constraint positive'
	differs table public.hand added 'create table hand (i int primary key)'
	differs table public.hand gone 'drop table hand'
	differs function 'public.f(integer)' changed "create or replace function f(i int) returns int language sql as 'select i + 2'"
	differs trigger public.t.g changed 'alter table t disable trigger g'
	differs rule public.t.r added 'create rule r as on delete to t do also nothing'
	differs rule public.t.r changed 'alter table t disable rule r'
	differs type public.mood changed "alter type mood add value 'mad'"
	differs type public.small changed 'alter domain small drop constraint small_check'
	differs sequence public.s changed 'alter sequence s increment 3'
	differs policy public.t.p changed 'alter policy p on t using (a > 1)'
	differs table public.t changed 'alter table t enable row level security'
	differs grants public.t changed 'grant insert on t to public'
	differs grants 'public.f(integer)' added 'revoke execute on function f from public'
	differs schema third added 'create schema third'
	pge migrate verify
	equal "$status $output" '0 all agree'
}

@test 'verify: what comes and goes by itself is not told' {
	zoo
	sql 'create table parts_1 partition of parts for values from ($$2024-01-01$$) to ($$2024-02-01$$)' \
		'create index on parts_1 (i)' 'insert into t (a) values (5)' "select nextval('s')" 'refresh materialized view m' \
		'analyze' 'alter table t set (fillfactor = 80)' "comment on table t is 'x'" 'alter table other.u owner to postgres' \
		'create extension pg_trgm'
	pge ENTRYPOINT_FOREIGN_SCHEMAS=other migrate verify
	equal "$(tr -s ' ' <<<"$output")" 'added extension pg_trgm
gone schema other
gone table other.u'
	sql 'drop extension pg_trgm'
	pge migrate verify
	equal "$status $output" '0 all agree'
}

@test 'verify --json; it reads only, as a role that may only read' {
	zoo
	sql 'drop view v' "do 'begin create role guest login; exception when duplicate_object then null; end'"
	url=${url/nexus_user/guest} pge PGOPTIONS='-c default_transaction_read_only=on' migrate verify --json
	equal "$status" 3
	equal "$(jq -c .objects <<<"$output")" '[{"state":"gone","kind":"view","name":"public.v"}]'
	equal "$(jq -c .fingerprint <<<"$output")" true
}

@test 'verify: files and ledger count too; a down and a redo leave a true fingerprint' {
	three
	boots
	pge "$dev" migrate redo
	pge "$dev" migrate down
	rm migrations/0003*
	pge migrate verify
	equal "$status $output" '0 all agree'
	put migrations/0001_t1.sql 'create table t1 (i int);'
	rm migrations/0002*
	pge migrate verify
	equal "$status" 3
	[[ $output == *edited*0001_t1.sql*missing*0002_t2*'no such file'* ]] || fail 'not named'
}

@test 'verify: nothing stored is no agreement; a fingerprint of another major version tells less' {
	zoo
	sql "update entrypoint.fingerprint set hash = hash + 1 where kind in ('view', 'server')" 'drop sequence s'
	pge migrate verify
	expect 3 'another major version'
	equal "$(tr -s ' ' <<<"$output")" 'gone sequence public.s'
	sql 'drop table entrypoint.fingerprint'
	pge migrate verify
	expect 65 'no fingerprint' 'migrate accept schema'
	pge migrate accept schema
	expect 0
	pge migrate verify
	expect 0
}

@test 'verify: a fingerprint whose table has the key that an earlier version gave it is stored too' {
	three
	boots
	sql 'alter table entrypoint.fingerprint add primary key (kind, name)'
	put migrations/0004_more.sql 'alter table t1 alter i type bigint;' 'create table t4 ();'
	boots
	not_logged warning
	pge migrate verify
	expect 0
}

@test 'verify: before any run, what is pending is no drift' {
	three
	pge migrate verify
	expect 2
	pge migrate verify --json
	expect 2
}

@test 'verify: a publication of all tables, made before the first fingerprint or after it' {
	three
	boots
	sql 'alter table entrypoint.fingerprint replica identity default' 'create publication everything for all tables'
	put migrations/0004_more.sql 'create table t4 ();'
	boots
	not_logged warning
	sql 'drop table entrypoint.fingerprint'
	put migrations/0005_more.sql 'create table t5 ();'
	boots
	put migrations/0006_more.sql 'create table t6 ();'
	boots
	not_logged warning
	pge migrate verify
	expect 0
}

@test 'a start with nothing to do neither reads nor writes the fingerprint' {
	zoo
	log_mark
	boots
	[[ $(log_since) != *fingerprint* ]] || fail 'it does'
}

@test 'what a run that was cut off has left to note is noted by the next start that may write' {
	three
	put seeds/common/10_t1.ini '[@table]' 'name = t1' 'key = i' '' '[1]'
	boots
	sql 'create table later (i int)' \
		"insert into entrypoint.migration (version, name, checksum, started_at, finished_at, statements, tool_version, role)
			values ('@changing', '', '', now(), now(), 0, '', '')" \
		'update entrypoint.migration set relation = null' 'grant select on t1 to public' 'drop role if exists onlooker' 'create role onlooker login'
	log_mark
	url="postgresql://onlooker@/$database?host=$server&port=$port" boots
	not_logged warning seed: # who may not write does not try, and has nothing to tell
	[[ $(log_since) != *advisory* ]] || fail 'a role that may only read takes the lock'
	sql "alter role nexus_user in database $database set default_transaction_read_only = on"
	boots
	not_logged warning seed:
	sql "alter role nexus_user in database $database reset default_transaction_read_only"
	equal "$(sql "select count(*) from entrypoint.migration where version = '@changing'")" 1 'mark of a change'
	pge plan
	equal "$status" 0
	pge migrate verify
	expect 2 'cut off before it stored the fingerprint'
	not_logged 'migrate accept schema'
	equal "$(tr -s ' ' <<<"$output")" $'added grants public.t1\nadded table public.later'
	boots
	equal "$(sql "select count(*) filter (where version = '@changing'), count(relation) from entrypoint.migration")" '0|1'
	pge migrate verify
	expect 0
	log_mark
	boots
	[[ $(log_since) != *advisory* ]] || fail 'a start with nothing to do takes the lock'
}

@test 'what is found after the lock for a note is judged like any other' {
	three
	boots
	sql "insert into entrypoint.migration (version, name, checksum, started_at, finished_at, statements, tool_version, role)
		values ('@changing', '', '', now(), now(), 0, '', '')"
	# Between the two looks another takes the first one back.
	sql_apart begin 'lock table entrypoint.migration in exclusive mode' 'drop table t1' \
		"delete from entrypoint.migration where version = '0001'" "select 'held', pg_sleep(1)" commit >/dev/null 3>&- &
	eventually 5 running held
	boot
	expect 65 0001_t1.sql
	equal "$(tables)" 't2 t3'
}

# ---- plan --------------------------------------------------------------------------------------------------------------

@test 'plan names what no file is known for, and keeps its shape' {
	three
	boots
	rm migrations/0002*
	sql "update entrypoint.migration set finished_at = null where version = '0003'"
	rm migrations/0003*
	pge plan
	equal "$status" 3
	[[ $output == *missing*0002_t2*'no such file'* && $output == *unfinished*0003_t3*'no such file'* ]] || fail 'not named'
	pge plan --json
	equal "$status" 3
	equal "$(jq -c '[.migrations[] | [.version, .state]]' <<<"$output")" '[["0002","missing"],["0003","unfinished"]]'
}
