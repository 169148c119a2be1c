# A start that finds the database empty makes it from a backup, and goes on from there.
#
# KILLS / 4 restores are killed at random instants; SEED repeats a run.

load lib

setup_file() {
	server_start
	sql -d postgres 'create role reader'
	cd "$BATS_FILE_TMPDIR" || return
	folders
	rm -r migrations/0002_more.sql initdb.d
	database_new source
	boots
	sql "insert into users (name) values ('kept')" 'create index slow on users (public.slowly(id))' 'revoke all on users from reader'
	mkdir backups
	dumped | gzip >backups/backup_prod_20260101_000000.sql.gz
	sql "delete from users where name = 'kept'"
	dumped | gzip >backups/backup_prod_20251231_000000.sql.gz
	dumped | gzip >backups/backup_staging_20260102_000000.sql.gz
	dumped | gzip >backups/pre_migration_20260103_000000.sql.gz
	export backups=$BATS_FILE_TMPDIR/backups
}

teardown_file() {
	server_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	database_new
	folders
}

@test 'expect_schema with a backup to restore: waits until another one has restored it' {
	rm -r migrations
	boot ENTRYPOINT_EXPECT_SCHEMA=yes "ENTRYPOINT_RESTORE_FROM=$backups" ENTRYPOINT_WAIT_TIMEOUT=1s ENTRYPOINT_ENVIRONMENT=prod
	expect 75 'another container has still not applied the restore'
	begin ENTRYPOINT_EXPECT_SCHEMA=yes "ENTRYPOINT_RESTORE_FROM=$backups" ENTRYPOINT_ENVIRONMENT=prod -- echo APP
	sleep 0.5
	boots "ENTRYPOINT_RESTORE_FROM=$backups" ENTRYPOINT_ENVIRONMENT=prod
	end
	expect 0
	started
}

# The function holds up whoever makes the index on it, so that there is time to be killed in.
folders() {
	put initdb.d/01_own.sql 'create table made_by_initdb ();'
	put migrations/0001_users.sql 'create table users (id serial primary key, name text not null);' \
		"create function slowly(int) returns int immutable language sql as 'select \$1 from pg_sleep(0.1)';"
	put migrations/0002_more.sql 'alter table users add column note text;'
	put migrations/R__grants.sql 'grant select on users to reader;'
	put seeds/common/10_users.ini '[@table]' 'name = users' 'key = name' '[first]' '[second]'
	put checks/01_users.sql "select name from users where name = '';"
}

dumped() {
	env -i LC_ALL=C.UTF-8 "$pg/pg_dump" -h "$server" -p "$port" -U postgres "$database"
}

# restores [NAME=VALUE...]: a start from the folder of backups.
restores() {
	boot ENTRYPOINT_RESTORE_FROM="$backups" "$@"
}

# refused STATUS [TEXT...]: the last start ended so, and nothing came into the database.
refused() {
	expect "$@"
	equal "$output" ''
	equal "$(sql "select count(*) from pg_class where relnamespace = 'public'::regnamespace")" 0 'relations'
}

is_restored() {
	equal "$(sql "select string_agg(name, ' ' order by name), count(note) from users")" 'first kept second|0' 'rows'
	equal "$(sql "select has_table_privilege('reader', 'users', 'select')")" t 'the grant'
	equal "$(sql "select to_regclass('made_by_initdb') is null")" t 'no initdb.d'
}

@test 'restored, migrated, granted, seeded, checked, started; then one round trip; the volume gone: restored again' {
	local xid
	restores
	expect 0 "restore: $backups: 4 backups" ' backup_prod_20251231_000000.sql.gz (older)' '(of staging, only when named)' \
		"restoring $backups/backup_prod_20260101_000000.sql.gz" 'users: 3 rows' '0002_more.sql applied' 'R__grants.sql applied'
	not_logged '0001_users.sql' '01_own.sql'
	started
	is_restored
	xid=$(next_xid)
	restores
	expect 0
	started
	not_logged restor
	equal "$(round_trips ENTRYPOINT_RESTORE_FROM="$backups")" 1 'round trips'
	equal "$(next_xid)" "$xid" 'the next transaction'
	database_new
	restores
	expect 0 "restoring $backups/backup_prod_20260101_000000.sql.gz"
	is_restored
}

@test 'without migrations: a second start takes one round trip, as does one on a database that it never saw' {
	rm -r migrations seeds checks initdb.d
	restores
	expect 0 'users: 3 rows'
	pge ENTRYPOINT_ON_MISSING=ignore migrate verify
	expect 0
	equal "$(round_trips ENTRYPOINT_RESTORE_FROM="$backups")" 1 'round trips'
	restores
	expect 0
	not_logged restor
	sql 'drop schema entrypoint cascade'
	equal "$(round_trips ENTRYPOINT_RESTORE_FROM="$backups")" 1 'round trips'
	restores
	expect 0
	not_logged restor
}

