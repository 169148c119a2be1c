# Many containers start at once, before an empty database.

load lib

setup_file() {
	server_start 'max_connections=300'
	pgbouncer_start default_pool_size=5
}

teardown_file() {
	pgbouncer_stop
	server_stop
}

herd=24

folders() {
	put migrations/0001_parts.sql 'create table part (id bigint generated always as identity primary key, name text not null);'
	put migrations/0002_index.sql '-- pg-entrypoint: no-transaction' 'create index concurrently part_name on part (name);'
	put migrations/0003_count.sql 'create table applied (n int); insert into applied values (1);' 'select pg_sleep(0.1);'
	put migrations/0004_more.sql "insert into part (name) select 'x' || i from generate_series(1, 100) i;"
	put migrations/R__view.sql 'create or replace view parts as select name from part;' 'insert into applied values (2);'
	put seeds/common/10_part.ini '[@table]' 'name = part' 'key = name' '[METSHIFT]' '[DYNACORE]'
	put seeds/common/20_part.csv 'name' a b c
}

# Starts the herd and waits for it; every one has to start its application.
stampede() {
	local i jobs=() codes=''
	log_mark
	command_of "$@" -- sh -c 'echo "APP $$"'
	for ((i = 0; i < herd; i++)); do
		timeout -k 5 $((100 * patience)) "${command[@]}" >"out.$i" 2>"err.$i" 3>&- &
		jobs+=($!)
	done
	for i in "${!jobs[@]}"; do
		wait "${jobs[i]}" || {
			codes+=" $?"
			cat "err.$i"
		}
	done
	equal "$codes" '' 'exit codes that are not 0'
	equal "$(cat out.* | grep -c '^APP [0-9]*$')" "$herd" 'applications started'
}

done_once() {
	equal "$(sql 'select count(*), count(distinct version || name), count(finished_at) from entrypoint.migration')" '5|5|5' ledger
	equal "$(sql 'select n, count(*) from applied group by n order by n')" $'1|1\n2|1' 'times applied'
	equal "$(sql 'select count(*), count(distinct name) from part')" '105|105' rows
	equal "$(sql "select indisvalid from pg_index where indexrelid = 'part_name'::regclass")" t 'valid index'
	run ! grep -iE 'deadlock|could not serialize' <(log_since)
	eventually 2 no_advisory_lock
}

rounds() {
	local round
	for ((round = 1; round <= ${ROUNDS:-3}; round++)); do
		database_new
		"$@"
	done
}

direct() {
	stampede
	done_once
}

pooled() {
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	stampede
	done_once
	sql -d postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$database'" >/dev/null
}

@test '24 boots at once all start, each migration and row once' {
	folders
	rounds direct
}

@test '24 boots at once through PgBouncer in transaction mode' {
	folders
	rounds pooled
}

# A reader whose snapshot an index has to outlast, and a writer who keeps its build from beginning.
in_the_way() {
	local until_one_waits="do 'begin while not exists (select from pg_locks where locktype = ''virtualxid'' and not granted)
		loop perform pg_sleep(0.05); end loop; end'"
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	rm migrations/000[2-9]* migrations/R* seeds/common/*
	boots
	put migrations/0002_index.sql 'create index concurrently part_name on part (name);' \
		'create unique index concurrently if not exists part_once on part (id, name);' 'create index concurrently on part (id);' \
		'reindex table concurrently part;' 'drop index concurrently part_once;'
	sql_apart -U nexus_user 'begin isolation level repeatable read' 'select count(*) from part' "$until_one_waits /* reader */" 'select pg_sleep(4)' >/dev/null 3>&- &
	readers=($!)
	sql_apart -U nexus_user begin "insert into part (name) values ('x')" "$until_one_waits /* writer */" 'select pg_sleep(1)' commit >/dev/null 3>&- &
	readers+=($!)
	eventually 5 running reader
	eventually 5 running writer
	stampede
	wait "${readers[@]}"
	grep -qh 'will wait for pid' err.* || fail 'nobody was told of'
	equal "$(sql 'select count(*), count(finished_at) from entrypoint.migration')" '2|2' ledger
	equal "$(sql "select string_agg(relname || ' ' || indisvalid, ', ' order by relname) from pg_index join pg_class on pg_class.oid = indexrelid
		where indrelid = 'part'::regclass")" 'part_id_idx true, part_name true, part_pkey true' indexes
	equal "$(sql 'select count(*) from pg_index where not indisvalid')" 0 'invalid indexes'
	equal "$(cat err.* | grep -ciE 'error|trying again|left something')" 0 'troubles'
	run ! grep -iE 'deadlock|could not serialize|canceling' <(log_since)
	sql -d postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$database'" >/dev/null
	folders
}

