# The migrations of other tools, read in place: half applied by the tool (or its documented rows), the rest by us. The
# schema is what the tool alone makes, and its history is one that it goes on from.

load lib

setup_file() {
	peers=$root/build/bench
	if [ ! -x "$peers/node_modules/.bin/dbmate" ] || [ ! -d "$peers/node_modules/node-pg-migrate" ]; then
		mkdir -p "$peers"
		npm install --prefix "$peers" --no-audit --no-fund --loglevel=error dbmate node-pg-migrate pg >&2
	fi
	server_start
}

teardown_file() {
	server_stop
}

# ---- a set of four migrations, as SQL ------------------------------------------------------------------------------------

up_1="create table users (id integer primary key, name text not null);
create function shout(word text) returns text language plpgsql as \$body\$
begin
	-- a semicolon; in a body
	return upper(word) || '!;';
end
\$body\$;"
down_1='drop function shout(text);
drop table users;'
up_2='create index concurrently users_name on users (name);'
down_2='drop index concurrently users_name;'
up_3='alter table users add column born date; insert into users values (1, $$Ada; Lovelace$$);'
down_3='delete from users where id = 1; alter table users drop column born;'
up_4="create view shouted as select shout(name) as name from users;
create function touch() returns trigger language plpgsql as \$\$ begin return new; end \$\$;
create trigger touch before update on users for each row execute function touch();"
down_4='drop trigger touch on users; drop function touch(); drop view shouted;'

# files LAYOUT [FIRST [LAST]]: writes the files of that tool into migrations.
files() {
	local n up down
	for ((n = ${2:-1}; n <= ${3:-4}; n++)); do
		up=up_$n down=down_$n
		"file_$1" "$n" "${!up}" "${!down}"
	done
}

file_dbmate() {
	local option=
	((${1} != 2)) || option=' transaction:false'
	put "migrations/00$1_step.sql" "-- step $1" "-- migrate:up$option" "$2" '' "-- migrate:down$option" "$3"
}

file_goose() {
	local top=()
	((${1} != 2)) || top=('-- +goose NO TRANSACTION')
	put "migrations/0000$1_step.sql" "${top[@]}" '-- +goose Up' '-- +goose StatementBegin' "$2" '-- +goose StatementEnd' \
		'-- +goose down' '-- +goose StatementBegin' "$3" '-- +goose StatementEnd'
}

file_golang-migrate() {
	put "migrations/$1_step.up.sql" "$2"
	put "migrations/$1_step.down.sql" "$3"
}

file_sqlx() {
	local top=()
	((${1} != 2)) || top=('-- no-transaction')
	put "migrations/2024010100000${1}_the_step.up.sql" "${top[@]}" "$2"
	put "migrations/2024010100000${1}_the_step.down.sql" "${top[@]}" "$3"
}

file_flyway() {
	put "migrations/V1_${1}__The_step.sql" "$2"
	((${1} != 2)) || put "migrations/V1_${1}__The_step.sql.conf" 'executeInTransaction = false'
}

# It has no marker for what cannot run in a transaction: the tool alone has a plain index.
file_node-pg-migrate() {
	put "migrations/170000000000${1}_step.sql" '-- Up Migration' "${2/ concurrently/}" '' '-- Down Migration' "${3/ concurrently/}"
}

# ---- the tools, and what they make ---------------------------------------------------------------------------------------

dbmate() {
	env -i PATH="$PATH" "$root/build/bench/node_modules/.bin/dbmate" --no-dump-schema -d "$PWD/migrations" \
		-u "postgres://nexus_user:secret@127.0.0.1:$port/$database?sslmode=disable" "$@"
}

node_pg_migrate() {
	env -i PATH="$PATH" DATABASE_URL="postgres://nexus_user:secret@127.0.0.1:$port/$database" \
		"$root/build/bench/node_modules/.bin/node-pg-migrate" -m migrations "$@"
}

# dump [DATABASE]: the schema, without ours.
dump() {
	env -i "$pg/pg_dump" --schema-only -N entrypoint -h "$server" -p "$port" -U postgres "${1:-$database}" |
		grep -vE '^(--|$|\\(un)?restrict)'
}

# as_owner STATEMENT...: what a tool does on its own connection.
as_owner() {
	printf '%s;\n' "$@" | env -i "$pg/psql" -XAtq -v ON_ERROR_STOP=1 -d "$tcp_url" -f -
}

# alone HISTORY: another database with all four migrations made by psql and the history table as documented; its dump.
alone() {
	local mixed=$database n up
	database_new "alone_$BATS_TEST_NUMBER"
	for n in 1 2 3 4; do
		up=up_$n
		printf '%s\n' "${!up}" >step.sql
		env -i "$pg/psql" -Xq -v ON_ERROR_STOP=1 -d "$tcp_url" -f step.sql
	done
	as_owner "$1"
	dump >alone.dump
	database_new_not "$mixed"
}

# Back to a database that is there.
database_new_not() {
	database=$1
	url="postgresql://nexus_user@/$database?host=$server&port=$port"
	tcp_url="postgresql://nexus_user:secret@127.0.0.1:$port/$database"
}

same_as_alone() {
	dump >mixed.dump
	diff alone.dump mixed.dump || fail 'another schema than the tool alone makes'
}

checksum() {
	local name=$1
	shift
	"$@" "$name" | cut -d' ' -f1
}

# ---- dbmate --------------------------------------------------------------------------------------------------------------

@test 'dbmate: half by dbmate, the rest by us, and back and forth' {
	files dbmate
	dbmate up >/dev/null
	dump >alone.dump
	sql -d postgres "drop database $database with (force)" "create database $database owner nexus_user"

	rm migrations/00[34]*
	dbmate up >/dev/null
	files dbmate
	boots
	logged '2 applied by dbmate' '003_step.sql applied' '004_step.sql applied' '2 applied'
	not_logged '001_step.sql applied'
	same_as_alone
	equal "$(sql 'select string_agg(version, $$ $$ order by version) from schema_migrations')" '001 002 003 004'
	equal "$(dbmate status | tail -n 2 | xargs)" 'Applied: 4 Pending: 0'
	equal "$(dbmate up 2>&1)" ''

	# dbmate takes one back: it is pending again, and is applied again.
	dbmate rollback >/dev/null
	pge plan
	expect 2
	equal "$output" "$(printf '%-12s 004_step.sql' pending)"
	boots
	logged '1 taken back by dbmate' '004_step.sql applied'
	same_as_alone
	dbmate rollback >/dev/null
	dbmate up >/dev/null
	boots
	not_logged applied
	same_as_alone
}

