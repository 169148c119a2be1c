# What state the server may be in when the container starts, and what the boot makes of it.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# fake KIND [SECONDS]: such a server on $fake_port, ended by `unfake`.
fake() {
	fake_port=${fake_port:-$(free_port)}
	python3 "$BATS_TEST_DIRNAME/fake.py" "$1" "$fake_port" "${@:2}" 3>&- &
	fake=$!
	eventually 20 listens "$fake_port"
	url="postgresql://nexus_user:secret@127.0.0.1:$fake_port/$database"
}

unfake() {
	kill "$fake"
	wait "$fake" || true
}

listens() {
	[ -n "$(ss -Hltn "sport = :$1")" ]
}

# gives_up KIND TEXT...: it ends with 69 after wait_timeout, naming what was tried.
gives_up() {
	local from took
	from=$(now_ms)
	boot ENTRYPOINT_WAIT_TIMEOUT=2s
	took=$(($(now_ms) - from))
	expect 69 "$@"
	equal "$output" ''
	((took >= 1900 && took < 2000 + 2000 * patience)) || fail "$took ms instead of 2 s"
}

# A second server of this test's own.
second() {
	first_server=$server
	first_port=$port
	server_create "$@"
	second_server=$server
	database=postgres
	url="postgresql://postgres@/postgres?host=$server&port=$port"
}

teardown() {
	[ -z "${fake-}" ] || kill "$fake" 2>/dev/null || true
	[ -z "${own_pooler-}" ] || pgbouncer_stop
	if [ -n "${second_server-}" ]; then
		server=$second_server
		server_stop
	fi
}

@test 'refused: 69 after wait_timeout, with what was tried' {
	url="postgresql://nexus_user:secret@127.0.0.1:1/x"
	gives_up 127.0.0.1 'refused'
}

@test 'refused, then there' {
	second
	begin -- echo APP
	sleep 1
	server_run
	end
	expect 0
	started
}

@test 'an unknown name: 69, with the name' {
	url='postgresql://nexus_user@no-such-host.invalid/x'
	gives_up no-such-host.invalid
}

# Where 192.0.2.1 swallows all packets: they come in on lo, are for nobody here, and nothing forwards them.
in_hole() {
	unshare --net true 2>/dev/null || skip 'no network namespaces here'
	captured unshare --net sh -c 'ip link set lo up && ip route add 192.0.2.1 dev lo && exec "$@"' sh "$@"
}

@test 'blackholed: each attempt has an end, 69' {
	local from
	from=$(now_ms)
	command_of DATABASE_URL="postgresql://nexus_user@192.0.2.1:5432/x" ENTRYPOINT_WAIT_TIMEOUT=3s -- echo APP
	in_hole "${command[@]}"
	expect 69 192.0.2.1
	(($(now_ms) - from < 3000 + 2000 * patience)) || fail 'too long'
}

@test 'blackholed first host: the second one is used' {
	command_of DATABASE_URL="host=192.0.2.1,$server port=5432,$port user=nexus_user dbname=$database" -- echo APP
	in_hole "${command[@]}"
	expect 0
	started
}

@test 'a full backlog: 69' {
	fake full
	gives_up "$fake_port"
}

@test 'accepts and is silent, as a pooler whose server is down: 69' {
	fake silent
	gives_up "$fake_port"
}

@test 'a wrong file is told at once, while the server is not there or does not answer the login' {
	local kind from
	put migrations/wrong.sql 'select 1;'
	for kind in silent starting; do
		fake "$kind"
		from=$(now_ms)
		boot ENTRYPOINT_WAIT_TIMEOUT=30s
		unfake
		expect 65 wrong.sql
		(($(now_ms) - from < 2000 * patience)) || fail "not at once: $kind"
	done
	boot ENTRYPOINT_WAIT_TIMEOUT=30s
	expect 65 wrong.sql
}

