/* What is done with the statements of a dump, for a plain owner and for a superuser; the plan's words; what is dangerous. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dumping.h"
#include "restore/danger.h"
#include "restore/grounds.h"
#include "restore/policy.h"
#include "restore/tally.h"

#define BEFORE_MAY                                                                                 \
	"available hstore", "available postgis", "event noting", "installed plpgsql",              \
		"language plpgsql"
#define BEHIND_MAY                                                                                 \
	"method heap", "privileged log_statement", "publication mine", "role me", "role reader",   \
		"routine public.note", "schema ext", "schema public", "server mine",               \
		"setting log_statement", "setting work_mem", "tablespace pg_default",              \
		"trusted hstore"
static const char *plain[] = { BEFORE_MAY, BEHIND_MAY, "wrapper here" };
static const char *super[] = { BEFORE_MAY, "may public", "may superuser", BEHIND_MAY };
#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct grounds plain_grounds = { 150000, "me",  "app",       "entrypoint",
	                                      false,  plain, COUNT(plain) };
static const struct grounds super_grounds = { 180000, "me",  "app",       "entrypoint",
	                                      false,  super, COUNT(super) };

enum { K = RULING_KEEP, M = RULING_MAP, D = RULING_DROP, R = RULING_REFUSE };

static const struct row {
	const char *sql;
	int plain, super;
	const char *object; /* for a plain owner; NULL: not looked at */
} rows[] = {
	{ "create table public.t (i int)", K, K, NULL },
	{ "insert into public.t values ('entrypoint.x')", K, K, NULL },
	{ "BEGIN", D, D, NULL },
	{ "COMMIT", D, D, NULL },
	{ "rollback", R, R, NULL },
	/* an init script has left it, and it stays */
	{ "create schema ext", D, D, NULL },
	{ "create schema other", K, K, NULL },
	{ "create publication mine for all tables", D, D, NULL },
	{ "alter publication mine add table only public.t", K, K, NULL },
	{ "create event trigger noting on ddl_command_end execute function public.note()", D, D,
	  NULL },
	{ "create function public.note() returns event_trigger", M, M, NULL },
	{ "create function public.other() returns event_trigger", K, K, NULL },
	{ "create server if not exists mine foreign data wrapper here", D, D, NULL },
	{ "create event trigger noting on ddl_command_end execute function public.f()", D, D,
	  NULL },
	{ "set session authorization 'x'", D, D, NULL },
	{ "RESET SESSION AUTHORIZATION", D, D, NULL },
	{ "set role x", D, D, NULL },
	{ "SET work_mem = 0", K, K, NULL },
	{ "SET transaction_timeout = 0", D, D, "transaction_timeout" },
	{ "set my.own = 1", K, K, NULL },
	{ "set time zone 'UTC'", K, K, NULL },
	{ "SET client_encoding = 'UTF8'", D, D, NULL }, /* not among these settings */
	{ "SET client_encoding = 'SJIS'", R, R, NULL },
	{ "SET default_tablespace = ''", D, D, NULL }, /* likewise */
	{ "SET default_tablespace = fast", D, D, "fast" },
	{ "SET default_table_access_method = columnar", D, D, "columnar" },
	{ "SET default_with_oids = false", D, D, NULL },
	{ "CREATE ROLE x", D, D, "x" },
	{ "ALTER ROLE \"X\" WITH SUPERUSER PASSWORD 'x'", D, D, "X" },
	{ "GRANT a TO b", D, D, NULL },
	{ "CREATE TABLESPACE t LOCATION '/x'", D, D, "t" },
	{ "CREATE DATABASE d", D, D, "d" },
	{ "DROP DATABASE IF EXISTS d", D, D, NULL },
	{ "ALTER DATABASE old OWNER TO x", D, D, NULL },
	{ "ALTER DATABASE old SET work_mem TO '1'", M, M, NULL },
	{ "ALTER DATABASE old SET log_statement TO 'all'", D, M, "log_statement" },
	{ "ALTER DATABASE old SET nothing TO 'x'", D, D, "nothing" },
	{ "ALTER DATABASE old SET a.b TO 'x'", M, M, NULL },
	{ "COMMENT ON DATABASE old IS 'x'", M, M, NULL },
	{ "GRANT CONNECT ON DATABASE old TO reader", M, M, NULL },
	{ "GRANT CONNECT ON DATABASE old TO nobody", D, D, "nobody" },
	{ "ALTER TABLE public.owner OWNER TO x", D, D, NULL },
	{ "ALTER FUNCTION f(a integer) OWNER TO \"x y\"", D, D, NULL },
	{ "alter table t rename column owner to x", K, K, NULL },
	{ "ALTER TABLE ONLY t ALTER COLUMN owner SET DEFAULT 1", K, K, NULL },
	{ "CREATE SCHEMA entrypoint", D, D, NULL },
	{ "CREATE TABLE entrypoint.migration (i int)", D, D, NULL },
	{ "GRANT USAGE ON SCHEMA entrypoint TO PUBLIC", D, D, NULL },
	{ "ALTER TABLE ONLY entrypoint.seed ADD CONSTRAINT x PRIMARY KEY (i)", D, D, NULL },
	{ "COPY entrypoint.migration (a) FROM stdin", M, M, NULL },
	{ "INSERT INTO entrypoint.seed VALUES (1)", M, M, NULL },
	{ "COPY entrypoint.journal (a) FROM stdin", D, D, NULL },
	{ "create view v as select * from public.t, entrypoint.migration", K, K, NULL },
	{ "CREATE SCHEMA public", D, D, NULL },
	{ "CREATE SCHEMA app", K, K, NULL },
	{ "COMMENT ON SCHEMA public IS 'x'", D, K, "public" },
	{ "REVOKE USAGE ON SCHEMA public FROM PUBLIC", D, K, "public" },
	{ "GRANT USAGE ON SCHEMA app TO reader", K, K, NULL },
	{ "GRANT SELECT ON TABLE t TO reader, \"Odd\"", D, D, "Odd" },
	{ "GRANT SELECT(a),INSERT(b) ON TABLE t TO PUBLIC WITH GRANT OPTION", K, K, NULL },
	{ "REVOKE ALL ON FUNCTION f(\"to\" int) FROM nobody", D, D, "nobody" },
	{ "GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text) TO reader", D, K, NULL },
	{ "CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public", K, K, NULL },
	{ "CREATE EXTENSION IF NOT EXISTS postgis", D, K, "postgis" },
	{ "CREATE EXTENSION IF NOT EXISTS plpgsql", K, K, NULL },
	{ "CREATE EXTENSION \"uuid-ossp\"", R, R, "uuid-ossp" },
	{ "COMMENT ON EXTENSION hstore IS 'x'", D, D, NULL },
	{ "CREATE PROCEDURAL LANGUAGE plpgsql", D, D, "plpgsql" },
	{ "CREATE OR REPLACE TRUSTED PROCEDURAL LANGUAGE plperl", D, K, "plperl" },
	{ "CREATE EVENT TRIGGER e ON x EXECUTE FUNCTION f()", D, K, "e" },
	{ "ALTER EVENT TRIGGER e OWNER TO x", D, D, NULL },
	{ "COMMENT ON EVENT TRIGGER e IS 'x'", D, K, "e" },
	{ "CREATE PUBLICATION p FOR ALL TABLES WITH (publish = 'x')", D, K, "p" },
	{ "COMMENT ON PUBLICATION p IS 'x'", D, K, "p" },
	{ "CREATE PUBLICATION q WITH (publish = 'x')", K, K, NULL },
	{ "ALTER PUBLICATION q ADD TABLE ONLY t", K, K, NULL },
	{ "ALTER PUBLICATION q ADD TABLES IN SCHEMA s", D, K, "q" },
	{ "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", D, D, "s" },
	{ "ALTER DEFAULT PRIVILEGES FOR ROLE me GRANT SELECT ON TABLES TO reader", K, K, NULL },
	{ "ALTER DEFAULT PRIVILEGES FOR ROLE reader GRANT SELECT ON TABLES TO me", D, K, "reader" },
	{ "ALTER DEFAULT PRIVILEGES FOR ROLE me GRANT SELECT ON TABLES TO no", D, D, "no" },
	{ "CREATE FOREIGN DATA WRAPPER w", D, K, "w" },
	{ "GRANT USAGE ON FOREIGN DATA WRAPPER w TO reader", D, K, "w" },
	{ "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'x')", R, K, "s" },
	{ "CREATE SERVER s TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER postgis_fdw", R, K, "s" },
	{ "CREATE SERVER s FOREIGN DATA WRAPPER other", K, K, NULL },
	{ "CREATE FOREIGN DATA WRAPPER here", D, K, "here" },
	{ "CREATE SERVER s FOREIGN DATA WRAPPER here", K, K, NULL },
	{ "CREATE USER MAPPING FOR nobody SERVER s", D, D, "nobody" },
	{ "CREATE USER MAPPING FOR me SERVER s", K, K, NULL },
	{ "SECURITY LABEL FOR anon ON ROLE x IS 'y'", D, D, NULL },
	{ "SECURITY LABEL FOR anon ON COLUMN public.t.i IS 'MASKED'", M, M, "anon" },
	{ "SECURITY LABEL FOR anon ON TABLE public.t IS '$pg_entrypoint$'", K, K, NULL },
	{ "CREATE POLICY p ON public.t", K, K, NULL },
	{ "CREATE POLICY p ON public.t FOR SELECT TO reader, PUBLIC USING ((a = 'to x'::text))", K,
	  K, NULL },
	{ "CREATE POLICY p ON public.t AS RESTRICTIVE FOR SELECT TO reader, \"No\" USING (true)", R,
	  R, "No" },
	{ "SELECT * FROM pg_catalog.pg_restore_relation_stats('a', 'b')", D, K, NULL },
	{ "SELECT pg_catalog.setval('public.s', 1, true)", K, K, NULL },
	{ "SELECT pg_catalog.lo_create('1')", K, K, NULL },
	{ "ALTER SYSTEM SET x = 1", R, R, NULL },
	{ "VACUUM", R, R, NULL },
	{ "DROP TABLE t", K, K, NULL }, /* something was created: it is no clearing away */
};

