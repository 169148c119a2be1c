# Migrations: each one once, whole or not at all, and every doubt in words.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# refused TEXT...: exit 65 with these words, nothing applied, nothing started.
refused() {
	boot
	expect 65 "$@"
	equal "$output" ''
	equal "$(sql "select count(*) from pg_class where relnamespace = 'public'::regnamespace")" 0 'relations made'
	equal "$(sql "select count(*) from pg_tables where schemaname = 'entrypoint' and tablename = 'migration'" |
		sed 's/1/select count(*) from entrypoint.migration/' | { read -r what && if [ "$what" = 0 ]; then echo 0; else sql "$what"; fi; })" 0 'rows in the ledger'
}

applied() {
	sql "select string_agg(name, ' ' order by name) from entrypoint.migration where finished_at is not null"
}

t='create table t (i int);'

@test 'pending files are applied in the order of their numbers and recorded' {
	put migrations/10_c.sql 'insert into t values (10);'
	put migrations/2_b.sql 'insert into t values (2);'
	put migrations/0001_a.sql 'create table t (i int, n int generated always as identity);'
	boots
	equal "$(sql 'select string_agg(i::text, $$ $$ order by n) from t')" '2 10'
	equal "$(sql 'select count(*), count(checksum), count(started_at), count(finished_at) from entrypoint.migration')" '3|3|3|3'
	boots
	equal "$(sql 'select count(*) from t')" 2
}

@test 'one file, one transaction: an error in the middle leaves nothing, the files before it stay' {
	put migrations/0001_a.sql "$t"
	put migrations/0002_b.sql 'insert into t values (1);' 'create table u (i int);' '' "insert into t values ('x');"
	boot
	expect 65 '0002_b.sql:4' "insert into t values ('x');" '^' 22P02
	equal "$output" ''
	equal "$(sql 'select count(*) from t')" 0
	equal "$(sql "select to_regclass('u') is null")" t
	equal "$(sql 'select count(*) from entrypoint.migration')" 1 'rows in the ledger'
	put migrations/0002_b.sql 'insert into t values (1);'
	boots
}

@test 'an error has file, line and column, the line with a caret, SQLSTATE, detail and hint' {
	put migrations/0001_a.sql '-- ü' 'create table t (i int primary key);' '' "	select 'ü', wrong from t;"
	boot
	expect 65 '0001_a.sql:4:14' 'wrong' 42703
	grep -qE '^[^|]*\^' <<<"$stderr" || fail 'no caret'
	put migrations/0001_a.sql 'create table t (i int primary key);' 'insert into t values (1);' 'insert into t' '  values (1);'
	boot
	expect 65 '0001_a.sql:3' 23505 'Key (i)=(1) already exists'
	put migrations/0001_a.sql 'create table t (name text);' 'select nam from t;'
	boot
	expect 65 '0001_a.sql:2:8' 42703 'name'
}

@test 'a disk that is full on the server is no fault of the file: 73' {
	put migrations/0001_a.sql "$t" '' "do \$\$begin raise 'No space left on device' using errcode = 'disk_full'; end\$\$;"
	boot
	expect 73 '0001_a.sql:3' 53100
}

@test 'an error inside a function tells where in the file the call is' {
	put migrations/0001_a.sql 'create function f() returns int language plpgsql as $$' 'begin' '	return 1 / 0;' 'end $$;' 'select f();'
	boot
	expect 65 0001_a.sql:5 22012 'line 3'
}

@test 'a syntax error at the end of the file' {
	put migrations/0001_a.sql 'create table t ('
	refused 0001_a.sql
}

@test 'transaction control is refused before anything runs' {
	local word
	put migrations/0001_a.sql "$t"
	for word in COMMIT ROLLBACK 'commit and chain' 'end' abort "prepare transaction 'x'" 'start transaction' \
		'begin isolation level serializable'; do
		put migrations/0002_b.sql 'create table u (i int);' '' "/* ; */ $word;" 'create table v (i int);'
		refused 0002_b.sql:3
	done
}

@test 'savepoints stay within the transaction' {
	put migrations/0001_a.sql "$t" 'savepoint s;' 'insert into t values (1);' 'rollback to s;' 'release s;'
	boots
	equal "$(sql 'select count(*) from t')" 0
}

