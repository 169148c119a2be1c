# Locks and waiting: whom we wait for, for how long, that others do not wait for us, and what a pooler makes of it.

load lib

setup_file() {
	server_start deadlock_timeout=100ms
	pgbouncer_start default_pool_size=5
}

teardown_file() {
	pgbouncer_stop
	server_stop
}

mark='-- pg-entrypoint: no-transaction'

pooler_url() {
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
}

# The pid of the session that `hold` has made.
held() {
	sql -d postgres "select pid from pg_stat_activity where datname = '$database' and query like '%held%'"
}

# As `hold`, by a session of our own role, of which we may see more than that it is there.
hold_own() {
	sql_apart -U nexus_user begin "$@" "select 'held', pg_sleep(60)" >/dev/null 2>&1 3>&- &
	holder=$!
	eventually 5 running held
}

# waits_for TEXT: begins a boot, which says so of the held session, by its line of the file; then lets it go on.
waits_for() {
	begin -- echo APP
	eventually 10 log_has "$1 will wait for pid $(held) (nexus_user, psql, active), whose transaction is open for"
	release
	end
	expect 0
	not_logged pg_sleep
}

@test 'whom a statement will wait for is told before: writers, readers, older snapshots' {
	sql 'create table t (i int) partition by list (i)' 'create table t1 partition of t for values in (1)' \
		'create table u (i int)' 'create index u_i on u (i)' 'alter table u owner to nexus_user' \
		'alter table t owner to nexus_user' 'alter table t1 owner to nexus_user'
	put migrations/0001_a.sql "$mark" '' 'create index concurrently on u (i);'
	hold_own 'insert into u values (1)'
	waits_for 0001_a.sql:3
	put migrations/0002_a.sql 'create index concurrently on public.u (i);'
	# A snapshot that was only just taken is not told of.
	hold_own 'set transaction isolation level repeatable read' 'select pg_sleep(0.3)'
	waits_for 0002_a.sql:1
	put migrations/0003_a.sql 'reindex index concurrently u_i;'
	hold_own 'select from u'
	waits_for 0003_a.sql:1
	put migrations/0004_a.sql 'drop index concurrently u_i;'
	hold_own 'select from u'
	waits_for 0004_a.sql:1
	put migrations/0005_a.sql 'alter table t detach partition t1 concurrently;'
	hold_own 'select from t'
	waits_for 0005_a.sql:1
	put migrations/0006_a.sql 'reindex schema concurrently public;'
	hold_own 'insert into u values (1)'
	waits_for 0006_a.sql:1
}

@test 'a prepared transaction, a session of another role, and nobody where nobody is in the way' {
	sql 'create table u (i int)' 'alter table u owner to nexus_user'
	put migrations/0001_a.sql 'drop index concurrently if exists u_i;' 'create table v (i int);' 'create index concurrently on v (i);'
	sql_apart begin 'lock table u in row exclusive mode' "prepare transaction 'forgotten'"
	put migrations/0002_a.sql 'create index concurrently on u (i);'
	begin -- echo APP
	eventually 10 log_has '0002_a.sql:1 will wait for the prepared transaction forgotten (postgres), open for'
	sql "rollback prepared 'forgotten'"
	end
	expect 0
	not_logged '0001_a.sql:1 will wait'
	put migrations/0003_a.sql 'drop index concurrently u_i_idx;'
	hold 'select from u'
	begin -- echo APP
	eventually 10 log_has "0003_a.sql:1 will wait for pid $(held) (postgres, psql), whose transaction is open"
	release
	end
	expect 0
}

