# Settings: where they come from, which one wins, and what a wrong one is answered.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

@test 'no connection setting at all is 78 and lists what there is' {
	url=
	boot
	expect 78 DATABASE_URL PGHOST POSTGRES_ DB_
}

@test 'option before variable before ini before default' {
	put a/common/x.ini '[@table]' 'name = t' 'key = i' '[1]'
	put b/common/x.ini '[@table]' 'name = t' 'key = i' '[2]'
	put c/common/x.ini '[@table]' 'name = t' 'key = i' '[3]'
	put migrations/0001_t.sql 'create table t (i int);'
	put ini "seeds_dir = $PWD/c"
	boots --config "$PWD/ini"
	equal "$(sql 'select i from t')" 3
	sql 'delete from t'
	boots --config "$PWD/ini" ENTRYPOINT_SEEDS_DIR="$PWD/b" || boots ENTRYPOINT_SEEDS_DIR="$PWD/b" --config "$PWD/ini"
	equal "$(sql 'select i from t')" 2
	sql 'delete from t'
	boots ENTRYPOINT_SEEDS_DIR="$PWD/b" --config "$PWD/ini" --seeds-dir "$PWD/a"
	equal "$(sql 'select i from t')" 1
	sql 'delete from t'
	boots ENTRYPOINT_SEEDS_DIR="$PWD/b" "--config=$PWD/ini" "--seeds-dir=$PWD/a"
	equal "$(sql 'select i from t')" 1
}

@test 'a variable may come from a file, without its trailing newlines' {
	printf 'text\n\n\n' >level
	boots ENTRYPOINT_LOG_FILE="$PWD/level"
	boot ENTRYPOINT_LOG_FILE="$PWD/missing"
	expect 78 ENTRYPOINT_LOG_FILE "$PWD/missing"
	boot ENTRYPOINT_LOG_FILE="$PWD/level" ENTRYPOINT_LOG=json
	expect 78 ENTRYPOINT_LOG_FILE
	boot ENTRYPOINT_LOG_FILE="$PWD"
	expect 78 ENTRYPOINT_LOG_FILE
}

@test 'a FIFO in place of that file: its writer is waited for, and a signal ends that' {
	local whole=$url
	url=
	mkfifo fifo
	begin ENTRYPOINT_URL_FILE="$PWD/fifo" -- echo APP
	timeout 20 sh -c '{ printf %.20s "$1"; sleep 0.3; printf %s "${1#????????????????????}"; } >fifo' - "$whole" 3>&-
	end
	expect 0
	started
	[ -z "${WRAPPED-}" ] || skip 'valgrind as process 1 does not end by a signal'
	begin ENTRYPOINT_URL_FILE="$PWD/fifo" -- echo APP
	eventually 5 catches_term
	kill -s TERM "$pid"
	eventually 10 test ! -e "/proc/$pid"
	end
	expect 143
}

@test 'a FIFO for what is asked for several times: read once' {
	local whole=$tcp_url
	mkfifo fifo
	url=
	begin DATABASE_URL_FILE="$PWD/fifo" -- sh -c 'echo "$DATABASE_URL"'
	timeout 20 sh -c 'printf %s "$1" >fifo' - "$whole" 3>&-
	eventually 10 test ! -e "/proc/$pid"
	end
	expect 0
	started "$whole"
	begin PGHOST=127.0.0.1 PGPORT="$port" PGUSER=nexus_user PGDATABASE="$database" PGPASSWORD_FILE="$PWD/fifo" -- echo APP
	timeout 20 sh -c 'echo secret >fifo' 3>&-
	eventually 10 test ! -e "/proc/$pid"
	end
	expect 0
	started
	command_of PGHOST=127.0.0.1 PGPORT="$port" PGUSER=nexus_user PGDATABASE="$database" PGPASSWORD_FILE=/dev/fd/5 -- echo APP
	captured "${command[@]}" 5< <(echo secret)
	expect 0
	started
}

@test 'a FIFO in place of a password: a signal ends the wait for its writer' {
	[ -z "${WRAPPED-}" ] || skip 'valgrind as process 1 does not end by a signal'
	url=
	mkfifo fifo
	begin PGHOST=127.0.0.1 PGPASSWORD_FILE="$PWD/fifo" -- echo APP
	eventually 5 catches_term
	kill -s TERM "$pid"
	eventually 10 test ! -e "/proc/$pid"
	end
	expect 143
}

