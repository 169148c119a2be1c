# Loading with several sessions: what is large comes in over all of them, in any form, and a run that was cut off is undone by the
# next. KILLS: so many of them are killed (4 of the usual 20).

load lib
load source

setup_file() {
	server_start
	sql -d postgres 'create role reader' 'create role "Odd ""role"""' 'create role stranger'
	database=source
	sql -d postgres 'create database source'
	source_make
	# Larger than what is loaded in one transaction, one of them so large that several sessions take its rows.
	sql 'create table app.large (id int not null, pad text)' \
		"insert into app.large select i, repeat(md5(i::text), 12) || E'\\\\\\n\\t' from generate_series(1, 64000) i" \
		'alter table app.large add primary key (id)' 'create index on app.large (left(pad, 8))' \
		'create unique index on app.large (id desc)' \
		'create table app.other (id int primary key, large int references app.large, pad text)' \
		"insert into app.other select i, i, repeat(md5(i::text), 8) from generate_series(1, 40000) i" \
		'create index on app.other (large)' 'alter table app.large add column other int references app.other' \
		'create table app.tree (id int primary key, up int references app.tree)' 'insert into app.tree values (1, 1), (2, 1)' \
		'alter table app.tree replica identity full, add constraint c check (id > 0)' \
		"comment on constraint c on app.tree is 'behind its table, before all rows'" \
		'create table app.third (large int references app.large, other int references app.other)' \
		'create view app.grouped as select id, pad from app.large group by id' \
		"do 'begin for i in 1..120 loop execute format(''create table app.t%s as select %s as i'', i, i); end loop; end'"
	cd "$BATS_FILE_TMPDIR" || return
	dumped source plain
	gzip -1 -k plain
	dumped source inserts --inserts
	dumped source custom -Fc -Z1
	as_postgres "$pg/pg_dump" -h "$server" -p "$port" -Fc -Z1 source | cat >piped
	dumped source tar -Ft
	dumped source folder -Fd -Z1
	content source -T 'app.large' -T 'app.other' >wanted
	sums source >>wanted
}

teardown_file() {
	server_stop
}

# Of tables whose rows may come in any order.
sums() {
	"${run_as[@]}" "$pg/pg_dump" -s -t app.large -t app.other --no-owner -h "$server" -p "$port" -U postgres "$1" |
		grep -vE '^\\(un)?restrict |^-- Dumped '
	sql -d "$1" 'select count(*), sum(hashtext(r::text)) from app.large r' 'select count(*), sum(hashtext(r::text)) from app.other r'
}

same_as_source() {
	content "$database" -T 'app.large' -T 'app.other' >got
	sums "$database" >>got
	diff "$BATS_FILE_TMPDIR/wanted" got >difference || fail "$(head -n 30 difference)"
}

# restored FILE [NAME=VALUE...]
restored() {
	pge ENTRYPOINT_RESTORE_JOBS=3 "${@:2}" restore "$BATS_FILE_TMPDIR/$1"
	expect 0 'app.large: 64000 rows' 'restored: '
	same_as_source
	finished
}

# Nothing is left to tell of how it was done.
finished() {
	equal "$(sql "select kind, finished_at is not null, to_jsonb(journal) ->> 'objects' is null from entrypoint.journal" \
		"select count(*) from entrypoint.migration where version !~ '^@(restored|changing)'" | xargs)" 'restore|t|t 0' journal
	no_advisory_lock
}

untouched() {
	equal "$(sql "select count(*) from pg_class where oid >= 16384 and relnamespace <> coalesce(to_regnamespace('entrypoint'), 0::oid)
			and relnamespace <> 'pg_toast'::regnamespace" \
		"select count(*) from pg_namespace where oid >= 16384 and nspname <> 'entrypoint'" \
		"select count(*) from pg_largeobject_metadata" | xargs)" '0 0 0' 'objects'
}

# How many sessions sent a statement like this.
sessions() {
	log_since | awk -v database="$database" -v wanted="$1" '
		/^[0-9]+-[0-9]+-[0-9]+ / { pid = $4; of = $5 }
		of == database && $0 ~ wanted && !seen[pid]++ { count++ }
		END { print count + 0 }'
}