@test 'words that only look like transaction control pass' {
	put migrations/0001_a.sql "$t" "-- commit;" "/* rollback; /* nested */ commit; */" "insert into t select length('commit;');" \
		'do $do$ begin perform 1; end $do$;' 'create table "commit" (i int);' 'select $a$;commit;$a$;' "select E'\\';commit;';"
	if since 14; then
		put migrations/0002_atomic.sql 'create function f() returns int language sql begin atomic select 1; end;' \
			'create table c (i int); create function g() returns int language sql begin atomic select case when true then 1 end; end;'
	fi
	boots
}

@test 'one outer BEGIN ... COMMIT pair is accepted, and the file is still whole or not at all' {
	put migrations/0001_a.sql '-- made by another tool' 'BEGIN;' "$t" 'insert into t values (1);' 'COMMIT;'
	boots
	equal "$(sql 'select count(*) from t')" 1
	put migrations/0002_b.sql 'begin;' 'insert into t values (2);' 'select 1/0;' 'commit;'
	boot
	expect 65 0002_b.sql:3
	equal "$(sql 'select count(*) from t')" 1
}

@test 'an edited migration: which one, when it was applied, both checksums' {
	put migrations/0001_a.sql "$t"
	boots
	old=$(sql 'select checksum from entrypoint.migration')
	put migrations/0001_a.sql "$t" 'select 1;'
	boot
	expect 65 0001_a.sql "${old:0:8}" "$(date +%Y)" 'pg-entrypoint migrate accept 0001'
	equal "$output" ''
	equal "$(sql "select strpos(\$\$$stderr\$\$, started_at::text) > 0 from entrypoint.migration")" t 'the time is told'
	boots ENTRYPOINT_ON_EDITED=warn
	logged 0001_a.sql
	boots ENTRYPOINT_ON_EDITED=ignore
}

@test 'what is only warned of is told once, although all is judged again under the lock' {
	put migrations/0001_a.sql "$t"
	put migrations/0003_b.sql 'select 1;'
	put migrations/R__c.sql 'select 1;'
	boots
	put migrations/0001_a.sql "$t" 'select 1;'
	put migrations/0002_late.sql 'select 1;'
	rm migrations/0003_b.sql migrations/R__c.sql
	boots ENTRYPOINT_ON_EDITED=warn ENTRYPOINT_ON_OUT_OF_ORDER=warn
	logged '0002_late.sql applied'
	local text
	for text in '0001_a.sql was changed' '0002_late.sql is not applied, but' '2 applied migrations are not in'; do
		equal "$(grep -cF -- "$text" err)" 1 "$text"
	done
}

@test 'line ends and BOM are no edit' {
	put migrations/0001_a.sql "$t" '-- two'
	boots
	printf '\xef\xbb\xbf%s\r\n-- two\r\n' "$t" >migrations/0001_a.sql
	boots
	not_logged 0001_a.sql
}

@test 'a missing file warns, or is an error, or nothing' {
	put migrations/0001_a.sql "$t"
	put migrations/0002_b.sql 'select 1;'
	boots
	rm migrations/0002_b.sql
	boots
	logged 0002
	boot ENTRYPOINT_ON_MISSING=error
	expect 65 0002
	boots ENTRYPOINT_ON_MISSING=ignore
	not_logged 0002
}

@test 'out of order: an error, or applied with a warning, or silently' {
	put migrations/0001_a.sql "$t"
	put migrations/0003_c.sql 'select 1;'
	boots
	put migrations/0002_b.sql 'insert into t values (2);'
	boot
	expect 65 0002_b.sql
	equal "$(sql 'select count(*) from t')" 0
	boots ENTRYPOINT_ON_OUT_OF_ORDER=warn
	logged 0002_b.sql
	equal "$(sql 'select count(*) from t')" 1
}

@test 'two files with one version are an error before anything runs' {
	put migrations/0001_a.sql "$t"
	put migrations/0002_b.sql 'select 1;'
	put migrations/2_c.sql 'select 1;'
	refused 0002_b.sql 2_c.sql
}

@test 'of 8-digit dates the whole name is the identity' {
	put migrations/20240105_a.sql "$t"
	put migrations/20240105_b.sql 'insert into t values (1);'
	boots
	equal "$(sql 'select count(*) from entrypoint.migration')" 2
	equal "$(sql 'select count(*) from t')" 1
}