static void
every_rule(void **state)
{
	struct judge *for_plain = policy_new(&plain_grounds, &arena);
	struct judge *for_super = policy_new(&super_grounds, &arena);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct item item = item_of(rows[i].sql);
		const struct ruling one = policy_judge(for_plain, &item, &arena);
		const struct ruling other = policy_judge(for_super, &item, &arena);

		if ((int)one.kind != rows[i].plain || (int)other.kind != rows[i].super)
			fail_msg("%s: %d %d", item.sql, one.kind, other.kind);
		if (rows[i].object) {
			assert_non_null(one.object);
			assert_string_equal(one.object, rows[i].object);
		}
	}
}

static void
clearing_away(void **state)
{
	static const char *const dropped[] = {
		"DROP TABLE IF EXISTS public.t",
		"DROP SCHEMA public",
		"ALTER TABLE IF EXISTS ONLY public.t DROP CONSTRAINT x",
		"ALTER TABLE public.t ALTER COLUMN i DROP DEFAULT",
		"CREATE OR REPLACE VIEW public.v AS SELECT 1",
		"DROP VIEW public.v"
	};
	struct judge *judge = policy_new(&plain_grounds, &arena);
	const struct item created = item_of("CREATE VIEW public.v AS SELECT NULL::integer AS i");
	const struct item replaced = item_of("CREATE OR REPLACE VIEW public.v AS SELECT 1");

	(void)state;
	for (size_t i = 0; i < COUNT(dropped); i++) {
		const struct item item = item_of(dropped[i]);

		assert_int_equal(policy_judge(judge, &item, &arena).kind, D);
	}
	assert_int_equal(policy_judge(judge, &created, &arena).kind, K);
	assert_int_equal(policy_judge(judge, &replaced, &arena).kind, K);
}