@test 'SCRAM: passwords of any kind, as the server has hashed them, and no other' {
	local word login=(DATABASE_URL= PGHOST=127.0.0.1 "PGPORT=$port" PGUSER=scram PGDATABASE=postgres)
	# Longer than a block of the hash; one that SASLprep makes another.
	for word in secret 'ä ö' 'ﬁsh' "$(printf 'x%.0s' {1..200})"; do
		sql 'drop role if exists scram' "create role scram login password '$word'"
		pge "${login[@]}" "PGPASSWORD=$word" wait
		expect 0
		pge "${login[@]}" "PGPASSWORD=$word." ENTRYPOINT_WAIT_AUTH_GRACE=100ms wait
		expect 77
	done
	sql 'drop role scram'
}

@test 'a proxy that resets: 69' {
	fake reset
	gives_up "$fake_port"
}

@test 'a published port that accepts and closes: 69' {
	fake closed
	gives_up "$fake_port"
}

@test 'no PostgreSQL at all: an error that says so, no endless loop' {
	fake garbage
	boot ENTRYPOINT_WAIT_TIMEOUT=3s
	[[ $status -eq 69 || $status -eq 78 ]] || fail "exit $status"
	logged "$fake_port"
}

@test 'starting: waits, and 69 when it does not end' {
	fake starting
	gives_up starting
}

@test 'starting, then up' {
	second
	fake_port=$port
	fake starting
	url="postgresql://postgres@/postgres?host=127.0.0.1&port=$port"
	printf 'host all all 127.0.0.1/32 trust\n' >>"$server/data/pg_hba.conf"
	sed -i '/scram/d' "$server/data/pg_hba.conf"
	begin -- echo APP
	eventually 10 grep -q starting err
	unfake
	server_run
	end
	expect 0 starting
	started
}

@test 'a standby that takes no sessions yet is waited for' {
	second hot_standby=off 'primary_conninfo=host=/nonexistent'
	touch "$server/data/standby.signal"
	chown postgres "$server/data/standby.signal"
	server_run -W
	eventually 10 grep -q 'entering standby' "$server/log"
	begin -- echo APP
	sleep 1
	as_postgres "$pg/pg_ctl" -D "$server/data" -s -w promote
	end
	expect 0
	started
}

@test 'the temporary server of the official image: not taken for the real one' {
	local stopped
	second
	server_run -o '-c listen_addresses='
	begin -- sh -c 'date +%s%3N'
	sleep 1.5
	stopped=$(now_ms)
	server_halt fast
	server_run
	end
	expect 0
	((output > stopped)) || fail 'started on the temporary server'
}

@test 'a server that listens nowhere is ready once it has stood for 3 seconds' {
	local from
	second listen_addresses=
	server_run
	from=$(now_ms)
	boots
	(($(now_ms) - from >= 2500)) || fail 'did not wait'
	from=$(now_ms)
	boots
	(($(now_ms) - from < 2000 * patience)) || fail 'waited again'
}

@test 'smart shutdown: waits until it is back' {
	second
	server_run
	sql_apart 'select pg_sleep(3)' >/dev/null 3>&- &
	session=$!
	eventually 5 running pg_sleep
	sessions_end '*' # it waits for all
	as_postgres "$pg/pg_ctl" -D "$server/data" -s -m smart -W stop 3>&-
	sleep 0.3
	begin -- echo APP
	eventually 5 log_has 'shutting down'
	wait "$session" || true
	eventually 5 test ! -e "$server/data/postmaster.pid"
	server_run
	end
	expect 0
	started
}

standby() {
	server_halt fast
	printf '%s\n' "primary_conninfo = 'host=/nonexistent'" >>"$server/data/postgresql.conf"
	touch "$server/data/standby.signal"
	chown postgres "$server/data/standby.signal"
	server_run
}

@test 'a standby with nothing pending: the application starts' {
	second
	server_run
	put migrations/0001_t.sql 'create table t (i int);'
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = i' '[1]'
	boots
	standby
	boots
}

@test 'a standby with something pending: an end in words, nothing started' {
	second
	server_run
	standby
	put migrations/0001_t.sql 'create table t (i int);'
	boot ENTRYPOINT_WAIT_TIMEOUT=2s
	[[ $status -eq 65 || $status -eq 69 ]] || fail "exit $status"
	logged read
	equal "$output" ''
}

