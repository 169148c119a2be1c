/* INSERT statements as rows of COPY; what else a load decides: the row of a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dumping.h"
#include "restore/blame.h"
#include "restore/insert.h"

static const enum insert_type types[] = { INSERT_INTEGER, INSERT_NUMBER, INSERT_BOOLEAN,
	                                  INSERT_BITS, INSERT_OTHER };
#define COLUMNS (sizeof types / sizeof *types)

/* The rows of a statement, or NULL where it must stay one. */
static const char *
rows_of(const char *sql, bool backslashes, size_t *count)
{
	struct item item = item_of(sql);
	struct text text = text_new(&arena);
	struct insert insert;

	item.backslashes = backslashes;
	*count = 0;
	text_add(&text, "before\n");
	if (!insert_read(&insert, &item))
		return NULL;
	if (!insert_add(&insert, &item, types, COLUMNS, &text, count)) {
		assert_int_equal(text.length, strlen("before\n"));
		assert_int_equal(*count, 0);
		return NULL;
	}
	return text.at + strlen("before\n");
}

static void
literals_become_rows(void **state)
{
	size_t count;

	(void)state;
	assert_string_equal(rows_of("INSERT INTO s.t VALUES (1, -2.5e10, true, B'101', 'it''s')",
	                            false, &count),
	                    "1\t-2.5e10\ttrue\t101\tit's\n");
	assert_int_equal(count, 1);
	assert_string_equal(
		rows_of("INSERT INTO t (a, b, c, d, e) OVERRIDING SYSTEM VALUE VALUES\n"
	                "\t(NULL, null, FALSE, '1', 'a\tb\\c\nd\re'),\n\t('x', '', '', NULL, '\\N')",
	                false, &count),
		"\\N\t\\N\tFALSE\t1\ta\\tb\\\\c\\nd\\re\nx\t\t\t\\N\t\\\\N\n");
	assert_int_equal(count, 2);
	assert_string_equal(
		rows_of("INSERT INTO t VALUES (1, 1e+15, true, '1', ''), (2, -2.5E-7, true, '1', '')",
	                false, &count),
		"1\t1e+15\ttrue\t1\t\n2\t-2.5E-7\ttrue\t1\t\n");
	assert_string_equal(rows_of("insert into t values (1,1,false,'0','''')", true, &count),
	                    "1\t1\tfalse\t0\t'\n");
}

static void
what_is_no_literal_stays(void **state)
{
	static const char *const others[] = {
		"update t set a = 1",
		"insert into t default values",
		"insert into t select 1",
		"insert into t values (1, 2, true, '1')",
		"insert into t values (1, 2, true, '1', 'x', 'y')",
		"insert into t values (1.5, 2, true, '1', 'x')",
		"insert into t values (1e+5, 2, true, '1', 'x')",
		"insert into t values (1, 1e+, true, '1', 'x')",
		"insert into t values (1, e+5, true, '1', 'x')",
		"insert into t values (1, 1e+5 + 1, true, '1', 'x')",
		"insert into t values (1, x, true, '1', 'x')",
		"insert into t values (true, 2, true, '1', 'x')",
		"insert into t values (1, 2, 1, '1', 'x')",
		"insert into t values (1, 2, true, '1', 5)",
		"insert into t values (1, 2, true, '1', true)",
		"insert into t values (1, 2, true, '1', E'x')",
		"insert into t values (1, 2, true, X'1', 'x')",
		"insert into t values (1, 2, true, '1', B'1')",
		"insert into t values (1, 2, true, '1', $$x$$)",
		"insert into t values (1, 2, true, '1', U&'x')",
		"insert into t values (DEFAULT, 2, true, '1', 'x')",
		"insert into t values (1 + 1, 2, true, '1', 'x')",
		"insert into t values (- -1, 2, true, '1', 'x')",
		"insert into t values (1, 2, true, '1', 'x'::text)",
		"insert into t values (1, 2, true, '1', 'x') on conflict do nothing",
		"insert into t values (1, 2, true, '1', 'x') returning 1",
		"insert into t values (1, 2, true, '1', 'x'), (1, 2, true, '1', now())",
		"insert into t as u values (1, 2, true, '1', 'x')",
	};
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (rows_of(others[i], false, &count))
			fail_msg("%s", others[i]);
	assert_null(rows_of("insert into t values (1, 2, true, '1', 'a\\b')", true, &count));
}

