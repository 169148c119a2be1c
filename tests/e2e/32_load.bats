# Restoring a dump into an empty database: all of it, as whoever may create things there, or nothing.

load lib
load source

setup_file() {
	server_start
	ln -s "$binary" "$BATS_FILE_TMPDIR/pg_dump"
	sql -d postgres 'create role reader' 'create role "Odd ""role"""' 'create role stranger' 'create role gone'
	database=source
	sql -d postgres 'create database source'
	source_make
	from_make
	# The dumps speak of it, and it is no more when they are restored.
	sql -d foreign 'drop owned by gone'
	sql -d postgres 'drop role gone'
}

teardown_file() {
	server_stop
}

# What only a superuser may make, and what belongs to others: left out for a plain owner, with a word for each.
foreign_make() {
	sql -d foreign "create extension pg_trgm" "create extension pgstattuple" "comment on extension pg_trgm is 'ours'" \
		"create table t (i int primary key)" "insert into t values (1), (2)" \
		"create access method heap2 type table handler heap_tableam_handler" "create table beside (i int) using heap2" \
		"create function note() returns event_trigger language plpgsql as 'begin end'" \
		"create event trigger noting on ddl_command_end execute function note()" \
		"comment on event trigger noting is 'x'" \
		"create publication everything for all tables" "create publication part for table t" \
		"comment on publication everything is 'x'" \
		"create subscription taken connection 'host=/nowhere' publication p with (connect = false)" \
		"alter default privileges for role stranger in schema public grant select on tables to reader" \
		"grant select on t to gone" "grant execute on function pg_read_file(text) to reader" \
		"alter table t owner to stranger" "grant insert on t to reader" \
		"revoke all on schema public from public" "comment on schema public is 'theirs'"
}

from_make() {
	sql -d postgres 'create database "foreign"'
	foreign_make
	cd "$BATS_FILE_TMPDIR" || return
	dumped source plain
	dumped source inserts --inserts
	dumped source columns --column-inserts --rows-per-insert=3
	dumped source clean --clean --if-exists
	dumped source created -C
	dumped source custom -Fc
	dumped source tar -Ft
	dumped source folder -Fd
	dumped foreign others
	"${run_as[@]}" "$pg/pg_dumpall" -h "$server" -p "$port" -U postgres >cluster
	env -i "$BATS_FILE_TMPDIR/pg_dump" -h "$server" -p "$port" -U postgres -d source >newer
}

same_as_source() {
	content source >wanted
	content "$database" >got
	diff wanted got >difference || fail "$(head -n 30 difference)"
}

from() {
	REPLY=$BATS_FILE_TMPDIR/$1
}

# restored FILE: as whoever $url is, and it equals the source.
restored() {
	from "$1"
	pge restore "$REPLY"
	expect 0 'restore: ' 'restored: '
	same_as_source
	equal "$(sql "select kind, item, finished_at is not null from entrypoint.journal")" "restore|$(basename "$1")|t"
	no_advisory_lock
}

untouched() {
	equal "$(sql "select count(*) from pg_class where oid >= 16384" \
		"select count(*) from pg_namespace where oid >= 16384" \
		"select count(*) from pg_largeobject_metadata" | xargs)" '0 0 0' 'objects'
}

@test 'every form of a dump, restored by a superuser, equals its source' {
	for form in $(some 1 plain inserts columns clean created custom tar folder newer); do
		database_new
		as_superuser
		restored "$form"
	done
}

@test 'every form of a dump, restored by a plain owner, equals its source' {
	for form in $(some 2 plain inserts columns clean created custom tar folder newer); do
		database_new
		restored "$form"
	done
}

