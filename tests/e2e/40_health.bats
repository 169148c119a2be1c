# The phase of a boot, `health`, and the line at the end of a start.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# health [NAME=VALUE...] [WORD...]
health() {
	pge ENTRYPOINT_PHASE_FILE="$PWD/phase" "$@"
}

tables() {
	put migrations/0001_t.sql 'create table t (name text);'
	put migrations/0002_u.sql 'create table u (name text);'
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = name' '[a]' '[b]'
}

# serve STATUS [INTERIM...]: a page that answers so, behind interim answers with these statuses, once a request, on $page;
# ended by `teardown` as $job. STATUS `odd`: 60 bytes that are no line, and then nothing.
serve() {
	rm -f served
	/usr/bin/python3 -c '
import http.server, sys, time
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if sys.argv[1] == "odd":
            self.wfile.write(b"x" * 60)
            time.sleep(60)
        for interim in sys.argv[2:]:
            self.send_response_only(int(interim))
            self.send_header("Link", "</page>; rel=preload; as=document")
            self.end_headers()
        self.send_response(int(sys.argv[1]) if self.path == "/health?a=1" else 404)
        self.end_headers()
        for _ in range(2): # whoever goes before the end makes this fail
            time.sleep(0.1)
            self.wfile.write(b"page\n")
        print("written", flush=True)
    def log_message(self, *words):
        print(self.requestline, self.headers["Host"], flush=True)
server = http.server.HTTPServer(("127.0.0.1", 0), Page)
open("served", "w").write(str(server.server_port))
server.serve_forever()' "$@" >requests 2>&1 3>&- &
	job=$!
	eventually 5 test -s served
	page=127.0.0.1:$(<served)
}

@test 'a start tells its phases, and health reads them' {
	tables
	put migrations/0003_slow.sql 'select pg_sleep(60);'
	begin ENTRYPOINT_PHASE_FILE="$PWD/phase" ENTRYPOINT_MIGRATIONS_TRANSACTION=file -- sleep 60
	eventually 5 grep -qx 'migrating [0-9]* 3 of 3: 0003_slow.sql' phase
	health health
	expect 1
	[[ $output == 'unhealthy: phase migrating 3 of 3: 0003_slow.sql ('*s')' ]] || fail 'other words'
	sql -d postgres "select pg_cancel_backend(pid) from pg_stat_activity where datname = '$database' and query like '%pg_sleep%'
		and pid <> pg_backend_pid()" >/dev/null
	put migrations/0003_slow.sql 'select 1;'
	end
	expect 65
	equal "$(sed -E 's/ [0-9]+ / - /' phase)" 'failed - exit 65'
	begin ENTRYPOINT_PHASE_FILE="$PWD/phase" -- sleep 60
	eventually 5 grep -q ^running phase
	health health
	expect 0
	[[ $output =~ ^healthy:\ phase\ running\ \([0-9]+\ s\),\ database\ answers\ in\ [0-9]+\ ms$ ]] || fail 'other words'
	kill -s KILL "$pid" # as process 1 it takes no TERM
	end
}

@test 'every reader sees a whole line, whatever is written meanwhile' {
	local i
	for i in {10..40}; do
		put "migrations/00${i}_t.sql" 'select 1;'
	done
	begin ENTRYPOINT_PHASE_FILE="$PWD/phase" ENTRYPOINT_MIGRATIONS_TRANSACTION=file -- sleep 60
	eventually 5 test -e phase
	while kill -0 "$pid" 2>/dev/null && ! grep -q ^running seen 2>/dev/null; do
		cat phase >>seen
	done
	! grep -vE '^(waiting|migrating|checking|running) [0-9]{10} [^ ]*.*$' seen || fail 'half a line'
	equal "$(find . -name 'phase*' | wc -l)" 1 'files'
	kill -s KILL "$pid" # as process 1 it takes no TERM
	end
}

@test 'a phase file that cannot be written: a line, and the start goes on' {
	tables
	boots ENTRYPOINT_PHASE_FILE=/proc/none/phase
	logged 'phase_file: /proc/none/phase: No such file or directory'
	equal "$(grep -c phase_file err)" 1 lines
	# What is not known does not count, unless it is asked for.
	pge ENTRYPOINT_PHASE_FILE=/proc/none/phase health
	expect 0
	[[ $output == *'phase unknown: '* ]] || fail 'not told'
	pge ENTRYPOINT_PHASE_FILE=/proc/none/phase health phase
	expect 1
}

@test 'a phase of a time that is still to come is 0 s old: the clock was set back' {
	local since
	for since in $(($(date +%s) + 3600)) 9223372036854775807 -9223372036854775808; do
		put phase "running $since "
		health health phase
		expect 0
		equal "$output" 'healthy: phase running (0 s)'
	done
	put phase 'running 9223372036854775808 '
	health health phase
	expect 1
	[[ $output == *'holds no phase of a boot' ]] || fail 'other words'
}