@test 'dbmate: all by us, on an empty database; then dbmate has nothing to do' {
	files dbmate
	boots
	logged 'schema_migrations" is made, as dbmate would' '4 applied'
	equal "$(dbmate up 2>&1)" ''
	dbmate rollback >/dev/null
	equal "$(sql "select to_regclass('shouted') is null")" t
}

@test 'dbmate: versions are text, 1 is not 001' {
	put migrations/001_a.sql '-- migrate:up' 'create table a ();' '-- migrate:down' 'drop table a;'
	put migrations/1_b.sql '-- migrate:up' 'create table b ();' '-- migrate:down' 'drop table b;'
	as_owner 'create table schema_migrations (version varchar(128) primary key)' "insert into schema_migrations values ('1')"
	boots ENTRYPOINT_ON_OUT_OF_ORDER=ignore
	equal "$(sql "select to_regclass('a') is not null, to_regclass('b') is null")" 't|t'
	equal "$(sql 'select string_agg(version, $$ $$ order by version) from schema_migrations')" '001 1'
}

@test 'dbmate: BOM and CRLF; a failure says the line of the file; the row goes with it' {
	printf '\xef\xbb\xbf-- migrate:up\r\ncreate table t (i int);\r\n-- migrate:down\r\ndrop table t;\r\n' | put migrations/001_a.sql
	# Nothing in it: to dbmate that is a migration as well.
	put migrations/0011_empty.sql '-- migrate:up' '-- migrate:down'
	put migrations/002_b.sql '-- a comment' '' '-- migrate:up' 'create table u ();' 'select wrong;' '-- migrate:down' 'drop table u;'
	boot
	expect 65 002_b.sql:5:8
	equal "$(sql "select to_regclass('t') is not null, to_regclass('u') is null")" 't|t'
	equal "$(sql 'select string_agg(version, $$ $$ order by version) from schema_migrations')" '001 0011'
}

# ---- node-pg-migrate -----------------------------------------------------------------------------------------------------

@test 'node-pg-migrate: half by it, the rest by us, and back and forth' {
	files node-pg-migrate
	node_pg_migrate up >/dev/null
	dump >alone.dump
	sql -d postgres "drop database $database with (force)" "create database $database owner nexus_user"

	node_pg_migrate up 2 >/dev/null
	boots
	logged '2 applied by node-pg-migrate' '1700000000003_step.sql applied' '2 applied'
	same_as_alone
	equal "$(sql 'select string_agg(name, $$ $$ order by id) from pgmigrations')" \
		'1700000000001_step 1700000000002_step 1700000000003_step 1700000000004_step'
	[[ $(node_pg_migrate up) == *'No migrations to run'* ]] || fail 'it has something to do'
	node_pg_migrate down >/dev/null
	boots
	logged '1700000000004_step.sql applied'
	same_as_alone
}

@test 'node-pg-migrate: a UTC time and milliseconds are in the order of time; 01 and 1 are two' {
	local name
	for name in 20200101000000000_a 1700000000000_b 01_c 1_c; do
		put "migrations/$name.sql" '-- Up Migration' "create table t_$name ();"
	done
	node_pg_migrate up >/dev/null
	sql 'select name from pgmigrations order by id' >theirs
	sql -d postgres "drop database $database with (force)" "create database $database owner nexus_user"
	node_pg_migrate up 3 >/dev/null
	boots
	logged '1700000000000_b.sql applied' '1 applied'
	sql 'select name from pgmigrations order by id' | diff theirs - || fail 'another order'
	[[ $(node_pg_migrate up) == *'No migrations to run'* ]] || fail 'it has something to do'
}

@test 'node-pg-migrate: files without a mark are told by the history table' {
	put migrations/1_a.sql 'create table a ();'
	put migrations/2_b.sql 'create table b ();'
	node_pg_migrate up 1 >/dev/null
	boots
	logged '1 applied by node-pg-migrate' '2_b.sql applied'
	equal "$(sql 'select string_agg(name, $$ $$ order by id) from pgmigrations')" '1_a 2_b'
	# The ledger remembers it, though nothing but the table's rows would tell now.
	sql 'delete from pgmigrations'
	pge plan
	expect 2 ''
	[[ $output == *1_a.sql*2_b.sql* ]] || fail 'not pending again'
}

@test 'node-pg-migrate: a file in JavaScript is refused when its turn comes, not when it has run' {
	put migrations/1_a.js 'exports.up = pgm => pgm.createTable("a", {});' 'exports.down = () => {};'
	put migrations/2_b.sql '-- Up Migration' 'create table b ();'
	boot
	expect 65 'migrations/1_a.js: a migration that is no SQL'
	equal "$(sql "select to_regclass('b') is null")" t
	node_pg_migrate up 1 >/dev/null
	boots
	equal "$(sql "select to_regclass('b') is null")" f
}

# ---- the others, by their documented rows --------------------------------------------------------------------------------

goose_table='create table goose_db_version (id integer primary key generated by default as identity,
	version_id bigint not null, is_applied boolean not null, tstamp timestamp not null default now());
	insert into goose_db_version (version_id, is_applied) values (0, true)'

@test 'goose: half by its rows, the rest by us' {
	files goose
	alone "$goose_table"
	as_owner "$up_1" "$goose_table" 'insert into goose_db_version (version_id, is_applied) values (1, true), (2, true)'
	as_owner "$up_2"
	boots
	logged '2 applied by goose' '00003_step.sql applied' '00004_step.sql applied'
	same_as_alone
	equal "$(sql 'select string_agg(format($$%s %s$$, version_id, is_applied), $$, $$ order by id) from goose_db_version')" \
		'0 t, 1 t, 2 t, 3 t, 4 t'
	boots
	not_logged applied
}

@test 'goose: the newest row of a version tells; its table is made as goose makes it' {
	files goose
	alone "$goose_table"
	boots
	same_as_alone
	equal "$(sql 'select id, version_id, is_applied from goose_db_version order by id limit 1')" '1|0|t'
	# An old release takes the last one back: it appends a row.
	as_owner "$down_4" 'insert into goose_db_version (version_id, is_applied) values (4, false)'
	boots
	logged '1 taken back by goose' '00004_step.sql applied'
	same_as_alone
	boots
	not_logged applied
}

