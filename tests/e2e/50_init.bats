# Init mode, and the binary under the names tini and dumb-init. Where it says `both`, the real ones are held to the same,
# if they are installed, so that we test what they do and not what we think that they do.

load lib

setup_file() {
	export names=$BATS_FILE_TMPDIR/names
	export probe=$names/probe
	mkdir "$names"
	gcc -O -Wall -Wextra -o "$probe" "$BATS_TEST_DIRNAME/probe.c"
	ln -s "$binary" "$names/tini"
	ln -s "$binary" "$names/dumb-init"
	ln -s "$binary" "$names/docker-init"
}

url=

# init [NAME=VALUE...] [OPTION...] -- PROGRAM...: in init mode, without a database.
init() {
	pge ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=yes "$@"
}

# begin_init [NAME=VALUE...] [OPTION...] -- PROGRAM...: the same in the background, as process 1; $pid is its pid.
begin_init() {
	begin ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=yes "$@"
	eventually 5 has_child
}

# ends_by SIGNAL STATUS: as `stops`, but it may take its time.
ends_by() {
	kill -s "$1" "$pid"
	end
	expect "$2"
}

has_child() {
	read -r child _ 2>/dev/null <"/proc/$pid/task/$pid/children" || true # it has no newline
	[ -n "$child" ]
}

# as COMMAND...: runs it with nothing in its environment but what $variables says.
as() {
	setting_up
	captured env -i "${base[@]}" "${variables[@]}" "$@"
}

# both NAME FUNCTION [ARG...]: with our own and, if it is there, with the real init of that name, as $one.
both() {
	local real
	one=$names/$1
	"${@:2}"
	real=$(PATH=/usr/bin:/usr/local/bin type -P "$1") || return 0
	one=$real
	"${@:2}" || fail "so does the real $real"
}

variables=()

# ---- init mode ---------------------------------------------------------------------------------------------------------

@test 'the application is our child, and gets what the container was started with' {
	command_of ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=yes -- "$probe" show 'a b' '' '--help' '-- --'
	printf 'one\ntwo\n' | "$probe" odd "${command[@]}" >through 2>err || fail "exit $?: $(<err)"
	printf 'one\ntwo\n' | "$probe" odd "${environment[@]}" "$probe" show 'a b' '' '--help' '-- --' >directly
	sed -i '/^pid /d; /^variable ENTRYPOINT_/d' through directly
	diff directly through
}

@test 'each of the signals from 1 to 64 that can be caught reaches the application, in init mode and without' {
	local mode wanted
	wanted=$({ seq 1 64 | grep -vxE '9|15|17|18|19'; echo 18; echo 15; } | sort -n)
	for mode in yes no; do
		begin ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=$mode -- "$probe" signals
		eventually 5 grep -q ready out
		"$probe" send "$pid"
		eventually 5 arrived 59
		# Each stop signal takes a CONT away that is not delivered yet.
		kill -s CONT "$pid"
		eventually 5 arrived 60
		kill -s TERM "$pid"
		end
		expect 0
		equal "$(sed 1d out | sort -n)" "$wanted" "signals with init = $mode"
	done
}

# One line is the word ready.
arrived() {
	[ "$(wc -l <out)" -gt "$1" ]
}

# unheard COMMAND...: what it says has no reader any more when signals come. The program, `probe signals`, writes to a file.
unheard() {
	rm -f said heard
	mkfifo said
	exec 8<>said
	setting_up
	env -i "${base[@]}" "$@" sh -c 'exec "$0" signals >heard' "$probe" >said 2>said 3>&- 8>&- &
	job=$!
	pid=$job
	eventually 5 grep -qsx ready heard
	exec 8>&-
	kill -s USR1 "$pid"
	eventually 5 grep -qx 10 heard
	kill -s PIPE "$pid" # by somebody: that one is for the application
	eventually 5 grep -qx 13 heard
	kill -s TERM "$pid"
	eventually 5 not_running_any_more "$pid"
	status=0
	wait "$job" || status=$?
	job=
	equal "$status" 0
	equal "$(sed 1d heard | xargs)" '10 13 15' 'signals'
}

