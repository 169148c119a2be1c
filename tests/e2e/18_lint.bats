# The lint: what pending migrations would lock or break is told before anything runs, and nothing else is.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# A database in use: its tables hold rows.
in_use() {
	put migrations/0001_made.sql \
		'create table t (id int primary key, code varchar(10), amount numeric(10,2), spare int);' \
		'create table u (id int primary key, t_id int);' \
		'create table unfilled (id int);' \
		'insert into t select i, i, i, i from generate_series(1, 100) i;' \
		'insert into u values (1, 1);'
	boots
	not_logged warning
}

# found RULE...: by `migrate lint`, in this order, and nothing else.
found() {
	pge migrate lint --json
	expect 0
	equal "$(jq -r 'map(.rule) | join(" ")' <<<"$output")" "$*" \
		"findings in $(cat migrations/0002*)"
}

# finds SQL RULE...: in a second file of these words.
finds() {
	put migrations/0002_next.sql "$1"
	found "${@:2}"
}

@test 'warn: a line with its place and a hint for each finding, then the files are applied' {
	in_use
	put migrations/0002_code.sql '-- first line' 'alter table t' '  add note text,' '  drop column spare;'
	put migrations/0003_index.sql 'create index t_code on t (code);'
	boots
	logged "lint: $PWD/migrations/0002_code.sql:4:3: drop-column: " \
		"lint: $PWD/migrations/0003_index.sql:1:1: index-not-concurrently: nobody can write to t (8192 bytes)" \
		'hint: create index concurrently, in a file of its own'
	equal "$(sql "select to_regclass('t_code')")" t_code
	equal "$(grep -c warning: err)" 2
}

@test 'error: 65 before anything runs, initdb.d included' {
	in_use
	put migrations/0002_fine.sql 'create table fine ();'
	put migrations/0003_index.sql 'create index on t (code);'
	put initdb.d/10.sql 'create table initialised ();'
	boot --lint=error
	expect 65 0003_index.sql:1:1 '1 finding of the lint, and lint = error' 'allow RULE REASON'
	equal "$(sql "select to_regclass('fine'), to_regclass('initialised')")" '|'
	equal "$output" ''
	put migrations/0003_index.sql 'create index concurrently on t (code);'
	boots --lint=error
}

@test 'off and ignore: nothing is said or asked' {
	in_use
	put migrations/0002_index.sql 'create index on t (code);'
	log_mark
	boots --lint=off
	not_logged lint warning
	put migrations/0003_index.sql 'create index on t (code);'
	boots ENTRYPOINT_LINT=ignore
	not_logged lint warning
	[[ $(log_since) != *pg_size_pretty* ]] || fail 'the catalog was asked'
	boot --lint=never
	expect 78
}

@test 'a start that finds nothing to do does not lint' {
	in_use
	put migrations/0002_index.sql 'create index on t (code);'
	boots
	log_mark
	boots --lint=error
	not_logged index-not-concurrently
	[[ $(log_since) != *pg_size_pretty* ]] || fail 'the catalog was asked'
}

@test 'an empty database has nothing to lock, but names are still too long' {
	put migrations/0001_a.sql 'create table t (id int);' 'create index on t (id);' 'vacuum full;'
	put migrations/0002_b.sql 'alter table t add c serial unique, drop id;' 'lock table t;'
	put migrations/0003_c.sql 'drop schema if exists nobody cascade;'
	log_mark
	boots --lint=error
	put migrations/0004_d.sql "create table t$(printf '%064d' 1) ();"
	boots
	logged 0004_d.sql:1:14 'long-name: '
}

@test 'what the same pending files make is not in use, what an earlier start made is' {
	in_use
	put migrations/0002_n.sql 'create table n (id int);' 'insert into n values (1);'
	put migrations/0003_n.sql 'create index on n (id);'
	boots --lint=error
	put migrations/0004_n.sql 'drop table if exists never_there;' 'drop table n;'
	boot --lint=error
	expect 65 '0004_n.sql:2:12: drop-table'
	not_logged never_there
}