@test 'goose: ENVSUB, Go and a heading that is indented are refused with file and line' {
	put migrations/1_a.sql '-- +goose Up' '-- +goose ENVSUB ON' 'select ${A};' '-- +goose Down'
	boot
	expect 65 1_a.sql:2:1 ENVSUB
	put migrations/1_a.sql '-- +goose Up' 'create table t ();' '  -- +goose Down' 'drop table t;'
	boot
	expect 65 1_a.sql:3:1 'must begin the line'
	rm migrations/1_a.sql
	put migrations/1_a.go 'package migrations'
	put migrations/2_b.sql '-- +goose Up' 'select 1;'
	boot
	expect 65 1_a.go 'no SQL'
}

golang_table='create table "public"."schema_migrations" (version bigint not null primary key, dirty boolean not null)'

@test 'golang-migrate: half by its row, the rest by us; one row is kept' {
	files golang-migrate
	alone "$golang_table"
	as_owner "$golang_table" 'insert into schema_migrations values (2, false)' "$up_1"
	as_owner "$up_2"
	boots
	logged '2 applied by golang-migrate' '3_step.up.sql applied' '4_step.up.sql applied'
	same_as_alone
	equal "$(sql 'select * from schema_migrations')" '4|f'
	# It takes two back.
	as_owner "$down_4" "$down_3" 'truncate schema_migrations' 'insert into schema_migrations values (2, false)'
	boots
	logged '2 taken back by golang-migrate' '2 applied'
	same_as_alone
	equal "$(sql 'select * from schema_migrations')" '4|f'
}

@test 'golang-migrate: dirty is refused with both remedies, and both work' {
	files golang-migrate
	as_owner "$golang_table" 'insert into schema_migrations values (1, true)' "$up_1"
	boot
	expect 65 'version 1 failed (it is dirty)' 'set dirty = false' 'set version ='
	equal "$(sql 'select * from schema_migrations')" '1|t'
	as_owner 'update schema_migrations set dirty = false'
	boots
	equal "$(sql 'select * from schema_migrations')" '4|f'
}

@test 'golang-migrate: dirty in front of its first file, which no setting has to name' {
	files golang-migrate 1 1
	as_owner "$golang_table" 'insert into schema_migrations values (-1, true)'
	boot
	expect 65 'version -1 failed (it is dirty)' 'taking back the first one' 'truncate "public"."schema_migrations"'
	as_owner 'truncate schema_migrations'
	boots
	equal "$(sql 'select * from schema_migrations')" '1|f'
}

@test 'golang-migrate: a file that was merged late is not passed over, and its row does not fall' {
	files golang-migrate 1 3
	rm migrations/2_*
	boots ENTRYPOINT_MIGRATIONS_FORMAT=golang-migrate
	equal "$(sql 'select * from schema_migrations')" '3|f'
	files golang-migrate 2 2
	boot
	expect 65 '2_step.up.sql is not applied, but the newer 3 is'
	boots ENTRYPOINT_ON_OUT_OF_ORDER=ignore
	logged '2_step.up.sql applied'
	equal "$(sql 'select * from schema_migrations')" '3|f'
	boots
	not_logged applied
}

sqlx_table='create table _sqlx_migrations (version bigint primary key, description text not null,
	installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null, execution_time bigint not null)'

# sqlx_row FILE: the row of a file, as sqlx writes it.
sqlx_row() {
	local version=${1##*/}
	echo "insert into _sqlx_migrations values (${version%%_*}, 'the step', now(), true, '\\x$(checksum "$1" sha384sum)', 5)"
}

@test 'sqlx: half by its rows, the rest by us, checksums as sqlx computes them' {
	files sqlx
	alone "$sqlx_table"
	as_owner "$sqlx_table" "$up_1" "$(sqlx_row migrations/*1_the_step.up.sql)" "$(sqlx_row migrations/*2_the_step.up.sql)"
	as_owner "$up_2"
	boots
	logged '2 applied by sqlx' 'the_step.up.sql applied'
	same_as_alone
	equal "$(sql 'select version, description, success, encode(checksum, $$hex$$), execution_time > 0 from _sqlx_migrations order by 1 desc limit 1')" \
		"20240101000004|the step|t|$(checksum migrations/*4_the_step.up.sql sha384sum)|t"
	sql "alter database $database set bytea_output = 'escape'"
	boots
	not_logged applied
	# Edited after sqlx has applied it: the policy, and a way out that both accept.
	echo '-- edited' >>migrations/20240101000001_the_step.up.sql
	boot
	expect 65 '20240101000001_the_step.up.sql was changed after it was applied'
	pge migrate accept 20240101000001
	expect 0
	boots
	equal "$(sql 'select encode(checksum, $$hex$$) from _sqlx_migrations order by version limit 1')" \
		"$(checksum migrations/*1_the_step.up.sql sha384sum)"
}

@test 'sqlx: other ends of lines are no edit; success = false is refused' {
	files sqlx 1 1
	sed 's/$/\r/' migrations/*1_the_step.up.sql >crlf
	as_owner "$sqlx_table" "$up_1" "insert into _sqlx_migrations values (20240101000001, 'the step', now(), true, '\\x$(checksum crlf sha384sum)', 5)"
	boots
	as_owner 'update _sqlx_migrations set success = false'
	boot
	expect 65 'version 20240101000001 failed (success is false)' 'set success = true where version' 'delete from'
}

flyway_table='create table "flyway_schema_history" ("installed_rank" int not null, "version" varchar(50), "description" varchar(200) not null,
	"type" varchar(20) not null, "script" varchar(1000) not null, "checksum" integer, "installed_by" varchar(100) not null,
	"installed_on" timestamp not null default now(), "execution_time" integer not null, "success" boolean not null);
	alter table "flyway_schema_history" add constraint "flyway_schema_history_pk" primary key ("installed_rank");
	create index "flyway_schema_history_s_idx" on "flyway_schema_history" ("success")'

@test 'flyway: repeatables in the order of their descriptions, where a blank is before all letters' {
	put migrations/V1__a.sql 'create table steps (n serial, name text);'
	for name in 1_functions 2_views 10_grants view_more views; do
		put "migrations/R__$name.sql" "insert into steps (name) values ('$name');"
	done
	boots
	equal "$(sql "select string_agg(name, ' ' order by n) from steps")" '1_functions 10_grants 2_views view_more views'
	boots
	not_logged applied
}

@test 'flyway: two histories in one schema' {
	put migrations/V1__a.sql 'create table one ();'
	boots ENTRYPOINT_MIGRATIONS_TABLE=a_history
	put migrations/V1__a.sql 'create table two ();'
	boots ENTRYPOINT_MIGRATIONS_TABLE=b_history ENTRYPOINT_SCHEMA=second
	equal "$(sql "select string_agg(indexname, ' ' order by indexname) from pg_indexes where schemaname = 'public'")" \
		'a_history_pk a_history_s_idx b_history_pk b_history_s_idx'
}

# crc FILE: CRC-32 over the lines without their ends, signed; by gzip, whose trailer has it.
crc() {
	sed '1s/^\xef\xbb\xbf//' "$1" | tr -d '\r\n' | gzip -c | tail -c 8 | od -An -t d4 -N 4 | tr -d ' '
}

flyway_row() {
	echo "insert into flyway_schema_history values ($1, $2, $3, 'SQL', '${4##*/}', $(crc "$4"), 'nexus_user', now(), 1, true)"
}