static void
alike(void **state)
{
	const struct item one = item_of("insert into a.t (x, y) values (1, 2)");
	const struct item same = item_of("INSERT INTO a.t (x, y) VALUES (3, 4)");
	const struct item columns = item_of("insert into a.t (x, z) values (1, 2)");
	const struct item all = item_of("insert into a.t values (1, 2)");
	const struct item table = item_of("insert into a.u (x, y) values (1, 2)");
	struct insert first, other;

	(void)state;
	assert_true(insert_read(&first, &one));
	assert_true(insert_read(&other, &same) && insert_is_like(&first, &other));
	assert_true(insert_read(&other, &columns) && !insert_is_like(&first, &other));
	assert_true(insert_read(&other, &all) && !insert_is_like(&first, &other));
	assert_true(insert_read(&other, &table) && !insert_is_like(&first, &other));
	assert_false(insert_is_like(&first, &(struct insert){ 0 }));
}

static size_t
length_of(const char *sql)
{
	return insert_length(sql, sql + strlen(sql));
}

static void
what_takes_no_lexer(void **state)
{
	static const char *const plain[] = {
		"INSERT INTO s.t VALUES (1, -2.5e10, true, NULL, 'it''s; \\ -- /* \n')",
		"INSERT INTO s.\"a;'b\" (x, \"y\"\"z\") VALUES\n\t(1, ''),\n\t('a', 'b')",
		"INSERT INTO t OVERRIDING SYSTEM VALUE VALUES (- 1)",
	};
	static const char *const others[] = {
		"INSERT INTO t VALUES (E'a\\';')",
		"INSERT INTO t VALUES (B'101')",
		"INSERT INTO t VALUES ($$;$$)",
		"INSERT INTO t VALUES (1) -- ; x",
		"INSERT INTO t VALUES (1 /* ; */)",
		"INSERT INTO t VALUES (1;2)",
		"INSERT INTO t VALUES (U&'\\0041')",
		"INSERT INTO t VALUES (:x)",
		"INSERT INTO t VALUES (\\x)",
		"INSERT INTO t VALUES (\xc3\xa4)",
		"UPDATE t SET x = 1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		const char *text = arena_join(&arena, plain[i], ";\nINSERT INTO t", "");

		assert_int_equal(length_of(text), strlen(plain[i]));
		/* Cut anywhere, it is not all there. */
		for (size_t length = 0; length <= strlen(plain[i]); length++)
			assert_int_equal(insert_length(text, text + length), 0);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_int_equal(length_of(arena_join(&arena, others[i], ";\n", "")), 0);
}

static void
the_row_of_a_failure(void **state)
{
	(void)state;
	assert_int_equal(blame_row("COPY parent, line 12, column id: \"x\""), 12);
	assert_int_equal(blame_row("COPY t2, Zeile 7"), 7);
	assert_int_equal(blame_row("COPY t2"), 0);
	assert_int_equal(blame_row("SQL function \"f\", line 3"), 0);
	assert_int_equal(blame_row(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(literals_become_rows, drop_dump),
		cmocka_unit_test_teardown(what_is_no_literal_stays, drop_dump),
		cmocka_unit_test_teardown(alike, drop_dump),
		cmocka_unit_test_teardown(what_takes_no_lexer, drop_dump),
		cmocka_unit_test_teardown(the_row_of_a_failure, drop_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
