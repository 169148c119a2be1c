#!/usr/bin/env bats
# restore --replace: a database that is not empty, by a new one beside it. KILLS is how often it is killed (20).

load lib

# A superuser in the database could not be put out.
is_apart=yes

setup_file() {
	server_start
	sql -d postgres 'alter role nexus_user createdb' "create role app login password 'app'" 'create role visitor login'
	database=dumped
	sql -d postgres 'create database dumped owner nexus_user'
	sql 'set role nexus_user' 'create table parts (id int primary key, name text)' \
		"insert into parts select g, 'new ' || g from generate_series(1, 3000) g" 'create table later (id int)' \
		'grant select on parts to app'
	"$pg/pg_dump" -Fc -h "$server" -p "$port" -U postgres dumped >"$BATS_FILE_TMPDIR/dump"
	"$pg/pg_dump" -h "$server" -p "$port" -U postgres dumped >"$BATS_FILE_TMPDIR/dump.sql"
	export dump=$BATS_FILE_TMPDIR/dump
}

teardown_file() {
	server_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	database_new
	old_data
}

teardown() {
	sql -d postgres "select format('drop database %I with (force)', datname) from pg_database
		where datname like '$database%'" | while read -r statement; do sql -d postgres "$statement"; done
	[ -z "${client-}" ] || wait "$client" || true
}

old_data() {
	sql 'set role nexus_user' 'create table parts (id int)' 'insert into parts values (1), (2)' 'create table older ()'
}

# replace [NAME=VALUE...] [OPTION...] [SOURCE]
replace() {
	local variables=()
	while [[ ${1-} =~ ^[A-Z_]+= ]]; do
		variables+=("$1")
		shift
	done
	pge "${variables[@]}" restore --replace --confirm="REPLACE $database" "$@"
}

is_old() {
	equal "$(sql 'select count(*) from parts')|$(sql 'select to_regclass($$older$$)')" '2|older' 'the old data'
}

is_new() {
	equal "$(sql 'select count(*), max(name) from parts')|$(sql 'select to_regclass($$older$$)')" '3000|new 999|' 'the new data'
	equal "$(sql 'select tableowner from pg_tables where tablename = $$parts$$')" nexus_user
}

# Databases that belong to this one.
beside() {
	sql -d postgres "select datname from pg_database where datname like '$database\\_\\_%' order by 1"
}

@test 'replaced at the end; the old one is kept under its date, and clients are named' {
	local kept
	sql_apart -U nexus_user "select 'client', pg_sleep(60)" >/dev/null 2>&1 3>&- &
	client=$!
	eventually 5 running client
	replace "$dump"
	expect 0 "${database}__restoring is restored beside $database" \
		"$database is replaced; disconnected: 1 of nexus_user from this host (psql); restart" 'docker compose restart backend' \
		"the old one is kept as ${database}__before_20" 'the way back'
	is_new
	kept=$(beside)
	[[ $kept =~ ^${database}__before_20[0-9]{6}_[0-9]{6}$ ]] || fail "beside: $kept"
	equal "$(sql -d "$kept" 'select count(*) from parts')" 2
	sql -d postgres "create database ${database}__restoring" "create database ${database}_other"
	pge status
	expect 0
	grep -qx "beside *$kept, ${database}__restoring" <<<"$output" || fail "$output"
	sql -d postgres "drop database ${database}__restoring" "drop database ${database}_other"
	no_advisory_lock
	# The way back that was told.
	sql -d postgres "alter database $database rename to ${database}__restored" "alter database $kept rename to $database"
	is_old
	# A start after it finds a database that it knows.
	boots
}

vacuumed() {
	[ "$(sql -d postgres "select count(*) from pg_stat_activity
		where datname = '$database' and backend_type = 'autovacuum worker'")" = 1 ]
}