@test 'flyway: half by its rows, the rest by us, repeatables too' {
	files flyway
	put migrations/R__All_rights.sql 'grant select on users to public;'
	alone "$flyway_table"
	printf 'grant select on users to public' >step.sql
	sql -d "alone_$BATS_TEST_NUMBER" "$(<step.sql)"
	dump "alone_$BATS_TEST_NUMBER" >alone.dump
	as_owner "$flyway_table" "$up_1" "$(flyway_row 1 "'1.1'" "'The step'" migrations/V1_1__The_step.sql)" \
		"$(flyway_row 2 "'1.2'" "'The step'" migrations/V1_2__The_step.sql)"
	as_owner "$up_2"
	boots
	logged '2 applied by flyway' 'V1_3__The_step.sql applied' 'R__All_rights.sql applied'
	same_as_alone
	equal "$(sql 'select installed_rank, version, description, type, script, checksum, installed_by, success from flyway_schema_history where installed_rank > 3 order by 1')" \
		"4|1.4|The step|SQL|V1_4__The_step.sql|$(crc migrations/V1_4__The_step.sql)|nexus_user|t
5||All rights|SQL|R__All_rights.sql|$(crc migrations/R__All_rights.sql)|nexus_user|t"
	boots
	not_logged applied
	# Ends of lines and a BOM are no edit; a changed repeatable runs again.
	sed -i '1s/^/\xef\xbb\xbf/; s/$/\r/' migrations/V1_1__The_step.sql
	echo 'grant insert on users to public;' >>migrations/R__All_rights.sql
	boots ENTRYPOINT_MIGRATIONS_FORMAT=flyway
	logged 'R__All_rights.sql applied' '1 applied'
	equal "$(sql 'select count(*) from flyway_schema_history where version is null')" 2
	echo '-- edited' >>migrations/V1_1__The_step.sql
	boot
	expect 65 'V1_1__The_step.sql was changed after it was applied'
}

@test 'flyway: 1.10 is above 1.9, 1 is 1.0; a baseline, a repair and placeholders' {
	put migrations/V1__a.sql 'select wrong;'
	put migrations/V1_9__b.sql 'create table b ();'
	put migrations/V1.10__c.sql 'create table c as table b;'
	as_owner "$flyway_table" "insert into flyway_schema_history values (1, '1.0', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', null, 'x', now(), 0, true)"
	boots
	equal "$(sql "select string_agg(version, ' ' order by installed_rank) from flyway_schema_history")" '1.0 1.9 1.10'
	# What a repair deletes is pending again.
	sql "insert into flyway_schema_history values (9, '1.10', 'c', 'DELETE', 'V1.10__c.sql', null, 'x', now(), 0, true)" 'drop table c'
	boots
	logged 'V1.10__c.sql applied'
	put migrations/V2__d.sql 'create table d ();' 'comment on table d is $$${team}$$;'
	boot
	expect 65 V2__d.sql:2:25 placeholder
	put migrations/V2__d.sql.conf 'placeholderReplacement=false'
	boots
	sql "insert into flyway_schema_history values (99, '3', 'e', 'SQL', 'V3__e.sql', 1, 'x', now(), 0, false)"
	boot
	expect 65 'version 3 failed (success is false)' 'delete from'
}

@test 'flyway: a baseline migration beside the version that it stands for is left out' {
	put migrations/V1__a.sql 'create table a ();'
	put migrations/V2__b.sql 'create table b ();'
	put migrations/B2__all.sql 'create table a ();' 'create table b ();'
	boots
	logged 'V1__a.sql applied' 'V2__b.sql applied'
	put migrations/V3__c.sql 'create table c ();'
	boots
	logged 'V3__c.sql applied'
	equal "$(sql "select string_agg(version, ' ' order by installed_rank) from flyway_schema_history")" '1 2 3'
	# By itself nothing can stand for it.
	rm migrations/V2__b.sql
	boot
	expect 65 'B2__all.sql'
	put migrations/V2__b.sql 'create table b ();'
	# Where Flyway has begun with it, what it stands for counts as applied, whatever its checksum is.
	database_new "${database}b"
	as_owner "$flyway_table" "insert into flyway_schema_history values (1, '2', 'all', 'SQL_BASELINE', 'B2__all.sql', 4711, 'x', now(), 0, true)"
	boots
	logged '1 applied'
	equal "$(sql "select to_regclass('a') is null and to_regclass('c') is not null")" t
	boots
	not_logged applied
}

@test 'flyway: a version without a description is no less of one' {
	put migrations/V1.sql 'create table a ();'
	put migrations/V2__b.sql 'create table b as table a;'
	boots
	logged 'V1.sql applied' 'V2__b.sql applied'
	equal "$(sql 'select version, description, script from flyway_schema_history limit 1')" '1||V1.sql'
}

@test 'flyway: version 1, half applied, goes on as 1.0' {
	put migrations/V1__a.sql 'create table a (i int);' 'insert into a values (1);' 'vacuum missing;'
	boot
	expect 65 V1__a.sql:3
	rm migrations/V1__a.sql
	put migrations/V1.0__a.sql 'create table a (i int);' 'insert into a values (1);' 'vacuum a;'
	boots
	logged 'going on after statement 2'
	boots
	not_logged applied
	equal "$(sql "select l.version, h.version from entrypoint.migration l, flyway_schema_history h where l.version not like '@%' and finished_at is not null")" '1|1.0'
}