@test 'nobody reads any more what is said of each signal: that is no signal for the application, and its end is seen' {
	unheard ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=yes ENTRYPOINT_LOG_LEVEL=debug "$binary" --
	unheard "$names/tini" -s -vvv --
	unheard "$names/dumb-init" -v
}

@test 'a signal that came before the application runs is passed on to it' {
	local try
	for try in 1 2 3 4 5; do
		command_of ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=yes -- sleep 10
		unshare --pid --fork --mount-proc --kill-child "${command[@]}" >out 2>err 3>&- &
		job=$!
		eventually 5 begun
		eventually 5 is_ours
		eventually 5 gets_term
		sleep "0.00$try"
		ends_by TERM 143
	done
}

is_ours() {
	[ "$(readlink "/proc/$pid/exe")" = "$binary" ]
}

# Process 1 gets none before it blocks or catches it; in sigtimedwait, when the application runs, neither is to be seen.
gets_term() {
	catches_term || has_child
}

@test 'codes: of the application, 128 and the signal that ended it, mapped as exit_map says' {
	local code
	for code in 0 1 42 64 143 255; do
		init -- sh -c "exit $code"
		equal "$status" "$code"
	done
	init -- sh -c 'kill -KILL $$'
	equal "$status" 137
	init ENTRYPOINT_EXIT_MAP=3:0,4:5 -- sh -c 'exit 3'
	equal "$status" 0
	init --exit-map=3:0,4:5 -- sh -c 'exit 4'
	equal "$status" 5
	# A TERM that did not come through us is not what was asked for.
	init --exit-map=143:0 -- sh -c 'kill -TERM $$'
	equal "$status" 143
	init --exit-map=143:0 -- sh -c 'exit 143'
	equal "$status" 143
	init --exit-map=143:0 -- sh -c 'kill -TERM $PPID; sleep 10'
	equal "$status" 0
	# Java ends with the code, not by the signal.
	init --exit-map=143:0 -- sh -c 'trap "exit 143" TERM; kill -TERM $PPID; sleep 10 & wait'
	equal "$status" 0
}

@test 'exit_map and signal_map: what could never apply is refused' {
	init --exit-map=137:0 -- true
	expect 78 'exit-map' 137:0 'never'
	init --exit-map=143 -- true
	expect 78 'exit-map' 143
	init --signal-map=KILL:TERM -- true
	expect 78 'signal-map' KILL
	init --signal-map=TREM:QUIT -- true
	expect 78 'signal-map' TREM
}

@test 'signal_map passes a signal on as another, or not at all; signal_group to the whole group' {
	init --signal-map=TERM:QUIT -- sh -c 'trap "exit 5" QUIT; kill -TERM $PPID; sleep 10 & wait'
	equal "$status" 5
	init --signal-map=15:0,HUP:TERM -- sh -c 'kill -TERM $PPID; sleep 0.2; kill -HUP $PPID; sleep 10'
	equal "$status" 143
	in_group_or_not 1
	in_group_or_not 0 --signal-group
}

# in_group_or_not STATUS [OPTION...]
in_group_or_not() {
	begin_init "${@:2}" -- "$probe" group
	eventually 5 grep -q ready out
	kill -s USR1 "$pid"
	[ "$1" -eq 0 ] || kill -s USR2 "$pid"
	end
	equal "$status" "$1" "${*:2}"
}

@test 'what the application leaves behind gets TERM, then time; the code is the application'\''s' {
	local from took
	begin_init -- sh -c '(trap "sleep 0.5; echo cleaned; exit" TERM; echo ready; sleep 60 & wait) & sleep 0.5; exit 7'
	from=$(now_ms)
	end
	took=$(($(now_ms) - from))
	expect 7
	[[ $output == *cleaned* ]] || fail 'it could not clean up'
	not_logged killed
	((took < 5000 * patience)) || fail "$took ms: it was not noticed that nobody is left"
}