@test 'a worker of autovacuum in the old database does not keep a plain owner from it' {
	# It takes minutes.
	sql 'create table vacuumed (i int) with (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_cost_delay = 100,
		autovacuum_vacuum_cost_limit = 1)' 'insert into vacuumed select generate_series(1, 100000)' \
		'delete from vacuumed where i > 100'
	sql -d postgres 'alter system set autovacuum = on' 'alter system set autovacuum_naptime = 1' 'select pg_reload_conf()'
	eventually 20 vacuumed
	replace "$dump"
	sql -d postgres 'alter system reset all' 'select pg_reload_conf()'
	expect 0 'disconnected: nobody'
	is_new
}

@test 'what belongs to the database goes along' {
	local facts before
	sql "alter database $database set search_path to app, \"\$user\", ''" "alter database $database set work_mem to '5MB'" \
		"alter database $database set app.tenant to 'it''s'" "alter role postgres in database $database set statement_timeout to '7s'" \
		"revoke connect on database $database from public" "grant connect, temporary on database $database to app with grant option" \
		"grant connect on database $database to nexus_user" "alter database $database connection limit 7" \
		"comment on database $database is 'it''s a shop'"
	facts="select datdba::regrole::text, encoding, datcollate, datctype, datconnlimit,
		(select string_agg(x::text, ' ' order by x::text) from aclexplode(datacl) x), shobj_description(oid, 'pg_database')
		from pg_database where datname = '$database'
		union all select setrole::text, null, array_to_string(setconfig, ' '), null, null, null, null
		from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = '$database') order by 1"
	before=$(sql -d postgres "$facts")
	# The setting of another role is a superuser's to make; the owner is told so.
	replace "$dump"
	expect 0 "a superuser has to do this after the restore: alter role postgres in database $database set statement_timeout to '7s'"
	sql "alter role postgres in database $database set statement_timeout to '7s'" "alter database $database set app.tenant to 'it''s'"
	equal "$(sql -d postgres "$facts")" "$before"
	equal "$(sql 'show search_path')" 'app, "$user", ""'
	# Who restores owns it all then; not where that would keep the application from it.
	local admin="postgresql://postgres@/$database?host=$server&port=$port"
	replace ENTRYPOINT_ADMIN_URL="$admin" "$dump.sql"
	expect 78 "what belongs to nexus_user in $database would belong to postgres, and nexus_user, the application's role, could not use it"
	replace ENTRYPOINT_ADMIN_URL="$admin" --plan "$dump.sql"
	expect 78 'the restore would be refused: what belongs to nexus_user'
	# What it may do by a grant it may do afterwards.
	url="postgresql://app@/$database?host=$server&port=$port"
	replace ENTRYPOINT_ADMIN_URL="$admin" --plan "$dump.sql"
	expect 0 "what belongs to nexus_user in $database belongs to postgres afterwards"
	url="postgresql://nexus_user@/$database?host=$server&port=$port"
	replace ENTRYPOINT_ADMIN_URL="$admin" ENTRYPOINT_RESTORE_AS=postgresql://nexus_user@/ "$dump.sql"
	expect 0
	not_logged 'afterwards'
	url=$admin
	replace "$dump.sql"
	expect 0 "what belongs to nexus_user in $database belongs to postgres afterwards"
	not_logged 'a superuser has to do this'
	equal "$(sql -d postgres "$facts")" "$before"
}

@test 'only with the phrase, wherever it is' {
	pge restore --replace "$dump"
	expect 64 'not without a word' "--confirm \"REPLACE $database\"" 'has 2 tables'
	pge ENTRYPOINT_ENVIRONMENT=dev restore --replace "$dump"
	expect 64 'not without a word'
	pge restore --replace --confirm='REPLACE other' "$dump"
	expect 64 '--confirm says "REPLACE other"'
	pge --environment=produciton restore --replace --confirm="REPLACE $database" "$dump"
	expect 78 'produciton is neither dev, test, staging nor prod'
	is_old
	equal "$(beside)" ''
}