@test 'flyway: a row that says 1.0 is that of version 1, to accept and to take back' {
	put migrations/V1__a.sql 'create table a ();'
	put migrations/U1__a.sql 'drop table a;'
	boots
	sql "update flyway_schema_history set version = '1.0'"
	echo '-- edited' >>migrations/V1__a.sql
	pge migrate accept 1
	expect 0
	boots
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 0 'V1__a undone'
	equal "$(sql 'select count(*) from flyway_schema_history')" 0
	boots
	logged 'V1__a.sql applied'
}

# ---- back ---------------------------------------------------------------------------------------------------------------

@test 'down: what dbmate has applied, by the sections of its files; then dbmate knows' {
	files dbmate
	dbmate up >/dev/null
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down 3
	expect 0 '004_step undone' '003_step undone' '002_step undone' '3 undone'
	equal "$(sql "select to_regclass('shouted') is null, to_regclass('users_name') is null, to_regclass('users') is null")" 't|t|f'
	equal "$(dbmate status | tail -n 2 | xargs)" 'Applied: 1 Pending: 3'
	pge ENTRYPOINT_ENVIRONMENT=dev migrate redo
	expect 0 '001_step undone' '001_step.sql applied' '1 applied'
	equal "$(dbmate status | tail -n 2 | xargs)" 'Applied: 1 Pending: 3'
	dbmate up >/dev/null
	boots
	not_logged applied
}

@test 'down: files of their own; the one row of golang-migrate goes back' {
	files golang-migrate
	boots
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 0 '4_step undone'
	equal "$(sql 'select * from schema_migrations')" '3|f'
	for _ in 3 2 1; do
		pge ENTRYPOINT_ENVIRONMENT=dev migrate down
		expect 0 '1 undone'
	done
	equal "$(sql "select count(*), to_regclass('users') is null from schema_migrations")" '0|t'
	boots
	logged '4 applied'
	# Which of two would run is nobody's guess.
	put migrations/01_other.down.sql 'select 1;'
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down 0
	expect 65 1_step.down.sql 01_other.down.sql 'both take version 1 back'
	equal "$(sql "select to_regclass('users') is null")" f
}

@test 'down: sqlx outside a transaction, node-pg-migrate, goose and flyway; a failure leaves the row' {
	local layout table
	for layout in sqlx node-pg-migrate goose; do
		rm -rf migrations
		database_new
		files "$layout"
		boots ENTRYPOINT_MIGRATIONS_FORMAT="$layout"
		pge ENTRYPOINT_ENVIRONMENT=dev ENTRYPOINT_MIGRATIONS_FORMAT="$layout" migrate down 4
		expect 0 '4 undone'
		equal "$(sql "select to_regclass('users') is null")" t
	done
	equal "$(sql 'select count(*), max(version_id) from goose_db_version')" '1|0'

	rm -rf migrations
	database_new
	files flyway 1 1
	boots
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 66 'write U1_1__The_step.sql beside it'
	put migrations/U1.1__The_step.sql 'drop table wrong;'
	boots
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 65 U1.1__The_step.sql:1
	equal "$(sql 'select count(*) from flyway_schema_history')" 1
	put migrations/U1.1__The_step.sql "$down_1" 'vacuum;'
	put migrations/U1.1__The_step.sql.conf 'executeInTransaction = false'
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 0 '1 undone'
	equal "$(sql 'select count(*) from flyway_schema_history')" 0
}

@test 'down outside a transaction: killed at its end it goes on, and no start applies the migration again' {
	files dbmate 1 2
	boots
	hold 'lock table schema_migrations in share mode'
	begin ENTRYPOINT_ENVIRONMENT=dev migrate down
	eventually 10 running 'delete from "public"."schema_migrations"'
	kill -s KILL "$pid"
	end
	sql -d postgres "select pg_terminate_backend(pid) from pg_stat_activity where query like '%delete from %schema_migrations%'
		and datname = '$database'" >/dev/null
	release
	boot
	expect 65 '002_step.sql is half undone'
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 0 '1 undone'
	equal "$(sql "select string_agg(version, ' ') from schema_migrations")" 001
	boots
	logged '1 applied'
}

@test 'down: the newest is what it is to the tool, and a file has the name that the tool gives it' {
	local n
	for n in 9 10; do
		put "migrations/${n}_a.sql" '-- migrate:up' "create table t$n ();" '-- migrate:down' "drop table t$n;"
	done
	boots
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 0 '9_a undone' # as text it is behind 10, and was applied last
	rm -rf migrations
	database_new
	files golang-migrate
	boots
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down "$PWD/migrations/3_step.up.sql"
	expect 0 '4_step undone' '1 undone'
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down 4_step.up.sql
	expect 65 '4_step.up.sql is not applied'
}

@test 'a renamed file of the same version: accept and down find the row as it was written' {
	put migrations/V1.0__a.sql 'create table a (i int);'
	boots
	rm migrations/V1.0__a.sql
	put migrations/V1__a.sql 'create table a (j int);'
	put migrations/U1__a.sql 'drop table a;'
	boot
	expect 65 'was changed'
	pge migrate accept 1
	expect 0 'is accepted'
	boots
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 0 '1 undone'
	equal "$(sql 'select count(*) from flyway_schema_history')" 0
	boots
	logged 'V1__a.sql applied'
}

@test 'up VERSION, verify, rehearse and new with the files of another tool' {
	files dbmate
	pge migrate up 001
	expect 0 '1 applied'
	equal "$(sql 'select string_agg(version, $$ $$) from schema_migrations')" 001
	pge migrate verify
	expect 2
	pge migrate rehearse
	expect 0
	[[ $output == *003_step.sql* ]] || fail "$output"
	equal "$(sql 'select string_agg(version, $$ $$) from schema_migrations')" 001
	boots
	pge migrate verify
	expect 0
	pge migrate new more
	expect 64 'the files are those of dbmate'
}

# ---- whose table, whose files --------------------------------------------------------------------------------------------

