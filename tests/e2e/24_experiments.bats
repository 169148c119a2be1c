# Eight ways in which containers that migrate at their start come to harm. For each: what PostgreSQL itself does, shown with
# psql and asserted; that we come through, asserted; and what dbmate and node-pg-migrate do in our place, told as a comment
# (their versions come and go) where build/bench has them.

load lib

setup_file() {
	# A deadlock is found in time for a test.
	server_start 'deadlock_timeout=300ms'
	pgbouncer_start default_pool_size=8
	export dbmate='' node_pg_migrate=''
	dbmate=$(compgen -G "$root/build/bench/node_modules/@dbmate/linux-*/bin/dbmate" || true)
	command -v node >/dev/null && node_pg_migrate=$(realpath -e "$root/build/bench/node_modules/.bin/node-pg-migrate" || true)
}

teardown_file() {
	pgbouncer_stop
	server_stop
}

mark='-- pg-entrypoint: no-transaction'

# Shown with the result of the test, also of one that passes.
tell() {
	echo "# $*" >&3
}

# peer NAME [ARG...]: runs that tool on the test's database over TCP, or where PGHOST says; false when it is not here.
peer() {
	local name=$1
	shift
	case $name in
	dbmate)
		set -- "$dbmate" --url "$tcp_url?sslmode=disable" --migrations-dir "$PWD/dbmate" --no-dump-schema "$@"
		;;
	node-pg-migrate)
		[ -z "$node_pg_migrate" ] || set -- node "$node_pg_migrate" up --migrations-dir "$PWD/node" --no-single-transaction "$@"
		;;
	esac
	timeout -k 5 60 env -i PATH="$PATH" PGHOST="${PGHOST:-$server}" PGPORT="$port" PGUSER=nexus_user PGDATABASE="$database" "$@" 3>&-
}

is_here() {
	case $1 in
	dbmate) [ -x "$dbmate" ] ;;
	node-pg-migrate) [ -n "$node_pg_migrate" ] ;;
	esac || {
		tell "$1 is not in build/bench"
		return 1
	}
}

# As sql, but PgBouncer knows no PGOPTIONS.
through_pooler() {
	printf '%s;\n' "$@" |
		env -i "$pg/psql" -XAtq -v ON_ERROR_STOP=1 -h "$pooler" -p "$port" -U nexus_user -d "$database" -f -
}

advisory_locks() {
	sql "select count(*) from pg_locks where locktype = 'advisory'"
}

end_sessions() {
	sql -d postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$database'" >/dev/null
}

index_is_valid() {
	sql "select indisvalid from pg_index where indexrelid = to_regclass('$1')"
}

# The same number of rivals everywhere, each in the background; counts in $failed those that do not end with 0.
rivals() {
	local i jobs=()
	for ((i = 1; i <= $1; i++)); do
		"${@:2}" >"out.$i" 2>"err.$i" 3>&- &
		jobs+=($!)
	done
	failed=0
	for i in "${jobs[@]}"; do
		wait "$i" || failed=$((failed + 1))
	done
}

# until_true QUESTION: a statement that waits for it.
until_true() {
	echo "do \$\$ begin for i in 1..600 loop exit when ($1); perform pg_sleep(0.05), pg_stat_clear_snapshot(); end loop; end \$\$"
}

two_wait=$(until_true "select count(*) = 2 from pg_locks where locktype = 'advisory' and not granted")

# ---- 1 -----------------------------------------------------------------------------------------------------------------

@test '1 whoever waits in pg_advisory_lock() deadlocks with CREATE INDEX CONCURRENTLY; three of ours do not' {
	local code=0 waiters=()
	sql 'create table t (i int)'
	sql_apart 'select pg_advisory_lock(7)' "$two_wait" 'create index concurrently t_i on t (i)' >holder 2>&1 3>&- &
	job=$!
	eventually 10 running pg_locks
	for _ in 1 2; do
		sql_apart 'select pg_advisory_lock(7)' >>waiters 2>&1 3>&- &
		waiters+=($!)
	done
	wait "$job" "${waiters[@]}" || true
	job=
	grep -q 'deadlock detected' holder waiters || fail 'PostgreSQL has no deadlock here'

	database_new "${database}_ours"
	put migrations/0001_t.sql 'create table t (i int);' \
		"$(until_true 'select count(*) >= 6 from pg_stat_activity where datname = current_database()');"
	put migrations/0002_index.sql 'create index concurrently t_i on t (i);'
	log_mark
	command_of -- echo APP
	rivals 3 "${command[@]}"
	equal "$failed" 0 "of ours that failed: $(cat err.*)"
	equal "$(cat out.*)" $'APP\nAPP\nAPP' 'applications'
	equal "$(index_is_valid t_i)" t
	run ! grep -i deadlock <(log_since)
}