@test 'every form equals its source, for a plain owner' {
	for form in $(some 3 plain.gz custom piped tar folder inserts); do
		database_new
		restored "$form"
	done
}

@test 'several sessions take the rows of one table, and make the indexes; a superuser does it likewise' {
	as_superuser
	log_mark
	restored plain
	(($(sessions 'COPY app.large .* FROM stdin') >= 2)) || fail 'one session for a large table'
	(($(sessions 'COPY app.t[0-9]+ .* FROM stdin') >= 2)) || fail 'one session for many tables'
	(($(sessions 'CREATE INDEX|ADD CONSTRAINT') >= 2)) || fail 'one session for all indexes'
	log_since | grep -qF 'analyze app.large' || fail 'not analyzed'
}

@test 'with one job all is one transaction, whatever its size' {
	log_mark
	restored plain ENTRYPOINT_RESTORE_JOBS=1
	! log_since | grep -q 'for share' || fail 'it had a fence'
	equal "$(sessions 'COPY app.* FROM stdin')" 1 sessions
	pge ENTRYPOINT_RESTORE_JOBS=0 restore "$BATS_FILE_TMPDIR/plain"
	expect 78 'ENTRYPOINT_RESTORE_JOBS: "0" is no number from 1 to 64'
}

@test 'many tables are more than one transaction could lock' {
	{
		printf '%s\n' -- '-- PostgreSQL database dump' --
		printf 'CREATE TABLE public.m%s (i integer);\n' {1..510}
		printf 'COPY public.m%s (i) FROM stdin;\n7\n\\.\n' {1..510}
		printf 'ALTER TABLE ONLY public.m%s ADD CONSTRAINT p PRIMARY KEY (i);\n' {1..20} | awk '{ sub(/ p /, " p" NR " ") } { print }'
		echo '-- PostgreSQL database dump complete'
	} >many
	pge ENTRYPOINT_RESTORE_JOBS=2 restore many
	expect 0 '510 rows of 510 tables'
	equal "$(sql "select count(*) from pg_index where indisprimary and indrelid::regclass::text ~ '^m'" 'select i from m510' | xargs)" '20 7'
	# Without rows, and with those of INSERTs.
	sed '/^COPY/,/^\\\.$/d' many >schema
	sed 's/^COPY \([^ ]*\) .*/INSERT INTO \1 VALUES (7);/; /^7$/d; /^\\\.$/d' many >inserts
	several_transactions schema 'the rows of 0 tables'
	several_transactions inserts 'the rows of 510 tables'
}

@test 'rows of INSERTs whose tables are named without a schema go where the search_path before them says' {
	{
		printf '%s\n' -- '-- PostgreSQL database dump' --
		printf 'CREATE TABLE public.m%s (i integer);\n' {1..510}
		printf 'CREATE SCHEMA %s;\nSET search_path = %s, pg_catalog;\nCREATE TABLE t (i integer);\n' a a b b
		printf 'SET search_path = %s, pg_catalog;\nINSERT INTO t VALUES (%s);\n' a 1 b 2 a 3
		echo '-- PostgreSQL database dump complete'
	} >bare
	pge ENTRYPOINT_RESTORE_JOBS=2 restore bare
	expect 0
	equal "$(sql 'select * from a.t order by i' 'select 0' 'table b.t' | xargs)" '1 3 0 2'
}

# many_tables LINE...: a dump of so many tables that it is not one transaction, with these lines behind them.
many_tables() {
	printf '%s\n' -- '-- PostgreSQL database dump' --
	printf 'CREATE TABLE public.m%s (i integer);\n' {1..510}
	printf '%s\n' "$@"
}

# rows_of FORM TABLE COUNT [PAD]: rows 1 to COUNT, as COPY or INSERT; PAD is their second column.
rows_of() {
	if [ "$1" = copy ]; then
		printf 'COPY public.%s FROM stdin;\n' "$2"
		seq "$3" | sed "s/\$/${4:+\\t$4}/"
		echo '\.'
	else
		seq "$3" | sed "s/.*/INSERT INTO public.$2 VALUES (&${4:+, '$4'});/"
	fi
}