@test 'work that takes long: how long, how far, who is in the way; as text, as JSON, through a pooler' {
	local direct=$url i pids=() job_pid
	sql 'create table u (i int)' 'alter table u owner to nexus_user' \
		'create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(2.6); return new; end $$' \
		'create table s (i int)' 'alter table s owner to nexus_user' \
		'create trigger slow before insert on s for each row execute function slow()' \
		"create schema entrypoint2 authorization nexus_user" "create schema entrypoint3 authorization nexus_user"
	put copy/0001_copy.sql 'copy s from stdin;' 1 2 3 '\.'
	put index/0001_index.sql "$mark" 'create table before (i int);' 'create index concurrently on u (i);'
	put table/0001_table.sql 'create table w (i int);' 'alter table x add j int;'
	put many/0001_many.sql "$mark" "$(for ((i = 0; i < 16; i++)); do echo 'select pg_sleep(0.4);'; done)"
	sql 'create table x (i int)' 'alter table x owner to nexus_user'
	hold_own 'insert into u values (1)' 'select from x'
	for i in copy index table many; do
		mkdir "run_$i"
		url=$direct
		case $i in
		index) set -- ENTRYPOINT_SCHEMA=entrypoint2 ENTRYPOINT_LOG=json ;;
		table) pooler_url; set -- ENTRYPOINT_SCHEMA=entrypoint3 ENTRYPOINT_LOCK_TIMEOUT=30s ;;
		many) set -- ENTRYPOINT_SCHEMA=entrypoint4 ;;
		*) set -- ;;
		esac
		command_of "$@" "ENTRYPOINT_MIGRATIONS_DIR=$PWD/$i"
		"${command[@]}" >"run_$i/out" 2>"run_$i/err" 3>&- &
		pids+=($!)
	done
	for i in index table; do
		eventually 15 grep -q 'has been running for' "run_$i/err"
		eventually 5 grep -q "waiting for a lock: pid $(held) (nexus_user, psql, active), whose" "run_$i/err"
	done
	release
	for job_pid in "${pids[@]}"; do
		wait "$job_pid" || fail "$(cat run_*/err)"
	done
	cat run_*/err
	grep -qE '0001_copy.sql: statement 1 of 1 \(line 1\) has been running for [56] s: [12] rows copied' run_copy/err
	grep -qE '"message":"0001_index.sql: statement 2 of 2 \(line 3\) has been running for [56] s: waiting for writers before build, 0 of 1 gone"' run_index/err
	grep -qE '0001_table.sql: has been running for [56] s' run_table/err
	grep -qE '0001_many.sql: [0-9]+ of 16 statements done in [5-7] s' run_many/err
	equal "$(grep -c 'has been running' run_copy/err)" 1
}

@test 'a deadlock and a failed serialization: the whole transaction again' {
	sql 'create table a ()' 'create table b ()' 'create sequence s' 'create sequence tries' 'alter table a owner to nexus_user' \
		'alter table b owner to nexus_user' 'alter sequence s owner to nexus_user' 'alter sequence tries owner to nexus_user'
	# Each of the two waits until the other one has what it wants.
	sql "create function is_first_try() returns boolean language sql as \$\$ select last_value = 1 from tries \$\$"
	put migrations/0001_deadlock.sql 'create table c ();' "select nextval('tries');" 'lock table a;' "do \$\$ begin
		while is_first_try() and not exists (select from pg_locks where relation = 'a'::regclass and not granted) loop
			perform pg_sleep(0.02);
		end loop;
		end \$\$;" 'lock table b;'
	put migrations/0002_serial.sql 'create table d ();' \
		"do \$\$ begin if nextval('s') < 3 then raise exception 'not yet' using errcode = 'serialization_failure'; end if; end \$\$;"
	sql_apart "set deadlock_timeout = '1min'" begin 'lock table b' "do \$\$ begin /* rival */
		while not exists (select from pg_locks where relation = 'a'::regclass and mode = 'AccessExclusiveLock') loop perform pg_sleep(0.02); end loop;
		end \$\$" 'lock table a' commit >/dev/null 3>&- &
	holder=$!
	eventually 5 running rival
	boots ENTRYPOINT_LOCK_TIMEOUT=10s
	wait "$holder"
	logged 'deadlock detected; trying again'
	equal "$(grep -c 'not yet; trying again' <<<"$stderr")" 2
	equal "$(sql "select last_value from s")" 3
}