@test 'grandchildren behind a shell get their TERM too' {
	begin_init -- sh -c 'sh -c "(trap \"echo cleaned; exit\" TERM; sleep 60 & wait); true" & sleep 0.5; exit 7'
	end
	expect 7
	[[ $output == *cleaned* ]] || fail 'only children were signalled'
}

@test 'what is left after stop_timeout is killed and named' {
	local namespace
	for namespace in begin alone; do
		if [ "$namespace" = begin ]; then
			begin_init --stop-timeout=300ms -- sh -c '(trap "" TERM; exec sleep 61) & sleep 0.3; exit 7'
			end
		else
			init --stop-timeout=300ms -- sh -c '(trap "" TERM; exec sleep 61) & sleep 0.3; exit 7'
		fi
		expect 7 'did not end within 300ms' 'sleep ('
		! pgrep -f 'sleep 61' >/dev/null || fail 'it lives on'
	done
	init --stop-timeout=0 -- sh -c 'sleep 61 & exit 7'
	equal "$status" 7
	equal "$stderr" ''
	! pgrep -f 'sleep 61' >/dev/null || fail 'it lives on'
}

@test 'what is left is killed, and our own end comes, though nobody reads the log' {
	stalled log
	command_of --init --stop-timeout=300ms --skip=all -- sh -c '(trap "" TERM; exec sleep 61) & sleep 0.3; exit 7'
	status=0
	timeout -s KILL $((10 * patience)) "${command[@]}" >out 2>log 3>&- 8>&- || status=$?
	equal "$status" 7 'exit code'
	! pgrep -f 'sleep 61' >/dev/null || fail 'it lives on'
	exec 8>&-
}

@test 'the application itself has no deadline, and a signal during the drain reaches those who are left' {
	begin_init --stop-timeout=100ms -- sh -c 'trap "sleep 0.6; exit 3" TERM; echo ready; sleep 60 & wait'
	eventually 5 grep -q ready out
	kill -s TERM "$pid"
	end
	expect 3
	begin_init -- sh -c '(trap "" TERM; trap "echo told; exit" USR1; echo ready; sleep 60 & wait) & sleep 0.3; exit 3'
	eventually 5 grep -q ready out
	eventually 5 not_running_any_more "$child"
	kill -s USR1 "$pid"
	eventually 5 grep -q told out
	end
	expect 3
}

@test 'what is stopped when the application ends goes on, and takes its TERM' {
	init --stop-timeout=$((5 * patience))s -- sh -c 'sh -c '\''trap "echo cleared up; exit" TERM; kill -STOP $$; sleep 60 & wait'\'' &
		until grep -q "^State:.T" /proc/$!/status; do sleep 0.01; done; exit 3'
	expect 3
	started 'cleared up'
	not_logged 'is killed'
}

not_running_any_more() {
	[ ! -e "/proc/$1" ]
}

@test 'zombies are reaped, all of them, as process 1 or not' {
	begin_init -- "$probe" orphans "${ORPHANS:-10000}"
	end
	expect 0
	started 'zombies 0'
	init -- "$probe" orphans 100
	expect 0
	started 'zombies 0'
}

@test 'no wake-up while nothing happens' {
	begin_init -- sleep 60
	sleep 0.5
	switches >before
	sleep "${IDLE:-10}"
	switches >after
	diff before after || fail 'it woke up'
	ends_by TERM 143
}

# Each time that it slept, or was made to.
switches() {
	grep ctxt_switches "/proc/$pid/status"
}

@test 'what booting knew is gone: environment, arguments, descriptors, directory; and most of the memory' {
	local kilobytes
	begin_init ENTRYPOINT_ADMIN_URL=postgresql://u:s3cret@h/d OTHER=1 DATABASE_URL=postgresql://app@h/d -- sleep 60
	eventually 5 test "$(readlink "/proc/$pid/cwd")" = /
	! tr '\0' '\n' <"/proc/$pid/environ" | grep -q 'ENTRYPOINT\|s3cret' || fail 'in the environment'
	tr '\0' '\n' <"/proc/$pid/environ" | grep -qx OTHER=1 || fail 'the rest is not there'
	equal "$(tr '\0' ' ' <"/proc/$pid/cmdline")" 'pg-entrypoint: init -- sleep 60 '
	equal "$(<"/proc/$pid/comm")" pg-entrypoint
	equal "$(cd "/proc/$pid/fd" && echo *)" '0 1 2' descriptors
	! grep -q s3cret "/proc/$pid/mem" 2>/dev/null || fail 'in the memory'
	kilobytes=$(awk '/^Rss:/ { print $2 }' "/proc/$pid/smaps_rollup")
	[ -n "${SANITIZED-}${WRAPPED-}" ] || ((kilobytes < 1000)) || fail "$kilobytes KB resident"
	ends_by TERM 143
}