@test 'a role that may not is told the grant; a prepared transaction and a foreign database are in the way' {
	url="postgresql://app@/$database?host=$server&port=$port"
	sql "grant create, connect on database $database to app"
	replace "$dump"
	expect 78 'app may not create the database' 'alter role "app" createdb'
	replace --plan "$dump"
	expect 78 'the restore would be refused: app may not create the database'
	sql 'alter role app createdb'
	replace "$dump"
	expect 78 "app may not rename database $database"
	sql 'alter role app nocreatedb'
	url="postgresql://nexus_user@/$database?host=$server&port=$port"
	sql_apart begin 'create table t ()' "prepare transaction 'mine'"
	replace "$dump"
	expect 65 "prepared transactions keep database $database: 'mine'"
	sql "rollback prepared 'mine'"
	sql -d postgres "create database ${database}__restoring"
	sql -d "${database}__restoring" 'create table kept ()'
	replace "$dump"
	expect 65 "there is a database ${database}__restoring, which is not of a restore"
	equal "$(sql -d "${database}__restoring" 'select to_regclass($$kept$$)')" kept
	# Who may drop it does not, nor one that cannot be looked into.
	url="postgresql://postgres@/$database?host=$server&port=$port"
	replace "$dump"
	expect 65 "there is a database ${database}__restoring, which is not of a restore"
	sql -d postgres "alter database ${database}__restoring allow_connections false"
	replace "$dump"
	expect 77 "database ${database}__restoring"
	sql -d postgres "alter database ${database}__restoring allow_connections true"
	equal "$(sql -d "${database}__restoring" 'select to_regclass($$kept$$)')" kept
	url="postgresql://nexus_user@/$database?host=$server&port=$port"
	is_old
	# An empty one of that name, and one with the mark, are leftovers.
	sql -d "${database}__restoring" 'drop table kept'
	sql -d postgres "alter database ${database}__restoring owner to nexus_user"
	replace --no-safety-copy "$dump"
	expect 0 'what a restore that was cut off has left'
	is_new
	equal "$(beside)" '' 'without a safety copy'
}

@test 'a restore that fails leaves the old one as it was, and nothing beside' {
	sed 's/^CREATE TABLE public.later/CREATE TABLE public.parts/' "$dump.sql" >broken.sql
	replace broken.sql
	expect 65 'already exists' "$database is as it was"
	is_old
	equal "$(beside)" ''
	head -c 2000 "$dump.sql" >cut.sql
	replace cut.sql
	expect 65
	is_old
}

@test 'killed while it loads a dump with a comment on the database, which is not to take the mark away' {
	local next=${database}__restoring
	sql -d postgres "comment on database dumped is 'a shop'" "comment on database $database is 'it was here'"
	"$pg/pg_dump" -C -h "$server" -p "$port" -U postgres dumped | awk '
		/^CREATE TABLE public.later/ {
			for (i = 0; i < 510; i++) printf "CREATE TABLE public.many_%d (i integer);\nCOPY public.many_%d (i) FROM stdin;\n\\.\n\n", i, i
		}
		/^-- PostgreSQL database dump complete/ { print "SELECT pg_catalog.pg_sleep(60);" }
		{ print }' >create.sql
	grep -q '^COMMENT ON DATABASE' create.sql
	begin restore --replace --confirm="REPLACE $database" create.sql
	database=$next eventually 20 running pg_sleep
	kill -s KILL "$pid"
	end
	logged 'comment on the database: '
	replace --no-safety-copy "$dump"
	expect 0 "what a restore that was cut off has left, $next, is dropped"
	is_new
	equal "$(sql "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()")" 'it was here'
}