@test 'a table that must be had alone, beside a long SELECT: no other reader waits longer than lock_timeout' {
	local job_of=() reader from=$SECONDS
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	put migrations/0001_a.sql 'alter table t add column j int;'
	hold 'select from t'
	begin ENTRYPOINT_LOCK_TIMEOUT=400ms -- echo APP
	eventually 10 log_has 'trying again'
	# Each of these is an error of the server's if it has to wait for longer.
	for reader in 1 2 3 4; do
		(
			set +e
			until [ -e over ]; do
				sql_apart "set lock_timeout = $((400 * patience + 600))" 'select count(*) from t' >/dev/null 2>>readers || break
				echo read >>"reader.$reader"
			done
		) 3>&- &
		job_of+=($!)
	done
	eventually 20 more_tries_than 4
	: >over
	sleep $((from + 6 > SECONDS ? from + 6 - SECONDS : 0)) # by then a word is due of what is done
	eventually 10 more_tries_than "$(grep -c 'trying again' err)"
	wait "${job_of[@]}"
	equal "$(cat readers)" '' 'what readers met'
	(($(cat reader.* | wc -l) >= 8)) || fail 'the readers hardly read'
	equal "$(sql "select count(*) from pg_attribute where attrelid = 't'::regclass and attname = 'j'")" 0
	release
	end
	expect 0 "waiting for a lock: pid"
	not_logged 'statements done' # of a transaction that begins again nothing is
	equal "$(sql "select count(*) from pg_attribute where attrelid = 't'::regclass and attname = 'j'")" 1
}

more_tries_than() {
	(($(grep -c 'trying again' err) > $1))
}

@test 'statements that keep everyone out have a lock_timeout outside a transaction too' {
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	put migrations/0001_a.sql 'vacuum full t;'
	hold 'select from t'
	begin ENTRYPOINT_LOCK_TIMEOUT=300ms -- echo APP
	eventually 10 log_has 'canceling statement due to lock timeout; trying again'
	release
	end
	expect 0
}

@test 'timeouts of role, database and server do not reach our work' {
	local name
	for name in statement_timeout lock_timeout idle_in_transaction_session_timeout idle_session_timeout transaction_timeout; do
		[ "$(sql "select count(*) from pg_settings where name = '$name'")" = 0 ] ||
			sql "alter role nexus_user in database $database set $name = '200ms'"
	done
	put initdb.d/01_a.sql 'create table t (i int);' 'select pg_sleep(0.4);'
	put initdb.d/02_a.sh '#!/bin/sh' 'sleep 0.4'
	chmod +x initdb.d/02_a.sh
	put migrations/0001_a.sql 'select pg_sleep(0.4);'
	put migrations/0002_a.sql "$mark" 'select pg_sleep(0.4);' 'create index concurrently on t (i);' 'vacuum t;'
	put migrations/0003_a.sql 'do $$ begin perform pg_sleep(0.4); end $$;'
	put seeds/common/10_a.sql 'select pg_sleep(0.4);'
	put checks/a.sql 'select 1 from pg_sleep(0.4) where false;'
	boots
	boots
}

@test 'nor when a file resets all settings: ours are what that resets to, behind options of the address' {
	sql "alter role nexus_user in database $database set statement_timeout = '200ms'"
	put migrations/0001_a.sql 'reset all;' 'select pg_sleep(0.4);' "create table t as select current_setting('work_mem') as work_mem,
		current_setting('tcp_keepalives_idle') as idle, current_setting('lock_timeout') as lock_timeout;"
	boots DATABASE_URL="postgresql://nexus_user:secret@127.0.0.1:$port/$database?options=-c%20work_mem%3D123kB" \
		ENTRYPOINT_LOCK_TIMEOUT=4s
	equal "$(sql 'table t')" '123kB|10|0' # lock_timeout is for the statements before that
}

@test 'something on the way that takes no options: all is set by each transaction' {
	local picky faker
	picky=$(free_port)
	sql "alter role nexus_user in database $database set statement_timeout = '200ms'"
	python3 "$BATS_TEST_DIRNAME/fake.py" picky "$picky" 60 "$port" >refusals 3>&- &
	faker=$!
	eventually 5 eval "(exec 3<>/dev/tcp/127.0.0.1/$picky) 2>/dev/null"
	put migrations/0001_a.sql 'select pg_sleep(0.4);' \
		"create table t as select current_setting('client_connection_check_interval', true) as every;"
	boots DATABASE_URL="postgresql://nexus_user:secret@127.0.0.1:$picky/$database"
	kill "$faker"
	equal "$(cat refusals)" refused
	equal "$(sql 'table t')" "$(since 14 && echo 1s)"
}