@test 'a database that is not empty: told where there is something to do, and left alone' {
	sql 'set role nexus_user' 'create table users (id serial, name text)' "insert into users (name) values ('mine')"
	rm migrations/0001_users.sql
	restores
	expect 0 'database is not empty: 1 table, 1 sequence, first with rows public.users; restore skipped'
	equal "$(grep -c 'restore skipped$' err)" 1
	equal "$(sql "select string_agg(name, ' ' order by name) from users")" 'first mine second'
	restores
	expect 0
	not_logged 'restore skipped'
}

@test 'on_empty: init, restore, fail' {
	local newest=$backups/backup_prod_20260101_000000.sql.gz word
	restores ENTRYPOINT_ON_EMPTY=fail
	refused 65 'the database is empty, and on_empty = fail' 'backup_prod_20251231_000000.sql.gz (older)' \
		"restore it: pg-entrypoint restore $newest"
	pge ENTRYPOINT_RESTORE_FROM="$backups" ENTRYPOINT_ON_EMPTY=fail plan
	expect 65 "restore it: pg-entrypoint restore $newest"
	boot ENTRYPOINT_ON_EMPTY=fail
	refused 65 'pg-entrypoint restore FILE'
	boot ENTRYPOINT_ON_EMPTY=restore
	refused 78 'neither restore_from nor backup_dir'
	for word in plan status; do
		pge ENTRYPOINT_ON_EMPTY=restore "$word"
		expect 78 'neither restore_from nor backup_dir'
	done
	boot ENTRYPOINT_ON_EMPTY=restore ENTRYPOINT_BACKUP_DIR="$backups"
	expect 0 "restoring $newest"
	is_restored
	database_new
	restores ENTRYPOINT_ON_EMPTY=init
	expect 0 '01_own.sql' '0001_users.sql applied'
	not_logged restor
}