@test 'tables without rows are not slow to check, and still not to be dropped' {
	in_use
	finds 'create index on unfilled (id); alter table unfilled add check (id > 0), alter id type bigint;'
	finds 'drop table unfilled' drop-table
}

@test 'the catalog tells the old type' {
	in_use
	finds 'alter table t alter code type varchar(20), alter amount type numeric(12,2);'
	finds 'alter table "t" alter code type varchar(5);' type-change
	finds 'alter table public.t alter id type bigint;' type-change
	pge migrate lint
	logged ''
	[[ $output == *'id from integer to bigint: public.t (8192 bytes) and its indexes'* ]] || fail 'old type'
}

@test 'the catalog tells what is proven' {
	in_use
	sql 'alter table t add constraint spare_is_there check (spare is not null) not valid'
	finds 'alter table t alter spare set not null;' set-not-null
	sql 'alter table t validate constraint spare_is_there'
	finds 'alter table t alter spare set not null, alter id set not null;'
	sql 'create table parent (id int, t_id int) partition by range (id)' \
		'create table part (id int, t_id int)' 'insert into part values (1)'
	finds 'alter table parent attach partition part for values from (1) to (9);' attach-without-check
	sql 'alter table part add check (id is not null and id >= 1 and id < 9)'
	finds 'alter table parent attach partition part for values from (1) to (9);'
}

@test 'the catalog tells partitioned tables, views and functions' {
	in_use
	sql 'create table parent (id int, t_id int) partition by range (id)' \
		'create table part partition of parent for values from (1) to (9)' 'insert into parent values (1)' \
		'create index whole on parent (id)' \
		'create materialized view unread as select 1 with no data' \
		"create function same() returns int immutable language sql as 'select 1'" \
		"create function other() returns int language sql as 'select 1'"
	finds 'create index on parent (id);' index-not-concurrently
	pge migrate lint
	[[ $output == *'create index on only parent; then'* ]] || fail 'the hint is for a plain table'
	finds 'drop index whole;'
	finds 'alter table parent add foreign key (t_id) references t;' foreign-key-not-valid
	finds 'refresh materialized view unread;'
	sql 'refresh materialized view unread'
	finds 'refresh materialized view unread;' refresh-not-concurrently
	finds 'alter table t add c int default same(), add d int default pg_backend_pid();'
	finds 'alter table t add c int default 1 + other();' volatile-default
	finds 'alter table t add c int default nobody_knows();' volatile-default
}

@test 'a table that is perhaps made is asked for like any other' {
	in_use
	sql "create function same() returns int immutable language sql as 'select 1'"
	finds 'create table if not exists t (id int); alter table t alter code type text, add c int default same();'
	finds 'create table if not exists public.t (id int); create index on t (code);' index-not-concurrently
	finds 'create table if not exists never (id int); alter table never alter id type bigint, add d int default random();'
}

@test 'a name without a schema is found whatever search_path the file sets' {
	in_use
	sql 'create schema app' 'create table app.a (id int)' 'insert into app.a values (1)'
	finds 'set search_path = app; create index on a (id);' index-not-concurrently
	finds 'create index on app.a (id); create index on nowhere.a (id);' index-not-concurrently
}

@test 'a table that somebody keeps locked is not waited for' {
	in_use
	put migrations/0002_next.sql 'create index on t (code);' 'alter table t alter spare set not null;'
	hold 'lock table t'
	pge PGOPTIONS='-c lock_timeout=100ms' migrate lint
	release
	expect 0
	[[ $output == *'2 findings' && $output == *'nobody can write to t until'* ]] || fail 'not found'
}