@test 'a program that cannot be run: 127 or 126, with the reason' {
	init -- no-such-program
	expect 127 no-such-program "$PATH"
	init -- /no/such/program
	expect 127 /no/such/program
	init -- ./
	expect 126 directory
	put text 'no program'
	init -- ./text
	expect 126 ./text 'not executable' 'chmod'
	chmod +x text
	init -- ./text
	expect 126 ./text 'neither a program nor a script'
	printf '#!/bin/sh\r\necho\r\n' >script
	chmod +x script
	init -- ./script
	expect 126 ./script 'carriage return'
	put script '#!/no/such/interpreter'
	init -- ./script
	expect 126 ./script /no/such/interpreter
	mkdir mounted
	captured unshare --mount sh -c 'mount -t tmpfs -o noexec none mounted && cp /bin/true mounted/ && exec "$@"' - \
		"${command[@]:0:${#command[@]}-1}" mounted/true
	expect 126 mounted/true noexec
	init -- ''
	expect 127 empty
	init
	expect 64 'no program'
	init boot
	expect 64 'no program'
}

@test 'commands and the user: as without init mode' {
	pge ENTRYPOINT_INIT=yes version
	expect 0
	init ENTRYPOINT_USER=nobody -- cat /proc/self/status
	expect 0
	[[ $output == *Uid:*65534*65534* ]] || fail 'not nobody'
	[[ $output == *CapEff:*0000000000000000* ]] || fail 'with capabilities'
}

@test 'the application does not outlive an init that is killed' {
	local application
	command_of ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=yes -- sleep 62
	"${command[@]}" 3>&- &
	pid=$!
	eventually 5 has_child
	application=$child
	kill -s KILL "$pid"
	wait "$pid" || true
	eventually 5 not_running_any_more "$application"
}

@test 'a terminal: the application has the foreground, and what is typed' {
	command_of ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=yes -- sh -c 'read word; ps -o tpgid= -p $$; echo "$$ $word"; exit 5'
	typed 'typed\n'
	equal "$status" 5
	equal "$(tr -d '\r ' <out | tail -n 2 | xargs)" "$(tr -d '\r ' <out | tail -n 2 | head -n 1) $(tr -d '\r ' <out | tail -n 2 | head -n 1)typed"
	command_of ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=yes -- sleep 60
	typed '\003'
	equal "$status" 130
}

# typed TEXT: runs $command on a new terminal, where this is typed.
typed() {
	status=0
	{ sleep 0.5 && printf %b "$1" && sleep 1; } | timeout 20 "$probe" terminal "${command[@]}" >out 2>err || status=$?
	stderr=$(<err)
	watched
}

@test 'a terminal: ^Z stops us with the application, for the shell, and fg brings both back' {
	setting_up
	mkfifo typed
	env -i "${base[@]}" ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=yes "$probe" terminal bash --norc -i <typed >out 2>err 3>&- &
	job=$!
	exec 7>typed
	echo "$binary -- sh -c 'echo first; sleep 2 & wait; exit 4'" >&7
	eventually 10 grep -qx $'first\r' out
	printf '\032' >&7
	eventually 10 grep -q 'Stopped' out
	printf 'fg\necho code $?\nexit 6\n' >&7
	end
	exec 7>&-
	equal "$status" 6
	[[ $output == *$'code 4\r'* ]] || fail 'it did not go on'
}