@test 'no backup: 66 with what was looked at, and no seeds; one too old: 65' {
	mkdir none staging
	restores ENTRYPOINT_RESTORE_FROM=gone
	refused 66 'restore_from: gone: No such file'
	restores ENTRYPOINT_RESTORE_FROM=none
	refused 66 'restore_from: no backup lies in none (0 names' 'on_empty = init'
	cp "$backups"/*staging* staging/
	restores ENTRYPOINT_RESTORE_FROM=staging/
	refused 66 'of the 1 in staging/ no backup is restored by itself for prod' '(of staging, only when named)' \
		'is of staging, and environment is prod; restore_from = FILE'
	restores ENTRYPOINT_RESTORE_MAX_AGE=30m
	refused 65 'backup_prod_20260101_000000.sql.gz is of 2026-01-01 00:00:00, and restore_max_age is 30m'
	restores ENTRYPOINT_RESTORE_FROM=-
	refused 78 'standard input'
	# A file that is named needs neither environment nor a young name, unless that is asked for.
	cp staging/*.gz dump.gz
	restores ENTRYPOINT_RESTORE_FROM=dump.gz ENTRYPOINT_RESTORE_MAX_AGE=30m
	refused 65 'dump.gz is without a date'
	restores ENTRYPOINT_RESTORE_FROM=dump.gz
	expect 0 'restoring dump.gz' 'users: 2 rows'
}

@test 'a backup that is damaged stops the start, and nothing is seeded' {
	head -c 900 "$backups/backup_prod_20260101_000000.sql.gz" >cut.sql.gz
	restores ENTRYPOINT_RESTORE_FROM=cut.sql.gz
	refused 65 cut.sql.gz
	# Its name is the newest: what lies behind it is not taken instead.
	mkdir mine
	cp cut.sql.gz mine/backup_prod_20260105_000000.sql.gz
	cp "$backups"/backup_prod_2026* mine/
	restores ENTRYPOINT_RESTORE_FROM=mine/
	refused 65 mine/backup_prod_20260105_000000.sql.gz 'the one before it: pg-entrypoint restore mine/backup_prod_2026010'
}

emptied() {
	sql 'drop schema public cascade' 'create schema public' 'grant all on schema public to public'
}

@test 'a backup of a cluster without a database (pg_dumpall -g) stops the start, and nothing is seeded' {
	mkdir own
	env -i LC_ALL=C.UTF-8 "$pg/pg_dumpall" -g -h "$server" -p "$port" -U postgres >own/db_backup_20261101_000000.sql
	boot ENTRYPOINT_RESTORE_FROM="$PWD/own"
	refused 65 'db_backup_20261101_000000.sql: holds no database' 'pg_dumpall --globals-only'
	pge restore --plan own/db_backup_20261101_000000.sql
	expect 65 'holds no database'
	pge restore --check own/db_backup_20261101_000000.sql
	expect 65 'a dump of a whole cluster in plain SQL (pg_dumpall), which holds no database'
}

@test 'a backup of definitions alone is restored, and that no row is in it is said' {
	zcat "$backups/backup_prod_20260101_000000.sql.gz" | sed '/^COPY/,/^\\\.$/d' >schema.sql
	pge restore --check schema.sql
	expect 0
	[[ $output == *'it holds definitions alone: no rows'* ]] || fail "$output"
	pge restore schema.sql
	expect 0 'warning: restore: schema.sql: no row of any table is in it'
	pge restore --check "$backups/backup_prod_20260101_000000.sql.gz"
	[[ $output != *'definitions alone'* ]] || fail "$output"
}

@test 'emptied by hand, with our schema still there: stopped, remedies named; without it: restored' {
	restores
	expect 0
	emptied
	restores
	refused 65 'a restore was finished here, but the database holds no table' 'drop schema "entrypoint" cascade;' \
		"restore it: pg-entrypoint restore $backups/backup_prod_20260101_000000.sql.gz"
	pge restore "$backups/backup_prod_20260101_000000.sql.gz"
	expect 0
	restores
	expect 0 'R__grants.sql applied'
	is_restored
	emptied
	pge restore "$backups/backup_prod_20260101_000000.sql.gz"
	emptied # before any start has seen what was restored
	restores
	refused 65 'a restore was finished here'
	sql 'drop schema entrypoint cascade'
	restores
	expect 0 restoring
	is_restored
}

@test 'what the initdb.d of the postgres image has left does not defeat a restore, and goes before it' {
	sql 'create extension pg_trgm' 'set role nexus_user' 'create schema app' "create type app.mood as enum ('x')" \
		"create function public.slowly(int) returns int language sql as 'select 0'"
	restores
	expect 0 'dropped, since an init script has left it' 'function public.slowly(integer)' 'schema app'
	is_restored
	equal "$(sql "select to_regnamespace('app') is null, count(*) from pg_extension where extname = 'pg_trgm'")" 't|1'
}

# The init script runs again on a fresh volume; the dump is of a database that it had made as well.
@test 'what the init script makes outside of schemas, and the schema of an extension, may be in the dump too' {
	local script=('create schema ext' 'create extension pg_trgm schema ext' 'create publication everything for all tables'
		'create extension file_fdw' 'create server fs foreign data wrapper file_fdw'
		'create function note() returns event_trigger language plpgsql as $$ begin end $$'
		'create event trigger noting on ddl_command_end execute function note()')
	sql -d postgres 'drop database if exists made' 'create database made'
	sql -d made "${script[@]}" 'create table t (name text)' "insert into t values ('a')" \
		'create index on t using gin (name ext.gin_trgm_ops)' 'create publication one for table t'
	env -i "$pg/pg_dump" -h "$server" -p "$port" -U postgres -f dump.sql made
	sql "${script[@]}" 'create publication one'
	url="postgresql://postgres@/$database?host=$server&port=$port" pge restore dump.sql
	expect 0 't: 1 row'
	equal "$(sql "select string_agg(pubname, ' ' order by 1) from pg_publication_tables where tablename = 't'")" 'everything one'
	env -i "$pg/pg_dump" -h "$server" -p "$port" -U postgres --exclude-schema=entrypoint -f again.sql "$database"
	diff <(sed '/^\\/d' dump.sql) <(sed '/^\\/d' again.sql) || fail 'not the same'
}

waits_for_restore() {
	grep -q 'another container has it (.*pg-entrypoint: restore' "$1"
}

@test 'three at once: one restores, the others wait, say what for, and go on' {
	local pids=() i pid codes=''
	# Another's type of that name, not committed, holds the table up.
	hold "create type public.users as enum ('x')"
	command_of ENTRYPOINT_RESTORE_FROM="$backups" ENTRYPOINT_LOCK_TIMEOUT=0 -- echo APP
	for i in 1 2 3; do
		"${command[@]}" >"out$i" 2>"err$i" 3>&- &
		pids+=($!)
		[ $i -gt 1 ] || eventually 20 grep -q 'the database is empty: restoring' err1
	done
	eventually 20 waits_for_restore err2
	eventually 20 waits_for_restore err3
	release
	for pid in "${pids[@]}"; do
		wait "$pid" && codes+=' 0' || codes+=" $?"
	done
	stderr=$(cat err1 err2 err3)
	equal "$codes" ' 0 0 0'
	equal "$(cat out1 out2 out3)" $'APP\nAPP\nAPP'
	equal "$(grep -c 'the database is empty: restoring' err1 err2 err3)" $'err1:1\nerr2:0\nerr3:0'
	is_restored
}

@test 'killed at random instants: the next start restores, or goes on, to the same end' {
	local i instant whole from
	from=$(now_ms)
	restores
	expect 0
	whole=$(($(now_ms) - from))
	db_state >wanted
	RANDOM=${SEED:=$(date +%N | tail -c 5 | sed 's/^0*//')}
	for ((i = 1; i <= ${KILLS:-20} / 4; i++)); do
		database_new
		instant=$((RANDOM % whole + 1))
		command_of ENTRYPOINT_RESTORE_FROM="$backups" -- echo APP
		"${command[@]}" >out 2>err 3>&- &
		job=$!
		sleep "$(printf '%d.%03d' $((instant / 1000)) $((instant % 1000)))"
		kill -s KILL "$job" 2>/dev/null || true
		wait "$job" 2>/dev/null || true
		job=
		echo "kill $i at $instant ms of $whole, SEED=$SEED: $(tail -n 1 err)"
		eventually 5 no_advisory_lock
		restores
		expect 0
		started
		db_state >got
		diff wanted got
		is_restored
	done
}