/* Its comment is the mark of what replaces it, which must stay until the swap. */
static void
comment_on_a_successor(void **state)
{
	const struct grounds grounds = {
		.user = "me", .database = "app", .schema = "entrypoint", .is_successor = true
	};
	struct judge *judge = policy_new(&grounds, &arena);
	const struct item comment = item_of("COMMENT ON DATABASE old IS 'x'");
	const struct item grant = item_of("GRANT CONNECT ON DATABASE old TO PUBLIC");

	(void)state;
	assert_int_equal(policy_judge(judge, &comment, &arena).kind, D);
	assert_int_equal(policy_judge(judge, &grant, &arena).kind, M);
}

static void
what_is_mapped(void **state)
{
	static const char *const pairs[][2] = {
		{ "ALTER DATABASE \"o d\" SET work_mem TO '1'",
		  "ALTER DATABASE \"app\" SET work_mem TO '1'" },
		{ "COMMENT ON DATABASE old IS 'old'", "COMMENT ON DATABASE \"app\" IS 'old'" },
		{ "GRANT ALL ON DATABASE old TO me", "GRANT ALL ON DATABASE \"app\" TO me" },
		{ "COPY entrypoint.migration (a) FROM stdin",
		  "COPY pg_temp.restored_migration (a) FROM stdin" },
		{ "INSERT INTO \"entrypoint\".seed VALUES ('entrypoint.seed')",
		  "INSERT INTO pg_temp.restored_seed VALUES ('entrypoint.seed')" },
	};
	struct judge *judge = policy_new(&plain_grounds, &arena);

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		const struct item item = item_of(pairs[i][0]);
		const struct ruling ruling = policy_judge(judge, &item, &arena);

		assert_string_equal(ruling.sql, pairs[i][1]);
		assert_int_equal(ruling.is_ours, i > 2);
	}
}