@test 'INSERTs become COPY where that is the same, and stay what they are where it is not' {
	from columns
	log_mark
	pge restore "$REPLY"
	expect 0 'app.child: 500 rows'
	log_since >log
	grep -q 'statement: copy app.child (parent, note, tags) from stdin' log || fail 'no COPY'
	! grep -q 'INSERT INTO app.child' log || fail 'rows as statements'
	# Names of another encoding too.
	database_new
	sql 'create table "té" ("é" int, a text)' 'insert into "té" select i, i from generate_series(1, 20) i'
	"$pg/pg_dump" -E LATIN1 --column-inserts -h "$server" -p "$port" -U postgres "$database" >latin1.sql
	grep -q $'INTO public."t\xe9" ("\xe9", a)' latin1.sql || fail 'not in LATIN1'
	database_new
	log_mark
	pge restore latin1.sql
	expect 0 '20 rows of 1 table in'
	log_since | grep -q 'statement: copy public."té" ("é", a) from stdin' || fail 'no COPY'
	# Of a table with a generated column, which INSERT names and COPY does not.
	grep -q 'INSERT INTO app.parent' log || fail 'no statement'
	put odd.sql <<-'SQL'
		--
		-- PostgreSQL database dump
		--
		CREATE TABLE public.t (i integer, t text, b boolean);
		INSERT INTO public.t VALUES (1, 'a', true), (-2, NULL, false);
		INSERT INTO public.t VALUES (2 + 1, 'b', NULL);
		INSERT INTO public.t VALUES (4, E'c\nd', NULL);
		INSERT INTO public.t VALUES (5, 007, NULL);
		INSERT INTO public.t (i) VALUES (6);
		INSERT INTO public.t VALUES (7.0, 'x''y\z', 't') ON CONFLICT DO NOTHING;
		INSERT INTO public.t SELECT 8, 'q';
		CREATE TABLE public.bare ();
		INSERT INTO public.bare DEFAULT VALUES;
		CREATE TABLE public.twice (i float8, j float8 GENERATED ALWAYS AS (i * 2) STORED);
		INSERT INTO public.twice VALUES (1e+15, DEFAULT), (-1e+15, DEFAULT);
		INSERT INTO public.twice VALUES (3, DEFAULT);
		SET standard_conforming_strings = off;
		INSERT INTO public.t VALUES (9, 'g\tx', true);
		-- PostgreSQL database dump complete
	SQL
	database_new odd
	pge restore odd.sql
	expect 0 'public.t: 9 rows' 'public.bare: 1 row' 'public.twice: 3 rows' 'odd.sql restored: 13 rows of 3 tables'
	equal "$(sql "select reltuples from pg_class where relname = 'twice'")" 3 'as it was analyzed'
	equal "$(sql 'select i, t, b from t order by i')" "$(printf '%s\n' '-2||f' '1|a|t' '3|b|' $'4|c\nd|' '5|7|' '6||' "7|x'y\\z|t" '8|q|' $'9|g\tx|t')"
}

@test 'what only a superuser may make, and what is of others, is left out with a word for each' {
	from others
	pge restore --plan "$REPLY"
	expect 0
	untouched
	for words in 'extension pgstattuple: only a superuser may make it' \
		"access method heap2: only a superuser may make it" "access method heap2: this server has none of that name" \
		'comment on an extension (2 statements): an extension brings its own' \
		'event trigger noting: only a superuser may make it' 'comment on an event trigger noting:' \
		'publication everything: only a superuser may publish all tables' 'comment on a publication everything:' \
		'subscription taken: it would draw the changes of another server' "default privileges stranger: they are another role's" \
		'grant on a system object pg_read_file' 'the session user owns all that is restored'; do
		[[ $output == *"$words"* ]] || fail "not in the plan: $words"
	done
	plan=$output
	pge restore "$REPLY"
	expect 0
	while read -r line; do
		logged "$line"
	done <<<"$plan"
	equal "$(sql 'select sum(i) from t' "select count(*) from pg_publication where pubname = 'part'" \
		"select count(*) from pg_event_trigger" "select has_table_privilege('reader', 't', 'insert')" \
		"select tableowner from pg_tables where tablename = 't'" | xargs)" '3 1 0 t nexus_user'
}

@test 'a superuser keeps what only one may make' {
	as_superuser
	from others
	pge restore "$REPLY"
	expect 0 'dropped' 'subscription taken'
	equal "$(sql "select string_agg(extname, ' ' order by extname) from pg_extension where extname ~ '^pg'" \
		"select count(*) from pg_publication" "select count(*) from pg_event_trigger" \
		"select amname from pg_class join pg_am on pg_am.oid = relam where relname = 'beside'" | xargs)" 'pg_trgm pgstattuple 2 1 heap2'
}

