# shellcheck shell=bash
#
# A database with all kinds of things in it, to be dumped and restored, and how what came of it is compared.

run_as=(env -i LC_ALL=C.UTF-8)

# What a superuser would make, with all kinds of things that a plain owner may not.
source_make() {
	sql "create extension pg_trgm" "create extension pgcrypto" \
		"create schema app" "create schema \"Odd \"\"schema\"\"\"" \
		"create type app.mood as enum ('sad', 'it''s \\fine')" \
		"create domain app.small as integer check (value < 1000)" \
		"create table app.parent (id integer generated always as identity primary key, name varchar(40) not null unique,
			mood app.mood, size app.small, ratio float8, price numeric(10,2), flag boolean, bits bit(3), raw bytea,
			at timestamptz, list text[], doc jsonb, twice integer generated always as (size * 2) stored)" \
		"create table app.child (parent integer references app.parent, note text, tags text[])" \
		"create table \"Odd \"\"schema\"\"\".\"Odd, table\" (\"a b\" int, \"select\" text)" \
		"create table app.empty ()" \
		"create table app.part (i int, t text) partition by range (i)" \
		"create table app.part_1 partition of app.part for values from (0) to (50)" \
		"create table app.part_2 partition of app.part for values from (50) to (1000)" \
		"insert into app.parent (name, mood, size, ratio, price, flag, bits, raw, at, list, doc) values
			('plain', 'sad', 1, 1.5e300, 12.30, true, b'101', '\\xdeadbeef', '2026-01-01 00:00Z', '{a,\"b c\"}', '{\"a\": \"x\\\\ny\"}'),
			(E'tab\\there', null, -7, 'nan', -0.01, false, null, '', 'infinity', '{}', 'null'),
			(E'line\\nbreak; \\\\. ''quoted'' \\\\N', 'it''s \\fine', 999, '-infinity', 1e6, null, b'000', null, null, null, null)" \
		"insert into app.child select 1 + i % 3, repeat('x', i) || E'\\n\\\\.\\n' || i, array['a', null] from generate_series(1, 500) i" \
		"insert into \"Odd \"\"schema\"\"\".\"Odd, table\" values (1, '\\N'), (2, null), (null, '')" \
		"insert into app.part select i, i from generate_series(0, 99) i" \
		"create index on app.child using gin (note gin_trgm_ops)" \
		"create view app.seen as select name, twice from app.parent" \
		"create view app.by_key as select id, name, count(*) from app.parent group by id" \
		"create materialized view app.kept as select count(*) as n from app.child" \
		"create function app.atomic(i int) returns int language sql begin atomic select i + 1; select case when i > 0 then i else 0 end; end" \
		"create function app.touch() returns trigger language plpgsql as \$\$begin new.note := new.note || ';'; return new; end\$\$" \
		"create trigger touch before insert on app.child for each row execute function app.touch()" \
		"create rule quiet as on delete to app.parent do instead nothing" \
		"alter table app.child enable row level security" \
		"create policy mine on app.child for select to reader using (true)" \
		"create policy all_of_it on app.child using (true)" \
		"create sequence app.numbers start 7" "select nextval('app.numbers')" \
		"comment on table app.parent is 'a; comment with ''quotes'''" \
		"grant select on all tables in schema app to reader" "grant usage on schema app to \"Odd \"\"role\"\"\"" \
		"alter table app.child owner to stranger" \
		"select lo_from_bytea(4711, '\\x0001ff')" "select lo_from_bytea(4712, decode(repeat('ab', 300000), 'hex'))" \
		"comment on large object 4711 is 'bytes'" >/dev/null
}

# dumped DATABASE FILE [OPTION...]
dumped() {
	"${run_as[@]}" "$pg/pg_dump" -h "$server" -p "$port" -U postgres -f "$2" "${@:3}" "$1"
}

# What the database holds, without owners and without what is ours.
content() {
	"${run_as[@]}" "$pg/pg_dump" -h "$server" -p "$port" -U postgres -N entrypoint --no-owner "${@:2}" "$1" |
		grep -vE '^\\(un)?restrict |^-- Dumped '
}

as_superuser() {
	url="postgresql://postgres@/$database?host=$server&port=$port"
}