@test 'of 8-digit counters the digits are the identity: a file may be renamed' {
	put migrations/00000001_a.sql "$t"
	put migrations/00000002_fill.sql 'insert into t values (1);'
	boots
	mv migrations/00000002_fill.sql migrations/00000002_fill_rows.sql
	boots
	not_logged applied
	equal "$(sql 'select count(*) from t')" 1
}

@test 'timestamps as versions' {
	put migrations/20240105123000_a.sql "$t"
	put migrations/20240105123001_b.sql 'insert into t values (1);'
	boots
	equal "$(sql 'select count(*) from t')" 1
}

@test 'down files are left alone, other files are reported' {
	put migrations/0001_a.sql "$t"
	put migrations/0001_a.down.sql 'drop table t;'
	put migrations/notes.txt text
	put migrations/nonsense.sql 'select 1;'
	boot
	expect 65 nonsense.sql 'what others read with \i lies in a subfolder'
	rm migrations/nonsense.sql
	boots
	equal "$(sql "select to_regclass('t')")" t
}

@test 'repeatable files: after the others, again when their content or a variable changed, not otherwise' {
	put migrations/R__a.sql '-- pg-entrypoint: vars v?' "insert into t select 1 where :'v' is not null or true;"
	put migrations/0001_a.sql "$t"
	boots
	boots
	equal "$(sql 'select count(*) from t')" 1
	put migrations/R__a.sql '-- pg-entrypoint: vars v?' "insert into t select 2 where :'v' is not null or true;"
	boots
	boots
	equal "$(sql 'select count(*) from t')" 2
	boots ENTRYPOINT_VAR_V=x
	boots ENTRYPOINT_VAR_V=x
	equal "$(sql 'select count(*) from t')" 3
}

@test 'an older image leaves repeatables as a newer one has run them, and says so; the newer one goes on' {
	local f='create or replace function f() returns int language sql as'
	put migrations/0001_a.sql "$t"
	put migrations/R__f.sql "$f 'select 1';"
	put migrations/R__same.sql 'select 1;'
	boots
	cp -r migrations older
	put migrations/0002_b.sql 'create table u ();'
	put migrations/R__f.sql "$f 'select 2';"
	boots
	mv migrations newer
	mv older migrations
	boots
	logged '1 repeatable is left as a newer image has run it, the first is R__f.sql' "delete from \"entrypoint\".migration where version = 'R__f'"
	equal "$(sql 'select f()')" 2
	boots ENTRYPOINT_EXPECT_SCHEMA=yes ENTRYPOINT_WAIT_TIMEOUT=1s
	logged 'is left as a newer image has run it'
	pge plan
	equal "$status" 0
	[[ $output == *'newer        R__f.sql'* && $output != *R__same* ]] || fail "$output"
	pge status
	[[ $output == *'newer        1: R__f.sql'* ]] || fail "$output"
	# As the hint says; a repeatable that never ran runs here too.
	sql "delete from entrypoint.migration where version = 'R__f'"
	boots
	equal "$(sql 'select f()')" 1
	rm -r migrations
	mv newer migrations
	boots
	not_logged 'newer image'
	equal "$(sql 'select f()')" 2
}

@test 'a variable is quoted, never pasted; a missing one is an error unless it may be missing' {
	put migrations/0001_a.sql '-- pg-entrypoint: vars name other?' \
		"create table v as select :'name'::text as name, :'other'::text as other, ':''name''' as literal;"
	boot
	expect 78 name 0001_a.sql || expect 65 name 0001_a.sql
	boots ENTRYPOINT_VAR_NAME="it's \\ \"odd\"; drop table v"
	equal "$(sql "select name || '|' || (other is null) from v")" "it's \\ \"odd\"; drop table v|true"
}

@test 'a variable that the file does not name at its top is refused' {
	put migrations/0001_a.sql "select :'name';"
	boot ENTRYPOINT_VAR_NAME=x
	[[ $status -eq 65 ]] || fail "exit $status"
	logged 0001_a.sql:1 name 'a variable needs a line at the top: -- pg-entrypoint: vars name'
	# Another error of syntax is not taken for one.
	put migrations/0001_a.sql "select ::'name';"
	boot ENTRYPOINT_VAR_NAME=x
	not_logged 'needs a line'
}

