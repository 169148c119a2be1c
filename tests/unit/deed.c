/* What statements are, by their first words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"
#include "script/deed.h"

static const struct row {
	const char *sql;
	enum deed_kind kind;
	enum alone alone;
	const char *object, *relation;
} rows[] = {
	{ "select 1", DEED_PLAIN, 0, NULL, NULL },
	{ "", DEED_PLAIN, 0, NULL, NULL },

	{ "begin", DEED_BEGIN, 0, NULL, NULL },
	{ "/* a */ BEGIN -- b\n TRANSACTION /* c */", DEED_BEGIN, 0, NULL, NULL },
	{ "begin work", DEED_BEGIN, 0, NULL, NULL },
	{ "start transaction", DEED_BEGIN, 0, NULL, NULL },
	{ "begin isolation level serializable", DEED_TRANSACTION, 0, NULL, NULL },
	{ "start transaction read only", DEED_TRANSACTION, 0, NULL, NULL },
	{ "commit", DEED_COMMIT, 0, NULL, NULL },
	{ "END WORK", DEED_COMMIT, 0, NULL, NULL },
	{ "commit transaction and no chain", DEED_COMMIT, 0, NULL, NULL },
	{ "commit and chain", DEED_TRANSACTION, 0, NULL, NULL },
	{ "commit prepared 'x'", DEED_TRANSACTION, 0, NULL, NULL },
	{ "rollback", DEED_TRANSACTION, 0, NULL, NULL },
	{ "rollback prepared 'x'", DEED_TRANSACTION, 0, NULL, NULL },
	{ "abort", DEED_TRANSACTION, 0, NULL, NULL },
	{ "prepare transaction 'x'", DEED_TRANSACTION, 0, NULL, NULL },
	{ "rollback to s", DEED_PLAIN, 0, NULL, NULL },
	{ "rollback work to savepoint s", DEED_PLAIN, 0, NULL, NULL },
	{ "savepoint s", DEED_PLAIN, 0, NULL, NULL },
	{ "release s", DEED_PLAIN, 0, NULL, NULL },
	{ "prepare q as select 1", DEED_PLAIN, 0, NULL, NULL },
	{ "set transaction read only", DEED_PLAIN, 0, NULL, NULL },
	{ "\"begin\"", DEED_PLAIN, 0, NULL, NULL },
	{ "beginning", DEED_PLAIN, 0, NULL, NULL },
	{ "do $$begin commit; end$$", DEED_PLAIN, 0, NULL, NULL },

	{ "copy t from stdin", DEED_COPY, 0, NULL, NULL },
	{ "COPY public.\"T from\" (a, \"from\", c) FROM STDIN WITH (format csv)", DEED_COPY, 0,
	  NULL, NULL },
	{ "copy binary a.b.c from stdout", DEED_COPY, 0, NULL, NULL },
	{ "copy t from '/tmp/stdin'", DEED_PLAIN, 0, NULL, NULL },
	{ "copy t from program 'cat' where stdin", DEED_PLAIN, 0, NULL, NULL },
	{ "copy t to stdout", DEED_PLAIN, 0, NULL, NULL },
	{ "copy (select 1 from stdin) to stdout", DEED_PLAIN, 0, NULL, NULL },
	{ "copy (select 1", DEED_PLAIN, 0, NULL, NULL },

	{ "create index concurrently i on t (a)", DEED_ALONE, ALONE_CREATE_INDEX, "i", "t" },
	{ "create unique index concurrently if not exists \"I 1\" on only s.\"T\" using btree (a)",
	  DEED_ALONE, ALONE_CREATE_INDEX, "\"I 1\"", "s.\"T\"" },
	{ "create index concurrently on a . /* x */ b(c)", DEED_ALONE, ALONE_CREATE_INDEX, NULL,
	  "a . /* x */ b" },
	{ "create index concurrently on t", DEED_ALONE, ALONE_CREATE_INDEX, NULL, "t" },
	{ "drop index concurrently s.*", DEED_ALONE, ALONE_DROP_INDEX, "s", NULL },
	{ "drop index concurrently 1", DEED_PLAIN, 0, NULL, NULL },
	{ "create index concurrently on only on", DEED_PLAIN, 0, NULL, NULL },
	{ "create index i on t (a)", DEED_PLAIN, 0, NULL, NULL },
	{ "create index on t (concurrently)", DEED_PLAIN, 0, NULL, NULL },
	{ "drop index concurrently if exists s.i cascade", DEED_ALONE, ALONE_DROP_INDEX, "s.i",
	  NULL },
	{ "drop index concurrently i", DEED_ALONE, ALONE_DROP_INDEX, "i", NULL },
	{ "drop index i", DEED_PLAIN, 0, NULL, NULL },
	{ "reindex index concurrently i", DEED_ALONE, ALONE_REINDEX, "i", NULL },
	{ "reindex (verbose, concurrently) table s.t", DEED_ALONE, ALONE_REINDEX, "s.t", NULL },
	{ "reindex (verbose) table concurrently t", DEED_ALONE, ALONE_REINDEX, "t", NULL },
	{ "reindex (verbose) table t", DEED_PLAIN, ALONE_EXCLUSIVE, NULL, NULL },
	{ "reindex (tablespace (concurrently)) table t", DEED_PLAIN, ALONE_EXCLUSIVE, NULL, NULL },
	{ "reindex schema s", DEED_ALONE, ALONE_EXCLUSIVE, "s", NULL },
	{ "reindex (verbose) database", DEED_ALONE, ALONE_EXCLUSIVE, NULL, NULL },
	{ "reindex system concurrently d", DEED_ALONE, ALONE_REINDEX_DATABASE, NULL, NULL },
	{ "reindex (concurrently) database", DEED_ALONE, ALONE_REINDEX_DATABASE, NULL, NULL },
	{ "reindex schema concurrently s", DEED_ALONE, ALONE_REINDEX_SCHEMA, "s", NULL },
	{ "reindex (concurrently) schema s", DEED_ALONE, ALONE_REINDEX_SCHEMA, "s", NULL },
	{ "alter table if exists only s.t * detach partition p concurrently", DEED_ALONE,
	  ALONE_DETACH, "p", "s.t" },
	{ "alter table t detach partition p", DEED_PLAIN, 0, NULL, NULL },
	{ "alter table t detach partition p finalize", DEED_PLAIN, 0, NULL, NULL },

	{ "vacuum", DEED_ALONE, ALONE_REPEATABLE, NULL, NULL },
	{ "vacuum full t", DEED_ALONE, ALONE_EXCLUSIVE, NULL, NULL },
	{ "vacuum (analyze, full) t", DEED_ALONE, ALONE_EXCLUSIVE, NULL, NULL },
	{ "vacuum (analyze) t", DEED_ALONE, ALONE_REPEATABLE, NULL, NULL },
	{ "cluster", DEED_ALONE, ALONE_EXCLUSIVE, NULL, NULL },
	{ "cluster verbose", DEED_ALONE, ALONE_EXCLUSIVE, NULL, NULL },
	{ "cluster (verbose)", DEED_ALONE, ALONE_EXCLUSIVE, NULL, NULL },
	{ "cluster t", DEED_PLAIN, ALONE_EXCLUSIVE, NULL, NULL },
	{ "discard all", DEED_ALONE, ALONE_REPEATABLE, NULL, NULL },
	{ "discard plans", DEED_PLAIN, 0, NULL, NULL },
	{ "alter system set a = 1", DEED_ALONE, ALONE_REPEATABLE, NULL, NULL },
	{ "create database d owner o", DEED_ALONE, ALONE_CREATE_DATABASE, "d", NULL },
	{ "drop database if exists \"D\"", DEED_ALONE, ALONE_DROP_DATABASE, "\"D\"", NULL },
	{ "alter database d set tablespace x", DEED_ALONE, ALONE_REPEATABLE, "d", NULL },
	{ "alter database d set a = 1", DEED_PLAIN, 0, NULL, NULL },
	{ "create tablespace x location '/x'", DEED_ALONE, ALONE_OTHER, "x", NULL },
	{ "drop tablespace if exists x", DEED_ALONE, ALONE_OTHER, "x", NULL },
	{ "create subscription s connection '' publication p", DEED_ALONE, ALONE_OTHER, "s", NULL },
	{ "drop subscription s", DEED_ALONE, ALONE_OTHER, "s", NULL },
	{ "alter subscription s refresh publication", DEED_ALONE, ALONE_REPEATABLE, "s", NULL },
	{ "alter subscription s add publication p", DEED_ALONE, ALONE_OTHER, "s", NULL },
	{ "alter subscription s owner to x", DEED_PLAIN, 0, NULL, NULL },

	{ "set standard_conforming_strings = off", DEED_STRINGS_OFF, 0, NULL, NULL },
	{ "set local standard_conforming_strings to 'off'", DEED_STRINGS_OFF, 0, NULL, NULL },
	{ "set standard_conforming_strings = on", DEED_STRINGS_ON, 0, NULL, NULL },
	{ "set session standard_conforming_strings to default", DEED_STRINGS_ON, 0, NULL, NULL },
	{ "reset all", DEED_STRINGS_ON, 0, NULL, NULL },
	{ "set search_path = off", DEED_PLAIN, 0, NULL, NULL },
};

static void
assert_span(const struct span *span, const char *expected, const char *sql)
{
	const char *got = span->at ? arena_copy_n(&arena, span->at, span->length) : "none";

	if (strcmp(got, expected ? expected : "none") != 0)
		fail_msg("%s: %s", sql, got);
}

static void
every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		const struct deed deed = deed_of(row->sql, strlen(row->sql), false);

		if (deed.kind != row->kind || deed.alone != (int)row->alone)
			fail_msg("%s: kind %d, alone %d", row->sql, (int)deed.kind, deed.alone);
		assert_span(&deed.object, row->object, row->sql);
		assert_span(&deed.relation, row->relation, row->sql);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(every_row, drop_arena) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