@test 'what counts as a rewrite is what the server rewrites' {
	local from to line=0 made=() changed=()
	while read -r from to; do
		line=$((line + 1))
		made+=("create table t$line (c ${from//_/ })" "insert into t$line values (null)")
		changed+=("alter table t$line alter c type ${to//_/ };")
	done <<-'END'
		varchar(10) varchar(20)
		varchar(10) varchar(5)
		varchar(10) text
		varchar varchar(5)
		text character_varying
		text varchar(9)
		numeric(10,2) decimal(12,2)
		numeric(10,2) numeric(12,3)
		numeric(10,2) numeric
		integer bigint
		char(3) char(5)
		char(3) text
		timestamp(3) timestamp(6)
		timestamptz(3) timestamp_with_time_zone
		timestamptz timestamptz(3)
		time(2) time
		bit_varying(3) varbit(5)
		bit(3) bit(5)
		cidr inet
		inet cidr
		varchar(3)[] varchar(5)[]
	END
	sql "${made[@]}"
	put migrations/0001_typed.sql "${changed[@]}"
	pge migrate lint --json
	expect 0
	sql 'create table before as select relname, relfilenode from pg_class' "${changed[@]}"
	sql "select substr(relname, 2)::int from pg_class join before using (relname)
		where pg_class.relfilenode <> before.relfilenode and relname ~ '^t[0-9]+$' order by 1" >rewritten
	((line == 21 && $(wc -l <rewritten) == 11)) || fail 'another number than thought'
	python3 - <<-END
		import json
		alarms = [f["line"] for f in json.load(open("out")) if f["rule"] == "type-change"]
		assert alarms == [int(n) for n in open("rewritten")], (alarms, open("rewritten").read())
	END
}

@test 'migrate lint: as a compiler says it, counted, 65 with lint = error' {
	in_use
	put migrations/0002_two.sql 'select 1;' '  create index on t (code);' 'truncate u;'
	pge migrate lint
	expect 0
	equal "${output//"$PWD/"/}" "$(
		cat <<-'END'
			migrations/0002_two.sql:2:3: index-not-concurrently: nobody can write to t (8192 bytes) until the index is built
			    create index on t (code);
			    ^
			  hint: create index concurrently, in a file of its own
			migrations/0002_two.sql:3:10: truncate: the rows of u (8192 bytes) are gone, and nobody can read or write it until the end of the transaction
			  truncate u;
			           ^
			  hint: delete from u (8192 bytes) in portions, if programs still use it
			2 findings
		END
	)"
	pge --lint=error migrate lint --json
	expect 65 '2 findings of the lint'
	python3 - <<-END
		import json
		first, second = json.load(open("out"))
		assert first["rule"] == "index-not-concurrently" and first["file"].endswith("0002_two.sql"), first
		assert (first["line"], first["column"]) == (2, 3), first
		assert second["message"].startswith("the rows of u"), second
		assert first["hint"].startswith("create index concurrently"), first
	END
	pge --lint=error migrate lint 0003
	expect 66
	pge --lint=off migrate lint
	[[ $output == *'2 findings' ]] || fail 'asked for by name, it is not off'
}

@test 'migrate lint without a server: by the words, for a version that is named' {
	put migrations/0001_t.sql 'create table t (a varchar(10), b int);' 'create index on t (a);'
	put migrations/0002_t.sql 'alter table t alter a type text, alter b type bigint;'
	put migrations/0003_t.sql '-- pg-entrypoint: vars secret' "alter table t drop b;" "select :'secret';"
	url=
	pge --lint=error migrate lint
	expect 78 'without a server: --server-version=15'
	pge --lint=error migrate lint --server-version=15
	expect 65 '2 findings'
	[[ $output == *0002_t.sql:1:34:\ type-change:\ b\ from\ int\ to\ bigint* ]] || fail 'old type'
	[[ $output == *0003_t.sql:2:15:\ drop-column* ]] || fail 'a variable without value is in the way'
	put migrations/R__t.sql '-- pg-entrypoint: vars secret' "create or replace view v as select :'secret'::text as s;"
	pge --lint=error migrate lint --server-version=15
	expect 65 '2 findings'
	pge migrate lint 0003 --server-version=15.4
	[[ $output == *drop-column* && $output == *'1 finding' ]] || fail 'not from that version on'
	pge migrate lint 0001_t.sql --server-version=13
	equal "$output" '0 findings'
	pge migrate lint --server-version=9.6
	expect 64
}

