# As process 1: a signal ends every phase within a second, and its statement on the server too.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# stopped_while TEXT: as soon as a statement with that text runs, TERM ends the boot and the statement.
stopped_while() {
	begin -- echo APP
	eventually 10 running "$1"
	stops TERM 143
	equal "$output" '' 'output of an application that must not start'
	not_running "$1" || fail 'the statement still runs'
	eventually 1 no_advisory_lock
}

@test 'TERM at the first instruction and shortly after' {
	local wait
	[ -z "${SANITIZED-}${WRAPPED-}" ] || skip 'a sanitizer has a long start of its own'
	url="postgresql://nobody@127.0.0.1:1/x"
	for wait in 0.001 0.002 0.005 0.01 0.02 0.05 0.1; do
		command_of -- echo APP
		unshare --pid --fork --mount-proc --kill-child "${command[@]}" >out 2>err 3>&- &
		job=$!
		eventually 5 begun
		# Before its exec it is unshare or env, which as process 1 ignore the signal.
		eventually 5 is_ours
		sleep "$wait"
		kill -s TERM "$pid"
		end
		expect 143
	done
}

is_ours() {
	[ "$(readlink "/proc/$pid/exe")" = "$binary" ]
}

@test 'TERM while answers come faster than they are read: nothing behind the running statement is begun' {
	put migrations/0001_flood.sql "do \$\$ begin for i in 1..50000 loop raise notice '%', i; end loop; perform pg_sleep(30); end \$\$;"
	put migrations/0002_t.sql 'create table t ();'
	begin ENTRYPOINT_MIGRATIONS_TRANSACTION=file -- echo APP
	eventually 10 log_has 'server: 1'
	kill -s TERM "$pid"
	eventually 10 eval '[ ! -e "/proc/$pid" ]'
	end
	expect 143
	equal "$(sql "select to_regclass('t')")" ''
}

@test 'TERM while it waits for a server that refuses' {
	url="postgresql://nobody@127.0.0.1:1/x"
	begin -- echo APP
	eventually 5 log_has 127.0.0.1
	stops TERM 143
}

@test 'TERM while nobody reads what it logs, or what it answers' {
	local i
	url="postgresql://nobody@127.0.0.1:1/x"
	stalled log
	command_of -- echo APP
	unshare --pid --fork --mount-proc --kill-child "${command[@]}" >out 2>log 3>&- 8>&- &
	job=$!
	eventually 5 begun
	: >err
	sleep 0.5 # its first line is there by now
	stops TERM 143
	equal "$output" ''
	# With a little room: no write is longer than that.
	for ((i = 1001; i <= 1400; i++)); do
		put "migrations/${i}_t.sql" 'alter table t add constraint c check (i > 0);'
	done
	dd bs=4096 count=1 iflag=fullblock <&8 >/dev/null 2>&1
	command_of migrate lint --server-version=15
	unshare --pid --fork --mount-proc --kill-child "${command[@]}" >log 2>err 3>&- 8>&- &
	job=$!
	eventually 5 begun
	sleep 1
	stops TERM 143
	exec 8>&-
}

@test 'TERM while it waits for a server that never answers' {
	local fake_port
	fake_port=$(free_port)
	url="postgresql://nobody@127.0.0.1:$fake_port/x"
	python3 "$BATS_TEST_DIRNAME/fake.py" silent "$fake_port" 3>&- &
	fake=$!
	begin -- echo APP
	sleep 0.5
	stops TERM 143
	kill "$fake"
}

@test 'TERM while it waits for a server that is starting' {
	local fake_port
	fake_port=$(free_port)
	python3 "$BATS_TEST_DIRNAME/fake.py" starting "$fake_port" 3>&- &
	fake=$!
	url="postgresql://nobody@127.0.0.1:$fake_port/x"
	begin -- echo APP
	eventually 5 log_has starting
	stops TERM 143
	kill "$fake"
}

@test 'TERM while it waits for another target' {
	begin ENTRYPOINT_WAIT_FOR=tcp://127.0.0.1:1 -- echo APP
	eventually 5 log_has 127.0.0.1:1
	stops TERM 143
}