# shell_begin: an interactive one on a terminal; descriptor 7 types, `out` is what it shows. In it, `application` runs in init
# mode: it tells the pid of its init in a file, and reads a word as soon as there is a file `go`.
shell_begin() {
	rm -f typed init go
	setting_up
	mkfifo typed
	put application 'echo $PPID >told' 'mv told init' 'until [ -e go ]; do sleep 0.01; done' 'read -r word' 'echo "got $word"' 'exit 4'
	# What begins in the background of a script ignores INT.
	env -i --default-signal=INT "${base[@]}" ENTRYPOINT_SKIP=all ENTRYPOINT_INIT=yes "$probe" terminal bash --norc -i <typed >out 2>err 3>&- &
	job=$!
	exec 7>typed
	echo "$binary -- sh $PWD/application &" >&7
	eventually 10 test -e init
	pid=$(<init)
}

# shell_end: what is typed is the application's, and then the shell's again.
shell_end() {
	printf 'a word\n' >&7
	eventually 10 grep -qx $'got a word\r' out
	printf 'echo code $?\nexit 6\n' >&7
	end
	exec 7>&-
	equal "$status" 6
	[[ $output == *$'code 4\r'* ]] || fail 'another code'
}

# The group of this process is in the foreground of its terminal.
in_foreground() {
	local stat
	stat=$(<"/proc/$1/stat")
	read -r _ _ group _ _ foreground _ <<<"${stat##*) }"
	[ "$group" = "$foreground" ]
}

@test 'a terminal: one that was begun in the background gets it by fg, when it wants it' {
	shell_begin
	echo fg >&7
	eventually 10 in_foreground "$pid"
	touch go
	shell_end
}

@test 'a terminal: one that wants it in the background stops, for the shell to see, and goes on by fg' {
	shell_begin
	touch go
	eventually 10 in_state T "$pid"
	echo jobs >&7
	eventually 10 grep -q 'Stopped' out
	echo fg >&7
	shell_end
}

@test 'a terminal: when it is closed, nobody is left behind, stopped or brought back' {
	local application how
	for how in stopped brought_back; do
		shell_begin
		has_child
		application=$child
		if [ "$how" = stopped ]; then
			touch go
			eventually 10 in_state T "$pid"
		else
			echo fg >&7
			eventually 10 in_foreground "$pid"
			touch go
		fi
		kill -s KILL "$job" # the other end of it
		exec 7>&-
		eventually 10 not_running_any_more "$pid"
		not_running_any_more "$application" || fail "the application is left, $how"
		wait "$job" || true
	done
	job=
}

@test 'a terminal: what is typed behind fg is for the application, which was begun in the background' {
	shell_begin
	has_child
	echo fg >&7
	eventually 10 in_foreground "$pid"
	printf '\032' >&7
	# One that comes before the CONT of the shell's fg is thrown away by that.
	eventually 5 grep -q 'Stopped' out || printf '\032' >&7
	eventually 10 grep -q 'Stopped' out
	in_state T "$child"
	echo fg >&7
	eventually 10 in_foreground "$child"
	touch go
	shell_end
	shell_begin
	echo fg >&7
	eventually 10 in_foreground "$pid"
	printf '\003' >&7
	eventually 10 not_running_any_more "$pid"
	printf 'echo code $?\nexit 6\n' >&7
	end
	exec 7>&-
	[[ $output == *$'code 130\r'* ]] || fail 'another code'
}

@test 'TSTP and the like are passed on from a process, not from the terminal' {
	begin_init -- sleep 60
	kill -s TSTP "$pid"
	eventually 5 in_state T "$child"
	kill -s CONT "$pid"
	eventually 5 in_state S "$child"
	ends_by TERM 143
}

# in_state STATE PID
in_state() {
	[ "$(sed 's/.*) //; s/ .*//' "/proc/$2/stat")" = "$1" ]
}

# ---- tini --------------------------------------------------------------------------------------------------------------