# only_reads WORDS: with something pending it ends in time and says that, and why.
only_reads() {
	local from took
	put migrations/0001_t.sql 'create table t (i int);'
	from=$(now_ms)
	boot ENTRYPOINT_WAIT_TIMEOUT=2s
	took=$(($(now_ms) - from))
	expect 69 'something is pending, but the server only reads, within wait_timeout (2s) too' "$1"
	not_logged 'no answer' 'not reachable'
	equal "$output" ''
	((took >= 1900 && took < 2000 + 1000 * patience)) || fail "$took ms"
}

@test 'a server that only reads is said to, not that it is unreachable' {
	sql "alter database $database set default_transaction_read_only = on"
	only_reads 'default_transaction_read_only is on'
	second
	server_run
	standby
	only_reads 'it is a standby'
}

@test 'several hosts: a standby first, the server that can write is taken' {
	local writes=$server:$port wanted=$database
	second
	server_run
	sql 'create role nexus_user login' "create database $wanted owner nexus_user"
	standby
	put migrations/0001_t.sql 'create table t (i int);'
	boots DATABASE_URL="host=$server,${writes%:*} port=$port,${writes#*:} user=nexus_user dbname=$wanted"
	server=$first_server port=$first_port database=$wanted
	equal "$(sql "select to_regclass('t')")" t
}

@test 'several hosts: one that is not there, and a standby, with nothing pending: starts, in any order' {
	local wanted=$database
	second
	server_run
	sql 'create role nexus_user login' "create database $wanted owner nexus_user"
	put migrations/0001_t.sql 'create table t (i int);'
	boots DATABASE_URL="host=$server port=$port user=nexus_user dbname=$wanted"
	standby
	boots DATABASE_URL="host=$server,127.0.0.1 port=$port,1 user=nexus_user dbname=$wanted" ENTRYPOINT_WAIT_TIMEOUT=5s
	boots DATABASE_URL="host=127.0.0.1,$server port=1,$port user=nexus_user dbname=$wanted" ENTRYPOINT_WAIT_TIMEOUT=5s
}

@test 'too many connections: waits until one is free' {
	local i sessions=()
	second max_connections=5 superuser_reserved_connections=1 max_wal_senders=0
	server_run
	database=postgres
	sql 'create role app login' 'create database app owner app'
	for i in 1 2 3 4; do
		sql_apart -d app 'set role app' 'select pg_sleep(2)' -- >/dev/null 3>&- &
		sessions+=($!)
	done
	eventually 5 full
	url="postgresql://app@/app?host=$server&port=$port"
	boots
	logged connection
	wait "${sessions[@]}" || true
}

full() {
	[ "$(sql 'select count(*) from pg_stat_activity where query like $$%pg_sleep%$$ and pid <> pg_backend_pid()')" = 4 ]
}

@test "wrong password: 77 after the grace, with the server's text" {
	local from took
	url="postgresql://nexus_user:wrong@127.0.0.1:$port/$database"
	from=$(now_ms)
	boot ENTRYPOINT_WAIT_AUTH_GRACE=1s
	took=$(($(now_ms) - from))
	expect 77 'password authentication failed for user "nexus_user"'
	equal "$output" ''
	((took >= 900 && took < 1000 + 2000 * patience)) || fail "$took ms"
}

@test 'a login that is refused, and what would have let us in is not read: told which' {
	url=
	pge DB_HOST=127.0.0.1 DB_PORT="$port" DB_USER=nexus_user DB_NAME="$database" DB_PASS=secret \
		ENTRYPOINT_WAIT_AUTH_GRACE=1ms wait
	expect 77 'no password supplied' 'hint: DB_PASS is not read, but DB_PASSWORD'
	pge DB_HOST=127.0.0.1 DB_PORT="$port" DB_USER=nexus_user DB_PASSWORD=wrong DB_PASS=secret ENTRYPOINT_WAIT_AUTH_GRACE=1ms wait
	expect 77 'password authentication failed'
	not_logged hint
	: >empty
	pge POSTGRES_HOST=127.0.0.1 POSTGRES_PORT="$port" POSTGRES_USER=nexus_user POSTGRES_PASSWORD_FILE="$PWD/empty" \
		ENTRYPOINT_WAIT_AUTH_GRACE=1ms wait
	expect 77 'no password supplied' 'hint: the file that POSTGRES_PASSWORD_FILE names is empty'
}