@test 'a history table of another shape is refused, by the name of its owner where it is known' {
	files dbmate 1 1
	as_owner "$golang_table"
	boot
	expect 65 "schema_migrations\" is a table of golang-migrate, but the files are dbmate's" migrations_table migrations_format
	as_owner 'drop table schema_migrations' 'create table schema_migrations (version bigint primary key, inserted_at timestamp)'
	boot
	expect 65 'is a table of Ecto'
	as_owner 'drop table schema_migrations' 'create table schema_migrations (version varchar primary key)' 'create table ar_internal_metadata ()'
	boot
	expect 65 'is a table of Rails'
	as_owner 'drop table schema_migrations, ar_internal_metadata' 'create table schema_migrations (v text)'
	boot
	expect 65 'is no history of dbmate: its columns are v, not version'
	equal "$(sql "select to_regclass('users') is null")" t
	as_owner 'create schema other' 'create table other.versions (version varchar primary key)' "insert into other.versions values ('001')"
	boots ENTRYPOINT_MIGRATIONS_TABLE=other.versions
	equal "$(sql "select to_regclass('users') is null")" t
}

@test "a history table farther behind in search_path is another program's: dbmate would make its own" {
	files dbmate 1 1
	sql 'create table schema_migrations (version varchar primary key)' "insert into schema_migrations values ('001')" \
		'grant select on schema_migrations to public' 'create schema app authorization nexus_user' \
		"alter role nexus_user in database $database set search_path = app, public"
	[[ $(dbmate status) == *'Pending: 1'* ]] || fail 'dbmate takes it for its own'
	boots
	logged '"app"."schema_migrations" is made' '001_step.sql applied'
	equal "$(sql "select to_regclass('app.users')")" app.users
	[[ $(dbmate status) == *'Pending: 0'* ]] || fail 'dbmate does not know'
	log_mark
	boots
	equal "$(log_since | grep -c statement:)" 1
	# The other program goes ahead.
	sql "insert into schema_migrations values ('002')"
	files dbmate 2 2
	boots
	logged '002_step.sql applied'
}

@test 'the URL says search_path, as dbmate has it: its table and ours are there' {
	files dbmate 1 1
	sql 'create schema app authorization nexus_user'
	tcp_url+='?sslmode=disable&search_path=app,public'
	env -i "$root/build/bench/node_modules/.bin/dbmate" --no-dump-schema -d "$PWD/migrations" -u "$tcp_url" up >/dev/null
	files dbmate 2 2
	boots "DATABASE_URL=$tcp_url"
	logged '002_step.sql applied'
	not_logged '001_step.sql applied'
	equal "$(sql "select to_regclass('app.users_name'), to_regclass('public.schema_migrations')")" 'app.users_name|'
	equal "$(sql 'select string_agg(version, $$ $$ order by version) from app.schema_migrations')" '001 002'
}

@test 'the URL names a schema that its first file makes: the history is there, and dbmate finds it' {
	put migrations/001_app.sql '-- migrate:up' 'create schema if not exists app;' 'create table app.a ();' '-- migrate:down'
	tcp_url+='?sslmode=disable&search_path=app'
	sql "grant create on database $database to nexus_user"
	boots "DATABASE_URL=$tcp_url"
	boots "DATABASE_URL=$tcp_url"
	not_logged applied
	equal "$(env -i "$root/build/bench/node_modules/.bin/dbmate" --no-dump-schema -d "$PWD/migrations" -u "$tcp_url" status | tail -n 1)" 'Pending: 0'
	equal "$(sql "select to_regclass('app.schema_migrations'), to_regclass('public.schema_migrations')")" 'app.schema_migrations|'
	sql 'drop schema entrypoint, app cascade'
	boots "DATABASE_URL=$tcp_url" ENTRYPOINT_MIGRATIONS_TABLE=meta.history
	equal "$(sql 'select version from meta.history')" 001
	# As the role's own setting.
	sql 'drop schema entrypoint, app, meta cascade' "alter role nexus_user in database $database set search_path = \"\$user\", app"
	boots
	boots
	not_logged applied
	equal "$(sql "select to_regclass('app.schema_migrations')")" app.schema_migrations
}

@test 'a search_path that is empty keeps no file from being told' {
	local name
	sql "alter role nexus_user in database $database set search_path = ''"
	for name in 0001 1 20240101120000; do
		put "migrations/${name}_a.sql" "create table if not exists public.a (i int);"
		boots
		rm -r migrations
		sql 'drop schema entrypoint cascade'
	done
}

@test 'files that may be of several tools: the table tells, or the setting must' {
	put migrations/1_a.sql 'create table a ();'
	as_owner "$sqlx_table" "insert into _sqlx_migrations values (77, 'x', now(), true, '', 1)"
	boot
	expect 65 '_sqlx_migrations" is there, but none of its rows is a file of' 'migrations_format = sqlx, or native'
	boots ENTRYPOINT_MIGRATIONS_FORMAT=native
	equal "$(sql "select to_regclass('a') is not null, (select count(*) from _sqlx_migrations)")" 't|1'
	# From now on the ledger tells.
	put migrations/2_b.sql 'create table b ();'
	boots
	equal "$(sql 'select count(*) from _sqlx_migrations')" 1
}

@test 'files that may be of several tools: a table that is not quite one of theirs is no reason to begin anew' {
	put migrations/1_a.sql 'create table a ();'
	as_owner "$sqlx_table" 'alter table _sqlx_migrations add extra int' \
		"insert into _sqlx_migrations values (1, 'a', now(), true, '', 1)"
	boot
	expect 65 '_sqlx_migrations" is no history of sqlx: its columns are' migrations_format
	equal "$(sql "select to_regclass('a') is null")" t
	boots ENTRYPOINT_MIGRATIONS_FORMAT=native
}

@test 'what our own format has applied stays ours, though the files are named as those of others' {
	put migrations/1_a.up.sql 'create table a ();'
	boots ENTRYPOINT_MIGRATIONS_FORMAT=native
	put migrations/2_b.up.sql 'create table b ();'
	boots
	logged '2_b.up.sql applied' '1 applied'
	equal "$(sql "select to_regclass('schema_migrations') is null")" t
}

@test 'a down section never runs because the first file has none' {
	put migrations/1_a.sql 'create table a ();'
	put migrations/2_b.sql '-- migrate:up' 'create table b ();' '-- migrate:down' 'drop table b;'
	boot
	expect 65 '2_b.sql has a line like `-- migrate:up`, but the first file has not' migrations_format
	# Down files say that it is ours, and not whose the other one is.
	put migrations/1_a.down.sql 'drop table a;'
	boot
	expect 65 'files of two tools' '2_b.sql has a line like `-- migrate:up`'
}