tini_codes() {
	local code codes=(0 1 2 64 126 127 128 143 255)
	[ -n "${SANITIZED-}${WRAPPED-}" ] || [ "$one" != "$names/tini" ] || mapfile -t codes < <(seq 0 255)
	for code in "${codes[@]}"; do
		"$one" -s -e "$code" -- sh -c "exit $code" || fail "$? for $code with -e $code"
		status=0
		"$one" -s -e $(((code + 1) % 256)) -- sh -c "exit $code" || status=$?
		equal "$status" "$code" "code $code with another -e"
	done
}

@test 'tini: -e for every code, in both senses' {
	both tini tini_codes
}

# Without a #! line it is /bin/sh's, by its path and along PATH.
takes_a_text() {
	local path
	put text 'echo "$0: $*"; exit 5'
	chmod +x text
	for path in "$PATH" "$PWD:$PATH"; do
		as env PATH="$path" "$one" "$([ "$path" = "$PATH" ] && echo ./text || echo text)" 'a b' c
		equal "$status" 5
		[[ $output == *'/text: a b c' ]] || fail "$output"
	done
}

tini_smoke() {
	as "$one"
	expect 1 Usage
	as "$one" -h
	equal "$status" 0
	[[ $output == *'-e EXIT_CODE'* ]] || fail 'no help'
	as "$one" --version
	equal "$status" 0
	[[ $output == 'tini version 0.19.0'* ]] || fail 'another version'
	as "$one" -l
	equal "$status" 0
	as "$one" -z
	expect 1 "invalid option -- 'z'" Usage
	as "$one" -e
	expect 1 "option requires an argument -- 'e'"
	as "$one" -e 256 true
	expect 1 'Not a valid option for -e: 256'
	as "$one" -p KILL true
	expect 1 'Not a valid option for -p: KILL'
	as "$one" -- zzzz
	expect 127 'exec zzzz failed: No such file or directory'
	as "$one" /
	expect 126 'exec / failed: Permission denied'
	as "$one" -- -- true
	equal "$status" 127
	as "$one" -- true
	equal "$status" 0
	takes_a_text
	as sh -c 'echo through | "$1" -- cat' - "$one"
	started through
	variables=(TINI_VERBOSITY=3)
	as "$one" -s true
	[[ $output == *'Received SIGCHLD'* && $output == *'Main child exited normally'* ]] || fail 'not verbose'
	variables=()
	as "$one" -s -vvv -- sh -c 'kill -TERM $$'
	equal "$status" 143
	[[ $output == *'Registered as child subreaper'* && $output == *"Spawned child process 'sh' with pid"* ]] || fail 'not verbose'
	[[ $output == *"Main child exited with signal (with signal 'Terminated')"* ]] || fail 'not verbose'
	[[ $output == *'Exiting: child has exited'* ]] || fail 'not verbose'
}

@test 'tini: options, texts and the codes of its own' {
	both tini tini_smoke
}

tini_reaping() {
	local warning="zombie reaping won't work"
	as "$probe" foster "$one" -s -- "$probe" orphans 100
	expect 0
	not_logged "$warning"
	variables=(TINI_SUBREAPER=)
	as "$probe" foster "$one" -- "$probe" orphans 100
	variables=()
	expect 0
	not_logged "$warning"
	as "$probe" foster "$one" -- "$probe" orphans 100
	expect 1 "$warning"
	as unshare --pid --fork --mount-proc "$one" -- "$probe" orphans 100
	expect 0
	not_logged "$warning"
	as "$one" -s -w -- sh -c 'sh -c "sleep 0.1 &"; sleep 0.5'
	expect 0 'Reaped zombie process with pid='
}

@test 'tini: reaps as a subreaper and as process 1, else says that it cannot' {
	both tini tini_reaping
}

# background COMMAND...: $pid is its pid, and $child the program that the init has started.
background() {
	setting_up
	env -i "${base[@]}" "${variables[@]}" "$@" >out 2>err 3>&- &
	job=$!
	pid=$job
	eventually 5 has_child
	eventually 5 has_become
}

# It is not what has forked it any more.
has_become() {
	[ "$(readlink "/proc/$child/exe")" != "$(readlink "/proc/$pid/exe")" ]
}

tini_signals() {
	local row
	for row in TERM:143 USR1:138 USR2:140; do
		background "$one" -s -- sleep 60
		ends_by "${row%:*}" "${row#*:}"
	done
}

