# Killed at a random instant, the next start finishes the job or starts it over.
#
# KILLS is how often (20); SEED repeats a run. A failure prints the seed and the instant.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

folders() {
	put initdb.d/01_type.sql "create domain code as text check (value <> '');" 'create table initdb (n int);' 'insert into initdb values (1);'
	put migrations/0001_part.sql 'create table part (name text not null, weight int);' 'create table applied (n int);' \
		'select pg_sleep(0.02);' 'insert into applied values (1);'
	put migrations/0002_index.sql '-- pg-entrypoint: no-transaction' \
		'create index concurrently part_name on part (name);' \
		'insert into applied values (2);' \
		'create index concurrently part_weight on part (weight);' \
		'insert into applied values (3);' \
		'alter table part add column note text;' \
		'select pg_sleep(0.02);' \
		'drop index concurrently part_weight;' \
		'create index concurrently on part (weight, name);' \
		'reindex table concurrently part;' \
		'create unique index concurrently if not exists part_pair on part (name, weight, note);' \
		'vacuum part;' \
		'insert into applied values (4);'
	put migrations/0003_rows.sql "insert into part select 'x' || i, i from generate_series(1, 2000) i;" \
		'insert into applied values (5);' 'select pg_sleep(0.02);'
	put migrations/0004_unique.sql 'create unique index concurrently part_once on part (name);'
	put migrations/R__view.sql 'create or replace view parts as select name from part;' 'insert into applied values (6);'
	put seeds/common/10_part.ini '[@table]' 'name = part' 'key = name' 'weight = 1' '[METSHIFT]' '[DYNACORE]'
	put seeds/common/20_part.csv 'name,weight' a,1 b,2 c,3
	put seeds/common/30_applied.sql 'select pg_sleep(0.02);' 'insert into applied values (7);'
}

sample() {
	nexus=("ENTRYPOINT_INITDB_DIR=$root/initdb.d" "ENTRYPOINT_MIGRATIONS_DIR=$root/migrations"
		"ENTRYPOINT_SEEDS_DIR=$root/seeds")
}

# Boots undisturbed; leaves its state in `wanted` and how long it took in $whole (ms).
undisturbed() {
	local from
	from=$(now_ms)
	boots "$@"
	whole=$(($(now_ms) - from))
	db_state >wanted
}

# killed KILLS [NAME=VALUE...]: as often, a new database, a boot killed at random, then another to its end.
killed() {
	local kills=$1 i instant
	shift
	RANDOM=${SEED:=$(date +%N | tail -c 5 | sed 's/^0*//')}
	for ((i = 1; i <= kills; i++)); do
		database_new "${database%_*}_$i"
		instant=$((RANDOM % whole + 1))
		command_of "$@" -- echo APP
		"${command[@]}" >out 2>err 3>&- &
		job=$!
		sleep "$(printf '%d.%03d' $((instant / 1000)) $((instant % 1000)))"
		kill -s KILL "$job" 2>/dev/null || true
		wait "$job" 2>/dev/null || true
		echo "kill $i of $kills at $instant ms of $whole, SEED=$SEED: $(tail -n 1 err)"
		eventually 2 no_advisory_lock
		boots "$@"
		db_state >got
		diff wanted got
		[ -z "${also-}" ] || equal "$(sql "$also")" 0 'audit rows of no row'
		# Where long values are kept a plain role may not drop what REINDEX leaves: that is named instead.
		equal "$(sql "select count(*) from pg_index join pg_class on oid = indexrelid
			where not indisvalid and relnamespace <> 'pg_toast'::regnamespace")" 0 'invalid indexes'
		sql -d postgres "drop database $database with (force)"
	done
}

@test 'killed at random instants: the next boot ends in the same state, nothing twice, no lock left' {
	folders
	undisturbed
	equal "$(sql 'select string_agg(n::text, $$ $$ order by n) from applied')" '1 2 3 4 5 6 7'
	killed "${KILLS:-20}"
}

@test 'the sample killed at random instants' {
	sample
	# The trail keeps numbers without a foreign key, and a run that was killed has used some up.
	local left_out=traveler_id,row_id,new_value
	also='select count(*) from audit_logs where row_id::text <> new_value or not exists (
		select from travelers where table_name = $$travelers$$ and id = row_id and id = traveler_id union all
		select from process_steps s where table_name = $$process_steps$$ and (id, s.traveler_id) = (row_id, audit_logs.traveler_id))'
	undisturbed "${nexus[@]}"
	equal "$(sql "$also")" 0 'audit rows of no row'
	killed "$((${KILLS:-20} / 4))" "${nexus[@]}"
}

