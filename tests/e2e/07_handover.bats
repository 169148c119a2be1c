# The application gets exactly what the container was started with.

load lib

setup_file() {
	server_start
	export probe=$server/probe
	gcc -O -Wall -Wextra -o "$probe" "$BATS_TEST_DIRNAME/probe.c"
	chmod 755 "$probe"
}

teardown_file() {
	server_stop
}

# handed_over [SETTING=VALUE...] PARENT...: what the probe tells when we start it is what it tells when it is started
# directly, both by this parent.
handed_over() {
	local settings=() probing=("$probe" show 'a b' '' '--help' '-- --')
	while [[ $1 == *=* ]]; do
		settings+=("$1")
		shift
	done
	command_of "${settings[@]}" -- "${probing[@]}"
	printf 'one\ntwo\n' | "$@" "${command[@]}" >through 2>err || fail "exit $?: $(<err)"
	printf 'one\ntwo\n' | "$@" "${environment[@]}" "${probing[@]}" >directly
	sed -i '/^pid /d; /^variable ENTRYPOINT_/d' through directly
	diff directly through
}

@test 'signals blocked and ignored, descriptors, mask, directory, arguments, environment and input are as received' {
	handed_over "$probe" odd
}

@test 'the same in the plain case' {
	handed_over env
}

@test 'the same after a boot with all there is to do' {
	put initdb.d/01_a.sh '#!/bin/sh' 'true'
	chmod +x initdb.d/01_a.sh
	put initdb.d/02_b.sql 'create table b (i int);'
	put migrations/0001_c.sql 'create table c (i int);'
	put migrations/0002_d.sql '-- pg-entrypoint: no-transaction' 'create index concurrently on c (i);'
	put seeds/common/c.ini '[@table]' 'name = c' 'key = i' '[1]'
	put checks/e.sql 'select 1 where false;'
	handed_over "$probe" odd
}

@test 'the same with skip = all and no server' {
	url=
	handed_over ENTRYPOINT_SKIP=all "$probe" odd
}

@test 'the application has the pid that the entrypoint had' {
	begin -- "$probe" show
	end
	expect 0
	[[ $output == *$'\npid 1\n'* ]] || fail 'not process 1'
}

@test 'closed standard input, output or error does not end up in the hands of another file' {
	command_of -- "$probe" show
	"${command[@]}" <&- >through 2>err
	equal "$(grep -c '^descriptor' through)" "$("$probe" show <&- 2>/dev/null | grep -c '^descriptor')"
	"${command[@]}" >through 2>&- </dev/null
	equal "$(grep -c '^descriptor [0-2] ' through)" 2
}

@test 'nor does a connection: what is to do is done with all three closed, by programs of ours too, and with init = yes' {
	[ -z "${SANITIZED-}${WRAPPED-}" ] || skip 'tried with the release, which has no run time of its own that opens files'
	put initdb.d/01_a.sh "'$pg/psql' -XAtqc 'create table a (i int)'" 'echo a >&2 || true'
	put migrations/0001_b.sql 'insert into a values (1);' "do \$\$ begin raise warning 'b'; end \$\$;"
	command_of ENTRYPOINT_INIT=yes ENTRYPOINT_BACKUP_DIR="$PWD" ENTRYPOINT_BACKUP_BEFORE_MIGRATE=yes -- \
		sh -c 'ls /proc/self/fd >given'
	"${command[@]}" <&- >&- 2>&- || fail "exit $?"
	equal "$(sql 'table a')" 1
	equal "$(sh -c 'ls /proc/self/fd >directly' <&- 2>&- || true; wc -l <given)" "$(wc -l <directly)" 'descriptors of the application'
}

@test 'our variables leave the environment, the connection stays' {
	pge ENTRYPOINT_ENVIRONMENT=dev ENTRYPOINT_ADMIN_URL="$url" POSTGRES_DB=x PGAPPNAME=y DB_NAME=z OTHER=1 -- env
	expect 0
	[[ $output != *ENTRYPOINT_* ]] || fail 'ENTRYPOINT_ is left'
	local word
	for word in "DATABASE_URL=$url" POSTGRES_DB=x PGAPPNAME=y DB_NAME=z OTHER=1; do
		[[ $output == *"$word"* ]] || fail "no $word"
	done
}

@test 'scrub = no leaves them' {
	pge ENTRYPOINT_ENVIRONMENT=dev ENTRYPOINT_SCRUB=no ENTRYPOINT_ADMIN_URL="$url" ENTRYPOINT_RESTORE_AS="$url" -- env
	[[ $output == *ENTRYPOINT_ENVIRONMENT=dev* ]] || fail 'scrubbed'
	# Logins that are not the application's.
	[[ $output != *ENTRYPOINT_ADMIN_URL* && $output != *ENTRYPOINT_RESTORE_AS* ]] || fail 'handed on'
}

@test 'DATABASE_URL_FILE is handed over as DATABASE_URL' {
	printf '%s\n\n' "$url" >secret
	wanted=$url
	url=
	pge DATABASE_URL_FILE="$PWD/secret" -- env
	expect 0
	[[ $output == *"DATABASE_URL=$wanted"* && $output != *DATABASE_URL_FILE* ]] || fail 'not exported'
}