@test 'the time is over before the grace: 77 with the text of the server, not the silence of a last try' {
	local from took
	url="postgresql://nexus_user:wrong@127.0.0.1:$port/$database"
	from=$(now_ms)
	boot ENTRYPOINT_WAIT_TIMEOUT=2s
	took=$(($(now_ms) - from))
	expect 77 'error: wait: ' 'password authentication failed for user "nexus_user"'
	not_logged 'no answer' reachable
	equal "$output" ''
	((took >= 1900 && took < 2000 + 1000 * patience)) || fail "$took ms"
}

@test 'the time is over before the grace: 78 for a server without TLS, and for a database that is not there' {
	boot DATABASE_URL="$tcp_url?sslmode=require" ENTRYPOINT_WAIT_TIMEOUT=1s
	expect 78 'server does not support SSL'
	not_logged 'no answer'
	boot DATABASE_URL="postgresql://nexus_user@/nowhere?host=$server&port=$port" ENTRYPOINT_WAIT_TIMEOUT=1s
	expect 78 '"nowhere" does not exist'
	boot DATABASE_URL="postgresql://nexus_user@/nowhere?host=$server&port=$port" ENTRYPOINT_WAIT_TIMEOUT=1500ms \
		ENTRYPOINT_WAIT_AUTH_GRACE=500ms
	expect 78 '"nowhere" does not exist'
}

@test 'what was refused first, and then not there any more, is not there: 69 names the setting' {
	second
	server_run
	sql "create role x login password 'x'"
	url="postgresql://x:wrong@127.0.0.1:$port/postgres"
	begin ENTRYPOINT_WAIT_TIMEOUT=3s -- echo APP
	eventually 5 log_has 'password authentication failed'
	server_halt
	end
	expect 69 'within wait_timeout (3s)' refused
	not_logged 'no answer'
}

@test 'a server that says why it is not ready, and then nothing more: 69, and what it said is told' {
	fake fading 1
	boot ENTRYPOINT_WAIT_TIMEOUT=2s
	expect 69
	[[ $(grep 'error: ' err) == *'within wait_timeout (2s)'*'starting up'* ]] || fail 'cause'
}

@test 'wrong password that is put right after 5 seconds: starts' {
	sql -d postgres "create role late login password 'old'"
	url="postgresql://late:new@127.0.0.1:$port/$database"
	begin -- echo APP
	sleep 5
	sql -d postgres "alter role late password 'new'"
	end
	expect 0
	started
}

@test 'wrong options, and what libpq finds wrong in our own files: 78 at once' {
	local from given
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out certificate -days 2 -subj /CN=x 2>/dev/null
	chmod 644 key
	from=$(now_ms)
	for given in "$url&options=-cfoo%3Dbar|unrecognized configuration parameter" "$url&options=-cwork_mem%3Dx|work_mem" \
		"$url&options=-cport%3D1|cannot be changed" "$url&hostaddr=db|network address" \
		"$tcp_url?sslcert=$PWD/certificate&sslkey=$PWD/key&sslmode=require&sslnegotiation=direct|group or world access" "$tcp_url?sslnegotiation=direct|weak sslmode"; do
		boot DATABASE_URL="${given%|*}"
		expect 78 "${given#*|}"
	done
	boot DATABASE_URL= PGSERVICE=x PGSERVICEFILE="$PWD/nowhere"
	expect 78 'service file' nowhere
	(($(now_ms) - from < 9000 * patience)) || fail 'not at once'
}

@test 'a server that is not there yet, in a folder that is called certificate: waited for' {
	boot DATABASE_URL="postgresql://nexus_user@/x?host=$PWD/certificate" ENTRYPOINT_WAIT_TIMEOUT=1s
	expect 69 'within wait_timeout (1s)' certificate
}

@test 'a role that does not exist: 77' {
	url="postgresql://nobody_at_all@/$database?host=$server&port=$port"
	boot ENTRYPOINT_WAIT_AUTH_GRACE=500ms
	expect 77 nobody_at_all
}