@test 'a phase file that is a device or a link stays one' {
	mknod -m 666 null c 1 3
	ln -s "$PWD/elsewhere" link
	for file in null link; do
		boots ENTRYPOINT_PHASE_FILE="$PWD/$file"
		logged "phase_file: $PWD/$file: that is no file of ours"
	done
	[ -c null ] && [ -L link ] && [ ! -e elsewhere ] || fail 'another file'
}

@test 'a phase that cannot be replaced is unknown from then on' {
	mkdir small
	tables
	put migrations/0003_slow.sql 'select pg_sleep(3);'
	command_of ENTRYPOINT_PHASE_FILE="$PWD/small/phase" -- ls small
	captured unshare --mount sh -c 'mount -t tmpfs -o size=8k none small
		{ for i in $(seq 100); do grep -q migrating small/phase && break; sleep 0.05; done; cat /dev/zero >small/full; } 2>/dev/null &
		exec "$@"' sh "${command[@]}"
	expect 0 "phase_file: $PWD/small/phase: No space left on device"
	equal "$output" full 'files'
}

@test 'a start by hand beside the application leaves the phase of the application' {
	tables
	begin ENTRYPOINT_PHASE_FILE="$PWD/phase" -- sleep 60
	eventually 10 grep -q '^running' phase
	pge ENTRYPOINT_PHASE_FILE="$PWD/phase" boot
	expect 0
	health health phase
	expect 0
	pge ENTRYPOINT_PHASE_FILE="$PWD/phase" --min-version=9999 boot
	equal "$status" 65
	health health phase
	expect 0
	kill -s KILL "$pid" # as process 1 it does not hear TERM
	end
}

@test 'a start by hand that has begun before the application was started leaves its phase, too' {
	local by_hand code wanted=0 option
	for option in --log=text --min-version=9999; do
		rm -f phase app hand
		begin ENTRYPOINT_PHASE_FILE="$PWD/phase" ENTRYPOINT_WAIT_FOR="file:$PWD/app" -- sleep 60
		eventually 10 grep -q '^waiting' phase
		command_of ENTRYPOINT_PHASE_FILE="$PWD/phase" ENTRYPOINT_WAIT_FOR="file:$PWD/hand" "$option" boot
		timeout $((60 * patience)) "${command[@]}" >by_hand 2>&1 3>&- &
		by_hand=$!
		eventually 10 grep -q 'from DATABASE_URL' by_hand
		touch app
		eventually 10 grep -q '^running' phase
		touch hand
		code=0
		wait "$by_hand" || code=$?
		equal "$code" "$wanted" 'the start by hand'
		health health phase
		expect 0
		kill -s KILL "$pid" # as process 1 it does not hear TERM
		end
		wanted=65
	done
}

@test 'a read-only root without a tmpfs: works, one line' {
	tables
	command_of -- echo APP
	captured unshare --mount sh -ec 'mount -t tmpfs none /run; mount -o remount,ro /run; exec "$@"' sh "${command[@]}"
	expect 0 'phase_file: /run/pg-entrypoint: Read-only file system'
	started
	equal "$(grep -c phase_file err)" 1 lines
}

@test 'the database: by the connection of the application' {
	health health database
	expect 0
	[[ $output == 'healthy: database answers in '*' ms' ]] || fail 'other words'
	health ENTRYPOINT_ADMIN_URL=postgresql://u@127.0.0.1:1/x health database
	expect 0
	url=postgresql://u@127.0.0.1:1/x
	health ENTRYPOINT_ADMIN_URL="postgresql://nexus_user@/$database?host=$server&port=$port" health database
	expect 1
	[[ $output == *'Connection refused' ]] || fail 'no reason'
	url="postgresql://nexus_user:wrong@127.0.0.1:$port/$database"
	health health database
	expect 1
	[[ $output == *'password authentication failed'* && $output != *wrong* ]] || fail 'no reason, or the password'
	[ -z "$stderr" ] || fail 'more than one line'
	url=
	health health database
	expect 78 'nothing says where the database is'
	health ENTRYPOINT_ADMIN_URL="postgresql://nexus_user@/$database?host=$server&port=$port" health database
	expect 0
}

@test 'a server that does not answer: within health_timeout' {
	local from
	as_postgres "$pg/pg_ctl" -D "$server/data" -s status >/dev/null
	kill -s STOP "$(head -n 1 "$server/data/postmaster.pid")"
	from=$(now_ms)
	health health database --health-timeout=300ms
	kill -s CONT "$(head -n 1 "$server/data/postmaster.pid")"
	expect 1
	(($(now_ms) - from < 5000 * patience)) || fail 'waited for longer'
}

