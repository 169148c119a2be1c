# shellcheck shell=bash
#
# What the end-to-end tests share: a throwaway server per file (server_start), a fresh database and folder per test
# (database_new, the working directory), and `boot`, which runs the binary under test there with an empty environment.
#
# BINARY is the binary under test, build/pg-entrypoint unless set. With build/dev/pg-entrypoint a finding of a sanitizer
# fails the test during which it was made. PG_VERSION is the server's major version: the oldest that the machine has, unless
# set; one that it has not is made first (tests/servers/make). In the folder CLUSTERS a new cluster of each version is kept.

bats_require_minimum_version 1.5.0

# This is read again for each test, so it starts no program but the first time.
root=${BATS_TEST_DIRNAME%/tests/*}
# Dumps of others.
samples=${SAMPLES:-$root/../shared/data}
binary=${BINARY:-build/pg-entrypoint}
[[ $binary == /* ]] || binary=$root/$binary
if [ -n "${PG_VERSION-}" ]; then
	export PG_OF_VERSION
	pg=${PG_OF_VERSION:=$("$root/tests/servers/make" "$PG_VERSION")}
else
	majors=(/usr/lib/postgresql/*/bin)
	majors=("${majors[@]#/usr/lib/postgresql/}")
	majors=("${majors[@]%/bin}")
	oldest=${majors[0]}
	for major in "${majors[@]}"; do
		((major >= oldest)) || oldest=$major
	done
	pg=/usr/lib/postgresql/$oldest/bin
fi

server_major=${pg%/*}
server_major=${server_major##*/}
# So that psql has no settings but ours.
for name in "${!PG@}"; do
	[[ $name == PG_* ]] || unset "$name"
done
export LC_ALL=C.UTF-8

# A sanitizer or valgrind makes everything slower: limits of time are multiplied by this.
patience=${PATIENCE:-1}

# ---- assertions --------------------------------------------------------------------------------------------------------

fail() {
	printf '%s\n--- exit %s, out\n%s\n--- log\n%s\n' "$*" "${status-}" "${output-}" "${stderr-}"
	[ -z "${job-}" ] || printf -- '--- log so far of what still runs\n%s\n' "$(<err)"
	return 1
}

# expect STATUS [TEXT...]: how the last boot ended, and what its log has.
expect() {
	[ "$status" -eq "$1" ] || fail "exit $status, not $1"
	shift
	logged "$@"
}

logged() {
	local text
	for text; do
		[[ $stderr == *"$text"* ]] || fail "not in the log: $text"
	done
}

not_logged() {
	local text
	for text; do
		[[ $stderr != *"$text"* ]] || fail "in the log: $text"
	done
}

# equal GOT WANTED [WHAT]
equal() {
	[ "$1" = "$2" ] || fail "${3:-value}: got '$1', not '$2'"
}

# The application was started by the last boot, once.
started() {
	equal "$output" "${1-APP}" 'output of the application'
}