@test 'tini: a signal that ends the child is 128 and its number' {
	both tini tini_signals
}

tini_group() {
	local row
	for row in -g: -s:TINI_KILL_PROCESS_GROUP=; do
		variables=()
		[ -z "${row#*:}" ] || variables=("${row#*:}")
		background "$one" "${row%:*}" -- "$probe" group
		eventually 5 grep -q ready out
		kill -s USR1 "$pid"
		end
		equal "$status" 0 "$row"
	done
	variables=()
	background "$one" -s -- "$probe" group
	eventually 5 grep -q ready out
	kill -s USR1 "$pid"
	kill -s USR2 "$pid"
	end
	equal "$status" 1 'without -g'
}

@test 'tini: -g and its variable reach the whole group' {
	both tini tini_group
}

# (The real one hears of no child's end where CHLD is ignored, and stays for ever.)
@test 'tini: signals blocked and ignored are handed over exactly' {
	"$probe" odd "$probe" show </dev/null >directly
	"$probe" odd "$names/tini" -s -- "$probe" show </dev/null >through
	diff <(grep '^Sig' directly) <(grep '^Sig' through)
}

tini_parent() {
	rm -f pids
	sh -c '"$1" -s -p SIGUSR1 -- sleep 63 & echo $! >pids; sleep 0.5' - "$one" 3>&-
	eventually 5 not_running_any_more "$(<pids)"
	! pgrep -f 'sleep 63' >/dev/null || fail 'it lives on'
}

@test 'tini: -p is the signal at the death of its parent' {
	both tini tini_parent
}

tini_terminal() {
	command=(env -i "${base[@]}" TERM=dumb "$one" -s -- bash --norc -i)
	typed 'exit 0\n'
	equal "$status" 0
	command=(env -i "${base[@]}" "$one" -s -- sleep 60)
	typed '\003'
	equal "$status" 130
}

@test 'tini: a terminal' {
	setting_up
	both tini tini_terminal
}

@test 'docker-init is tini' {
	as "$names/docker-init" --version
	[[ $output == 'tini version '* ]] || fail "$output"
}

# ---- dumb-init ---------------------------------------------------------------------------------------------------------

dumb_smoke() {
	as "$one"
	expect 1 'Usage: ' 'Try '
	as "$one" -h
	expect 0 'dumb-init v1.2.5' '-r, --rewrite s:r'
	as "$one" --version
	expect 0 'dumb-init v1.2.5'
	as "$one" --nope true
	expect 1 "unrecognized option '--nope'"
	as "$one" -r 40:1 true
	expect 1 'Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.'
	as "$one" zzzz
	expect 2 '[dumb-init] zzzz: No such file or directory'
	takes_a_text
	as "$one" -v true
	expect 0 '[dumb-init] Child spawned with PID' '[dumb-init] setsid complete.' '[dumb-init] Received signal 17.' \
		'exited with exit status 0.' '[dumb-init] Forwarded signal 15 to children.' \
		'[dumb-init] Child exited with status 0. Goodbye.'
	variables=(DUMB_INIT_DEBUG=1 DUMB_INIT_SETSID=0)
	as "$one" true
	variables=()
	expect 0 '[dumb-init] Running in debug mode.' '[dumb-init] Not running in setsid mode.'
}

@test 'dumb-init: options, texts and the codes of its own' {
	both dumb-init dumb_smoke
}

dumb_codes() {
	local code
	for code in 0 1 2 32 64 127 254 255; do
		as "$one" sh -c "exit $code"
		equal "$status" "$code"
	done
	for code in 1 2 9 15; do
		as "$one" sh -c "kill -$code \$\$"
		equal "$status" $((128 + code))
	done
}

@test 'dumb-init: codes' {
	both dumb-init dumb_codes
}