@test 'of a cluster the database of our name is taken, and nothing else is touched' {
	from cluster
	sql -d postgres 'select oid from pg_database order by 1' 'select * from pg_roles order by 1' >before
	pge restore --plan "$REPLY"
	expect 65 'several databases, and none is named' 'source' 'foreign'
	sql -d postgres 'alter database "source" rename to kept'
	database_new source
	pge restore "$REPLY"
	status_of=$status
	[ "$status_of" -eq 0 ] && database=kept content kept | sed 's/"kept"/"source"/' >wanted && content source >got || true
	sql -d postgres 'drop database source with (force)' 'alter database kept rename to source'
	expect 0 'taken'
	diff wanted got
}

@test 'a cluster that gets more databases while it is restored: refused' {
	{
		printf '%s\n' -- '-- PostgreSQL database cluster dump' -- "\\connect $database" 'CREATE TABLE t (i integer);' \
			'SELECT pg_advisory_lock(7);' # waits in the second reading
		printf "COMMENT ON TABLE t IS '%0300000d';\n" 1
		printf -- '-- %0100d\n' {1..30000}
		printf '%s\n' -- '-- PostgreSQL database cluster dump complete' --
	} >grows
	hold 'select pg_advisory_lock(7)'
	begin restore grows
	eventually 10 running 'SELECT pg_advisory_lock'
	printf '\\connect more%s\n' 1 2 3 4 5 6 7 8 9 >>grows
	release
	end
	expect 65 'grows has changed since it was read before'
	untouched
}

@test 'a dump that was cut anywhere is never restored' {
	for form in plain inserts custom tar; do
		from "$form"
		size=$(stat -c %s "$REPLY")
		for part in 1 17 50 83 99; do
			head -c "$((size * part / 100))" "$REPLY" >part.dump
			pge restore part.dump
			[ "$status" -ne 0 ] || fail "$form cut at $part %"
			((status == 65)) || fail "$form cut at $part %: exit $status"
		done
		head -n -3 "$REPLY" >part.dump
		pge restore part.dump
		expect 65
	done
	untouched
}

@test 'large objects, also in words of others, come as they were' {
	objects() {
		printf '%s\n' '--' '-- PostgreSQL database dump' '--' '-- Dumped from database version 15.0' "SET standard_conforming_strings = ${1-on};" \
			"SELECT pg_catalog.lo_create('5001');" "SELECT pg_catalog.lo_create('5002');" "SELECT pg_catalog.lo_create('5003');" 'BEGIN;' \
			"SELECT pg_catalog.lo_open('5001', 131072);" "SELECT pg_catalog.lowrite(0, '${2-}\\x00ff');" "SELECT pg_catalog.lowrite(0, '${2-}\\x27');" \
			'SELECT pg_catalog.lo_close(0);' "SELECT pg_catalog.lo_open('5002', 131072);" 'SELECT pg_catalog.lo_close(0);' \
			"SELECT pg_catalog.lo_open('5003', 131072);" "SELECT pg_catalog.lowrite(0, '${2-}\\x0102');" "SELECT pg_catalog.lowrite(0, 'ab');" \
			"SELECT pg_catalog.lowrite(0, '${2-}\\x03');" 'SELECT pg_catalog.lo_close(0);' "${3-}" 'COMMIT;' '--' '-- PostgreSQL database dump complete' '--'
	}
	local form
	for form in on off; do
		database_new
		objects "$form" "$([ "$form" = on ] || printf '\134')" >large
		pge restore large
		expect 0
		equal "$(sql 'select oid, lo_get(oid) from pg_largeobject_metadata order by oid' | xargs)" '5001|x00ff27 5002|x 5003|x0102616203' "$form"
	done
	# One that is not there, although nothing is written.
	database_new
	objects on '' "SELECT pg_catalog.lo_open('6000', 131072); SELECT pg_catalog.lo_close(0);" >large
	pge restore large
	expect 65 'large object 6000 does not exist' 'large:'
	equal "$(sql 'select count(*) from pg_largeobject_metadata')" 0
}