# eventually SECONDS COMMAND [ARG...]: it succeeds before they have passed.
eventually() {
	local deadline=$((SECONDS + $1 * patience + 1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || fail "not in time: $*"
		sleep 0.05
	done
}

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

# some FROM WORD...: every STEP-th of them, from the FROM-th on; all where STEP is not set.
some() {
	local i words=("${@:2}")
	for ((i = STEP ? $1 - 1 : 0; i < ${#words[@]}; i += STEP ? STEP : 1)); do
		printf '%s\n' "${words[i]}"
	done
}

# ---- servers -----------------------------------------------------------------------------------------------------------

# since MAJOR: the server is of that version or newer.
since() {
	((server_major >= $1))
}

free_port() {
	local port
	while :; do
		port=$((15000 + RANDOM % 15000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# The programs of a server that the machine has not become postgres by themselves.
as_postgres() {
	case $1 in
	"$root"/build/servers/*) (cd / && AS=postgres "$@") ;;
	*) (cd / && runuser -u postgres -- "$@") ;;
	esac
}

# A folder that postgres may enter, in $REPLY.
server_folder() {
	REPLY=$(mktemp -d "${TMPDIR:-/tmp}/pg-entrypoint.XXXXXX")
	chmod 755 "$REPLY"
	chown postgres "$REPLY"
}

# server_create [NAME=VALUE...]: a cluster with these settings in $server, not started. Over the socket everyone is who
# they say they are; over TCP the password counts.
server_create() {
	local setting pattern=${CLUSTERS:-$BATS_RUN_TMPDIR}/$server_major
	server_folder
	export server=$REPLY port
	port=$(free_port)
	{
		flock 9
		if [ ! -d "$pattern" ]; then
			as_postgres "$pg/initdb" -D "$server/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >"$server/initdb.log"
			cp -a "$server/data" "$pattern"
		fi
	} 9>"$pattern.lock"
	[ -d "$server/data" ] || cp -a "$pattern" "$server/data"
	printf '%s\n' 'local all all trust' 'host all all 127.0.0.1/32 scram-sha-256' \
		'local replication all trust' >"$server/data/pg_hba.conf"
	{
		printf '%s\n' "port = $port" "listen_addresses = '127.0.0.1'" "unix_socket_directories = '$server'" \
			'fsync = off' 'autovacuum = off' 'shared_buffers = 16MB' 'max_connections = 200' 'log_statement = all' \
			"log_line_prefix = '%m %p %d '" 'lc_messages = C' 'jit = off' 'max_prepared_transactions = 5' \
			'password_encryption = scram-sha-256'
		for setting; do
			printf "%s = '%s'\n" "${setting%%=*}" "${setting#*=}"
		done
	} >>"$server/data/postgresql.conf"
	: >"$server/log"
	chown postgres "$server/log"
}

# server_run [ARG...]: starts the cluster and waits until it answers; further arguments go to pg_ctl.
server_run() {
	as_postgres "$pg/pg_ctl" -D "$server/data" -l "$server/log" -s -w -t 60 "$@" start 3>&-
}

server_halt() {
	as_postgres "$pg/pg_ctl" -D "$server/data" -s -m "${1:-immediate}" -t 60 stop 3>&-
}

# The whole beginning of a file: a server with the owner role of the sample.
server_start() {
	server_create "$@"
	server_run
	sql -d postgres "create role nexus_user login createrole password 'secret'"
}

server_stop() {
	sessions_end '*'
	[ ! -e "$server/data/postmaster.pid" ] || server_halt
	rm -rf "$server"
}

psql_options=(-XAtq -v ON_ERROR_STOP=1 -U postgres -f -)
quiet='-c client_min_messages=warning'

# sql [-d DATABASE] STATEMENT...: as superuser, in the database of the test, over the socket. By a psql that stays, since a session
# costs more than what it is asked here; it is as new for each call. Not for two at once: see sql_apart, which does it where
# nobody else may be in the database (is_apart=yes).
sql() {
	local name=${database:-postgres} statements session line is_whole try
	if [ -n "${is_apart-}" ]; then
		sql_apart "$@"
		return
	fi
	if [[ ${1-} == -d ]]; then
		name=$2
		shift 2
	fi
	session=$server/session.$name
	printf -v statements '%s;\n' 'discard all' "$@"
	for try in 1 2; do
		session_alive || session_start
		exec {answers}<"$session.answers"
		printf '%s\\echo \001\n' "$statements" 1<>"$session.questions" # we read it too, so its end is no SIGPIPE
		is_whole=
		while read -r line <&"$answers"; do
			[ "$line" != $'\001' ] || is_whole=yes
			[ -z "$is_whole" ] || break
			printf '%s\n' "$line"
		done
		exec {answers}<&-
		[ -z "$is_whole" ] || return 0
		rm "$session.pid"
		# It was ended since it was asked last: another one.
		[[ $(<"$session.errors") == *'server closed the connection'* ]] || break
	done
	cat "$session.errors" >&2
	return 3
}

# (Its number alone may be another's by now.)
session_alive() {
	local words=()
	[ -e "$session.pid" ] && mapfile -d '' -t words 2>/dev/null <"/proc/$(<"$session.pid")/cmdline" &&
		[[ " ${words[*]} " == *" $server "*" -d ${session##*/session.} "* ]]
}

session_start() {
	[ -p "$session.answers" ] || mkfifo "$session.questions" "$session.answers"
	PGOPTIONS=$quiet exec "$pg/psql" "${psql_options[@]}" -h "$server" -p "$port" -d "$name" \
		<>"$session.questions" 1<>"$session.answers" 2>"$session.errors" 3>&- 4>&- &
	echo $! >"$session.pid"
}

# sessions_end [PATTERN]: those in databases of such a name, or in all but postgres.
sessions_end() {
	local session
	for session in "$server"/session.${1-[!p]*}.pid; do
		session=${session%.pid}
		! session_alive || printf '\\q\n' 1<>"$session.questions"
	done
}

# sql_apart [OPTION...] STATEMENT...: the same in a session of its own, which may do what it likes, and stay.
sql_apart() {
	local statements options=()
	while [[ ${1-} == -* ]]; do
		options+=("$1" "$2")
		shift 2
	done
	printf -v statements '%s;\n' "$@"
	PGOPTIONS=$quiet "$pg/psql" "${psql_options[@]}" -h "$server" -p "$port" -d "${database:-postgres}" "${options[@]}" <<<"$statements"
}

# A new database for this test, in $database; $url reaches it over the socket, $tcp_url with a password.
database_new() {
	database=${1:-t$BATS_TEST_NUMBER}
	local fast=
	! since 15 || fast=' strategy file_copy'
	sql -d postgres "drop database if exists $database with (force)" "create database $database owner nexus_user$fast"
	url="postgresql://nexus_user@/$database?host=$server&port=$port"
	tcp_url="postgresql://nexus_user:secret@127.0.0.1:$port/$database"
}

# What the server logged since log_mark.
log_mark() {
	log_from=$(($(wc -c <"$server/log") + 1))
}

log_since() {
	tail -c "+$log_from" "$server/log"
}

# pgbouncer_start [NAME=VALUE...]: in transaction mode before the server, on the socket directory $pooler, same port.
# Ended by pgbouncer_stop; one that a test has started (own_pooler=yes) by its teardown.
pgbouncer_start() {
	local setting listen=$port
	server_folder
	export pooler=$REPLY
	printf '"nexus_user" "secret"\n' >"$pooler/users"
	{
		printf '%s\n' '[databases]' "* = host=$server port=$port" '[pgbouncer]' 'listen_addr =' \
			"listen_port = $port" "unix_socket_dir = $pooler" 'auth_type = trust' \
			"auth_file = $pooler/users" "logfile = $pooler/log" "pidfile = $pooler/pid" \
			'pool_mode = transaction' 'max_client_conn = 500'
		for setting; do
			printf '%s = %s\n' "${setting%%=*}" "${setting#*=}"
			[[ $setting != listen_port=* ]] || listen=${setting#*=}
		done
	} >"$pooler/pgbouncer.ini"
	chown postgres "$pooler"/*
	as_postgres pgbouncer -q -d "$pooler/pgbouncer.ini" 3>&-
	eventually 5 test -S "$pooler/.s.PGSQL.$listen"
}

pgbouncer_stop() {
	[ ! -e "$pooler/pid" ] || kill "$(cat "$pooler/pid")"
	rm -rf "$pooler"
}

# ---- the binary under test ---------------------------------------------------------------------------------------------

# put NAME [LINE...]: writes a file with these lines, or else with standard input.
put() {
	[[ $1 != */* ]] || [ -d "${1%/*}" ] || mkdir -p "${1%/*}"
	if [ $# -gt 1 ]; then
		printf '%s\n' "${@:2}" >"$1"
	else
		cat >"$1"
	fi
}

# What the binary needs to run at all, as words for env. Findings of AddressSanitizer go to files (see teardown); those of
# UBSan and valgrind, show in the exit code (see watched).
setting_up() {
	sanitizer=$BATS_RUN_TMPDIR/sanitizer
	[ -d "$sanitizer" ] || mkdir -m 1777 "$sanitizer"
	base=(PATH="$PATH" LC_ALL=C.UTF-8)
	if [ -n "${SANITIZED-}" ]; then
		base+=("ASAN_OPTIONS=log_path=$sanitizer/asan:exitcode=99:abort_on_error=0:detect_leaks=${LEAKS:-1}:handle_abort=1"
			"UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=99")
	fi
}

# The first line of a test that needs the pg_dump or pg_restore within, which are run as /proc/self/exe.
runs_itself() {
	[ -z "${WRAPPED-}" ] || skip 'under valgrind that is valgrind itself'
}

# Sets $command to what runs the binary: [NAME=VALUE...] become its environment (also in $environment, as words for env),
# the rest its arguments. DATABASE_URL is $url unless that is empty; the folders migrations, seeds, initdb.d and checks
# here are used where they exist.
command_of() {
	local folder name
	setting_up
	environment=(env -i "${base[@]}")
	[ -z "${url-}" ] || environment+=("DATABASE_URL=$url")
	for folder in migrations seeds initdb.d checks; do
		name=${folder%.d}
		[ ! -e "$folder" ] || environment+=("ENTRYPOINT_${name^^}_DIR=$PWD/$folder")
	done
	while [[ ${1-} =~ ^[A-Za-z_0-9]+= ]]; do
		environment+=("$1")
		shift
	done
	command=("${environment[@]}" "$binary" "$@")
}

watched() {
	((status != 99)) || fail 'a finding of a sanitizer or of valgrind'
}

# captured COMMAND...: sets $status, $output (standard output) and $stderr.
captured() {
	status=0
	timeout -k 5 $((60 * patience)) "$@" >out 2>err || status=$?
	output=$(<out)
	stderr=$(<err)
	watched
}

# pge [NAME=VALUE...] [ARG...]: runs it to its end.
pge() {
	command_of "$@"
	captured "${command[@]}"
}

# boot [NAME=VALUE...] [OPTION...]: the application is one line, APP.
boot() {
	pge "$@" -- echo APP
}

# boots [NAME=VALUE...] [OPTION...]: and that works.
boots() {
	boot "$@"
	expect 0
	started
}

# round_trips [NAME=VALUE...] [OPTION...]: how many a boot takes after its login: questions with an answer before them. Start
# (its first byte is 0), password (p) and end (X) of the session are none.
round_trips() {
	LEAKS=0 command_of "$@" -- echo APP
	strace -qq -e trace=sendto,recvfrom -s 8 -o trace "${command[@]}" >out 2>err
	awk '/^recvfrom/ && !/EAGAIN/ { answered = 1 }
		/^sendto\([0-9]+, "[^Xp\\]/ { if (answered) rounds++; answered = 0 }
		END { print rounds + 0 }' trace
}

# begin [NAME=VALUE...] [ARG...]: starts it in the background as process 1 of a pid namespace; $pid is its pid.
begin() {
	command_of "$@"
	unshare --pid --fork --mount-proc --kill-child "${command[@]}" >out 2>err 3>&- &
	job=$!
	pid=
	eventually 5 begun
}

# stalled NAME: a pipe of that name that is full, and nobody reads. It is one as long as descriptor 8 of this shell is open.
stalled() {
	mkfifo "$1"
	exec 8<>"$1"
	python3 -c 'import os, sys
pipe = os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK)
try:
	while True:
		os.write(pipe, bytes(4096))
except BlockingIOError:
	pass' "$1"
}

# It runs (then $pid is known), or has ended already.
begun() {
	[ -e "/proc/$job" ] || return 0
	read -r pid _ 2>/dev/null <"/proc/$job/task/$job/children" || true # it has no newline
	[ -n "$pid" ]
}

# Waits for the end of what `begin` started.
end() {
	status=0
	wait "$job" || status=$?
	job=
	output=$(<out)
	stderr=$(<err)
	watched
}

# Process $pid does, or has ended.
catches_term() {
	local key value caught=0
	while read -r key value; do
		[[ $key != Sig@(Blk|Cgt): ]] || ((caught |= 0x$value >> 14 & 1, 1))
	done 2>/dev/null <"/proc/$pid/status" || return 0
	((caught))
}

# stops SIGNAL STATUS: the signal ends it with that status within a second; ten where other files run beside this one
# (CROWDED). Process 1 gets no signal before it catches it: first it is env, and a sanitizer starts slowly.
stops() {
	local from took
	eventually 5 catches_term
	from=$(now_ms)
	kill -s "$1" "$pid"
	end
	took=$(($(now_ms) - from))
	expect "$2"
	((took < (${CROWDED:+9000} + 1000) * patience)) || fail "$took ms from SIG$1 to the end"
}

log_has() {
	grep -qF -- "$1" err
}

# A statement that has this in it runs in the database at the moment.
running() {
	[ "$(sql -d postgres "select count(*) from pg_stat_activity
		where state = 'active' and pid <> pg_backend_pid() and datname = '$database' and query like '%$1%'")" != 0 ]
}

not_running() {
	! running "$1"
}

# hold STATEMENT...: another session runs these in a transaction and keeps it open, until `release`.
hold() {
	sql_apart begin "$@" "select 'held', pg_sleep(60)" >/dev/null 2>&1 3>&- &
	holder=$!
	eventually 5 running held
}

release() {
	sql -d postgres "select pg_terminate_backend(pid) from pg_stat_activity
		where datname = '$database' and query like '%held%'" >/dev/null
	wait "$holder" || true
	eventually 5 not_running held # else the next `hold` takes it for its own
}

# ---- state -------------------------------------------------------------------------------------------------------------

# Catalog and data of the database, comparable: without times, generated numbers and what points to them.
db_state() {
	env -i "$pg/pg_dump" --schema-only -h "$server" -p "$port" -U postgres "${1:-$database}" |
		grep -vE '^(--|$|\\(un)?restrict)'
	sql -d "${1:-$database}" "
		with generated as (
			select a.attrelid, a.attnum
			from pg_attribute a
			left join pg_attrdef d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
			left join pg_inherits i on i.inhrelid = a.attrelid
			left join pg_attribute whole on (whole.attrelid, whole.attname) = (i.inhparent, a.attname)
			where a.attidentity <> '' or whole.attidentity <> '' -- of a partition only since 17
				or pg_get_expr(d.adbin, d.adrelid) ~ 'nextval|gen_random_uuid|uuid_generate'
		), left_out as (
			select attrelid, attnum from generated
			union
			select k.conrelid, k.conkey[i]
			from pg_constraint k, generate_subscripts(k.conkey, 1) i
			join generated g on true
			where k.contype = 'f' and (g.attrelid, g.attnum) = (k.confrelid, k.confkey[i])
			union
			select attrelid, attnum from pg_attribute
			where atttypid in ('timestamptz'::regtype, 'timestamp'::regtype, 'interval'::regtype, 'json'::regtype,
				'jsonb'::regtype, 'xid8'::regtype)
				or attname = any ('{${left_out-}}')
		)
		select c.oid::regclass || ' ' || (xpath('/row/v/text()', query_to_xml(format(
			'select count(*) || '' '' || coalesce(md5(string_agg(r, chr(10) order by r)), ''-'') as v
			from (select (to_jsonb(a_row) - %L::text[])::text as r from only %s a_row) x',
			(select coalesce(array_agg(attname::text), '{}') from pg_attribute a
				where a.attrelid = c.oid and (a.attrelid, a.attnum) in (select * from left_out)),
			c.oid::regclass), false, true, '')))[1]
		from pg_class c
		where c.relkind = 'r' and c.relnamespace <> 'pg_catalog'::regnamespace
			and c.relnamespace <> 'information_schema'::regnamespace
			and c.oid::regclass::text !~ '^entrypoint[.](journal|migration)'
		order by 1"
	sql -d "${1:-$database}" "select version, name, checksum, finished_at is not null
		from entrypoint.migration order by version, name"
}

# The id that the next transaction will get: the same before and after means that nothing was written.
next_xid() {
	sql 'select pg_snapshot_xmax(pg_current_snapshot())'
}

no_advisory_lock() {
	[ "$(sql "select count(*) from pg_locks where locktype = 'advisory'
		and database = (select oid from pg_database where datname = current_database())")" = 0 ]
}

# ---- every test --------------------------------------------------------------------------------------------------------

# Files that have no server leave $server empty.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	[ -z "${server-}" ] || database_new
}

teardown() {
	local report found=0
	[ -z "${job-}" ] || kill -s KILL "$job" 2>/dev/null || true
	[ -z "${own_pooler-}" ] || pgbouncer_stop
	[ -z "${server-}" ] || sessions_end
	for report in "${sanitizer:-/nonexistent}"/*; do
		[ -e "$report" ] || continue
		head -n 60 "$report"
		rm "$report"
		found=1
	done
	return "$found"
}