@test 'an unknown key of the ini file is an error with its line and the nearest name' {
	put ini '; comment' 'log = text' '' 'wait_timeot = 5s'
	boot --config "$PWD/ini"
	expect 78 ini:4 wait_timeot wait_timeout
	put ini 'WAIT_TIMEOUT = 5s'
	boot --config "$PWD/ini"
	expect 78 'unknown setting WAIT_TIMEOUT' 'did you mean wait_timeout?'
	put ini 'database_url = postgresql://db/x'
	boot --config "$PWD/ini"
	expect 78 'unknown setting database_url' 'did you mean url?'
	put ini 'log = text' 'log = json'
	boot --config "$PWD/ini"
	[[ $status -eq 0 || $status -eq 78 ]] || fail "exit $status"
	put ini 'no equals sign'
	boot --config "$PWD/ini"
	expect 78 ini:1
	boot --config "$PWD/missing"
	expect 78 "$PWD/missing"
}

@test 'an ini file with BOM and CRLF is read' {
	printf '\xef\xbb\xbflog_level = debug\r\nwait_timeout = 5s\r\n' >ini
	boots --config "$PWD/ini"
}

@test 'a variable that is nearly known is an error, another one a warning' {
	boot ENTRYPOINT_MIGRATION_DIR=/x
	expect 78 ENTRYPOINT_MIGRATION_DIR ENTRYPOINT_MIGRATIONS_DIR
	boots ENTRYPOINT_SOMETHING_ELSE_ENTIRELY=1
	logged ENTRYPOINT_SOMETHING_ELSE_ENTIRELY
	equal "$(grep -c ENTRYPOINT_SOMETHING_ELSE_ENTIRELY <<<"$stderr")" 1 warnings
}

@test 'what Kubernetes injects is not ours' {
	boots ENTRYPOINT_SERVICE_HOST=10.0.0.1 ENTRYPOINT_SERVICE_PORT=80 ENTRYPOINT_PORT=tcp://10.0.0.1:80 \
		ENTRYPOINT_PORT_80_TCP_ADDR=10.0.0.1 ENTRYPOINT_DB_SERVICE_HOST=10.0.0.2 ENTRYPOINT_SERVICE_PORT_HTTP=80
	not_logged ENTRYPOINT_SERVICE ENTRYPOINT_PORT ENTRYPOINT_DB
}

@test 'an unknown option is 64 with the nearest one' {
	boot --wait-timeot 5s
	expect 64 --wait-timeot --wait-timeout
	boot --wait-timeout
	[ "$status" -ne 0 ] || fail 'worked'
}

@test 'durations carry units' {
	local value
	for value in 500ms 30s 5m 24h 30; do
		boots ENTRYPOINT_WAIT_TIMEOUT=$value
	done
	for value in 5x abc '' -1 5ss '5 s s' 1e3s 99999999999999999999h s; do
		boot ENTRYPOINT_WAIT_TIMEOUT="$value"
		[ -z "$value" ] || expect 78 ENTRYPOINT_WAIT_TIMEOUT
	done
}

@test 'a value that is none of the words is an error that names source and words' {
	boot ENTRYPOINT_LOG=xml
	expect 78 ENTRYPOINT_LOG json
	boot ENTRYPOINT_ON_EDITED=maybe
	expect 78 ENTRYPOINT_ON_EDITED warn
	boot ENTRYPOINT_SCRUB=perhaps
	expect 78 ENTRYPOINT_SCRUB
	boot --log-level loud
	[[ $status -eq 78 || $status -eq 64 ]] || fail "exit $status"
	logged log-level debug
}

@test 'yes and no in their usual spellings' {
	local value
	for value in yes no true false on off 1 0; do
		boots ENTRYPOINT_SCRUB=$value
	done
}

@test 'help settings is what the README has' {
	[ -e "$root/README.md" ] || skip 'no README yet'
	pge help settings
	expect 0
	grep -E '^\|' <<<"$output" >table
	[ -s table ]
	while read -r line; do
		grep -qxF -- "$line" "$root/README.md" || fail "not in the README: $line"
	done <table
}

@test 'every setting of the contract is in the table' {
	local key
	pge help settings
	expect 0
	for key in url admin_url only skip expect_schema wait_timeout wait_auth_grace wait_for create_database initdb_dir \
		migrations_dir seeds_dir checks_dir schema foreign_schemas on_edited on_missing on_out_of_order min_version \
		boot_lock_timeout lock_timeout lock_retry_for environment user scrub log log_level; do
		grep -qw -- "$key" <<<"$output" || fail "no $key"
	done
}