@test 'the login of the application is tried, and where it fails that is told' {
	local admin=$url
	url="postgresql://app:app@127.0.0.1:$port/$database"
	replace ENTRYPOINT_ADMIN_URL="$admin" "$dump"
	expect 0
	is_new
	url="postgresql://app:wrong@127.0.0.1:$port/$database"
	replace ENTRYPOINT_ADMIN_URL="$admin" "$dump"
	expect 77 "$database is replaced, but the application cannot use it"
	is_new
}

@test 'those whom it may not end are named, and nothing happens' {
	sql_apart "select 'client', pg_sleep(60)" >/dev/null 2>&1 3>&- &
	client=$!
	eventually 5 running client
	replace ENTRYPOINT_LOCK_RETRY_FOR=1s "$dump"
	expect 78 "sessions of postgres are in database $database, which \"nexus_user\" may not end" 'stop them: those of a superuser only another one may end'
	replace --plan "$dump"
	expect 78 'the restore would be refused: sessions of postgres'
	is_old
	equal "$(beside)" ''
}

@test 'who may end sessions, but not see them, tells whose they were; a table that another one owns is told' {
	sql 'grant pg_signal_backend to nexus_user' "grant connect on database $database to app" 'create table theirs ()' 'alter table theirs owner to app'
	sql_apart -U app "select 'client', pg_sleep(60)" >/dev/null 2>&1 3>&- &
	client=$!
	eventually 5 running client
	replace --plan "$dump"
	expect 0
	replace "$dump"
	expect 0 'disconnected: 1 of app (psql); restart' "what belongs to app in $database belongs to nexus_user afterwards"
	is_new
	sql -d postgres 'revoke pg_signal_backend from nexus_user'
}

@test 'kill -9 at any moment: the name stands for the whole old or the whole new' {
	local round rounds=$((${KILLS:-20} / 2)) took instant new=0
	took=$(now_ms)
	replace --no-safety-copy "$dump"
	expect 0
	took=$(($(now_ms) - took))
	for ((round = 0; round < rounds; round++)); do
		database_new
		old_data
		instant=$((RANDOM % took + 1))
		command_of restore --replace --confirm="REPLACE $database" "$dump"
		timeout -s KILL "$((instant / 1000)).$(printf %03d $((instant % 1000)))" "${command[@]}" >out 2>err || true
		eventually 10 no_advisory_lock
		if [ -n "$(sql 'select to_regclass($$older$$)')" ]; then
			is_old
		else
			is_new
			new=$((new + 1))
		fi
		replace --no-safety-copy "$dump"
		expect 0
		is_new
		equal "$(beside | grep -c restoring)" 0 || true
		sql -d postgres "select format('drop database %I', datname) from pg_database where datname like '$database\\_\\_before%'" |
			while read -r statement; do sql -d postgres "$statement"; done
	done
	echo "# $new of $rounds were new already" >&3
}

# Files of two ages: the old ones of a volume, and a backup with the new ones and the new rows, in $both.
two_ages() {
	mkdir -p media new/media/many both
	echo old >media/old.txt
	echo old >media/same.txt
	chmod 750 media
	echo new >new/media/same.txt
	for i in {1..60}; do echo "$i" >"new/media/many/$i"; done
	cp "$dump.sql" both/db_backup_20260101_000000.sql
	tar -C new -czf both/media_backup_20260101_000000.tar.gz media
	both=$PWD/both/db_backup_20260101_000000.sql
	set=ENTRYPOINT_VOLUMES="media:$PWD/media"
}

# files AGE: all of the volume is of that age.
files() {
	local was='old.txt same.txt'
	[ "$1" = old ] || was='many same.txt'
	equal "$(cd media && echo *)" "$was" "the $1 files"
	equal "$(cat media/same.txt)" "$1"
	[ "$1" = old ] || equal "$(find media/many -type f | wc -l)" 60
}