@test 'a failure is told with its line and its name, and leaves nothing' {
	from plain
	sed "s/^1\tplain/1x\tplain/" "$REPLY" >broken
	line=$(grep -n '^1x' broken | cut -d: -f1)
	pge restore broken
	expect 65 "broken:$line: " 'invalid input syntax' 'restoring parent (TABLE DATA)' \
		'nothing was restored: the database is as it was'
	sed "s/CREATE VIEW app.seen AS/CREATE VIEW app.seen AS\n  SELECT name, nothing, twice FROM app.parent UNION/" "$REPLY" >broken
	line=$(grep -n 'nothing, twice' broken | cut -d: -f1)
	pge restore broken
	expect 65 "broken:$line: " 'column "nothing" does not exist' 'restoring seen (VIEW)'
	from columns
	sed "s/VALUES (499,/VALUES (499, 3,/; 0,/^INSERT INTO app.child/s/DEFAULT//" "$REPLY" | sed '0,/INSERT INTO "Odd/s/(1, /(99999999999, /; 0,/(NULL, .[^x]/s/(2, NULL)/(2222222222222, NULL)/' >broken
	line=$(grep -n '99999999999\|2222222222222' broken | head -1 | cut -d: -f1)
	pge restore broken
	expect 65 'broken:' 'out of range' 'Odd, table (TABLE DATA)'
	sed 's/^COPY app.child (parent, note, tags)/COPY app.nowhere (parent, note, tags)/' "$BATS_FILE_TMPDIR/plain" >broken
	pge restore broken
	expect 65 'broken:' 'relation "app.nowhere" does not exist'
	untouched
}

@test 'what pg_dump does not write is refused with its line before anything is sent' {
	grep -vE '^\\(un)?restrict' "$BATS_FILE_TMPDIR/plain" >free # the keys of its own
	for line in '\! touch hacked' '\copy t from x' '\i x' '\unrestrict abc' '\restrict' 'vacuum' 'rollback;' "create database x;" 'select 1 \gexec'; do
		{ echo; echo "$line"; [[ $line != vacuum ]] || echo ';'; } | sed '/^$/d' >insert
		[ "$line" != 'create database x;' ] || continue # it is dropped
		sed '30r insert' free >tampered
		log_mark
		pge restore tampered
		expect 65 'tampered:3'
		[[ $line != \\[!ru]* ]] || logged "does not write: ${line%% *}"
		! log_since | grep -q 'statement: .*CREATE' || fail "sent before $line"
	done
	{ printf '%s\n' '\restrict key'; cat free; printf '%s\n' '\unrestrict key'; } >whole
	pge restore --plan whole
	expect 0
	{ printf '%s\n' '\restrict key'; cat free; printf '%s\n' '\unrestrict kex'; } >tampered
	pge restore tampered
	expect 65 'tampered:' 'another'
	{ printf '%s\n' '\restrict key'; sed '30i \\\\! id' free; printf '%s\n' '\unrestrict key'; } >tampered
	pge restore tampered
	expect 65 'tampered:31: a meta-command in a restricted dump'
	[ ! -e hacked ]
	untouched
}

@test 'killed in the middle: the database is as it was, and the next one restores it' {
	from plain
	{ sed '/^-- PostgreSQL database dump complete/,$d' "$REPLY" | grep -vE '^\\(un)?restrict'; printf '%s\n' "set client_encoding = 'UTF8';" 'select pg_sleep(60);'; echo '-- PostgreSQL database dump complete'; } >slow
	begin restore slow
	eventually 20 running pg_sleep
	kill -KILL "$pid"
	wait "$job" || true
	job=
	eventually 5 not_running pg_sleep
	untouched
	begin restore slow
	eventually 20 running pg_sleep
	stops TERM 143
	eventually 5 not_running pg_sleep
	untouched
	restored plain
}

@test 'only into an empty database, and an extension that is missing is told first' {
	sql 'create table mine (i int)'
	from plain
	pge restore "$REPLY"
	expect 65 'the database is not empty: 1 table' "restore --replace FILE --confirm \"REPLACE $database\""
	# Nobody has to wait for a large backup to be proven first.
	head -c 200 "$REPLY" >short
	pge restore short
	expect 65 'the database is not empty: 1 table'
	pge restore --plan "$REPLY"
	expect 65 'the restore would be refused: the database is not empty: 1 table'
	[[ $output == *'kept '*' statements'* ]] || fail 'no plan'
	equal "$(sql 'select count(*) from mine')" 0
	database_new empty
	sed '30i CREATE EXTENSION IF NOT EXISTS nowhere;' "$REPLY" >missing
	pge restore missing
	expect 65 'missing:30: extension nowhere: this server does not have it'
	untouched
	pge restore
	expect 64
	pge restore "$BATS_FILE_TMPDIR/absent"
	expect 66
	put mine.sql 'select 1;'
	pge restore mine.sql
	expect 65 'mine.sql'
	pge restore "$REPLY" mine.sql
	expect 64 'restore takes one source, not 2'
}

