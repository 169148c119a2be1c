# initdb.d: the contract of the official image, once, resumed where it failed.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

script() {
	put "initdb.d/$1" '#!/bin/sh' "${@:2}"
	chmod +x "initdb.d/$1"
}

@test 'files of every kind, in the order of their names' {
	put initdb.d/01_a.sql 'create table t (n int generated always as identity, name text);' "insert into t (name) values ('sql');"
	echo "insert into t (name) values ('gz');" | gzip >initdb.d/02_b.sql.gz
	echo "insert into t (name) values ('xz');" | xz >initdb.d/03_c.sql.xz
	echo "insert into t (name) values ('zst');" | zstd -q >initdb.d/04_d.sql.zst
	script 05_e.sh "'$pg/psql' -XAtqc \"insert into t (name) values ('sh')\""
	put initdb.d/06_f.sql "insert into t (name) values ('last');"
	boots
	equal "$(sql 'select string_agg(name, $$ $$ order by n) from t')" 'sql gz xz zst sh last'
	boots
	equal "$(sql 'select count(*) from t')" 6
}

@test 'a script gets PG*, POSTGRES_USER and POSTGRES_DB of the connection' {
	script 01_env.sh 'echo "$POSTGRES_USER $POSTGRES_DB $PGUSER $PGDATABASE $PGHOST $PGPORT" >'"$PWD/seen"
	boots
	equal "$(<seen)" "nexus_user $database nexus_user $database $server $port"
}

@test 'a script is ended when the lock is lost: 69' {
	script 01_long.sh "echo begun >'$PWD/begun'" 'sleep 60' "echo ended >'$PWD/ended'"
	begin -- echo APP
	eventually 10 test -e begun
	sql -d postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$database' and application_name = 'pg-entrypoint: initdb'"
	end
	expect 69 lock
	[ ! -e ended ]
}

@test 'sessions that stand idle outlive idle_session_timeout, beside a script and while they wait for the lock' {
	sql -d postgres "alter database $database set idle_session_timeout = '1500ms'"
	script 01_long.sh "echo begun >'$PWD/begun'" 'sleep 4'
	begin
	eventually 10 test -e begun
	boot
	expect 0
	end
	expect 0
}

@test 'with admin_url a script gets that one' {
	sql -d postgres 'drop role if exists app' 'create role app login'
	script 01_env.sh 'echo "$PGUSER $POSTGRES_USER" >'"$PWD/seen"
	boots ENTRYPOINT_ADMIN_URL="$url" DATABASE_URL="postgresql://app@/$database?host=$server&port=$port"
	equal "$(<seen)" 'nexus_user nexus_user'
}

@test 'a password reaches the script' {
	url=$tcp_url
	script 01_psql.sh "'$pg/psql' -XAtqc 'create table t (i int)'"
	boots
	equal "$(sql "select to_regclass('t')")" t
}

@test 'the search_path of the URL reaches a script, and migrate_command' {
	sql 'create schema "odd ""\ name" authorization nexus_user' 'create schema plain authorization nexus_user'
	script 01_psql.sh "'$pg/psql' -XAtqc 'create table of_script (i int)'"
	put command.sh '#!/bin/sh' "'$pg/psql' -XAtqc 'create table of_command (i int)'"
	put check.sh '#!/bin/sh' "exec '$pg/psql' -XAtqc 'table of_command'"
	chmod +x command.sh check.sh
	boots DATABASE_URL="$url&schema=odd%20%22%5C%20name" PGOPTIONS='-c search_path=plain' ENTRYPOINT_MIGRATE_COMMAND="$PWD/command.sh" \
		ENTRYPOINT_MIGRATE_COMMAND_CHECK="$PWD/check.sh"
	equal "$(sql "select string_agg(relnamespace::regnamespace || '.' || relname, ' ' order by relname) from pg_class
		where relname like 'of_%'")" '"odd ""\ name".of_command "odd ""\ name".of_script'
	boots DATABASE_URL="$url&schema=odd%20%22%5C%20name" ENTRYPOINT_MIGRATE_COMMAND=false \
		ENTRYPOINT_MIGRATE_COMMAND_CHECK="$PWD/check.sh"
}

@test 'what is neither is reported, never silently skipped' {
	put initdb.d/01_a.sql 'create table t (i int);'
	put initdb.d/README.md text
	put initdb.d/02_b.SQL 'select 1;'
	put initdb.d/sub/03_c.sql 'select 1;'
	boot
	logged README.md 02_b.SQL sub
}

@test 'a script without the executable bit is run by a shell, as the official image does' {
	put initdb.d/01_a.sh 'touch ran'
	boots
	logged 01_a.sh
	[ -e ran ]
}

