# What depends on the server's version. tests/run runs this file against servers 13, 17 and 18 besides the machine's own
# (PG_VERSION, see lib.bash).

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

mark='-- pg-entrypoint: no-transaction'

nexus() {
	nexus=("ENTRYPOINT_INITDB_DIR=$root/initdb.d" "ENTRYPOINT_MIGRATIONS_DIR=$root/migrations"
		"ENTRYPOINT_SEEDS_DIR=$root/seeds" "ENTRYPOINT_CHECKS_DIR=$root/docker/checks")
}

# What no server may be told that does not know it.
nothing_unknown() {
	run ! grep -E 'ERROR: +(unrecognized configuration parameter|syntax error|function .* does not exist|column .* does not exist)' \
		<(log_since)
}

@test 'it is the server that was asked for, and it is reached over the socket and over TCP' {
	equal "$(sql "select current_setting('server_version_num')::int / 10000")" "${PG_VERSION:-$server_major}" 'major version'
	boots
	url=$tcp_url
	boots
}

@test 'the sample from nothing; the second boot asks once and writes nothing' {
	local before
	nexus
	log_mark
	boots "${nexus[@]}"
	nothing_unknown
	equal "$(sql 'select (select count(*) from travelers), (select count(*) from process_steps)')" '3|42'
	before=$(next_xid)
	equal "$(round_trips "${nexus[@]}")" 1 'round trips'
	equal "$(<out)" APP
	url=$tcp_url
	equal "$(round_trips "${nexus[@]}")" 1 'round trips over TCP'
	equal "$(next_xid)" "$before" 'next transaction id'
}

@test 'statements outside a transaction' {
	put migrations/0001_t.sql 'create table t (i int);' 'insert into t select generate_series(1, 1000);'
	put migrations/0002_index.sql 'create index concurrently t_i on t (i);' 'vacuum (analyze) t;' 'reindex index concurrently t_i;'
	log_mark
	boots
	nothing_unknown
	equal "$(sql "select indisvalid from pg_index where indexrelid = 't_i'::regclass")" t 'valid index'
	equal "$(sql "select count(*) from pg_index where indrelid = 't'::regclass")" 1 indexes
}

@test 'the timeouts of a role, as many as the server knows, end neither a migration nor the lock' {
	local name names=(statement_timeout lock_timeout idle_in_transaction_session_timeout)
	! since 14 || names+=(idle_session_timeout)
	! since 17 || names+=(transaction_timeout)
	for name in "${names[@]}"; do
		sql "alter role nexus_user in database $database set $name = '400ms'"
	done
	put migrations/0001_t.sql 'create table t (i int);' 'select pg_sleep(1);'
	put migrations/0002_alone.sql "$mark" 'select pg_sleep(1);' 'vacuum t;'
	log_mark
	boots
	nothing_unknown
	run ! grep -i 'due to .*timeout' <(log_since)
}

@test 'each server is told what it knows: client_connection_check_interval since 14, transaction_timeout since 17' {
	local ours="'client_connection_check_interval', 'idle_session_timeout', 'transaction_timeout'" name
	for name in idle_session_timeout transaction_timeout; do
		[ "$(sql "select count(*) from pg_settings where name = '$name'")" = 0 ] ||
			sql "alter role nexus_user in database $database set $name = '100s'"
	done
	put migrations/0001_t.sql "create table told as select 'a' as file, name, setting from pg_settings where name in ($ours);"
	put migrations/0002_alone.sql "$mark" "insert into told select 'b', name, setting from pg_settings where name in ($ours);" 'vacuum told;'
	log_mark
	boots
	nothing_unknown
	equal "$(sql "select file, string_agg(name || ' ' || setting, ', ' order by name) from told group by 1 order by 1" | sed 's/^.|//' | uniq)" \
		"$(since 14 && echo -n 'client_connection_check_interval 1000, idle_session_timeout 0')$(since 17 && echo -n ', transaction_timeout 0')"
}

@test 'killed in a no-transaction file: the next boot goes on behind the last finished statement' {
	put migrations/0001_steps.sql "$mark" 'create table t (i int);' 'insert into t values (1);' \
		'select pg_sleep(3);' 'create index concurrently t_i on t (i);' 'insert into t values (2);'
	begin -- echo APP
	eventually 10 running pg_sleep
	kill -s KILL "$pid"
	end
	# Before 14 the server does not look whether anybody is there until the statement ends.
	eventually "$(since 14 && echo 2 || echo 4)" not_running pg_sleep
	eventually 2 no_advisory_lock
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '1 2'
	equal "$(sql "select indisvalid from pg_index where indexrelid = 't_i'::regclass")" t 'valid index'
}

@test 'killed in a transaction: whole or not at all, and once' {
	put migrations/0001_t.sql 'create table t (i int);' 'insert into t values (1);' 'select pg_sleep(3);'
	begin -- echo APP
	eventually 10 running pg_sleep
	kill -s KILL "$pid"
	end
	boots
	equal "$(sql 'select count(*) from t')" 1
	equal "$(sql 'select count(*), count(finished_at) from entrypoint.migration')" '1|1' ledger
}