@test 'pages and ports, and what they answer' {
	local line
	serve 200
	health health database --http="http://$page/health?a=1" --tcp="$page"
	expect 0
	[[ $output == *", http http://$page/health?a=1 200 in "*", tcp $page accepts in "* ]] || fail 'other words'
	eventually 5 grep -qx "GET /health?a=1 HTTP/1.1 $page" requests
	eventually 5 grep -qx written requests
	# And as README quotes it, but for numbers.
	tables
	boots ENTRYPOINT_PHASE_FILE="$PWD/phase"
	health health --http="http://$page/health?a=1"
	line=$(grep '^healthy: ' "$root/README.md")
	line=${line/:8000\/health/$page\/health?a=1}
	grep -qx -- "${line//…/[0-9]*}" out || fail "README has $line"
	health health database --http="http://localhost:${page#*:}/none"
	expect 1
	[[ $output == *' 404' ]] || fail 'the status is not told'
	health health database --tcp=127.0.0.1:1
	expect 1
	[[ $output == *'Connection refused' ]] || fail 'no reason'
	health health database --http="http://127.0.0.1:$port/"
	expect 1
	[[ $output == *'does not answer as HTTP does' || $output == *'reset by peer' ]] || fail 'no reason'
}

@test 'the status of a page is that of its answer, not of the interim ones before it' {
	serve 200 100 103
	health health database --http="http://$page/health?a=1"
	expect 0
	[[ $output == *"/health?a=1 200 in "* ]] || fail 'another status'
	health health database --http="http://$page/none"
	expect 1
	[[ $output == *' 404' ]] || fail 'another status'
	kill -s KILL "$job"
	serve 200 101 # behind that one there is no HTTP any more
	health health database --http="http://$page/health?a=1"
	expect 1
	[[ $output == *' 101' ]] || fail 'another status'
	kill -s KILL "$job"
	serve 103 # and behind this one nothing that is HTTP
	health health database --http="http://$page/health?a=1"
	expect 1
	[[ $output == *'does not answer as HTTP does' ]] || fail 'another reason'
	kill -s KILL "$job"
	serve odd # it is seen at once that it is none
	health health database --http="http://$page/health?a=1"
	expect 1
	[[ $output == *'does not answer as HTTP does' ]] || fail 'another reason'
}

@test 'an answer as JSON' {
	health health database --tcp=127.0.0.1:1 --json
	expect 1
	equal "$(jq -c '[.healthy, (.checks[] | .name, .healthy)]' <<<"$output")" '[false,"database",true,"tcp",false]'
}

@test 'wrong usage is 64, and asks nobody' {
	local words
	for words in nothing '--http=https://x/' '--http=x' '--tcp=x' '--tcp' '--http=http://a@b/'; do
		health health database "$words"
		expect 64
		[ -z "$output" ] || fail "an answer to $words"
	done
	boot --http=http://x/
	expect 64
}

@test 'unhealthy while something else is waited for' {
	begin ENTRYPOINT_PHASE_FILE="$PWD/phase" ENTRYPOINT_WAIT_FOR=tcp://127.0.0.1:1 -- sleep 60
	eventually 5 grep -q ^waiting phase
	health health
	expect 1
	[[ $output == 'unhealthy: phase waiting'* ]] || fail 'other words'
	kill -s TERM "$pid"
	end
	expect 143
}

@test 'expect_schema: unhealthy until another container has migrated' {
	tables
	begin ENTRYPOINT_PHASE_FILE="$PWD/phase" ENTRYPOINT_EXPECT_SCHEMA=yes -- sleep 60
	eventually 5 grep -q schema phase
	health health
	expect 1
	[[ $output == 'unhealthy: phase waiting for the schema: 2 migrations ('* ]] || fail 'other words'
	boots
	eventually 5 grep -q ^running phase
	health health
	expect 0
	kill -s KILL "$pid" # as process 1 it takes no TERM
	end
}

@test 'the line at the end of a start says what it did' {
	tables
	boots
	[[ $stderr =~ pg-entrypoint:\ ready\ in\ [0-9]+\ ms:.*\ migrate\ 2\ applied\ [0-9]+\ ms,\ seed\ 2\ rows\ [0-9]+\ ms ]] ||
		fail 'other words'
	boots
	[[ $stderr == *'pg-entrypoint: ready in '* && $stderr != *applied* && $stderr != *rows* ]] || fail 'other words'
	boots --log=json
	grep ready err | jq -e '.duration_ms >= 0 and .steps[0].step == "wait" and .steps[0].duration_ms >= 0' >/dev/null ||
		fail 'no such record'
	boot --skip=all
	not_logged ready
	pge migrate
	expect 0
	not_logged ready
}