@test 'compressed, and our own backup: it comes back as it was' {
	gzip -c "$BATS_FILE_TMPDIR/plain" >source.sql.gz
	zstd -qc "$BATS_FILE_TMPDIR/inserts" >source.zst
	for form in source.sql.gz source.zst; do
		database_new
		pge restore "$form"
		expect 0
		same_as_source
	done
	pge ENTRYPOINT_BACKUP_DIR="$PWD" backup mine.sql.gz
	expect 0
	database_new back
	pge restore mine.sql.gz
	expect 0 'our own schema'
	same_as_source
	gzip -c "$BATS_FILE_TMPDIR/custom" >custom.gz
	database_new packed
	pge restore custom.gz
	expect 0 'custom.gz: ' 'unpacked for reading'
	same_as_source
}

@test 'our own schema in a dump: ledger and seeds are taken, journals and repeatables are not' {
	put migrations/0001_t.sql 'create table t (i int);'
	put migrations/R__v.sql 'create or replace view v as select i from t;'
	put seeds/common/1.sql 'insert into t values (5);'
	boots
	sql "insert into entrypoint.journal values ('initdb', 'x', 0, now(), now(), 'v', 'h', 'r')"
	dumped "$database" mine.sql
	dumped "$database" mine.inserts --inserts
	for dump in mine.sql mine.inserts; do
		database_new "own_${dump#*.}"
		pge restore "$dump"
		expect 0 'our own schema'
		equal "$(sql "select version from entrypoint.migration where version not like '@%'" 'select name from entrypoint.seed' \
			'select kind from entrypoint.journal' 'select count(*) from v' | xargs)" '0001 common/1.sql restore 1'
		boots
		logged 'R__v'
		not_logged '0001_t'
		equal "$(sql 'select count(*) from t')" 1
	done
}

@test 'a foreign server needs a wrapper that only a superuser makes: refused before anything, with the way out' {
	put foreign.sql <<-'SQL'
		--
		-- PostgreSQL database dump
		--
		CREATE FOREIGN DATA WRAPPER w;
		GRANT USAGE ON FOREIGN DATA WRAPPER w TO PUBLIC;
		CREATE SERVER s FOREIGN DATA WRAPPER w;
		CREATE FOREIGN TABLE public.f (i integer) SERVER s;
		-- PostgreSQL database dump complete
	SQL
	pge restore foreign.sql
	expect 65 'foreign.sql:6: ' 'foreign server s: only a superuser may make its wrapper: let one make that (or its extension) here first'
	sql 'create foreign data wrapper w' 'grant usage on foreign data wrapper w to nexus_user'
	pge restore foreign.sql
	expect 0
	equal "$(sql 'select count(*) from pg_foreign_table')" 1
}

@test 'plpgsql, which a dump of 8.4 makes, is there already' {
	local who
	put old.sql -- '-- PostgreSQL database dump' -- 'CREATE PROCEDURAL LANGUAGE plpgsql;' \
		'ALTER PROCEDURAL LANGUAGE plpgsql OWNER TO postgres;' 'CREATE TABLE public.t (i integer);' \
		'-- PostgreSQL database dump complete' --
	for who in postgres nexus_user; do
		database_new
		url="postgresql://$who@/$database?host=$server&port=$port" pge restore old.sql
		expect 0 'language plpgsql: it is there already'
	done
}

@test 'a policy for a role that is not there: refused before anything, with the way out' {
	put policy.sql -- '-- PostgreSQL database dump' -- 'CREATE TABLE public.t (i integer);' \
		'CREATE POLICY p ON public.t TO reader, lacking USING ((i > 0));' '-- PostgreSQL database dump complete' --
	pge restore policy.sql
	expect 65 'policy.sql:5: ' 'policy for the role lacking: this server has none of that name' 'create the role first'
	untouched
	sql 'create role lacking'
	pge restore policy.sql
	sql 'drop owned by lacking' 'drop role lacking'
	expect 0
}