@test 'a second connection that comes late: idle_session_timeout does not end the first meanwhile' {
	[ "$(sql "select count(*) from pg_settings where name = 'idle_session_timeout'")" = 1 ] || skip 'before server 14'
	sql "alter role nexus_user in database $database set idle_session_timeout = '1s'" 'alter role nexus_user connection limit 1'
	put migrations/0001_a.sql 'create table a (i int);'
	begin boot
	sleep 3
	sql 'alter role nexus_user connection limit -1'
	end
	expect 0
	logged '0001_a.sql applied'
}

@test 'our own tables locked by somebody: 75, and nothing is begun a second time' {
	local table
	put initdb.d/01_a.sql 'create table if not exists t (i int);' 'insert into t values (1);'
	put checks/a.sql 'select 1 where false;'
	put migrations/0001_a.sql 'create table a (i int);'
	boots
	put migrations/0002_b.sql 'create table b (i int);'
	for table in migration journal; do
		hold "lock table entrypoint.$table"
		boot --boot-lock-timeout=10s
		expect 75 'lock: what was done here before could not be read: canceling statement due to lock timeout'
		release
	done
	boots
	logged '0002_b.sql applied'
	equal "$(sql 'select count(*) from t')" 1 'runs of initdb.d'
}

@test 'who may not see who has the lock waits for it all the same' {
	sql 'revoke select on pg_stat_activity from public'
	put migrations/0001_long.sql 'select pg_sleep(3);'
	begin -- echo APP
	eventually 10 running pg_sleep
	mkdir other
	cp -r migrations other
	(
		cd other || exit
		boots
		logged 'another container has it; waiting for 0 s'
	)
	end
	expect 0
	started
}

@test 'functions that tell how a statement comes on, and are not for everyone: the lock is kept' {
	sql 'revoke execute on function pg_stat_clear_snapshot() from public'
	put migrations/0001_long.sql "select pg_sleep($((2 * patience + 1)));"
	begin -- echo APP
	eventually 10 running pg_sleep
	sleep $((2 * patience)) # after half a second it is looked at
	equal "$(sql "select count(*) from pg_locks where locktype = 'advisory' and granted")" 1 'boot locks'
	end
	expect 0
	started
}

@test 'a host that is gone without a word: the server is told to notice, in each kind of session' {
	sql 'create table seen (kind text, idle text, unacknowledged text)' 'alter table seen owner to nexus_user' \
		"create procedure see(kind text) language plpgsql as \$\$ begin
			insert into seen values (kind, current_setting('tcp_keepalives_idle'), current_setting('tcp_user_timeout'));
			commit;
		end \$\$"
	put migrations/0001_a.sql "insert into seen values ('transaction', current_setting('tcp_keepalives_idle'),
		current_setting('tcp_user_timeout'));"
	put migrations/0002_a.sql "$mark" "call see('alone');"
	log_mark
	url=$tcp_url boots
	equal "$(sql 'select * from seen order by 1')" $'alone|10|25000\ntransaction|10|25000'
	log_since | grep -B12 -F pg_try_advisory_xact_lock | grep -qF 'tcp_user_timeout=25000' ||
		fail 'not in the session of the lock'
}

@test 'behind a pooler checks may take their time once the lock is had' {
	sql 'create function slow() returns boolean language sql as $$
		select pg_sleep(case when to_regclass($q$b$q$) is null and
			exists (select from pg_locks where locktype = $q$advisory$q$) then 16 else 0 end) is null $$'
	put migrations/0001_a.sql 'create table a (i int);'
	boots
	put migrations/0002_b.sql 'create table b (i int);'
	put checks/a.sql 'select 1 where slow();'
	pooler_url
	boots
	logged 'reached through a pooler' '0002_b.sql applied'
}

@test 'a command by hand through a pooler on TCP with one server connection: said in words' {
	local listen
	put migrations/0001_a.sql 'create table a (i int);'
	put migrations/0001_a.down.sql 'drop table a;'
	boots
	listen=$(free_port)
	pgbouncer_start default_pool_size=1 listen_addr=127.0.0.1 "listen_port=$listen"
	own_pooler=yes
	url=${tcp_url/:$port/:$listen} pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 78 'the pooler gives no second server connection'
	equal "$(sql 'select count(*) from a')" 0
}