@test 'rows of a table whose foreign key or trigger came with it wait for those before them, in one session' {
	local form body pad made=('CREATE TABLE public.parent (id integer PRIMARY KEY, pad text);'
		'CREATE TABLE public.child (id integer REFERENCES public.parent, pad text);')
	pad=$(printf '%030d' 0)
	# As extensions make them, whose rows are dumped.
	{
		many_tables "${made[@]}"
		rows_of copy parent 150000 "$pad"
		rows_of copy child 150000 "$pad"
		echo '-- PostgreSQL database dump complete'
	} >copies
	{
		many_tables "${made[@]}"
		rows_of insert parent 20000 x
		rows_of insert child 20000 x
		echo '-- PostgreSQL database dump complete'
	} >inserts
	# Behind the first rows, and of a partition.
	{
		many_tables 'COPY public.m1 (i) FROM stdin;' 1 '\.' "${made[0]}" \
			'CREATE TABLE public.child (id integer, pad text) PARTITION BY RANGE (id);' \
			'CREATE TABLE public.part PARTITION OF public.child FOR VALUES FROM (0) TO (1000000);' \
			'ALTER TABLE public.part ADD FOREIGN KEY (id) REFERENCES public.parent;'
		rows_of copy parent 150000 "$pad"
		rows_of copy child 150000 "$pad"
		echo '-- PostgreSQL database dump complete'
	} >partition
	for form in copies inserts partition; do
		database_new
		log_mark
		pge ENTRYPOINT_RESTORE_JOBS=2 restore "$form"
		expect 0 'restored: '
		equal "$(sql 'select count(*) = (select count(*) from parent) from child')" t "$form"
		[ $form = inserts ] || equal "$(log_since | grep -c 'COPY public.child')" 1 "$form: in one session"
	done
	for body in 'if not exists (select from public.parent where id = new.id) then raise $$none$$; end if; return new;' \
		'insert into public.parent values (new.id) on conflict do nothing; return new;'; do
		{
			many_tables "${made[0]}" 'CREATE TABLE public.child (id integer);' \
				"CREATE FUNCTION public.seen() RETURNS trigger LANGUAGE plpgsql AS 'begin $body end';" \
				'CREATE TRIGGER seen BEFORE INSERT ON public.child FOR EACH ROW EXECUTE FUNCTION public.seen();'
			rows_of insert parent 2000 x
			rows_of insert child 2000
			rows_of insert parent 1
			echo '-- PostgreSQL database dump complete'
		} | sed 's/^INSERT INTO public.parent VALUES (1);/INSERT INTO public.parent VALUES (0);/' >triggered
		database_new
		pge ENTRYPOINT_RESTORE_JOBS=2 restore triggered
		expect 0 'restored: '
		equal "$(sql 'select count(*) from parent' 'select count(*) from child' | xargs)" '2001 2000' "$body"
	done
}

# several_transactions FILE [TEXT...]: its restore has a journal, as only one of several transactions has.
several_transactions() {
	database_new
	pge ENTRYPOINT_RESTORE_JOBS=1 restore "$1"
	expect 0 "${@:2}"
	equal "$(sql 'select statements from entrypoint.journal')" 1 "$1 by several transactions"
}

@test 'indexes of a large table are made while rows of others come; what foreign keys look into is vacuumed before' {
	local form index rows
	for form in custom piped folder plain.gz; do
		database_new
		log_mark
		restored "$form"
		log_since | grep -nE 'CREATE UNIQUE INDEX large|COPY app.third|vacuum .*app\.|FOREIGN KEY' >order
		index=$(grep -m 1 'CREATE UNIQUE' order | cut -d: -f1)
		rows=$(grep -m 1 'COPY app.third' order | cut -d: -f1)
		equal "$((index < rows))" "$([ "$form" = plain.gz ] && echo 0 || echo 1)" "$form: $(<order)"
		# Before the first key that refers to it, and once.
		equal "$(sed 's/.*vacuum .*app.large.*/vacuum/; s/.*REFERENCES app.large.*/key/' order | grep -xE 'vacuum|key' | uniq | xargs)" 'vacuum key' "$form"
		# Where no index is made before, it takes the marks upon itself that the first index would set.
		[ "$form" != plain.gz ] || equal "$(grep -oE 'CREATE UNIQUE INDEX large|vacuum .*app.large' order | sed 's/ .*//' | head -n 1)" vacuum "$form"
		# But for pages that were got ahead, and are empty.
		equal "$(sql "select relpages > 3000 and relpages - relallvisible < 100 from pg_class where relname = 'large'")" t "$form: seen by all"
	done
	not_logged warning
}

