/* What the rows of the ledger and of the journal mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "arena.h"
#include "db.h"
#include "ledger.h"
#include "scoped.h"

/* Rows of `columns` values each, as libpq would hold them. */
static struct answer
answer_of(const char *const *values, int columns, int rows)
{
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc *names = calloc((size_t)columns, sizeof *names);
	static char nameless[] = "";

	assert_true(result && names);
	for (int i = 0; i < columns; i++)
		names[i].name = nameless;
	assert_int_equal(PQsetResultAttrs(result, columns, names), 1);
	free(names);
	for (int i = 0; i < rows * columns; i++)
		assert_int_equal(PQsetvalue(result, i / columns, i % columns,
		                            (char *)(uintptr_t)values[i],
		                            values[i] ? (int)strlen(values[i]) : -1),
		                 1);
	return (struct answer){ .result = result, .rows = rows, .columns = columns };
}

static void
a_relation_exists_while_it_has_a_name(void **state)
{
	static const struct {
		const char *noted;
		bool exists;
	} rows[] = {
		{ NULL, false },   { "-", false },           { "16384", false },
		{ "users", true }, { "public.users", true }, { "\"16384\"", true },
		{ "\"-\"", true }, { "\"\"\"\"", true },     { "a1", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(ledger_relation_exists(rows[i].noted), rows[i].exists);
}

static void
rows_become_entries_in_order_of_version(void **state)
{
	static const char *const values[] = {
		"10",   "10_b", "y", NULL,  "3", NULL,    /* half applied */
		"R__r", "R__r", "z", "now", "1", "users", /* behind all versions */
		"9",    "9_a",  "x", "now", "2", NULL,
	};
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = answer_of(values, 6, 3);
	struct ledger ledger;

	(void)state;
	ledger_take(&ledger, &answer, &arena);
	assert_int_equal(ledger.count, 3);
	assert_true(ledger.had_relations);
	assert_true(ledger.relation_is_there);
	assert_string_equal(ledger.entries[0].version, "9");
	assert_string_equal(ledger.entries[0].name, "9_a");
	assert_string_equal(ledger.entries[0].checksum, "x");
	assert_int_equal(ledger.entries[0].statements, 2);
	assert_true(ledger.entries[0].is_finished);
	assert_string_equal(ledger.entries[0].started_at, "");
	assert_string_equal(ledger.entries[1].version, "10");
	assert_int_equal(ledger.entries[1].statements, 3);
	assert_false(ledger.entries[1].is_finished);
	assert_string_equal(ledger.entries[2].version, "R__r");
}

static void
what_was_noted_and_is_gone_had_been_there(void **state)
{
	static const char *const values[] = { "1", "1_a", "x", "now", "1", "16384", "then" };
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = answer_of(values, 7, 1);
	struct ledger ledger;

	(void)state;
	ledger_take(&ledger, &answer, &arena);
	assert_true(ledger.had_relations);
	assert_false(ledger.relation_is_there);
	assert_string_equal(ledger.entries[0].started_at, "then");
}

static void
a_change_that_is_not_noted_is_no_migration(void **state)
{
	static const char *const values[] = { "@changing", "", "", "now", "0", NULL };
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = answer_of(values, 6, 1);
	struct ledger ledger;

	(void)state;
	ledger_take(&ledger, &answer, &arena);
	assert_int_equal(ledger.count, 0);
	assert_true(ledger.is_changing);
}

static void
what_the_database_was_made_from_is_no_migration(void **state)
{
	static const char *const values[] = { "@restored", "backup.sql", "", "now", "0", "users" };
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = answer_of(values, 6, 1);
	struct ledger ledger;

	(void)state;
	ledger_take(&ledger, &answer, &arena);
	assert_int_equal(ledger.count, 0);
	assert_string_equal(ledger.restored, "backup.sql");
	assert_true(ledger.relation_is_there);
}

static void
an_empty_ledger_says_nothing(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = answer_of(NULL, 6, 0);
	struct ledger ledger;

	(void)state;
	ledger_take(&ledger, &answer, &arena);
	assert_int_equal(ledger.count, 0);
	assert_false(ledger.had_relations);
	assert_false(ledger.relation_is_there);
}

static void
the_journal_knows_what_is_finished(void **state)
{
	static const char *const values[] = { "restore", "now", "initdb", NULL };
	SCOPED(answer_free) struct answer answer = answer_of(values, 2, 2);

	(void)state;
	assert_true(journal_is_finished(&answer, "restore"));
	assert_false(journal_is_finished(&answer, "initdb"));
	assert_false(journal_is_finished(&answer, "other"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relation_exists_while_it_has_a_name),
		cmocka_unit_test(rows_become_entries_in_order_of_version),
		cmocka_unit_test(what_was_noted_and_is_gone_had_been_there),
		cmocka_unit_test(a_change_that_is_not_noted_is_no_migration),
		cmocka_unit_test(what_the_database_was_made_from_is_no_migration),
		cmocka_unit_test(an_empty_ledger_says_nothing),
		cmocka_unit_test(the_journal_knows_what_is_finished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