@test '24 boots with indexes built CONCURRENTLY, through PgBouncer, a reader of 4 s and a writer in the way' {
	folders
	rounds in_the_way
}

@test 'the sample with 24 boots at once, direct and pooled' {
	rm -rf migrations seeds
	stampede "ENTRYPOINT_INITDB_DIR=$root/initdb.d" "ENTRYPOINT_MIGRATIONS_DIR=$root/migrations" "ENTRYPOINT_SEEDS_DIR=$root/seeds"
	equal "$(sql 'select (select count(*) from travelers), (select count(*) from process_steps)')" '3|42'
	run ! grep -i deadlock <(log_since)
	database_new "${database}b"
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	stampede "ENTRYPOINT_INITDB_DIR=$root/initdb.d" "ENTRYPOINT_MIGRATIONS_DIR=$root/migrations" "ENTRYPOINT_SEEDS_DIR=$root/seeds"
	equal "$(sql 'select (select count(*) from travelers), (select count(*) from process_steps)')" '3|42'
	run ! grep -i deadlock <(log_since)
}

@test 'a pool of one connection is refused in words, nothing hangs' {
	folders
	own_pooler=yes
	pgbouncer_start default_pool_size=1 query_wait_timeout=20
	url="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	boot ENTRYPOINT_WAIT_TIMEOUT=5s ENTRYPOINT_BOOT_LOCK_TIMEOUT=5s
	[ "$status" -ne 0 ] && [ "$status" -lt 124 ] || fail "exit $status"
	logged pool ': a statement of ours has been running for'
	equal "$output" ''
}

@test 'who waits for the lock says who holds it, and gives up after boot_lock_timeout with 75' {
	put migrations/0001_long.sql 'select pg_sleep(60);'
	begin -- echo APP
	eventually 10 running pg_sleep
	boot ENTRYPOINT_BOOT_LOCK_TIMEOUT=1s
	expect 75 "$(sql "select pid from pg_locks where locktype = 'advisory' and granted")"
	logged 'error: lock: not had within boot_lock_timeout (1s): another container has it (pid ' 'pg-entrypoint: migrate'
	not_logged 'no answer'
	kill -s TERM "$pid"
	end
	equal "$status" 143
}

@test 'a table that the holder has locked keeps nobody from waiting for the lock, however short wait_timeout is' {
	put migrations/0001_part.sql 'create table part (name text);'
	put seeds/common/10_part.ini '[@table]' 'name = part' 'key = name' '[METSHIFT]'
	put checks/10_part.sql 'select 1 where not exists (select from part);'
	boots
	put migrations/0002_long.sql 'lock table part;' 'select pg_sleep(5);'
	begin -- echo APP
	eventually 10 running pg_sleep
	mkdir other
	cp -r migrations seeds checks other
	(
		cd other || exit
		boots ENTRYPOINT_WAIT_TIMEOUT=2s
		logged 'another container has it (pid '
	)
	end
	expect 0
	started
}

@test 'a boot that found nothing to do starts although another one holds the lock' {
	boots
	put migrations/0001_long.sql 'select pg_sleep(60);'
	begin -- echo APP
	eventually 10 running pg_sleep
	rm migrations/0001_long.sql
	boots
	kill -s TERM "$pid"
	end
}

@test 'the lock connection lost: the statement is cancelled and the boot ends' {
	put migrations/0001_long.sql 'select pg_sleep(60);'
	begin -- echo APP
	eventually 10 running pg_sleep
	sql "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted" >/dev/null
	eventually 3 not_running pg_sleep
	end
	expect 69 lock
	equal "$output" ''
	equal "$(sql "select count(*) from entrypoint.migration where version not like '@%'")" 0 'rows in the ledger'
}