@test 'an index that cannot have its lock while rows come gives way, and is made behind them' {
	local holder
	database_new
	{
		until [ "$(sql_apart "select to_regclass('app.large') is not null")" = t ] || ((SECONDS > 60)); do :; done
		sql_apart 'begin' 'lock app.large in access share mode' 'select pg_sleep(3)'
	} >/dev/null 3>&- &
	holder=$!
	restored custom
	wait "$holder"
	expect 0 'trying again behind the rows'
}

@test 'what must not come early does not: partitions filled by way of their root, functions that read other tables' {
	sql -d postgres 'create database odd'
	sql -d odd "create type e as enum ('a', 'b', 'c', 'd')" \
		'create table p (k e not null, id int not null, pad text) partition by hash (k)' \
		'create table p1 partition of p for values with (modulus 2, remainder 0)' 'create table p2 partition of p for values with (modulus 2, remainder 1)' \
		"insert into p select enum_range[1 + i % 4], i, repeat(md5(i::text), 10) from enum_range(null::e), generate_series(1, 120000) i" \
		'alter table p add primary key (k, id)' 'create index on p (id)' 'create index on p (k, left(pad, 4))' \
		'create table z (id int primary key)' 'insert into z values (1)' \
		"create function known(i int) returns boolean language plpgsql immutable as 'begin if not exists (select from public.z) then raise ''none''; end if; return i > 0; end'" \
		'create table a (id int not null, pad text)' 'create index on a (left(pad, 4))' "insert into a select i, repeat(md5(i::text), 12) from generate_series(1, 60000) i" \
		'create index on a (known(id))' 'create index target on a ((id + 1))' 'alter index target alter column 1 set statistics 7' 'alter table a add unique (id)' \
		"create function there(i int) returns boolean language plpgsql as 'begin return exists (select from public.aa); end'" \
		'create table aa (id int)' 'insert into aa values (1)' 'create table seen (id int primary key, pad text, check (there(id)))' \
		'insert into seen select * from a'
	dumped odd partitioned -Fc -Z1 --load-via-partition-root -T seen
	dumped odd single -Fc -Z1 -T 'p*' -T seen
	dumped odd checked -Fc -Z1 -T 'p*' -T a
	for form in partitioned-3 single-3 checked-1; do
		database_new
		pge "ENTRYPOINT_RESTORE_JOBS=${form#*-}" restore "${form%-*}"
		expect 0 'restored: '
		case $form in
		partitioned-*) content odd -T seen ;;
		single-*) content odd -T 'p*' -T seen ;;
		checked-*) content odd -T 'p*' -T a ;;
		esac | sort >wanted
		content "$database" | sort >got
		diff wanted got >difference || fail "$form: $(head -n 30 difference)"
	done
	sql -d postgres 'drop database odd with (force)'
}