@test 'a pooler: said once, and nothing of a file stays in its sessions' {
	pooler_url
	put migrations/0001_a.sql 'create temp table x (i int);' 'prepare p as select 1;' 'select pg_advisory_lock(1);' 'listen x;' \
		'declare c cursor with hold for select 1;' 'execute p;' 'insert into x values (1);' "set application_name = 'strange';"
	put migrations/0002_a.sql "do \$\$ begin execute 'create temporary table y (i int)'; perform pg_try_advisory_lock(2); end \$\$;"
	put migrations/0003_a.sql 'create temp table x (i int);' 'prepare p as select 1;'
	boots
	equal "$(grep -c 'through a pooler' <<<"$stderr")" 1
	eventually 3 no_advisory_lock
	equal "$(sql "select count(*) from pg_class where relpersistence = 't'")" 0 'temporary tables'
	equal "$(env -i "$pg/psql" -XAtq -h "$pooler" -p "$port" -U nexus_user -d "$database" -c 'select count(*) from pg_prepared_statements' \
		-c 'select count(*) from pg_cursors' -c 'select count(*) from pg_listening_channels()' -c 'show application_name')" $'0\n0\n0\npsql'
}

@test 'what a pooler has prepared for its clients stays prepared' {
	pgbouncer_start default_pool_size=2
	own_pooler=yes
	pooler_url
	put migrations/0001_a.sql 'create table orders (prepared_at date);' 'prepare ours as select 1;'
	equal "$(named)" 0
	boots
	equal "$(named)" 1 # the other was the lock's, which the pooler does not keep
	equal "$(env -i "$pg/psql" -XAtq -h "$pooler" -p "$port" -U nexus_user -d "$database" \
		-c "select count(*) from pg_prepared_statements where name = 'ours'")" 0
}

# On how many of the pooler's two server connections `theirs` is prepared; then it is on both.
named() {
	python3 "$BATS_TEST_DIRNAME/named.py" "$pooler/.s.PGSQL.$port" nexus_user "$database" theirs 2
}

@test 'a pooler with one server connection: a start that has no more to do than a note is not kept by it' {
	put migrations/0001_a.sql 'create table t (i int);'
	boots
	sql "insert into entrypoint.migration (version, name, checksum, started_at, finished_at, statements, tool_version, role)
		values ('@changing', '', '', now(), now(), 0, '', '')"
	pgbouncer_start default_pool_size=1
	own_pooler=yes
	pooler_url
	boots
	equal "$(sql "select count(*) from entrypoint.migration where version = '@changing'")" 1 'mark of a change'
}

@test 'what needs a session of its own is refused behind a pooler, before its file begins' {
	local row line
	pooler_url
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	while IFS='|' read -r row line; do
		put migrations/0001_a.sql "$mark" 'create table u (temp int, hold int);' "$row" 'create index concurrently t_i on t (i);'
		boot
		expect 78 "0001_a.sql:$line" admin_url
		equal "$(sql "select to_regclass('u') is null, (select count(*) from entrypoint.migration)")" 't|0' "$row"
	done <<-'END'
		create temp table x (i int);|3:1: a temporary table
		select 1 as i into temporary x;|3:1: a temporary table
		create or replace temp view x as select 1 as i;|3:1: a temporary table
		prepare p as select 1;|3:1: a prepared statement
		listen x;|3:1: LISTEN
		select pg_advisory_lock_shared(1);|3:1: a lock of the session
		declare c cursor with hold for select 1;|3:1: a cursor WITH HOLD
		set search_path = public;|4:1: a statement outside a transaction needs a session
		vacuum full t;|3:1: this keeps all others waiting
	END
	put migrations/0001_a.sql 'create index concurrently t_i on t (i);'
	boot DATABASE_URL="${url/\?/?schema=public\&}"
	expect 78 "0001_a.sql:1:1: a statement outside a transaction needs a session with the URL's schema" admin_url
	sql "alter role nexus_user in database $database set statement_timeout = '3s'"
	put migrations/0001_a.sql 'create index concurrently t_i on t (i);'
	boot
	expect 78 '0001_a.sql:1:1: behind a pooler this would run with statement_timeout = 3s' admin_url
	boots ENTRYPOINT_ADMIN_URL="postgresql://nexus_user@/$database?host=$server&port=$port"
}