@test 'a security label whose provider the server has not loaded is left out, with a word for each' {
	put label.sql -- '-- PostgreSQL database dump' -- 'CREATE TABLE public.t (i integer);' \
		"SECURITY LABEL FOR anon ON COLUMN public.t.i IS 'MASKED WITH VALUE \$\$x\$\$';" \
		"SECURITY LABEL FOR anon ON TABLE public.t IS 'it''s';" 'INSERT INTO public.t VALUES (1);' \
		'-- PostgreSQL database dump complete' --
	pge restore --plan label.sql
	expect 0
	[[ $output == *'line 5: security label of anon (2 statements): left out, with a warning for each, where'* ]] ||
		fail 'not in the plan'
	pge restore label.sql
	expect 0 "left out: SECURITY LABEL FOR anon ON COLUMN public.t.i IS 'MASKED WITH VALUE \$\$x\$\$'" \
		"left out: SECURITY LABEL FOR anon ON TABLE public.t IS 'it''s' (security label provider \"anon\" is not loaded)"
	equal "$(sql 'table t')" 1
	# What is wrong with a label otherwise is a failure.
	sed -i 's/COLUMN public.t.i/COLUMN/' label.sql
	database_new
	pge restore label.sql
	expect 65 'label.sql:5: '
}

@test 'the lint tells what a dump could do, and needs no server' {
	url=
	from plain
	pge restore --lint "$REPLY"
	expect 0
	put bad.sql <<-'SQL'
		--
		-- PostgreSQL database dump
		--
		CREATE FUNCTION public.f() RETURNS void LANGUAGE c AS 'system';
		COPY public.t FROM PROGRAM 'id';
		COPY public.t TO '/tmp/x';
		DO $$begin end$$;
		CREATE FUNCTION public.g() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'select 1';
		SELECT 1, coalesce(pg_read_file('/etc/passwd'));
		CREATE TABLE public.t (i integer);
		ALTER SYSTEM SET archive_command = 'x';
		SELECT public.g();
		CREATE EXTENSION "dblink";
		-- PostgreSQL database dump complete
	SQL
	pge restore --lint bad.sql
	expect 65 '9 statements could do more'
	equal "$(cut -d: -f2 <<<"$output" | xargs)" '4 5 6 7 8 9 11 12 13' lines
}

@test 'the samples: pagila and chinook' {
	[ -e "$samples/pagila.sql" ] || skip 'SAMPLES names no folder with pagila.sql and chinook.sql'
	for sample in pagila chinook; do
		sql -d postgres "create database ${sample}_source"
		as_postgres env "$pg/psql" -qX -v ON_ERROR_STOP=1 -h "$server" -p "$port" -d "${sample}_source" <"$samples/$sample.sql" >out 2>&1
		for form in $(some 1 -Fp -Fc --inserts); do
			dumped "${sample}_source" "$sample" "$form"
			for who in owner superuser; do
				[ "$form$who" != -Fcsuperuser ] || continue
				database_new "$sample"
				[ "$who" = owner ] || as_superuser
				pge restore "$sample"
				expect 0
				content "${sample}_source" >wanted
				content "$sample" >got
				diff wanted got
			done
		done
	done
}

@test 'settings of the database that pg_dump -C writes: mapped to our name, where theirs is another one too' {
	sql -d postgres 'create database other_name' "alter database other_name set work_mem = '9MB'" "comment on database other_name is 'kept'"
	sql -d other_name 'create table t (i int)'
	env -i "$pg/pg_dump" -C -h "$server" -p "$port" -U postgres -f dump.sql other_name
	sql -d postgres 'drop database other_name with (force)'
	pge restore dump.sql
	expect 0
	equal "$(sql "select setconfig from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = '$database')")" \
		'{work_mem=9MB}'
	equal "$(sql "select shobj_description(oid, 'pg_database') from pg_database where datname = '$database'")" kept
}

@test 'a dump with --clean alone, of a server with a user mapping' {
	sql -d postgres 'create database mapped'
	sql -d mapped 'create extension file_fdw' 'create server fs foreign data wrapper file_fdw' 'create user mapping for reader server fs'
	env -i "$pg/pg_dump" --clean -h "$server" -p "$port" -U postgres -f dump.sql mapped
	sql -d postgres 'drop database mapped with (force)'
	pge DATABASE_URL="postgresql://postgres@/$database?host=$server&port=$port" restore dump.sql
	expect 0
	equal "$(sql 'select count(*) from pg_user_mappings')" 1
}