@test 'killed in the middle of a long statement: it ends on the server within 2 seconds' {
	put migrations/0001_long.sql 'create table t (i int);' 'select pg_sleep(60);'
	begin -- echo APP
	eventually 10 running pg_sleep
	kill -s KILL "$pid"
	end
	eventually 2 not_running pg_sleep
	eventually 2 no_advisory_lock
	put migrations/0001_long.sql 'create table t (i int);'
	boots
}

@test 'killed in a no-transaction file: it goes on behind the last finished statement' {
	put migrations/0001_steps.sql '-- pg-entrypoint: no-transaction' 'create table t (i int);' 'insert into t values (1);' \
		'select pg_sleep(60);' 'insert into t values (2);'
	begin -- echo APP
	eventually 10 running pg_sleep
	kill -s KILL "$pid"
	end
	equal "$(sql 'select count(*) from t')" 1 'rows of the first part'
	eventually 2 no_advisory_lock
	sql "create or replace function public.pg_sleep(int) returns void language sql as ''" \
		"alter role nexus_user in database $database set search_path = public, pg_catalog"
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$) from t')" '1 2'
}

# Something of ours does.
waits_for_lock() {
	[ "$(sql "select count(*) from pg_locks where locktype = 'advisory' and not granted")" != 0 ]
}

@test 'the server stopped in the middle of a migration, and started again: the same boot ends well' {
	put migrations/0001_long.sql 'set local lock_timeout = 0;' 'create table t (i int);' 'select pg_advisory_xact_lock(7);' \
		'insert into t values (1);'
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = i' '[2]'
	hold 'select pg_advisory_xact_lock(7)'
	begin -- echo APP
	eventually 30 waits_for_lock
	server_halt immediate
	wait "$holder" || true
	eventually 10 log_has 'waiting for it, or for another server'
	server_run
	end
	expect 0 'another server is there: starting again' 'ready in'
	started
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '1 2'
}

@test 'the server stopped in the middle of a migration, for good: 69 after wait_timeout, and what was lost is told' {
	put migrations/0001_long.sql 'create table t (i int);' 'select pg_sleep(60);'
	begin ENTRYPOINT_WAIT_TIMEOUT=4s -- echo APP
	eventually 10 running pg_sleep
	server_halt immediate
	end
	expect 69 'error: migrate: ' 'then: not reachable within wait_timeout (4s)'
	equal "$output" ''
	server_run
}

@test 'our session ended by somebody, on a server that stays: 69 at once' {
	put migrations/0001_long.sql 'create table t (i int);' 'select pg_sleep(60);'
	begin -- echo APP
	eventually 10 running pg_sleep
	sql "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()" >/dev/null
	end
	expect 69 'error: migrate: ' 'the server is there as before'
	not_logged 'starting again'
	equal "$output" ''
}

@test 'the server stopped in the middle of a restore, and started again: the same boot restores from the start' {
	sql 'create table big (i int)' 'insert into big select generate_series(1, 200000)'
	"$pg/pg_dump" -h "$server" -p "$port" -U postgres "$database" >big.sql
	sed -i '/^-- PostgreSQL database dump complete/i create table public.late (i int);\ninsert into public.late select 1 from pg_advisory_xact_lock(7);' big.sql
	sql -d postgres "drop database $database with (force)" "create database $database owner nexus_user"
	hold 'select pg_advisory_xact_lock(7)'
	begin ENTRYPOINT_RESTORE_FROM="$PWD/big.sql" -- echo APP
	eventually 30 waits_for_lock
	server_halt immediate
	wait "$holder" || true
	server_run
	end
	expect 0 'another server is there: starting again'
	started
	equal "$(sql 'select (select count(*) from big), (select count(*) from late)')" '200000|1'
}

@test 'the server started anew while a boot with expect_schema waits: it waits on' {
	put migrations/0001_a.sql 'create table t (i int);'
	begin ENTRYPOINT_EXPECT_SCHEMA=yes -- echo APP
	eventually 10 log_has 'waiting until another container'
	server_halt fast
	server_run
	command_of migrate
	"${command[@]}" 2>migrated
	end
	expect 0 'trying again'
	started
}

@test 'the server stopped behind its pooler: what is done by hand waits no longer than wait_timeout' {
	local verb words
	put migrations/0001_a.sql 'create table t (i int);'
	put migrations/0001_a.down.sql 'drop table t;'
	pgbouncer_start
	own_pooler=yes
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	boots
	server_halt fast
	for verb in 'migrate redo' plan; do
		read -ra words <<<"$verb"
		command_of ENTRYPOINT_ENVIRONMENT=dev ENTRYPOINT_WAIT_TIMEOUT=3s "${words[@]}"
		captured timeout $((10 * patience)) "${command[@]}"
		expect 69
		not_logged 'seeds or checks' # there are none
	done
	server_run
}