@test 'migrate lint --list: every rule, what it finds and the safe form, without a server' {
	local rule
	url=
	pge migrate lint --list
	expect 0
	for rule in $(sed -n '/^| rules | found |/,/^$/p' "$root/README.md" | cut -d'|' -f2 | grep -o '`[^`]*`' | tr -d '`'); do
		grep -qx "$rule" <<<"$output" || fail "not listed: $rule"
	done
	[[ $output == *'nobody can write to TABLE until the index is built'*'hint: create index concurrently'* ]] || fail "$output"
}

@test 'plan shows findings, and 65 where a boot would refuse' {
	in_use
	put migrations/0002_index.sql 'create index on t (code);'
	pge plan
	expect 2
	[[ $output == *0002_index.sql:1:1:\ index-not-concurrently* ]] || fail 'not shown'
	pge plan --json
	expect 2
	equal "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["lint"][0]["rule"])' <<<"$output")" \
		index-not-concurrently
	pge --lint=error plan
	expect 65 'lint = error'
	pge --lint=off plan
	expect 2
	[[ $output != *concurrently* ]] || fail 'shown though off'
}

@test 'allow silences a rule for a statement or a file' {
	in_use
	put migrations/0002_a.sql 'select 1;' \
		'-- pg-entrypoint: allow drop-column nothing has used it since release 7' 'alter table t drop spare;'
	put migrations/0003_b.sql '-- pg-entrypoint: allow index-not-concurrently u is small' \
		'create index on u (id);' 'create index on u (t_id);'
	boots --lint=error
	put migrations/0004_c.sql 'select 1;' '-- pg-entrypoint: allow drop-colum typo' 'alter table t drop amount;'
	boot
	expect 65 '0004_c.sql:2:25: no rule is called drop-colum' 'did you mean drop-column?'
	put migrations/0004_c.sql 'select 1;' '-- pg-entrypoint: allow drop-column' 'alter table t drop amount;'
	boot
	expect 65 '0004_c.sql:2:19: wrong mark, its form is: -- pg-entrypoint: allow RULE REASON'
	equal "$(sql "select count(*) from pg_attribute where attrelid = 't'::regclass and attname = 'amount'")" 1
}

@test 'secrets are not shown' {
	in_use
	put migrations/0002_a.sql '-- pg-entrypoint: vars secret' "alter table t drop spare; select :'secret', 1;" \
		"alter role nexus_user password 'visible'; drop table u;"
	pge ENTRYPOINT_VAR_SECRET=hidden_word migrate lint
	[[ $output == *drop-table* && $output != *visible* && $output != *hidden_word* ]] || fail 'shown'
}

@test 'no false alarm on the sample, new, half applied and by words' {
	mkdir migrations
	cp "$root"/migrations/000[1-8]_*.sql migrations
	sql 'create extension pg_trgm'
	boots --lint=error
	sql "insert into users (username, email, first_name, last_name, hashed_password) values ('a', 'a', 'a', 'a', '!')" \
		"insert into customers (code, name) values ('a', 'a')" \
		"insert into work_centers (code, name) values ('a', 'a')" \
		"insert into parts (part_number, description) values ('a', 'a')" \
		"insert into travelers (job_number, part_number, part_description, quantity, work_center, created_by)
			select 'a', 'a', 'a', 1, 'a', id from users"
	cp "$root"/migrations/*.sql migrations
	boots --lint=error
	pge ENTRYPOINT_VAR_APP_PASSWORD=x --lint=error migrate lint --server-version=15
	expect 0
	equal "$output" '0 findings'
}

@test 'no false alarm on dumps, by words and on a database in use' {
	local data=$root/../shared/data
	[ -d "$data" ] || skip 'the sample databases are not here'
	in_use
	cp "$data/pagila.sql" migrations/0002_pagila.sql
	cp "$data/chinook.sql" migrations/0003_chinook.sql
	pge --lint=error migrate lint
	expect 0
	equal "$output" '0 findings'
	pge --lint=error migrate lint --server-version=15
	expect 0
	equal "$output" '0 findings'
}