@test 'volumes go along: the old files are kept beside; without an archive of a full one nothing happens' {
	local kept set both
	two_ages
	replace "$set" "$dump"
	expect 65 'volume media: no archive of it is in or beside'
	is_old
	pge "$set" restore --replace "$both"
	expect 64 'has 2 tables' 'with the files of its volumes: media'
	files old
	replace "$set" --plan "$both"
	expect 0
	[[ $output == *'instead of what is in'* ]] || fail 'the plan does not tell'
	files old
	replace "$set" "$both"
	expect 0 'volume media: the old files are kept in' 'volume media: restored' 'then the old files of media are wanted again too'
	is_new
	files new
	kept=$(echo media/.pg-entrypoint/before_20*)
	equal "$(cat "$kept/old.txt" "$kept/same.txt" | xargs) $(stat -c %a "$kept")" 'old old 750'
	boots "$set"
	files new
	# The database alone, then a volume alone, which needs no server.
	replace "$set" --only db --no-safety-copy "$dump"
	expect 0
	files new
	echo later >media/later.txt
	pge DATABASE_URL= "$set" restore --only volume:media --replace "${both%/*}/media_backup_20260101_000000.tar.gz"
	expect 64 'files are replaced: media' '--confirm "REPLACE media"'
	pge DATABASE_URL= "$set" restore --only volume:media --replace --no-safety-copy --confirm='REPLACE media' \
		"${both%/*}/media_backup_20260101_000000.tar.gz"
	expect 0 'volume media: restored'
	files new
	equal "$(cd media/.pg-entrypoint && echo *)" "${kept##*/} mark"
}

@test 'volumes replaced twice within a second are both kept' {
	local kept set both i
	two_ages
	for i in 1 2 3; do
		pge DATABASE_URL= "$set" restore --only volume:media --replace --confirm='REPLACE media' \
			"${both%/*}/media_backup_20260101_000000.tar.gz"
		expect 0 'volume media: restored'
	done
	files new
	equal "$(find media/.pg-entrypoint -maxdepth 1 -name 'before_*' | wc -l)" 3
	pge "$set" plan
	expect 0
}

@test 'a file system that is mounted within a volume cannot be moved aside: refused while all is old' {
	local set both
	two_ages
	mkdir media/cache
	command_of "$set" restore --replace --confirm="REPLACE $database" "$both"
	captured unshare --mount bash -c 'mount -t tmpfs none media/cache && exec "$@"' _ "${command[@]}"
	expect 73 'volume media: ' 'cache is another file system, which cannot be moved aside'
	rmdir media/cache
	files old
	is_old
}

@test 'volumes, kill -9 at any moment: a start stands on the whole old or the whole new, files and rows of one age' {
	local round rounds=$((${KILLS:-12} / 2)) took instant set both
	two_ages
	cp -a media old
	took=$(now_ms)
	replace "$set" --no-safety-copy "$both"
	expect 0
	took=$(($(now_ms) - took))
	for ((round = 0; round < rounds; round++)); do
		database_new
		old_data
		rm -rf media
		cp -a old media
		instant=$((RANDOM % took + 1))
		# Some of them in the middle of the moves.
		command_of "$set" restore --replace --confirm="REPLACE $database" --no-safety-copy "$both"
		if ((round % 2)); then
			captured strace -f -qq -o /dev/null -e trace=renameat -e inject=renameat:signal=KILL:when=$((RANDOM % 12 + 1)) "${command[@]}" || true
		else
			timeout -s KILL "$((instant / 1000)).$(printf %03d $((instant % 1000)))" "${command[@]}" >out 2>err || true
		fi
		eventually 10 no_advisory_lock
		boots "$set"
		if [ -n "$(sql 'select to_regclass($$older$$)')" ]; then
			is_old
			files old
		else
			is_new
			files new
		fi
		[ ! -e media/.pg-entrypoint/tree ] && [ ! -e media/.pg-entrypoint/dropped ] || fail 'something is left'
		replace "$set" --no-safety-copy "$both"
		expect 0
		is_new
		files new
	done
}