@test 'a folder that is not there: 66 with the setting, and where it was set' {
	boot --migrations-dir=/nowhere
	expect 66 'migrations_dir (from --migrations-dir): /nowhere: No such file'
	boot ENTRYPOINT_SEEDS_DIR=/nowhere
	expect 66 'seeds_dir (from ENTRYPOINT_SEEDS_DIR): /nowhere: No such file'
	put entrypoint.ini 'checks_dir = /nowhere'
	boot --config="$PWD/entrypoint.ini"
	expect 66 "checks_dir (from $PWD/entrypoint.ini:1): /nowhere: No such file"
	boot ENTRYPOINT_INITDB_DIR=/nowhere
	expect 66 'initdb_dir (from ENTRYPOINT_INITDB_DIR): /nowhere: No such file'
}

@test 'every exit code of help stands in the README, in the same words' {
	local line code words row='^ +([0-9]+) {6,}(.*)$' count=0
	pge help
	while IFS= read -r line; do
		[[ $line =~ $row ]] || continue
		code=${BASH_REMATCH[1]} words=${BASH_REMATCH[2]}
		grep -qF "| $code | $words |" "$root/README.md" || fail "not in the README: $code $words"
		count=$((count + 1))
	done <<<"${output#*Exit codes:}"
	((count == 16)) || fail "$count codes"
}

@test 'the steps that only and skip may name are those that help lists' {
	local told
	pge help settings
	told=$(sed -n 's/^| `only` .* no others: \(.*\) |$/\1/p' out | tr -d '`,')
	pge --only=look wait
	expect 78 "the steps: $told"
	[ -n "$told" ]
}

@test 'help works without a server and without settings' {
	url=
	pge help
	expect 0
	pge --help
	expect 0
	pge help settings
	expect 0
	pge version
	expect 0
}

@test 'a wrong command line is 64 and hints at --' {
	pge plan nonsense
	expect 64 --
	pge --no-such-option
	expect 64
	pge migrate sideways
	expect 64
}