@test 'an unknown mark is an error with file and line' {
	put migrations/0001_a.sql '-- pg-entrypoint: no-transactions' "$t"
	refused 0001_a.sql:1 no-transactions
}

@test 'psql: \echo, \set ON_ERROR_STOP and \i are accepted' {
	put migrations/parts/t.sql "$t"
	put migrations/0001_a.sql '\set ON_ERROR_STOP on' '\echo creating' '\i parts/t.sql' 'insert into t values (1);'
	mkdir migrations/old
	boots
	logged 'migrations/old is no file and is not run'
	not_logged 'migrations/parts is'
	equal "$(sql 'select count(*) from t')" 1
}

@test 'psql: any other meta-command is refused before anything runs, with file and line' {
	local meta
	put migrations/0001_a.sql "$t"
	for meta in '\gexec' '\! id' '\copy t from x' '\connect other' '\c other' '\if true' '\set x 1' '\unset x' '\o file' '\watch'; do
		put migrations/0002_b.sql 'create table u (i int);' '' "$meta"
		refused 0002_b.sql:3 "${meta%% *}"
	done
}

@test '\i stays within the folder' {
	put outside.sql 'create table outside (i int);'
	put migrations/0001_a.sql '\i ../outside.sql'
	refused 0001_a.sql:1
	put migrations/0001_a.sql "\\i $PWD/outside.sql"
	refused 0001_a.sql:1
	mkdir migrations/parts
	ln -s ../../outside.sql migrations/parts/link.sql
	put migrations/0001_a.sql '\i parts/link.sql'
	refused 0001_a.sql:1
}

@test 'files that are links, as Kubernetes mounts them' {
	put migrations/..2024_01_05/0001_a.sql "$t"
	ln -s ..2024_01_05 migrations/..data
	ln -s ..data/0001_a.sql migrations/0001_a.sql
	boots
	equal "$(sql "select to_regclass('t')")" t
}

@test 'an error inside an included file names that file' {
	put migrations/parts/bad.sql 'select 1;' 'select wrong;'
	put migrations/0001_a.sql "$t" '\i parts/bad.sql'
	refused parts/bad.sql:2
}

@test 'COPY data in a migration' {
	put migrations/0001_a.sql "$t" 'copy t from stdin;' 1 2 '\.' 'insert into t values (3);' 'copy t (i) from stdin (format csv);' 4 '\.'
	boots
	equal "$(sql 'select sum(i) from t')" 10
	put migrations/0002_b.sql 'copy t from stdin;' 5 six '\.'
	boot
	expect 65 0002_b.sql
	equal "$(sql 'select sum(i) from t')" 10
	put migrations/0002_b.sql 'copy t from stdin;' 5
	boot
	expect 65 0002_b.sql:1
}

@test 'a plain dump is a migration, as old as pg_dump is' {
	sql 'create table base (i int primary key, name text)' "insert into base values (1, E'a\\tb\\\\c'), (2, null)" 'create view v as select * from base'
	! since 14 || sql "create function f() returns text language sql begin atomic select 'x;y'; end"
	mkdir migrations
	env -i "$pg/pg_dump" -O -x -h "$server" -p "$port" -U postgres "$database" >migrations/0001_dump.sql
	put migrations/0002_more.sql 'insert into base values (3, $$c$$);'
	database_new "${database}b"
	boots
	equal "$(sql 'select count(*) from v')" 3
	equal "$(sql 'select name from base where i = 1')" $'a\tb\\c'
}

@test 'dumps of known databases are migrations' {
	local data
	data=$root/../shared/data
	[ -e "$data/chinook.sql" ] || skip 'no such data here'
	mkdir migrations
	cp "$data/chinook.sql" migrations/0001_chinook.sql
	sed -i '/^DROP DATABASE/d; /^CREATE DATABASE/d; /^\\c/d' migrations/0001_chinook.sql
	cp "$data/pagila.sql" migrations/0002_pagila.sql
	sed -i '/OWNER TO/d' migrations/0002_pagila.sql
	put migrations/0003_after.sql 'create table after (i int);'
	boots
	(($(sql "select count(*) from pg_tables where schemaname = 'public'") > 20)) || fail 'too few tables'
	boots
}