@test 'no such database: after the grace, with its name' {
	url="postgresql://nexus_user@/no_such_database?host=$server&port=$port"
	boot ENTRYPOINT_WAIT_AUTH_GRACE=500ms
	[[ $status -eq 77 || $status -eq 78 ]] || fail "exit $status"
	logged '"no_such_database"'
}

@test 'the database is created after 5 seconds: starts' {
	url="postgresql://nexus_user@/${database}_late?host=$server&port=$port"
	begin -- echo APP
	sleep 5
	sql -d postgres "create database ${database}_late owner nexus_user"
	end
	expect 0
	started
}

@test 'create_database makes it, also when many want it at once' {
	local i jobs=()
	sql -d postgres 'alter role nexus_user createdb' "drop database if exists made"
	url="postgresql://nexus_user@/made?host=$server&port=$port"
	# Not by those that only look.
	for i in plan status 'migrate status' 'migrate lint' check; do
		# shellcheck disable=SC2086
		pge ENTRYPOINT_CREATE_DATABASE=yes ENTRYPOINT_WAIT_AUTH_GRACE=100ms $i
		[ "$status" -ne 0 ] || fail "$i: a database that is not there"
		logged 'database "made" does not exist' 'a start makes it'
	done
	boot ENTRYPOINT_WAIT_AUTH_GRACE=100ms
	expect 78 'create it, or set create_database'
	equal "$(sql -d postgres "select count(*) from pg_database where datname = 'made'")" 0
	command_of ENTRYPOINT_CREATE_DATABASE=yes -- echo APP
	for i in 1 2 3 4 5 6; do
		"${command[@]}" >"out.$i" 2>"err.$i" 3>&- &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do
		wait "$i"
	done
	equal "$(cat out.* | grep -c APP)" 6
}

@test 'create_database where only the name of the role says which' {
	sql -d postgres 'drop database if exists maker' 'drop role if exists maker' 'create role maker login createdb'
	boots DATABASE_URL="postgresql://maker@/?host=$server&port=$port" ENTRYPOINT_CREATE_DATABASE=yes
	logged 'database maker was created'
	put services '[s]' "host=$server" "port=$port" 'user=maker' 'dbname=of_service'
	url=
	sql -d postgres 'drop database if exists of_service'
	boots PGSERVICE=s PGSERVICEFILE="$PWD/services" ENTRYPOINT_CREATE_DATABASE=yes
	logged 'database of_service was created'
}

@test 'create_database without a database postgres: said so' {
	second
	server_run
	sql -d template1 'alter database postgres rename to other'
	boot DATABASE_URL="postgresql://postgres@/new?host=$server&port=$port" ENTRYPOINT_CREATE_DATABASE=yes ENTRYPOINT_WAIT_AUTH_GRACE=100ms
	expect 78 'create_database: database postgres: ' 'does not exist' 'hint: create new: ' 'from the database postgres, which is not there'
	not_logged 'this does not'
}

@test 'a service: each of its hosts, and its port, within the limits of ours' {
	put services '[two]' "host=192.0.2.1,$server" "port=5432,$port" 'user=nexus_user' "dbname=$database" \
		'[silent]' 'host=192.0.2.1' 'port=1234'
	url=
	command_of PGSERVICE=two PGSERVICEFILE="$PWD/services" -- echo APP
	in_hole "${command[@]}"
	expect 0
	started
	command_of PGSERVICE=silent PGSERVICEFILE="$PWD/services" ENTRYPOINT_WAIT_TIMEOUT=1s -- echo APP
	in_hole "${command[@]}"
	expect 69 'connection to 192.0.2.1 port 1234: no answer in time'
}

@test 'a newline at the end of a URL is no part of the name of the database' {
	sql -d postgres 'alter role nexus_user createdb' 'drop database if exists plain'
	url="postgresql://nexus_user:secret@127.0.0.1:$port/plain"$'\n'
	boots ENTRYPOINT_CREATE_DATABASE=yes
	equal "$(sql -d postgres "select quote_literal(datname) from pg_database where datname like 'plain%'")" "'plain'"
}