/* What was kept once is known again, and nothing else is taken for it. */
static void
many_rows_of_a_table(void **state)
{
	static const struct {
		const char *sql;
		int kind;
	} some[] = {
		{ "INSERT INTO app.t VALUES (1)", K },
		{ "INSERT INTO app.t VALUES (2)", K },
		{ "INSERT INTO entrypoint.seed VALUES (1)", M },
		{ "INSERT INTO app.t (a) VALUES (3)", K },
		{ "INSERT INTO entrypoint.journal VALUES (1)", D },
		{ "INSERT INTO app.t", K },
		{ "INSERT INTO t VALUES (app.f())", K },
		{ "INSERT INTO t SELECT * FROM x", K },
		{ "INSERT INTO entrypoint.journal VALUES (1)", D },
		{ "INSERT INTO \"entrypoint\".seed VALUES (1)", M },
	};
	struct judge *judge = policy_new(&plain_grounds, &arena);

	(void)state;
	for (size_t i = 0; i < COUNT(some); i++) {
		const struct item item = item_of(some[i].sql);

		assert_int_equal(policy_judge(judge, &item, &arena).kind, some[i].kind);
	}
}

static void
words_of_the_plan(void **state)
{
	static const char *const statements[] = { "ALTER TABLE a OWNER TO x",
		                                  "ALTER TABLE b OWNER TO x", "CREATE ROLE x",
		                                  "CREATE TABLE t ()" };
	struct judge *judge = policy_new(&plain_grounds, &arena);
	struct tally tally = { .arena = &arena };
	struct text page = text_new(&arena);
	const char *words;
	size_t line;

	(void)state;
	for (size_t i = 0; i < COUNT(statements); i++) {
		const struct item item = item_of(statements[i]);
		const struct ruling ruling = policy_judge(judge, &item, &arena);

		tally_add(&tally, &item, &ruling);
	}
	tally_tell(&tally, &page);
	assert_string_equal(
		page.at,
		"kept     1 statement, the rows of 0 tables\n"
		"dropped  line 7: owner (2 statements): the session user owns all that is restored\n"
		"dropped  line 7: role x: it belongs to the server, not to the database\n");
	assert_false(tally_refusal(&tally, &words, &line));
}