@test 'a file that empties search_path or sets timeouts harms neither the ledger nor the next file' {
	put migrations/0001_a.sql "select pg_catalog.set_config('search_path', '', false);" 'set statement_timeout = 500;' \
		'set lock_timeout = 500;' "set standard_conforming_strings = off;" 'set role nexus_user;' 'reset role;' 'create table public.t (i int);'
	put migrations/0002_b.sql 'insert into t values (1);' 'select pg_sleep(0.7);' "select 'a\\b';"
	boots
	equal "$(sql 'select count(*) from t')" 1
	boots
}

@test 'temporary tables, prepared statements and session locks do not reach the next file' {
	put migrations/0001_a.sql 'create temporary table x (i int);' 'set application_name = nonsense;'
	put migrations/0002_b.sql 'create temporary table x (i int);' \
		"create table t as select current_setting('application_name') as name;"
	boot
	if [ "$status" -ne 0 ]; then
		expect 65 0002_b.sql
	else
		[ "$(sql 'select name from t')" != nonsense ]
	fi
}

@test 'CRLF, BOM, no newline at the end' {
	mkdir migrations
	printf '\xef\xbb\xbfcreate table t (i int);\r\ninsert into t\r\n values (1);\r\n' >migrations/0001_a.sql
	printf 'insert into t values (2)' >migrations/0002_d.sql
	printf '\xef\xbb\xbf\r\nselect wrong;\r\n' >migrations/0003_f.sql
	boot
	expect 65 0003_f.sql:2:8
	equal "$(sql 'select count(*) from t')" 2
	equal "$(sql 'select count(*) from entrypoint.migration')" 2
}

@test 'a migration without a statement is not applied: it would be edited once it is filled' {
	put migrations/0001_a.sql 'create table t (i int);'
	put migrations/R__nothing_any_more.sql '-- nothing'
	boots
	local empty
	for empty in '' $'\xef\xbb\xbf' '-- nothing' $'/* nothing */\n;\n' $'begin;\ncommit;' $'\\echo nothing'; do
		printf %s "$empty" >migrations/0002_b.sql
		boot
		expect 65 '0002_b.sql has no statement' 'let it say `select 1;`'
		pge plan
		expect 65 '0002_b.sql has no statement'
	done
	rm migrations/0002_b.sql
	pge migrate new 'Second one'
	expect 0
	boot
	expect 65 '0002_second_one.sql has no statement'
	equal "$(sql 'select string_agg(version, $$ $$ order by version) from entrypoint.migration where version like $$0%$$')" 0001
	put migrations/0002_second_one.sql 'select 1;'
	boots
	# What was applied once stays applied, whatever it says.
	: >migrations/0002_second_one.sql
	boot
	expect 65 '0002_second_one.sql was changed after it was applied'
}