dumb_signals() {
	background "$one" "$probe" signals
	eventually 5 grep -q ready out
	for signal in $(seq 1 31); do
		case $signal in
		9 | 15 | 17 | 19 | 20 | 21 | 22) ;;
		*) kill "-$signal" "$pid" ;;
		esac
	done
	eventually 5 arrived 24
	ends_by TERM 0
	equal "$(sed 1d out | sort -n | xargs)" "$(seq 1 31 | grep -vxE '9|17|19|20|21|22' | xargs)"
}

@test 'dumb-init: every signal from 1 to 31 that does not stop' {
	both dumb-init dumb_signals
}

dumb_rewriting() {
	background "$one" -r 1:31 --rewrite 31:1 -r 10:0 "$probe" signals
	eventually 5 grep -q ready out
	for signal in 1 31 10; do
		kill "-$signal" "$pid"
	done
	eventually 5 arrived 2
	ends_by TERM 0
	equal "$(sed 1d out | sort -n | xargs)" '1 15 31'
}

@test 'dumb-init: rewriting, also to nothing' {
	both dumb-init dumb_rewriting
}

dumb_stops() {
	local signal
	for signal in TSTP TTIN TTOU; do
		background "$one" sleep 60
		kill -s "$signal" "$pid"
		eventually 5 in_state T "$child"
		eventually 5 in_state T "$pid"
		kill -s CONT "$pid"
		eventually 5 in_state S "$child"
		eventually 5 in_state S "$pid"
		ends_by TERM 143
	done
	# Alone, the child has what the kernel makes of it: without job control it may run on.
	for signal in TSTP TTIN TTOU; do
		background "$one" -c sleep 60
		kill -s "$signal" "$pid"
		eventually 5 in_state T "$pid"
		kill -s CONT "$pid"
		eventually 5 in_state S "$pid"
		ends_by TERM 143
	done
}

@test 'dumb-init: what stops stops both, and CONT wakes both' {
	both dumb-init dumb_stops
}

dumb_group() {
	local alone
	background "$one" "$probe" group
	eventually 5 grep -q ready out
	kill -s USR1 "$pid"
	end
	equal "$status" 0
	for alone in --single-child DUMB_INIT_SETSID=0; do
		if [[ $alone == --* ]]; then
			background "$one" "$alone" "$probe" group
		else
			background env "$alone" "$one" "$probe" group
		fi
		eventually 5 grep -q ready out
		kill -s USR1 "$pid"
		kill -s USR2 "$pid"
		end
		equal "$status" 1
	done
	# Who is left when the child has ended gets TERM.
	as "$one" sh -c '(trap "echo left" TERM; echo ready; sleep 60 & wait) & sleep 0.3'
	eventually 5 grep -q left out
}

@test 'dumb-init: the group, or the child alone; TERM to the rest' {
	both dumb-init dumb_group
}

dumb_place() {
	background "$one" sleep 60
	equal "$(readlink "/proc/$child/cwd")" "$PWD"
	eventually 5 test "$(readlink "/proc/$pid/cwd")" = /
	ends_by TERM 143
	env --block-signal=HUP,USR2 "$one" "$probe" show </dev/null >through
	# The libc of the real one keeps 32 and 33 for itself.
	[[ $(<through) == *SigBlk:*00000000[01]80000000* || $(<through) == *SigBlk:*0000000000000000* ]] || fail 'blocked'
}

@test 'dumb-init: it sits in /, its child where it was started, with no signal blocked' {
	both dumb-init dumb_place
}

dumb_terminal() {
	command=(env -i "${base[@]}" TERM=dumb "$one" bash --norc -i)
	typed 'sleep 60 &\njobs\nkill %%1\nexit 6\n'
	equal "$status" 6
	grep -q 'Running' out || fail 'no job control'
	command=(env -i "${base[@]}" "$one" tac)
	typed 'one\ntwo\n\004'
	equal "$status" 0
	equal "$(tr -d '\r' <out | tail -n 2 | xargs)" 'two one'
}

@test 'dumb-init: a terminal, with job control' {
	setting_up
	both dumb-init dumb_terminal
}

@test 'dumb-init: orphans as process 1' {
	as unshare --pid --fork --mount-proc "$names/dumb-init" "$probe" orphans 100
	expect 0
	started 'zombies 0'
}