@test 'create_database without the right to: an error in words' {
	sql -d postgres 'alter role nexus_user nocreatedb'
	url="postgresql://nexus_user@/never?host=$server&port=$port"
	boot ENTRYPOINT_CREATE_DATABASE=yes ENTRYPOINT_WAIT_AUTH_GRACE=500ms
	[[ $status -eq 77 || $status -eq 78 ]] || fail "exit $status"
	logged never
	boot ENTRYPOINT_CREATE_DATABASE=yes DATABASE_URL="postgresql://nexus_user@/never?host=$server&port=$port"
	expect 78 'create database never: permission denied' 'alter role "nexus_user" createdb' admin_url
}

@test 'the first line comes at once, then one only when something changes' {
	url="postgresql://nexus_user@127.0.0.1:1/x"
	boot ENTRYPOINT_WAIT_TIMEOUT=4s
	expect 69
	[ "$(wc -l <<<"$stderr")" -le 5 ] || fail 'too many lines'
}

@test 'wait_for: a port and a file, in parallel' {
	fake_port=$(free_port)
	begin ENTRYPOINT_WAIT_FOR="tcp://127.0.0.1:$fake_port file:$PWD/ready" -- echo APP
	sleep 0.5
	python3 "$BATS_TEST_DIRNAME/fake.py" closed "$fake_port" 3>&- &
	fake=$!
	sleep 0.5
	equal "$(<out)" ''
	touch ready
	end
	expect 0
	started
	rm ready
	boot ENTRYPOINT_WAIT_FOR="file:$PWD/ready" ENTRYPOINT_WAIT_TIMEOUT=1s
	expect 69 "$PWD/ready"
}

@test 'a host whose first address is silent: the next one is tried, by wait_for and by health --tcp' {
	unshare --net --mount python3 "$BATS_TEST_DIRNAME/slow.py" 7777 true || skip 'no network namespaces, or no /dev/net/tun'
	command_of ENTRYPOINT_WAIT_FOR=tcp://two:7777 ENTRYPOINT_WAIT_TIMEOUT=9s wait
	captured unshare --net --mount python3 "$BATS_TEST_DIRNAME/slow.py" 7777 "${command[@]}"
	expect 0 'tcp://two:7777 is there'
	command_of health database --tcp=two:7777
	captured unshare --net --mount python3 "$BATS_TEST_DIRNAME/slow.py" 7777 "${command[@]}"
	expect 0
}

@test 'wait_for: what is no target is told at once' {
	local target
	url=postgresql://nexus_user@127.0.0.1:1/x
	for target in tcp://127.0.0.1:99999 tcp://127.0.0.1:0 tcp://127.0.0.1: 'tcp://[::1]' tcp://127.0.0.1 127.0.0.1:1; do
		boot ENTRYPOINT_WAIT_FOR="$target" ENTRYPOINT_WAIT_TIMEOUT=1s
		expect 78 "wait_for: $target "
	done
}

@test 'of several addresses the one that answers says why' {
	command_of health database --tcp=localhost:1
	in_hole sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 && exec "$@"' sh "${command[@]}"
	[[ $output == *'localhost:1: Connection refused' ]] || fail 'of the other'
}

@test 'the command wait, and a start of nothing else: a pooler takes the login, and its server is away' {
	second
	server_run
	sql 'create role nexus_user login'
	own_pooler=yes
	pgbouncer_start
	url="postgresql://nexus_user@/postgres?host=$pooler&port=$port"
	pge wait
	expect 0
	server_halt fast
	pge ENTRYPOINT_WAIT_TIMEOUT=2s wait
	expect 69 'takes logins, but did not answer within wait_timeout (2s)'
	boot ENTRYPOINT_WAIT_TIMEOUT=2s ENTRYPOINT_ONLY=wait
	expect 69 'takes logins, but did not answer within wait_timeout (2s)'
	server_run
	pge wait
	expect 0
}

@test 'the command wait' {
	pge wait
	expect 0
	url="postgresql://nexus_user@127.0.0.1:1/x"
	pge ENTRYPOINT_WAIT_TIMEOUT=1s wait
	expect 69
}