@test 'a dump in another encoding, with names that are not ASCII: in one transaction, and in several' {
	local form
	sql -d postgres "create database latin"
	sql -d latin "create table \"größe\" (id int primary key, \"maß\" text)" "insert into \"größe\" values (1, 'weiß')" \
		"create index \"nach_maß\" on \"größe\" (\"maß\")"
	dumped latin small --encoding=LATIN1
	sql -d latin "do 'begin for i in 1..510 loop execute format(''create table t%s as select %s as i'', i, i); end loop; end'"
	dumped latin many --encoding=LATIN1
	dumped latin inserts --encoding=LATIN1 --inserts
	dumped latin custom --encoding=LATIN1 -Fc
	content latin >wanted
	for form in small many inserts custom; do
		database_new
		pge ENTRYPOINT_RESTORE_JOBS=2 restore "$form"
		expect 0 'restored: '
		not_logged warning
		equal "$(sql 'table "größe"' "select reltuples from pg_class where relname = 'größe'" | xargs)" '1|weiß 1' "$form"
		[ "$form" = small ] || {
			content "$database" >got
			diff wanted got >difference || fail "$form: $(head -n 30 difference)"
		}
	done
	sql -d postgres 'drop database latin with (force)'
}

@test 'no session beside ours to work with: refused, and nothing is left' {
	sql "alter role nexus_user connection limit 2"
	pge ENTRYPOINT_RESTORE_JOBS=3 restore "$BATS_FILE_TMPDIR/plain.gz"
	sql "alter role nexus_user connection limit -1"
	expect 69 'too many connections for role "nexus_user"' 'nothing was restored: what it had made is dropped again' 'connection limit'
	untouched
	boots
}

@test 'a failure is told with its line and its name, and what was made is gone' {
	local line
	# What no dropping would undo, and what is dropped to begin with.
	sed '0,/^CREATE /s//ALTER DATABASE other SET work_mem TO '"'77MB'"';\nCOMMENT ON DATABASE other IS '"'new'"';\n&/' "$BATS_FILE_TMPDIR/plain" >plain
	sql_apart -U nexus_user 'create function left_over() returns int language sql as $$select 1$$'
	# A row of a table whose rows several sessions took.
	awk '/^COPY app.large/ { from = NR } from && NR == from + 60000 { sub(/^[0-9]+/, "&x") } { print }' plain >broken
	line=$(grep -nE '^[0-9]+x' broken | cut -d: -f1)
	pge ENTRYPOINT_RESTORE_JOBS=3 restore broken
	expect 65 "broken:$line: " 'invalid input syntax' 'restoring large (TABLE DATA)' 'nothing was restored: what it had made is dropped again' \
		'gone is also what an init script had left: ' left_over
	untouched
	equal "$(sql 'select setconfig from pg_db_role_setting')" '' 'a setting of the database'
	# What is done with a table that is full.
	awk '/^COPY app.large/ { from = NR } from && NR == from + 60000 { sub(/^[0-9]+/, "1") } { print }' plain >broken
	line=$(grep -nE -B 1 'ADD CONSTRAINT large_pkey' broken | head -n 1 | cut -d- -f1)'|'$(grep -n 'CREATE UNIQUE INDEX large' broken | cut -d: -f1)
	pge ENTRYPOINT_RESTORE_JOBS=3 restore broken
	expect 65 'could not create unique index' 'nothing was restored: what it had made is dropped again'
	[[ $stderr =~ broken:($line): ]] || fail "not at $line"
	# Rows that were INSERTs.
	sed '/^INSERT INTO app.large/ { /VALUES (50000,/ s/50000/50000000000/ }' "$BATS_FILE_TMPDIR/inserts" >broken
	line=$(grep -n '50000000000' broken | cut -d: -f1)
	pge ENTRYPOINT_RESTORE_JOBS=3 restore broken
	expect 65 "broken:$line: " 'out of range' 'restoring large (TABLE DATA)'
	# What comes first, and what comes last.
	sed "s/CREATE VIEW app.seen AS/CREATE VIEW app.seen AS SELECT nothing, 1 FROM app.parent UNION/" plain >broken
	pge ENTRYPOINT_RESTORE_JOBS=3 restore broken
	expect 65 "broken:$(grep -n 'SELECT nothing' broken | cut -d: -f1): " 'restoring seen (VIEW)'
	sed "s/^CREATE TRIGGER touch/CREATE TRIGGER touch BROKEN/" plain >broken
	pge ENTRYPOINT_RESTORE_JOBS=3 restore broken
	expect 65 "broken:$(grep -n 'touch BROKEN' broken | cut -d: -f1): " 'restoring child touch (TRIGGER)'
	untouched
	pge ENTRYPOINT_RESTORE_JOBS=3 restore plain
	expect 0
	same_as_source
	finished
	equal "$(sql 'select setconfig from pg_db_role_setting' 'select shobj_description(oid, $$pg_database$$) from pg_database
		where datname = current_database()' | xargs)" '{work_mem=77MB} new'
}