@test '1 node-pg-migrate in wait mode' {
	is_here node-pg-migrate || skip 'not here'
	put node/1_t.js "exports.up = pgm => { pgm.sql('create table t (i int)'); pgm.sql(\`$two_wait\`) }"
	put node/2_index.js 'exports.up = pgm => { pgm.noTransaction(); pgm.sql("create index concurrently t_i on t (i)") }'
	rivals 3 peer node-pg-migrate --advisory-lock-mode wait
	tell "node-pg-migrate, 3 replicas: $failed failed, $(grep -l 'deadlock detected' err.* | wc -l) by deadlock; index valid: $(index_is_valid t_i)"
}

# ---- 2 and 3 -----------------------------------------------------------------------------------------------------------

# Others at work while the lock is held: an index, and a VACUUM that can remove what was deleted since. Through the function.
others_work() {
	"$1" 'create table t (i int)' 'insert into t select generate_series(1, 1000)' "set statement_timeout = '5s'" \
		'create index concurrently t_i on t (i)' 'delete from t' 'vacuum t'
	equal "$(index_is_valid t_i)" t
	equal "$(sql "select pg_relation_size('t')")" 0 'size after VACUUM'
}

# A boot holds the lock and stands still: a script of initdb.d waits for the file `go`.
boot_holds() {
	put initdb.d/10_wait.sh '#!/bin/sh' "touch '$PWD/waits'; until [ -e '$PWD/go' ]; do sleep 0.05; done"
	chmod +x initdb.d/10_wait.sh
	begin "$@" -- echo APP
	eventually 10 test -e waits
	equal "$(advisory_locks)" 1 'advisory locks'
}

@test '2 a transaction that took the lock by the extended protocol holds a snapshot for ever: an index hangs, VACUUM is no use' {
	local held out
	coproc held { python3 "$BATS_TEST_DIRNAME/extended.py" "$server/.s.PGSQL.$port" nexus_user "$database" 7 3>&-; }
	out=${held[1]}
	read -r pid <&"${held[0]}"
	equal "$(sql "select backend_xmin is null from pg_stat_activity where pid = $pid")" f 'no snapshot'
	sql 'create table t (i int)' 'insert into t select generate_series(1, 1000)'
	run sql "set statement_timeout = '1s'" 'create index concurrently t_i on t (i)'
	[[ $status -ne 0 && $output == *'statement timeout'* ]] || fail 'the index did not wait'
	equal "$(index_is_valid t_i)" f
	sql 'delete from t' 'vacuum t'
	(($(sql "select pg_relation_size('t')") > 0)) || fail 'VACUUM could remove it'
	exec {out}>&-
}

@test '2 our lock holds no snapshot: an index and VACUUM go through' {
	boot_holds
	equal "$(sql "select backend_xmin is null and backend_xid is null from pg_stat_activity
		where pid = (select pid from pg_locks where locktype = 'advisory')")" t 'no snapshot'
	others_work sql
	touch go
	end
	expect 0
}

@test '3 our lock is pinned by PgBouncer in transaction mode, and free when its holder dies' {
	local key="hashtextextended(current_database() || '.entrypoint', 0)" i
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	boot_holds
	for i in 1 2 3 4 5; do
		equal "$(through_pooler "select pg_try_advisory_xact_lock($key)")" f 'a rival'
	done
	others_work through_pooler
	kill -s KILL "$pid"
	end
	gets_lock() { [ "$(through_pooler "select pg_try_advisory_xact_lock($key)")" = t ]; }
	eventually 2 gets_lock
	eventually 2 no_advisory_lock
}