@test 'a program that does not exist is 127, one that cannot be run 126' {
	pge -- /no/such/program
	expect 127 /no/such/program
	pge -- no-such-program
	expect 127 no-such-program
	put text 'no program'
	pge -- ./text
	expect 126 ./text
	pge -- /
	expect 126
}

@test 'the exit code of the application is passed on' {
	local code
	for code in 0 1 2 42 64 255; do
		pge -- sh -c "exit $code"
		equal "$status" "$code"
	done
}

@test 'a program is looked up in PATH; its name may be one of our words' {
	mkdir bin
	put bin/wait '#!/bin/sh' 'echo program'
	put bin/tool '#!/bin/sh' 'echo tool'
	chmod +x bin/*
	pge PATH="$PWD/bin:$PATH" tool
	expect 0
	started tool
	pge PATH="$PWD/bin:$PATH" -- wait
	started program
	pge PATH="$PWD/bin:$PATH" boot -- wait
	started program
	pge "$PWD/bin/wait"
	started program
	pge bin/wait
	started program
}

@test 'without a program it does its work and ends with 0' {
	put migrations/0001_t.sql 'create table t (i int);'
	pge boot
	expect 0
	equal "$output" ''
	equal "$(sql "select to_regclass('t')")" t
}

# shown WHAT: what the probe has seen there, blanks made one.
shown() {
	sed -n "s/^$1:[[:space:]]*//p" <<<"$output" | tr -s '[:space:]' ' ' | sed 's/ $//'
}

@test 'user: the application runs as that user with its groups' {
	pge ENTRYPOINT_USER=nobody -- "$probe" show
	expect 0
	equal "$(shown Uid)" '65534 65534 65534 65534' user
	equal "$(shown Gid)" '65534 65534 65534 65534' group
	equal "$(shown Groups)" "$(id -G nobody)" groups
	equal "$(shown CapEff)" 0000000000000000 capabilities
	pge ENTRYPOINT_USER=1234:5678 -- "$probe" show
	expect 0
	equal "$(shown Uid)" '1234 1234 1234 1234' user
	equal "$(shown Gid)" '5678 5678 5678 5678' group
	[[ " $(shown Groups) " != *' 0 '* ]] || fail "root's group is left"
}

@test 'user without the right to change it, or unknown, is 78 before anything is done' {
	put migrations/0001_t.sql 'create table t (i int);'
	boot ENTRYPOINT_USER=no-such-user
	expect 78 no-such-user
	LEAKS=0 command_of ENTRYPOINT_USER=daemon -- echo APP
	captured setpriv --reuid=65534 --regid=65534 --clear-groups "${command[@]}"
	expect 78 user
	equal "$(sql "select to_regclass('t') is null")" t
}

@test 'only and skip choose the steps' {
	put migrations/0001_t.sql 'create table t (name text);'
	put seeds/common/t.ini '[@table]' 'name = t' 'key = name' '[a]'
	boots ENTRYPOINT_SKIP=seed
	equal "$(sql 'select count(*) from t')" 0
	boots ENTRYPOINT_ONLY=wait,seed
	equal "$(sql 'select count(*) from t')" 1
	boot ENTRYPOINT_SKIP=sed
	expect 78 sed seed
	url=
	boots ENTRYPOINT_SKIP=all
}

@test 'where nothing was found to apply, that is said, once' {
	local line='no migrations, seeds or checks were found'
	boots
	equal "$(grep -c "$line" <<<"$stderr")" 1
	boots ENTRYPOINT_ONLY=wait
	not_logged "$line"
	put checks/c.sql 'select 1 where false;'
	boots
	not_logged "$line"
	rm checks/c.sql
	put migrations/0001_t.sql 'select 1;'
	boots
	not_logged "$line"
}

@test 'admin_url does the work, the application keeps its own connection' {
	sql -d postgres 'drop role if exists app' "create role app login password 'p'"
	put migrations/0001_t.sql 'create table t (i int);' 'grant select on t to app;'
	pge ENTRYPOINT_ADMIN_URL="$url" DATABASE_URL="postgresql://app@/$database?host=$server&port=$port" -- env
	expect 0
	[[ $output == *DATABASE_URL=postgresql://app@* && $output != *nexus_user* ]] || fail 'admin_url leaks'
	equal "$(sql "select tableowner from pg_tables where tablename = 't'")" nexus_user
}

@test 'the login of the application is proven: a role that cannot connect stops the boot' {
	put migrations/0001_t.sql 'create table t (i int);'
	boot ENTRYPOINT_ADMIN_URL="$url" DATABASE_URL="postgresql://stranger@/$database?host=$server&port=$port" \
		ENTRYPOINT_WAIT_AUTH_GRACE=500ms
	expect 77 stranger
	equal "$output" ''
	put migrations/0002_role.sql "do \$\$ begin create role stranger_$$ login; exception when duplicate_object then null; end \$\$;"
	boots ENTRYPOINT_ADMIN_URL="$url" DATABASE_URL="postgresql://stranger_$$@/$database?host=$server&port=$port"
}