@test 'only SQL is one transaction: an error leaves nothing' {
	put initdb.d/01_a.sql 'create table t (i int);'
	put initdb.d/02_b.sql '' 'select wrong;'
	boot
	expect 65 02_b.sql:2:8
	equal "$output" ''
	equal "$(sql "select to_regclass('t') is null")" t
	put initdb.d/02_b.sql 'insert into t values (1);'
	boots
	equal "$(sql 'select count(*) from t')" 1
}

@test 'with a script: resumed at the file that failed' {
	put initdb.d/01_a.sql 'create table t (i int);'
	script 02_b.sh '[ -e '"$PWD/ready"' ] || exit 3' "'$pg/psql' -XAtqc 'insert into t values (2)'"
	put initdb.d/03_c.sql 'insert into t values (3);'
	boot
	expect 65 02_b.sh 3
	equal "$output" ''
	equal "$(sql "select to_regclass('t')")" t
	touch ready
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '2 3'
	boots
	equal "$(sql 'select count(*) from t')" 2
}

@test 'a file added before the one that failed is run, and never said to have been' {
	put initdb.d/01_a.sql 'create table t (i int);'
	script 10_x.sh "'$pg/psql' -XAtqc 'insert into e values (10)'"
	boot
	expect 65 10_x.sh '01_a.sql'
	put initdb.d/05_e.sql 'create table e (i int);' 'insert into e values (wrong);'
	boot
	expect 65 05_e.sql:2 'committed before, and not run again: 01_a.sql'
	not_logged '01_a.sql, 05_e.sql'
	put initdb.d/05_e.sql 'create table e (i int);' 'insert into e values (5);'
	boots
	logged 'an earlier start broke off: going on with 05_e.sql'
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from e')" '5 10'
	equal "$(sql "select string_agg(kind || ' ' || item, ',') from entrypoint.journal where finished_at is not null")" \
		'initdb 10_x.sh'
	put initdb.d/02_later.sql 'wrong;'
	boots
}

@test 'before files that are half run, too: each goes on at its own statement' {
	sql -d postgres 'alter role nexus_user createdb' 'drop database if exists half_a' 'drop database if exists half_b'
	put initdb.d/10_a.sql 'create table a (i int);' 'insert into a values (1);' 'create database half_a;' \
		'insert into b values (10);'
	boot
	expect 65 10_a.sql:4 'committed before, and not run again: of 10_a.sql the first 3 statements'
	put initdb.d/05_b.sql 'create database half_b;' 'create table b (i int);' 'insert into a values (wrong);'
	boot
	expect 65 05_b.sql:3 'of 05_b.sql the first 1 statement, of 10_a.sql the first 3 statements'
	sed -i 's/wrong/2/' initdb.d/05_b.sql
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from a')" '1 2'
	equal "$(sql 'select i from b')" 10
}

@test 'a file that is half run may not go: told with the statement that helps' {
	put initdb.d/10_a.sql 'create table t (i int);' 'vacuum missing;' 'create table u (i int);'
	boot
	expect 65 10_a.sql:2:1 'of 10_a.sql the first 1 statement'
	mv initdb.d/10_a.sql saved
	boot
	expect 65 'initdb.d/10_a.sql is half run, 1 statement in, but there is no such file'
	equal "$output" ''
	pge plan
	expect 65 'is half run'
	mv saved initdb.d/10_a.sql
	sed -i 2d initdb.d/10_a.sql
	boots
	equal "$(sql "select to_regclass('u')")" u
	database_new "${database}b"
	put initdb.d/10_a.sql 'create table t (i int);' 'vacuum missing;'
	boot
	rm initdb.d/10_a.sql
	boot
	sql 'drop table t' "$(sed -n 's/.* and: \(delete from .*\);$/\1/p' <<<"$stderr")"
	boots
}