@test 'plan says what would be restored, status what was' {
	local newest=$backups/backup_prod_20260101_000000.sql.gz
	pge ENTRYPOINT_RESTORE_FROM="$backups" plan
	expect 2 'backup_prod_20251231_000000.sql.gz (older)'
	equal "$output" "pending      restore of $newest, then what that leaves of migrations and seeds"
	pge ENTRYPOINT_RESTORE_FROM="$backups" plan --json
	equal "$(jq -c '[.restore, .initdb, .migrations]' out)" "[\"$newest\",false,[]]"
	pge ENTRYPOINT_RESTORE_FROM=gone plan
	expect 66 'gone: No such file'
	pge ENTRYPOINT_RESTORE_FROM="$backups" status --json
	equal "$(jq -c '[.restore, .restored, .restored_at]' out)" '["pending","",""]'
	restores
	expect 0
	pge ENTRYPOINT_RESTORE_FROM="$backups" plan
	equal "$status $output" '0 nothing to do'
	pge ENTRYPOINT_RESTORE_FROM="$backups" status --json
	equal "$(jq -c '[.restore, .restored, .restored_at != ""]' out)" '["done","backup_prod_20260101_000000.sql.gz",true]'
}

@test 'restore is a step: skip it, or nothing but it' {
	restores ENTRYPOINT_SKIP=restore
	expect 0 '0001_users.sql applied'
	not_logged restor
	database_new
	restores ENTRYPOINT_ONLY=restore
	expect 0 restoring
	equal "$(sql "select count(*) from users where name = 'kept'")" 1
	equal "$(sql "select count(*) from pg_attribute where attrelid = 'users'::regclass and attname = 'note'")" 0 'no migration'
	restores
	expect 0 '0002_more.sql applied'
	is_restored
}

@test 'a role that may not create anything: 78 with the grant, nothing there' {
	sql -d postgres "revoke create on database $database from public" "alter database $database owner to postgres"
	sql 'revoke create on schema public from public'
	restores
	refused 78 "grant create on database \"$database\" to"
	pge restore "$backups/backup_prod_20260101_000000.sql.gz"
	refused 78 "grant create on database \"$database\" to"
}

@test 'a backup of a database that held a part of a restore is none' {
	gunzip -c "$backups/backup_prod_20260101_000000.sql.gz" |
		sed '/^COPY entrypoint.migration /a @partial\trestore\t\t2026-01-01\t2026-01-01\t\\N\t0\t0\t\\N\t\\N\tr\t\\N' >part.sql
	restores ENTRYPOINT_RESTORE_FROM=part.sql
	refused 65 'part.sql: it was made of a database that held only a part'
}

waits_for_lock() {
	[ "$(sql -d postgres 'select count(*) from pg_locks where not granted')" != 0 ]
}

@test 'through a transaction pooler; a signal in the middle: nothing is kept' {
	pgbouncer_start
	own_pooler=yes
	hold "create type public.users as enum ('x')"
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	begin ENTRYPOINT_RESTORE_FROM="$backups" ENTRYPOINT_LOCK_TIMEOUT=0 -- echo APP
	eventually 20 waits_for_lock
	stops TERM 143
	release
	restores
	expect 0 'through a pooler' restoring '0002_more.sql applied'
	started
	is_restored
}

@test 'with expect_schema another container restores' {
	begin ENTRYPOINT_RESTORE_FROM="$backups" ENTRYPOINT_EXPECT_SCHEMA=yes -- echo APP
	eventually 10 log_has 'waiting until another container has applied'
	command_of ENTRYPOINT_RESTORE_FROM="$backups" -- true
	"${command[@]}" 2>restored
	grep -q 'the database is empty: restoring' restored
	end
	expect 0
	started
	not_logged restor
	is_restored
}