static void
what_is_counted(void **state)
{
	static const char *const statements[] = {
		"CREATE TABLE a (i int)",
		"CREATE UNLOGGED TABLE s.\"b c\" (i int)",
		"CREATE FOREIGN TABLE c (i int)",
		"CREATE SEQUENCE q",
		"CREATE UNIQUE INDEX i ON a (i)",
		"CREATE MATERIALIZED VIEW m AS SELECT 1",
		"ALTER TABLE ONLY a ADD CONSTRAINT k PRIMARY KEY (i)",
		"ALTER TABLE ONLY a ADD CONSTRAINT f FOREIGN KEY (i) REFERENCES c(i)",
		"CREATE FUNCTION f() RETURNS int",
		"INSERT INTO a VALUES (1)",
		"INSERT INTO a VALUES (2)",
		"INSERT INTO ab VALUES (1)",
		"INSERT INTO s.\"b c\" (i) VALUES (1)",
		"INSERT INTO s.\"b c\" (i) VALUES (2)",
	};
	struct judge *judge = policy_new(&plain_grounds, &arena);
	struct tally tally = { .arena = &arena };

	(void)state;
	for (size_t i = 0; i < COUNT(statements); i++) {
		const struct item item = item_of(statements[i]);
		const struct ruling ruling = policy_judge(judge, &item, &arena);

		tally_add(&tally, &item, &ruling);
	}
	assert_int_equal(tally.statements, COUNT(statements));
	assert_int_equal(tally.tables, 3);
	assert_int_equal(tally.relations, 7);
	assert_int_equal(tally.filled, 3);
}

static void
dangers(void **state)
{
	static const struct {
		const char *sql;
		bool is_dangerous;
	} some[] = {
		{ "copy t from stdin", false },
		{ "copy t (a) from stdin with (format csv)", false },
		{ "copy t from program 'stdin'", true },
		{ "copy (select 1) to '/x'", true },
		{ "create function f() returns int as 'x', 'y' language 'c'", true },
		{ "create or replace function f() returns int language plperlu as ''", true },
		{ "create function f() returns int language sql as 'select 1'", false },
		{ "create function f() returns int language sql security definer as ''", true },
		{ "create function f() returns int language \"plpython3u\" as ''", true },
		{ "create function f() returns int language e'plpython3u' as ''", true },
		{ "create function language() returns int as '' language c", true },
		{ "create function security() returns int language sql security definer as ''",
		  true },
		{ "create function f(language text) returns int language plpgsql as ''", false },
		{ "create procedure language.f() language \"sql\" as ''", false },
		{ "copy \"program\" (\"from\") from stdin", false },
		{ "do 'begin end'", true },
		{ "create table t (i int)", false },
		{ "select pg_catalog.setval('a', 1)", false },
		{ "select (select pg_catalog.lo_import('/x'))", true },
		{ "insert into t values ('lo_import')", false },
		{ "select 'lo_import'", true },
		{ "select * from v", true },
		{ "select public.g()", true },
		{ "select public.setval('a', 1)", true },
		{ "select setval('a', 1)", true },
		{ "select pg_catalog.setval('a', public.g())", true },
		{ "select pg_catalog.lo_create('1')", false },
		{ "select case when exists(select 1 from pg_catalog.pg_largeobject where loid = '1') "
		  "then pg_catalog.lo_unlink('1') end",
		  false },
		{ "select * from pg_catalog.pg_restore_relation_stats('version', '180000'::integer)",
		  false },
		{ "select pg_catalog.\"pg_read_file\"('/etc/passwd')", true },
		{ "create index on t (u&\"pg\\005fread_file\"(a))", true },
		{ "with a as (select g()) select 1", true },
		{ "(select g())", true },
		{ "alter system set x = 1", true },
		{ "create extension dblink", true },
		{ "create extension if not exists \"dblink\" with schema public", true },
		{ "create extension hstore", false },
		{ "create extension if not exists hstore with schema http", false },
		{ "set role x", true },
		{ "set work_mem = 1", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(some); i++) {
		const struct item item = item_of(some[i].sql);

		if ((danger_of(&item) != NULL) != some[i].is_dangerous)
			fail_msg("%s", some[i].sql);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_rule, drop_dump),
		cmocka_unit_test_teardown(clearing_away, drop_dump),
		cmocka_unit_test_teardown(comment_on_a_successor, drop_dump),
		cmocka_unit_test_teardown(what_is_mapped, drop_dump),
		cmocka_unit_test_teardown(many_rows_of_a_table, drop_dump),
		cmocka_unit_test_teardown(words_of_the_plan, drop_dump),
		cmocka_unit_test_teardown(what_is_counted, drop_dump),
		cmocka_unit_test_teardown(dangers, drop_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