@test 'a file that is half run may be edited behind what is done, not in it: told with the two ways out' {
	put initdb.d/10_a.sql 'create table t (i int);' 'insert into t values (1);' 'vacuum missing;' 'insert into t values (3);'
	boot
	expect 65 10_a.sql:3:1 'of 10_a.sql the first 2 statements'
	# One more in front: by their number it would go on with the second again.
	put initdb.d/10_a.sql 'create table t (i int);' 'select 1;' 'insert into t values (1);' 'vacuum t;'
	boot
	expect 65 'initdb.d/10_a.sql is half run, 2 statements in, and was changed in what is done' 'the first 2 statements were begun or are done: put their text back exactly; later ones may be edited'
	equal "$output" ''
	pge plan
	expect 65 'was changed in what is done'
	local forget
	forget=$(sed -n 's/.* and: \(delete from .*\);$/\1/p' <<<"$stderr")
	put initdb.d/10_a.sql 'create table t (i int);'
	boot
	expect 65 'was changed in what is done'
	# Blanks, comments and line ends are no change.
	put initdb.d/10_a.sql '-- what' $'create table t (i int)\r' ';' 'insert into t values (1); ' 'vacuum t;' 'insert into t values (4);'
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$ order by i) from t')" '1 4'
	# Undone by hand, and forgotten.
	database_new "${database}b"
	put initdb.d/10_a.sql 'create table t (i int);' 'vacuum missing;'
	boot
	put initdb.d/10_a.sql 'create table t (j int);' 'vacuum t;'
	boot
	expect 65 'was changed in what is done'
	sql 'drop table t' "$forget"
	boots
	equal "$(sql "select attname from pg_attribute where attrelid = 't'::regclass and attnum = 1")" j
}

@test 'what an earlier version has noted of a half run file holds no digest: it goes on' {
	put initdb.d/10_a.sql 'create table t (i int);' 'vacuum missing;'
	boot
	sql "update entrypoint.journal set item = '10_a.sql' where kind = 'initdb/10_a.sql'"
	put initdb.d/10_a.sql 'create table if not exists t (i int);' 'vacuum t;'
	boots
}

@test 'where a version that noted no names had come to a file, all in front of it counts as done' {
	put initdb.d/01_a.sql 'create table t (i int);'
	script 02_b.sh 'exit 3'
	boot
	expect 65 02_b.sh
	sql "delete from entrypoint.journal" "insert into entrypoint.journal
		values ('initdb', '02_b.sh', 0, now(), null, '0', 'h', 'r')"
	script 02_b.sh 'true'
	boots
	equal "$(sql "select to_regclass('t')")" t
}

@test 'CREATE DATABASE in a file' {
	sql -d postgres 'alter role nexus_user createdb' 'drop database if exists beside'
	put initdb.d/01_a.sql 'create table t (i int);' 'create database beside;' 'insert into t values (1);'
	boots
	equal "$(sql 'select count(*) from t')" 1
	equal "$(sql "select count(*) from pg_database where datname = 'beside'")" 1
}

@test 'meta-commands as in migrations' {
	put initdb.d/01_a.sql '\set ON_ERROR_STOP on' '\echo hello' 'create table t (i int);'
	put initdb.d/02_b.sql 'select 1;' '\! touch ran'
	boot
	expect 65 02_b.sql:2
	equal "$(sql "select to_regclass('t') is null")" t
	[ ! -e ran ]
}

@test 'a damaged compressed file is an error before anything ran' {
	put initdb.d/01_a.sql 'create table t (i int);'
	echo "insert into t values (1);" | gzip | head -c 20 >initdb.d/02_b.sql.gz
	boot
	[ "$status" -ne 0 ] || fail 'worked'
	logged 02_b.sql.gz
	equal "$(sql "select to_regclass('t') is null")" t
	echo "insert into t values (1);" | gzip | sed 's/.$/x/' >initdb.d/02_b.sql.gz
	printf x | dd of=initdb.d/02_b.sql.gz bs=1 seek=14 conv=notrunc status=none
	boot
	[ "$status" -ne 0 ] || fail 'worked'
	logged 02_b.sql.gz
}

@test 'once per database, also when the folder appears or changes later' {
	put migrations/0001_t.sql 'create table t (i int);'
	put initdb.d/01_a.sql 'create table if not exists u (i int);' 'insert into u values (1);'
	boots
	put initdb.d/02_b.sql 'insert into u values (2);'
	boots
	equal "$(sql 'select count(*) from u')" 1
}

@test 'the output of a script is in the log, not in the output of the application' {
	script 01_talk.sh 'echo to output' 'echo to error >&2'
	boots
	logged 'to output' 'to error'
}

@test 'a script cannot read the input of the application' {
	script 01_read.sh 'cat >'"$PWD/seen"
	command_of -- cat
	equal "$(echo input | timeout 20 "${command[@]}" 2>err)" input
}

@test 'TERM reaches the script and what it started' {
	script 01_long.sh 'sleep 987 &' 'echo $! >'"$PWD/child" 'wait'
	LEAKS=0 command_of -- echo APP
	"${command[@]}" >out 2>err 3>&- &
	job=$!
	eventually 5 test -s child
	pid=$job
	stops TERM 143
	eventually 2 test ! -e "/proc/$(<child)"
}