# ---- 4 and 5 -----------------------------------------------------------------------------------------------------------

@test '4 a session lock stays behind in the pooler; none of ours does' {
	local i
	through_pooler 'select pg_advisory_lock(7)' >/dev/null
	equal "$(advisory_locks)" 1 'locks of nobody'
	end_sessions
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	traffic
	for i in 1 2 3 4; do
		put "migrations/000$i.sql" "create table t$i (i int);"
		boots
		eventually 2 no_advisory_lock
	done
	put migrations/0005.sql 'select wrong;'
	boot
	expect 65
	eventually 2 no_advisory_lock
	traffic_ends
}

# Other clients of the pooler, so that a session rarely gets the same server connection twice.
traffic() {
	put traffic.sql 'select pg_sleep(0.002);'
	"$pg/pgbench" -n -c 6 -T 60 -f "$PWD/traffic.sql" -h "$pooler" -p "$port" -U nexus_user "$database" >pgbench 2>&1 3>&- &
	job=$!
}

traffic_ends() {
	kill "$job"
	wait "$job" || true
	job=
}

@test '4 node-pg-migrate through PgBouncer' {
	is_here node-pg-migrate || skip 'not here'
	local i runs_failed=0 warned=0 left=0
	traffic
	for i in 1 2 3 4; do
		put "node/${i}_t.js" "exports.up = pgm => pgm.sql('create table t$i (i int)')"
		PGHOST=$pooler peer node-pg-migrate >"out.$i" 2>&1 || runs_failed=$((runs_failed + 1))
		warned=$((warned + $(grep -c 'release migration lock' "out.$i" || true)))
		((left += $(advisory_locks))) || true
	done
	traffic_ends
	tell "node-pg-migrate, 4 runs in turn: $runs_failed failed, $warned could not release the lock, $left times it was left after the end"
	end_sessions
}

@test '5 a pooler is found out and named once; a server is none' {
	put migrations/0001_t.sql 'create table t (i int);'
	boots url="$url"
	not_logged pooler
	database_new "${database}b"
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	boots
	equal "$(grep -c 'reached through a pooler' err)" 1 'times named'
}

# ---- 6 -----------------------------------------------------------------------------------------------------------------

@test '6 a killed client leaves its statement running; ours ends within two seconds, since server 14' {
	env -i "$pg/psql" -X -h "$server" -p "$port" -U postgres -d "$database" -c 'select pg_sleep(8)' >psql 2>&1 3>&- &
	job=$!
	eventually 5 running 'pg_sleep(8)'
	kill -s KILL "$job"
	wait "$job" || true
	job=
	sleep 1.5
	running 'pg_sleep(8)' || fail 'PostgreSQL has noticed by itself'
	end_sessions

	put migrations/0001_long.sql 'create table t (i int);' 'select pg_sleep(4);'
	begin -- echo APP
	eventually 10 running 'pg_sleep(4)'
	kill -s KILL "$pid"
	end
	if since 14; then
		eventually 2 not_running 'pg_sleep(4)'
		equal "$(sql "select to_regclass('t') is null")" t 'rolled back'
	else
		# It goes on to its end, and commits: the file is one query. The next boot finds that out and does nothing twice.
		sleep 1.5
		running 'pg_sleep(4)' || fail 'server 13 has noticed by itself'
	fi
	eventually 2 no_advisory_lock
	boots
	equal "$(sql 'select count(*), count(finished_at) from entrypoint.migration')" '1|1' ledger
}

@test '6 dbmate killed' {
	is_here dbmate || skip 'not here'
	put dbmate/1_long.sql '-- migrate:up' 'select pg_sleep(6);' '-- migrate:down'
	unshare --pid --fork --kill-child "$dbmate" --url "$tcp_url?sslmode=disable" --migrations-dir "$PWD/dbmate" \
		--no-dump-schema up >out 2>&1 3>&- &
	job=$!
	eventually 10 running 'pg_sleep(6)'
	kill -s KILL "$job"
	wait "$job" || true
	job=
	sleep 2
	tell "dbmate, killed 2 s ago: its statement $(running 'pg_sleep(6)' && echo 'still runs' || echo 'has ended')"
	end_sessions
}