@test 'files of two tools in one folder are an error that says which is whose, and nothing is applied' {
	put migrations/V1__a.sql 'create table a ();'
	put migrations/20240101000000_b.sql '-- migrate:up' 'create table b ();'
	boot
	expect 65 'files of two tools: V1__a.sql is named as Flyway does, 20240101000000_b.sql has a line like `-- migrate:up`' migrations_format
	put migrations/20240101000000_b.sql 'create table b ();'
	boot
	expect 65 'V1__a.sql is named as Flyway does, 20240101000000_b.sql as our own are'
	mv migrations/20240101000000_b.sql migrations/1_b.up.sql
	boot
	expect 65 'V1__a.sql is named as Flyway does, 1_b.up.sql as golang-migrate does, and others'
	rm migrations/*
	files dbmate 1 1
	put migrations/002_b.sql '-- +goose Up' 'create table b ();'
	boot
	expect 65 'files of two tools' '002_b.sql has a line like `-- +goose Up`, but 001_step.sql has a line like `-- migrate:up`'
	put migrations/002_b.sql 'create table b ();'
	boot
	expect 65 '002_b.sql:1:1: dbmate takes nothing above the first section' 'taken for files of dbmate, since 001_step.sql has a line like `-- migrate:up`'
	equal "$(sql "select count(*) from pg_class where relnamespace = 'public'::regnamespace")" 0
	# What no tool would take is only told; and whoever says whose they are is believed.
	rm migrations/*
	put migrations/V1__a.sql 'create table a ();'
	put migrations/notes.sql 'wrong'
	put migrations/2024.md notes
	boots
	logged 'notes.sql is not named as a migration of flyway'
	put migrations/2_b.sql 'wrong'
	boots ENTRYPOINT_MIGRATIONS_FORMAT=flyway
	logged '2_b.sql is not named as a migration of flyway'
}

@test "the peer's advisory key: a session that has it makes us wait" {
	files goose
	sql_apart begin 'select pg_advisory_lock(4097083626)' "select 'held', pg_sleep(60)" >/dev/null 2>&1 3>&- &
	holder=$!
	eventually 5 running held
	begin -- echo APP
	eventually 5 log_has 'another container has it (pid'
	equal "$(sql "select to_regclass('users') is null")" t
	release
	end
	expect 0 '4 applied'
}

@test 'a peer that waits for its lock holds a snapshot: CONCURRENTLY does not wait for it for ever' {
	files goose 1 1
	boots
	files goose
	# An open transaction keeps the index waiting, so that the peer's snapshot is older than its last phase.
	hold "insert into users values (7, 'held')"
	begin -- echo APP
	eventually 5 running 'create index concurrently'
	printf '%s\n' "select 'rival', pg_advisory_lock(4097083626);" >rival.sql
	env -i "$pg/psql" -Xq -d "$tcp_url" -f rival.sql >rival 2>&1 3>&- &
	rival=$!
	eventually 5 running rival
	release
	end
	expect 0 '00004_step.sql applied' 'waits for the lock of goose, which is held here' 'its statement is cancelled'
	wait "$rival" || true
	grep -q 'canceling statement' rival
}

@test 'the keys that golang-migrate takes are held beside ours' {
	files golang-migrate 1 1
	sed -i 's/^create table users/select pg_sleep(20);\n&/' migrations/*
	begin -- echo APP
	eventually 5 running 'pg_sleep(20)'
	sql "select key from (select (classid::bigint << 32) | objid::bigint as key from pg_locks
		where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())) as taken
		where key <> hashtextextended(current_database() || '.entrypoint', 0) order by key" >keys
	stops TERM 143
	python3 -c 'import sys, zlib
print(*sorted(zlib.crc32(b"public\0schema_migrations\0" + name.encode()) * 1486364155 & 0xffffffff
	for name in ("/" + sys.argv[1], sys.argv[1])), sep="\n")' "$database" >wanted
	diff wanted keys || fail 'other keys'
}

@test 'nothing pending: one round trip, no lock, no write' {
	files dbmate
	boots
	xid=$(next_xid)
	log_mark
	boots
	log_since >since
	equal "$(next_xid)" "$xid"
	! grep -q advisory since || fail 'a lock was taken'
	equal "$(grep -c statement: since)" 1

	# Where only the ledger tells whose files these are, one more; the setting saves it.
	database_new "sqlx_$BATS_TEST_NUMBER"
	rm -r migrations
	files sqlx
	boots ENTRYPOINT_MIGRATIONS_FORMAT=sqlx
	log_mark
	boots
	equal "$(log_since | grep -c statement:)" 2
	log_mark
	boots ENTRYPOINT_MIGRATIONS_FORMAT=sqlx
	equal "$(log_since | grep -c statement:)" 1
}

# ---- adopt and baseline --------------------------------------------------------------------------------------------------

@test 'adopt --check says what it believes and writes nothing; adopt writes it' {
	files golang-migrate
	as_owner "$golang_table" 'insert into schema_migrations values (3, false)' "$up_1" "$up_3"
	as_owner "$up_2"
	pge migrate adopt --check
	expect 0
	[[ $output == *'format       golang-migrate: "public"."schema_migrations" is there'* ]] || fail format
	[[ $output == *'history      "public"."schema_migrations", 1 row'* ]] || fail history
	[[ $output == *'applied      1_step.up.sql  not proven: the history has only version 3'* ]] || fail 'not proven'
	[[ $output == *'applied      3_step.up.sql'* && $output != *'3_step.up.sql  not proven'* ]] || fail 'its own row'
	[[ $output == *'pending      4_step.up.sql'* && $output == *'to write     3 rows of the ledger'* ]] || fail pending
	equal "$(sql "select to_regnamespace('entrypoint') is null")" t
	pge migrate adopt
	expect 0 '1_step is taken for applied' '3_step is taken for applied'
	equal "$(sql 'select string_agg(version, $$ $$ order by version) from entrypoint.migration where finished_at is not null')" '1 2 3 @format'
	equal "$(sql "select to_regclass('shouted') is null")" t
	pge migrate verify
	expect 2
	# What was made by hand since stays drift where nothing was adopted.
	sql 'create table by_hand (i int)'
	pge migrate adopt
	expect 0 'the ledger has all'
	pge migrate verify
	expect 3
	boots
	logged '4_step.up.sql applied'
}

@test 'a history table that was dropped is refused, and adopt makes it anew' {
	files dbmate
	boots
	sql 'drop table schema_migrations'
	boot
	expect 65 'does not exist, but the ledger says that 4 migrations were applied, the last is 004_step' 'a file of dbmate: ' 'migrate adopt'
	pge migrate adopt
	expect 0 'is made anew from the ledger: 4 rows'
	boots
	not_logged applied
	equal "$(dbmate status | tail -n 2 | xargs)" 'Applied: 4 Pending: 0'
}

@test 'alembic, django, prisma, rails: their history is the point that ours starts from' {
	put migrations/0001_a.sql 'create table a ();'
	as_owner 'create table alembic_version (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num))' \
		"insert into alembic_version values ('ae1027a6acf'), ('1975ea83b712')"
	pge migrate adopt --check
	expect 0
	[[ $output == *'baseline     alembic:1975ea83b712,ae1027a6acf'* ]] || fail "$output"
	equal "$(sql "select to_regnamespace('entrypoint') is null")" t
	pge migrate adopt
	expect 0 'alembic:1975ea83b712,ae1027a6acf'
	pge migrate verify
	expect 2
	boots
	logged '0001_a.sql applied' '1 applied'
	boots
	not_logged 'applied' 'are not in'
	equal "$(sql 'select string_agg(version || $$ $$ || name, $$, $$ order by version) from entrypoint.migration')" \
		'0001 0001_a, @baseline alembic:1975ea83b712,ae1027a6acf'

	as_owner 'drop table alembic_version' 'create table django_migrations (id bigint primary key, app varchar(255), name varchar(255), applied timestamptz)' \
		"insert into django_migrations values (1, 'auth', '0001_initial', now()), (2, 'auth', '0012_x', now()), (3, 'shop', '0001_initial', now())"
	pge migrate adopt --check
	[[ $output == *'baseline     django:auth.0012_x,shop.0001_initial'* ]] || fail "$output"

	as_owner 'drop table django_migrations' 'create table _prisma_migrations (id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz,
		migration_name varchar(255) not null, logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count integer not null default 0)' \
		"insert into _prisma_migrations values ('1', 'x', now(), '20240101_init', null, null, now(), 1), ('2', 'x', null, '20240202_bad', null, null, now(), 0)"
	pge migrate adopt
	expect 65 '20240202_bad failed or is still running'
	as_owner "update _prisma_migrations set rolled_back_at = now() where id = '2'"
	pge migrate adopt
	expect 0 prisma:20240101_init

	as_owner 'create table schema_migrations (version varchar primary key)' "insert into schema_migrations values ('20240101000000'), ('20230101000000')" \
		'create table ar_internal_metadata (key varchar primary key, value varchar)' "insert into ar_internal_metadata values ('environment', 'production')"
	pge migrate adopt
	expect 65 'two tools have left their history' prisma rails
	as_owner 'drop table _prisma_migrations'
	pge migrate adopt
	expect 0 rails:20240101000000@production
}

@test "adopt looks in the URL's schema, as Prisma does, and nowhere else" {
	put migrations/0001_a.sql 'create table a ();'
	sql 'create schema app authorization nexus_user' 'create table public.alembic_version (version_num varchar(32))' \
		"insert into public.alembic_version values ('strange')"
	as_owner 'create table app._prisma_migrations (id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz,
		migration_name varchar(255) not null, logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(),
		applied_steps_count int not null default 0)' \
		"insert into app._prisma_migrations values ('1', 'x', now(), '20240101_init', null, null, now(), 1)"
	url="$tcp_url?schema=app" pge migrate adopt
	expect 0 prisma:20240101_init
}

@test 'adopt where there is nothing to adopt' {
	put migrations/0001_a.sql 'create table a ();'
	pge migrate adopt
	expect 65 'no history of another tool' alembic_version schema_migrations 'migrate baseline'
}

@test 'baseline: what was made by hand counts as applied and is not run' {
	put migrations/0001_a.sql 'create table a ();'
	put migrations/0002_b.sql 'create table b ();'
	put migrations/0003_c.sql 'create table c ();'
	as_owner 'create table a ()' 'create table b ()'
	pge migrate baseline
	expect 64 'needs a version'
	pge migrate baseline 9
	expect 66 'no migration is called 9'
	pge migrate baseline 2
	expect 0 '0001_a.sql counts as applied and is not run' '0002_b.sql counts as applied'
	not_logged 0003_c.sql
	pge migrate verify
	expect 2
	as_owner 'alter table b add column by_hand int'
	pge migrate verify
	expect 3
	[[ $output == *'added        column public.b.by_hand'* ]] || fail "$output"
	boots
	logged '0003_c.sql applied' '1 applied'
	pge migrate baseline 2
	expect 0 'all up to 0002_b.sql is applied'
	echo '-- edited' >>migrations/0001_a.sql
	boot
	expect 65 '0001_a.sql was changed after it was applied'
}

@test 'flyway: a migration in Java gets a row by baseline, and anew by adopt' {
	put migrations/V1__a.java 'class'
	put migrations/V2__b.sql 'create table b ();'
	local row='1|a|JDBC|V1__a.java||t'
	pge migrate baseline 1
	expect 0 'V1__a.java counts as applied'
	boots
	equal "$(sql 'select version, description, type, script, checksum, success from flyway_schema_history order by installed_rank limit 1')" "$row"
	sql 'drop table flyway_schema_history' "update entrypoint.migration set started_at = now() - interval '60 days'"
	pge migrate adopt
	expect 0 'is made anew from the ledger: 2 rows'
	equal "$(sql 'select version, description, type, script, checksum, success from flyway_schema_history order by installed_rank limit 1')" "$row"
	boots
	not_logged applied
}

@test 'baseline with the files of another tool: its history has the rows too' {
	files dbmate
	as_owner "$up_1"
	as_owner "$up_2"
	pge migrate baseline 002
	expect 0 '002_step.sql counts as applied'
	equal "$(dbmate status | tail -n 2 | xargs)" 'Applied: 2 Pending: 2'
	boots
	logged '2 applied'
	equal "$(dbmate status | tail -n 2 | xargs)" 'Applied: 4 Pending: 0'
}