@test 'lines of 10 MB' {
	put migrations/0001_a.sql 'create table t (x text);'
	{
		printf "insert into t values ('"
		head -c 10000000 /dev/zero | tr '\0' x
		printf "');\n"
	} >migrations/0002_b.sql
	{
		printf -- '-- '
		head -c 10000000 /dev/zero | tr '\0' y
		printf '\nselect wrong;\n'
	} >migrations/0003_c.sql
	boot
	expect 65 0003_c.sql:2:8
	equal "$(sql 'select length(x) from t')" 10000000
	{
		printf "select '"
		head -c 10000000 /dev/zero | tr '\0' x
		printf "', wrong;\n"
	} >migrations/0003_c.sql
	boot
	expect 65 0003_c.sql:1
	((${#stderr} < 100000)) || fail 'the whole line is printed'
}

@test 'NUL bytes and text that is not UTF-8 are refused in words' {
	mkdir migrations
	printf "select 'a\0b';\n" >migrations/0001_a.sql
	refused 0001_a.sql
	printf "select 1;\nselect '\xe4';\n" >migrations/0001_a.sql
	refused 0001_a.sql
	printf '\xff\xfes\0e\0' >migrations/0001_a.sql
	refused 0001_a.sql
}

@test 'a folder that cannot be read is an error, not an empty folder' {
	boot ENTRYPOINT_MIGRATIONS_DIR="$PWD/none"
	expect 66 "$PWD/none"
	put text x
	boot ENTRYPOINT_MIGRATIONS_DIR="$PWD/text"
	expect 66 "$PWD/text"
	mkdir migrations
	ln -s nowhere migrations/0001_a.sql
	boot
	[ "$status" -ne 0 ] || fail 'worked'
	logged 0001_a.sql
	rm migrations/0001_a.sql
	mkdir migrations/0001_a.sql
	boot
	[[ $stderr == *0001_a.sql* ]] || fail 'the folder is passed over silently'
}

# as_nobody [NAME=VALUE...]: a boot of somebody who may read what is open to all.
as_nobody() {
	command_of "$@" -- echo APP
	captured setpriv --reuid=65534 --regid=65534 --clear-groups "${command[@]}"
}

@test 'a folder or a file that this user may not read is an error, with mode and owner' {
	local open=$server/open closed
	put "$open/migrations/0001_a.sql" "$t"
	mkdir -p "$open/seeds/common"
	chmod 700 "$open/migrations" "$open/seeds/common"
	as_nobody ENTRYPOINT_MIGRATIONS_DIR="$open/migrations"
	expect 66 'migrations: Permission denied' 'hint: mode 0700, owner 0:0, we are 65534:65534'
	chmod 755 "$open/migrations"
	chmod 640 "$open/migrations/0001_a.sql"
	as_nobody ENTRYPOINT_MIGRATIONS_DIR="$open/migrations"
	expect 66 '0001_a.sql: Permission denied' 'hint: mode 0640, owner 0:0, we are 65534:65534'
	as_nobody ENTRYPOINT_SEEDS_DIR="$open/seeds"
	expect 66 'seeds/common: Permission denied' 'hint: mode 0700, owner 0:0, we are 65534:65534'
	closed=$open/seeds/common
	as_nobody ENTRYPOINT_MIGRATIONS_DIR="$closed/migrations"
	expect 66 "hint: $closed: mode 0700, owner 0:0, we are 65534:65534"
	rm -r "$open"
}

@test 'a table that is in use: retried with a short lock_timeout, blockers printed, then applied' {
	local held=$((2 + patience / 4))
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	put migrations/0001_a.sql 'alter table t add column j int;'
	sql_apart begin 'lock table t in access share mode' "select pg_sleep($held)" >/dev/null 3>&- &
	holder=$!
	eventually 5 running pg_sleep
	pid=$(sql "select pid from pg_stat_activity where query like '%pg_sleep($held)%' and pid <> pg_backend_pid()")
	boots ENTRYPOINT_LOCK_TIMEOUT=300ms
	logged 0001_a.sql "$pid"
	wait "$holder"
}

@test 'a table that stays in use: 75 after lock_retry_for, nothing applied' {
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	put migrations/0001_a.sql 'create table u (i int);' 'alter table t add column j int;'
	sql_apart begin 'lock table t in access share mode' 'select pg_sleep(20)' >/dev/null 3>&- &
	holder=$!
	eventually 5 running pg_sleep
	boot ENTRYPOINT_LOCK_TIMEOUT=200ms ENTRYPOINT_LOCK_RETRY_FOR=1s
	expect 75 0001_a.sql
	equal "$(sql "select to_regclass('u') is null")" t
	sql -d postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$database' and query like '%pg_sleep%'" >/dev/null
	wait "$holder" || true
}

@test 'while it waits for a table, a reader of that table is not held up for long' {
	local from
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	put migrations/0001_a.sql 'alter table t add column j int;'
	sql_apart begin 'lock table t in access share mode' 'select pg_sleep(3)' >/dev/null 3>&- &
	holder=$!
	eventually 5 running pg_sleep
	begin ENTRYPOINT_LOCK_TIMEOUT=200ms -- echo APP
	sleep 0.5
	from=$(now_ms)
	sql 'select count(*) from t' >/dev/null
	(($(now_ms) - from < 1000)) || fail 'the reader was queued'
	end
	expect 0
	wait "$holder"
}

@test 'an unfinished row in the ledger stops the boot' {
	put migrations/0001_a.sql "$t"
	boots
	sql 'update entrypoint.migration set finished_at = null'
	boot
	expect 65 0001_a.sql
	equal "$output" ''
}

@test 'ledger rows but no relation: 65 with the remedies' {
	put migrations/0001_a.sql "$t"
	boots
	sql 'drop table t'
	boot
	expect 65 'holds no table' 'drop schema "entrypoint" cascade'
	equal "$output" ''
	sql 'create view v as select 1'
	boots
}

@test 'a relation that was noted is found again, whatever its name or schema; a large object is enough, too' {
	put migrations/0001_a.sql 'create schema "1"; create table "1"."16384" (i int);'
	boots
	boots
	equal "$(questions)" 1 'questions of a start that finds it'
	sql 'drop table "1"."16384"'
	boot
	expect 65 'holds no table'
	database_new "${database}o"
	put migrations/0001_a.sql 'select lo_create(0);'
	boots
	boots
	sql 'select lo_unlink(oid) from pg_largeobject_metadata'
	boot
	expect 65 'holds no table'
}

# How many statements the server got from one more boot.
questions() {
	log_mark
	boots >&2
	log_since | grep -cE 'LOG: +(statement|execute)'
}

@test 'of hundreds of files, read on several threads, the first wrong one is told; and all are found applied again' {
	local i
	mkdir -p migrations
	for i in {1001..1400}; do
		echo "create table t$i (i int);" >"migrations/${i}_t.sql"
	done
	printf '\\i part.txt\n-- %s\n' one >migrations/1390_t.sql
	echo 'select 1;' >migrations/part.txt
	echo '-- pg-entrypoint: nonsense' >migrations/1300_t.sql
	cp migrations/1300_t.sql migrations/1350_t.sql
	printf 'select \377;' >migrations/1395_t.sql
	boot
	expect 65 1300_t.sql:1 nonsense
	rm migrations/1300_t.sql migrations/1350_t.sql migrations/1395_t.sql
	boots
	equal "$(sql 'select count(*) from entrypoint.migration')" 397
	boots
	echo 'select 2;' >migrations/part.txt
	boot
	expect 65 1390_t.sql 'was changed'
}

@test 'expect_schema: waits until another one has migrated' {
	put migrations/0001_a.sql "$t"
	boot ENTRYPOINT_EXPECT_SCHEMA=yes ENTRYPOINT_WAIT_TIMEOUT=1s
	expect 75 expect_schema
	pge ENTRYPOINT_EXPECT_SCHEMA=yes plan
	expect 2
	equal "$output" 'pending      0001_a.sql'
	equal "$(sql "select to_regclass('t') is null")" t
	begin ENTRYPOINT_EXPECT_SCHEMA=yes -- echo APP
	sleep 0.5
	boots
	end
	expect 0
	started
	pge ENTRYPOINT_EXPECT_SCHEMA=yes plan
	expect 0
	equal "$output" 'nothing to do'
}

# Values may be the owner's secrets: a replica has none of them, and knows a file by its text.
@test 'expect_schema: a repeatable with variables is applied whatever they were, and not when its text has changed' {
	local -a replica=(ENTRYPOINT_EXPECT_SCHEMA=yes ENTRYPOINT_WAIT_TIMEOUT=1s)
	put migrations/0001_a.sql "$t"
	put migrations/R__a.sql '-- pg-entrypoint: vars v w?' "insert into t select 1 where :'v' is not null or :'w' is null;"
	boots ENTRYPOINT_VAR_V=x ENTRYPOINT_VAR_W=y
	boots "${replica[@]}"
	boots "${replica[@]}" ENTRYPOINT_VAR_V=other
	boots ENTRYPOINT_VAR_V=x ENTRYPOINT_VAR_W=y
	equal "$(sql 'select count(*) from t')" 1
	echo '-- changed' >>migrations/R__a.sql
	boot "${replica[@]}"
	expect 75 'another container has still not applied 1 migration'
}

@test 'min_version: an older ledger is refused where this container does not migrate' {
	put migrations/0001_a.sql "$t"
	boots
	boots ENTRYPOINT_SKIP=migrate ENTRYPOINT_MIN_VERSION=0001
	boot ENTRYPOINT_SKIP=migrate ENTRYPOINT_MIN_VERSION=0002
	expect 65 'min_version is 0002, but the database is at version 0001' 'let a container that migrates start first'
	# The file alone does not make it so.
	put migrations/0002_b.sql 'select 1;'
	boot ENTRYPOINT_SKIP=migrate ENTRYPOINT_MIN_VERSION=0002
	expect 65 'the database is at version 0001'
	boot ENTRYPOINT_MIN_VERSION=0003
	expect 65 'the database is at version 0001, and what is pending ends at 0002'
	equal "$(sql "select count(*) from entrypoint.migration where version = '0002'")" 0
	boots ENTRYPOINT_MIN_VERSION=2
	boots ENTRYPOINT_SKIP=migrate ENTRYPOINT_MIN_VERSION=0002_b.sql
	boot ENTRYPOINT_MIN_VERSION=abc
	expect 78 'ENTRYPOINT_MIN_VERSION' abc 'is no version'
}

@test 'on_empty = fail: an empty database stops the boot' {
	put migrations/0001_a.sql "$t"
	boot ENTRYPOINT_ON_EMPTY=fail
	expect 65 empty
	equal "$(sql "select to_regclass('t') is null")" t
	boots
	boots ENTRYPOINT_ON_EMPTY=fail
}

@test 'two services in one database, each with its own schema' {
	put migrations/0001_a.sql 'create table if not exists t (i int);' 'insert into t values (1);'
	boots
	boots ENTRYPOINT_SCHEMA=other
	equal "$(sql 'select count(*) from t')" 2
	equal "$(sql 'select count(*) from other.migration')" 1
	boot ENTRYPOINT_SCHEMA=pg_own
	expect 78 pg_own
}

@test 'a role that may not create our schema: 78 with the grant' {
	sql -d postgres 'drop role if exists poor' 'create role poor login'
	put migrations/0001_a.sql "$t"
	url="postgresql://poor@/$database?host=$server&port=$port"
	boot
	expect 78 grant create "$database" poor
}

@test 'our schema, made in advance for a role that may make none: enough, with the grants that are told, and without a warning' {
	sql -d postgres 'drop role if exists poor' 'create role poor login'
	sql 'create schema entrypoint' 'grant usage on schema entrypoint to poor' 'grant create on schema public to poor'
	put migrations/0001_a.sql "$t"
	url="postgresql://poor@/$database?host=$server&port=$port"
	boot
	expect 78 'permission denied for schema entrypoint' 'hint: grant usage, create on schema "entrypoint" to "poor";'
	sql "$(sed -n 's/.*hint: \(grant .*\);/\1/p' err)"
	boots
	not_logged warning
	equal "$(sql 'select count(*) from entrypoint.migration')" 1
	sql 'drop owned by poor' 'drop role poor'
}

@test 'a role without rights on our tables: 78 with the grants, which suffice, and nothing before them' {
	local grants pending
	put migrations/0001_a.sql "$t"
	boots
	sql -d postgres 'drop role if exists poor' 'create role poor login'
	url="postgresql://poor@/$database?host=$server&port=$port"
	boots # nothing to do, nothing to write
	put migrations/0002_b.sql 'select 1;'
	for pending in "$url" "postgresql://poor@/$database?host=$server&port=$port&options=-c%20search_path=public"; do
		boot DATABASE_URL="$pending"
		expect 78 'our schema "entrypoint": "poor" may not write its tables'
		not_logged fingerprint 'permission denied'
	done
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 78 '"poor" may not write its tables'
	sql 'revoke usage on schema entrypoint from public'
	boot
	expect 78 '"poor" may not write its tables'
	grants=$(sed -n 's/.*hint: .*, or: \(grant .*\)/\1/p' err)
	[ -n "$grants" ] || fail 'no grants'
	sql "$grants"
	boots
	not_logged error fingerprint
	equal "$(sql 'select count(*) from entrypoint.migration')" 2
	sql 'drop owned by poor' 'drop role poor'
}

@test 'many migrations, one round trip each' {
	local i
	for ((i = 1001; i <= 1200; i++)); do
		put "migrations/${i}_t.sql" "create table t$i (i int);"
	done
	LEAKS=0 command_of ENTRYPOINT_MIGRATIONS_TRANSACTION=file -- echo APP
	strace -qq -e trace=sendto -s 1 -o trace "${command[@]}" >out 2>err
	equal "$(sql 'select count(*) from entrypoint.migration')" 200
	(($(wc -l <trace) < 240)) || fail "$(wc -l <trace) sends"
}

@test 'PUBLIC may read the ledger' {
	put migrations/0001_a.sql "$t"
	boots
	equal "$(sql "select has_schema_privilege('public', 'entrypoint', 'usage'), has_table_privilege('public', 'entrypoint.migration', 'select')")" 't|t'
}