# ---- 7 -----------------------------------------------------------------------------------------------------------------

# Another transaction that has the table for a while, when the role of the migrations may not wait that long.
short_of_patience() {
	sql "alter role nexus_user in database $database set lock_timeout = '300ms'"
	through_pooler 'create table t (i int)' 'insert into t values (1)'
	end_sessions
	sql_apart begin 'insert into t values (2)' 'select pg_sleep(2)' >/dev/null 2>&1 3>&- &
	holder=$!
	eventually 5 running 'pg_sleep(2)'
}

@test '7 lock_timeout ends an index that waits, and IF NOT EXISTS hides the ruin; ours waits and is valid' {
	local own=(sql_apart -U nexus_user)
	short_of_patience
	run "${own[@]}" 'create index concurrently if not exists t_i on t (i)'
	[[ $status -ne 0 && $output == *'lock timeout'* ]] || fail 'the index was made'
	"${own[@]}" 'create index concurrently if not exists t_i on t (i)'
	equal "$(index_is_valid t_i)" f 'valid after a second try that worked'
	wait "$holder"

	database_new "${database}_ours"
	short_of_patience
	put migrations/0001_index.sql "$mark" 'create index concurrently if not exists t_i on t (i);'
	boots
	equal "$(index_is_valid t_i)" t
	wait "$holder"
}

@test '7 an index of ours that came to ruin is made again, IF NOT EXISTS or not' {
	put migrations/0001_t.sql 'create table t (i int);' 'insert into t values (1), (1);'
	put migrations/0002_index.sql "$mark" 'create unique index concurrently if not exists t_i on t (i);'
	boot
	expect 65 0002_index.sql:2 23505
	equal "$(index_is_valid t_i)" '' 'index that is left'
	sql 'delete from t'
	boots
	equal "$(index_is_valid t_i)" t
}

@test '7 dbmate with an index that waits' {
	is_here dbmate || skip 'not here'
	local first=0 second=0
	short_of_patience
	put dbmate/1_index.sql '-- migrate:up transaction:false' 'create index concurrently if not exists t_i on t (i);' '-- migrate:down'
	peer dbmate up >out 2>&1 || first=$?
	peer dbmate up >>out 2>&1 || second=$?
	tell "dbmate, twice: exit $first, then $second; index valid: $(index_is_valid t_i)"
	wait "$holder"
}

# ---- 8 -----------------------------------------------------------------------------------------------------------------

@test '8 CREATE TABLE IF NOT EXISTS fails beside another; eight of ours at a first boot all start' {
	local i round
	sql_apart begin 'create table if not exists t (i int)' "$(until_true \
		"select count(*) = 1 from pg_locks where not granted and locktype = 'transactionid'")" commit >/dev/null 3>&- &
	job=$!
	eventually 5 running pg_stat_clear
	run sql 'create table if not exists t (i int)'
	[[ $status -ne 0 && $output == *'already exists'* ]] || fail 'PostgreSQL lets both through'
	wait "$job"
	job=

	for i in 1 2 3 4 5; do
		put "migrations/000$i.sql" "create table t$i (i int);"
	done
	for ((round = 1; round <= ${ROUNDS:-3}; round++)); do
		database_new
		command_of -- echo APP
		rivals 8 "${command[@]}"
		equal "$failed" 0 "of ours that failed: $(cat err.*)"
		equal "$(sql 'select count(*), count(finished_at) from entrypoint.migration')" '5|5' ledger
	done
}

@test '8 eight of dbmate at a first boot' {
	is_here dbmate || skip 'not here'
	local i round failures=''
	for i in 1 2 3 4 5; do
		put "dbmate/${i}_t.sql" '-- migrate:up' "create table t$i (i int);" '-- migrate:down'
	done
	for ((round = 1; round <= ${ROUNDS:-3}; round++)); do
		database_new
		rivals 8 peer dbmate --wait up
		failures+=" $failed"
	done
	tell "dbmate, 8 replicas at a first boot: failed$failures"
}