@test 'on a terminal a bar tells how far it is, and leaves no trace' {
	command_of ENTRYPOINT_RESTORE_JOBS=3 restore "$BATS_FILE_TMPDIR/plain.gz"
	printf '%q ' "${command[@]}" >told
	script -qec "$(<told)" /dev/null >screen 2>&1 </dev/null || fail "$(<screen)"
	grep -aq '\] [0-9]* %, [0-9]* of 3[0-9] MB, [0-9]* rows, ' screen || fail "no bar: $(head -c 3000 screen)"
	# What came last in its row was taken away.
	! tr '\r' '\n' <screen | tail -n 2 | grep -q '%,' || fail 'it still stands'
	pge ENTRYPOINT_RESTORE_JOBS=3 restore "$BATS_FILE_TMPDIR/plain.gz"
	expect 65 'the database is not empty'
	[[ $stderr != *$'\r'* ]] || fail 'a bar in a file'
}

@test 'our own schema in it: ledger and seeds are taken' {
	sed '/^-- PostgreSQL database dump complete/,$d; /^\\restrict/d' "$BATS_FILE_TMPDIR/plain" >mine
	cat >>mine <<-'SQL'
		COPY entrypoint.migration (version, name, checksum, started_at, finished_at, statements, tool_version, role) FROM stdin;
		0001	0001_t.sql	x	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	1	1	r
		\.
		INSERT INTO entrypoint.seed (name, checksum, finished_at, tool_version) VALUES ('s', 'x', now(), '1');
		COPY entrypoint.journal (kind, item, statements, started_at, finished_at, tool_version, host, role) FROM stdin;
		initdb	x	0	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	1	h	r
		\.
		-- PostgreSQL database dump complete
	SQL
	pge ENTRYPOINT_RESTORE_JOBS=3 restore mine
	expect 0 'our own schema'
	equal "$(sql "select version from entrypoint.migration where version !~ '^@'" 'select name from entrypoint.seed' 'select kind from entrypoint.journal' | xargs)" \
		'0001 s restore'
}

@test 'stopped in the middle, it is left to the next, and no boot takes it for a whole' {
	begin ENTRYPOINT_RESTORE_JOBS=3 restore "$BATS_FILE_TMPDIR/plain.gz"
	eventually 20 running 'COPY app.large'
	stops TERM 143
	boot
	expect 65 'a restore of this database was cut off'
	pge restore --plan "$BATS_FILE_TMPDIR/custom" # the next restore drops what is there
	expect 0
	pge ENTRYPOINT_RESTORE_JOBS=3 restore "$BATS_FILE_TMPDIR/custom"
	expect 0 'the restore of plain.gz was cut off: what it made is dropped'
	same_as_source
	finished
}

@test 'killed at any moment, the next run ends with the right data' {
	local round rounds=$((${KILLS:-20} / 5)) took from wait
	local -a forms=(plain.gz custom inserts folder)
	from=$(now_ms)
	restored plain.gz
	took=$(($(now_ms) - from))
	for ((round = 0; round < rounds; round++)); do
		database_new
		begin ENTRYPOINT_RESTORE_JOBS=3 restore "$BATS_FILE_TMPDIR/${forms[round % 4]}"
		wait=$((RANDOM * took / 32768))
		sleep "$((wait / 1000)).$(printf '%03d' $((wait % 1000)))"
		kill -KILL "$pid" 2>/dev/null || true
		end
		boot
		# It was at its end, or had not begun, or is found.
		((status == 0)) || expect 65 'a restore of this database was cut off'
		if ((status == 0)) && [ "$(sql "select to_regclass('app.third') is not null")" = t ]; then
			same_as_source
			continue
		fi
		restored plain.gz
	done
}