@test 'all spellings of a URL reach the server' {
	local host
	host=${server//\//%2F}
	url=
	for url in "postgresql://nexus_user@/$database?host=$server&port=$port" \
		"postgres://nexus_user@$host:$port/$database" \
		"host=$server port=$port user=nexus_user dbname=$database" \
		"postgresql+asyncpg://nexus_user:secret@127.0.0.1:$port/$database" \
		"postgresql+psycopg2://nexus_user:secret@127.0.0.1:$port/$database" \
		"jdbc:postgresql://127.0.0.1:$port/$database?user=nexus_user&password=secret" \
		"postgresql://nexus_user:secret@127.0.0.1:$port/$database?schema=public&connection_limit=5&pgbouncer=true" \
		"postgresql://nexus_user:secret@127.0.0.1:1,127.0.0.1:$port/$database" \
		"postgresql+psycopg2://nexus_user:secret@/$database?host=127.0.0.1:$port&host=127.0.0.1:1" \
		"postgresql://nexus_user:secret@[::1]:1,127.0.0.1:$port/$database" \
		"postgresql://nexus_user:secret@127.0.0.1:$port/$database?sslmode=prefer&application_name=x%20y"; do
		boots ENTRYPOINT_WAIT_TIMEOUT=5s
	done
}

@test 'a parameter of a URL that is nearly one of libpq: a warning, and 78 where it protects the connection' {
	boot DATABASE_URL="$tcp_url?sslmod=require"
	expect 78 DATABASE_URL 'sslmod (sslmode?)' protected
	equal "$output" ''
	not_logged secret
	boots DATABASE_URL="$tcp_url?conect_timeout=3&pgbouncer=true"
	logged 'warning: ' 'conect_timeout (connect_timeout?)'
	not_logged pgbouncer
	# With an @ behind the ?, it may be a piece of a password.
	boot DATABASE_URL="$tcp_url?sslmod=x&options=-c%20search_path=a@b"
	expect 78 DATABASE_URL 'some keys'
	not_logged sslmod
}

@test 'a URL that says search_path: its schema may be made by a file, and one that is missing is told' {
	put migrations/0001_a.sql 'create table a ();'
	boot DATABASE_URL="$url&schema=nonexist"
	expect 65 'no schema has been selected' 'hint: search_path is "nonexist", since DATABASE_URL says so'
	put migrations/0001_a.sql 'create table nope.a ();'
	boot DATABASE_URL="$url&schema=public"
	expect 65 'schema "nope" does not exist'
	not_logged 'since DATABASE_URL says so' # which has nothing to do with it
	put migrations/0001_a.sql 'create schema nonexist;' 'create table a ();'
	boots DATABASE_URL="$url&currentSchema=nonexist"
	equal "$(sql "select to_regclass('nonexist.a') is not null")" t
}

@test 'libpq, POSTGRES_ and DB_ variables reach the server, in this order' {
	url=
	boots PGHOST="$server" PGPORT="$port" PGUSER=nexus_user PGDATABASE="$database"
	boots POSTGRES_HOST=127.0.0.1 POSTGRES_PORT="$port" POSTGRES_USER=nexus_user POSTGRES_PASSWORD=secret POSTGRES_DB="$database"
	boots DB_HOST=127.0.0.1 DB_PORT="$port" DB_USER=nexus_user DB_PASSWORD=secret DB_NAME="$database"
	boots DB_HOST=127.0.0.1 DB_PORT=1 DB_USER=no DB_NAME=no DATABASE_URL="postgresql://nexus_user@/$database?host=$server&port=$port"
	boots POSTGRES_HOST=127.0.0.1 POSTGRES_PORT=1 PGHOST="$server" PGPORT="$port" PGUSER=nexus_user PGDATABASE="$database"
}

@test 'log = json: each line is an object' {
	put migrations/0001_t.sql 'create table t (i int);'
	boot ENTRYPOINT_LOG=json
	expect 0
	python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' <<<"$stderr"
	put migrations/0002_bad.sql 'create table "t' ;
	boot ENTRYPOINT_LOG=json
	expect 65
	python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' <<<"$stderr"
}

@test 'log_level error is silent when all is well' {
	put migrations/0001_t.sql 'create table t (i int);'
	boots ENTRYPOINT_LOG_LEVEL=error
	equal "$stderr" ''
}

@test 'one line is one write, in the order things happened, before the output of the application' {
	put migrations/0001_t.sql 'create table t (i int);'
	LEAKS=0 command_of -- echo APP
	strace -qq -e trace=write,writev -e write=2 -o trace "${command[@]}" >out 2>err
	[ "$(grep -cE '^writev?\(2' trace)" -eq "$(wc -l <err)" ] || fail 'lines are not single writes'
}

# refused CODE WHAT HINT WORD...: a command line, its failure and the advice.
refused() {
	pge "${@:4}"
	expect "$1" "$2" "hint: $3"
}

@test 'what is nearly a word of ours is told which one, and what a command takes' {
	refused 64 'migrate does not take "stats"' 'did you mean migrate status?' migrate stats
	refused 64 'migrate does not take "plan"' 'did you mean plan?' migrate plan
	refused 64 'migrate new does not take "b"' 'migrate new NAME: ' migrate new a b
	refused 64 'migrate status does not take "x"' 'see `help`' migrate status x
	refused 64 'plan does not take "x"' 'see `help`; to run a program of that name: -- plan' plan x
	refused 64 'unknown option --dif' 'did you mean --diff?' seed --dif
	refused 127 'bot is not in PATH' 'did you mean boot?' bot
	refused 64 'migrate: "One!" is no name for a file' 'letters, digits' migrate new One!
	refused 78 '--config: nofile.ini: No such file' 'give the absolute path' --config=nofile.ini plan
	pge migrate lint --server-version=99
	expect 64 "none of PostgreSQL's versions from 13 to 18"
	pge migrate accept
	expect 64 'migrate: accept needs a version'
	not_logged 'migrate: migrate'
}

@test 'a variable of a script that is not set: a near one that is' {
	put migrations/0001_t.sql '-- pg-entrypoint: vars app_password' "select :'app_password';"
	boot ENTRYPOINT_VAR_AP_PASSWORD=x
	expect 78 'neither ENTRYPOINT_VAR_APP_PASSWORD' 'ENTRYPOINT_VAR_AP_PASSWORD is set: is it that one?'
	boot ENTRYPOINT_VAR_OTHER=x
	not_logged 'is it that one'
}

@test 'an option with a value that is there twice is refused' {
	pge restore --only volume:media --only volume:static nothing.tar
	expect 64 '--only is there twice' '--only=ONE,OTHER'
}