@test 'TERM while it waits for the lock' {
	local holder_job holder_pid
	put migrations/0001_long.sql 'select pg_sleep(60);'
	begin -- echo APP
	eventually 10 running pg_sleep
	holder_job=$job holder_pid=$pid
	mkdir second
	cp -r migrations second/
	cd second
	begin -- echo APP
	eventually 5 log_has lock
	stops TERM 143
	running pg_sleep || fail 'the holder was disturbed'
	kill -s TERM "$holder_pid"
	wait "$holder_job" || true
}

@test 'TERM while a long statement of a migration runs' {
	put migrations/0001_long.sql 'create table t (i int);' 'select pg_sleep(60);'
	stopped_while pg_sleep
	equal "$(sql "select to_regclass('t') is null")" t 'rolled back'
}

@test 'TERM while a long statement outside a transaction runs' {
	put migrations/0001_long.sql '-- pg-entrypoint: no-transaction' 'create table t (i int);' 'select pg_sleep(60);'
	stopped_while pg_sleep
}

@test 'TERM while CREATE INDEX CONCURRENTLY waits for an old transaction' {
	boots
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	put migrations/0001_index.sql '-- pg-entrypoint: no-transaction' 'create index concurrently t_i on t (i);'
	hold 'insert into t values (1)'
	begin -- echo APP
	eventually 10 running 'create index concurrently'
	stops TERM 143
	not_running 'create index concurrently' || fail 'the statement still runs'
	release
	boots
	equal "$(sql "select indisvalid from pg_index where indexrelid = 't_i'::regclass")" t
}

@test 'TERM while a migration waits for a table' {
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	put migrations/0001_add.sql 'alter table t add column j int;'
	hold 'lock table t'
	begin -- echo APP
	eventually 10 running 'alter table t add'
	stops TERM 143
	not_running 'alter table t add' || fail 'the statement still runs'
	release
}

@test 'TERM while a seed runs, and while it waits for its table' {
	put migrations/0001_t.sql 'create table t (name text);'
	put seeds/common/10_long.sql 'select pg_sleep(60);'
	stopped_while pg_sleep
	rm seeds/common/10_long.sql
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = name' '[one]'
	hold 'lock table t in row exclusive mode'
	begin -- echo APP
	eventually 10 running 'lock table'
	stops TERM 143
	release
}

@test 'TERM while a script of initdb runs' {
	put initdb.d/01_long.sh '#!/bin/sh' "touch '$PWD/runs'" 'sleep 60'
	chmod +x initdb.d/01_long.sh
	begin -- echo APP
	eventually 10 test -e runs
	stops TERM 143
	equal "$output" ''
}

@test 'TERM while SQL of initdb runs' {
	put initdb.d/01_long.sql 'create table t (i int);' 'select pg_sleep(60);'
	stopped_while pg_sleep
	equal "$(sql "select to_regclass('t') is null")" t 'rolled back'
}

@test 'TERM while a check runs' {
	put checks/10_long.sql 'select 1 from pg_sleep(60) as nothing where nothing is null;'
	stopped_while pg_sleep
}

@test 'TERM while it waits for the expected schema' {
	put migrations/0001_t.sql 'create table t (i int);'
	begin ENTRYPOINT_EXPECT_SCHEMA=yes -- echo APP
	sleep 0.7
	stops TERM 143
	equal "$(sql "select to_regclass('t') is null")" t 'not migrated'
}

@test 'INT is 130, QUIT is 131' {
	put migrations/0001_long.sql 'select pg_sleep(60);'
	begin -- echo APP
	eventually 10 running pg_sleep
	stops INT 130
	begin -- echo APP
	eventually 10 running pg_sleep
	stops QUIT 131
	not_running pg_sleep || fail 'the statement still runs'
}

@test 'TERM through PgBouncer cancels the statement too' {
	put migrations/0001_long.sql 'select pg_sleep(60);'
	own_pooler=yes
	pgbouncer_start
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	begin -- echo APP
	eventually 10 running pg_sleep
	stops TERM 143
	eventually 1 not_running pg_sleep
}

@test 'a signal that ends the application is its own affair' {
	pge -- sh -c 'kill -TERM $$'
	equal "$status" 143
	pge -- sh -c 'exit 7'
	equal "$status" 7
}
