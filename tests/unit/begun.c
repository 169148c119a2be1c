/* What of a half applied file may be edited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "begun.h"
#include "config.h"
#include "ledger.h"
#include "made.h"
#include "splitting.h"

/* Of the first `count` statements of a text. */
static const char *
digest(const char *text, size_t count)
{
	const struct batch batch = split(text);

	assert_true(count <= batch.count);
	return begun_digests(&batch, &arena)[count];
}

static void
only_the_statements_that_were_begun_count(void **state)
{
	static const char text[] = "select 1;\nselect 'two';\nselect 3;";
	static const struct {
		const char *edited;
		bool is_same;
	} rows[] = {
		{ "select 1;\nselect 'two';\nselect 4; select 5;", true },
		{ "select 1;\nselect 'two'", true },
		{ "-- why\nselect 1; /* and */\n\n  select 'two' ;", true },
		{ "select 1;\r\nselect 'two';\r\n", true },
		{ "select 1;\nselect 'TWO';\nselect 3;", false },
		{ "select  1;\nselect 'two';\nselect 3;", false },
		{ "select 'two';\nselect 1;\nselect 3;", false },
		{ "select 1; select 2; select 'two';", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *wanted = digest(text, 2);

		print_message("%s\n", rows[i].edited);
		assert_int_equal(strcmp(digest(rows[i].edited, 2), wanted) == 0, rows[i].is_same);
	}
	assert_string_not_equal(digest(text, 1), digest(text, 2));
	assert_string_equal(digest("x", 0), digest("y", 0));
}

/* One statement more is not one longer statement. */
static void
statements_are_told_apart(void **state)
{
	(void)state;
	assert_string_not_equal(digest("ab;c", 2), digest("a;bc", 2));
}

static void
data_of_copy_count_and_values_of_variables_do_not(void **state)
{
	static const char with[] = "-- pg-entrypoint: vars it\nselect :'it', 1;";
	const char *const one = digest("copy t from stdin;\n1\n\\.\nselect 1;", 1);

	(void)state;
	assert_string_equal(digest("copy t from stdin;\n1\n\\.\nselect 2;", 1), one);
	assert_string_not_equal(digest("copy t from stdin;\n2\n\\.\nselect 1;", 1), one);
	assert_string_not_equal(digest(with, 1), digest("select 'it''s', 1", 1));
	assert_string_equal(digest(with, 1),
	                    digest("-- pg-entrypoint: vars it b\nselect :'it', 1", 1));
	assert_string_not_equal(digest(with, 1),
	                        digest("-- pg-entrypoint: vars it\nselect :'it', 2", 1));
}

static void
the_row_to_forget_is_named_in_quotes(void **state)
{
	const struct config config = { .schema = "entry\"point" };

	(void)state;
	assert_string_equal(
		ledger_forget_by_hand(&config, "20240618_it's", &arena),
		"delete from \"entry\"\"point\".migration where version = '20240618_it''s';");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(only_the_statements_that_were_begun_count, drop_arena),
		cmocka_unit_test_teardown(statements_are_told_apart, drop_arena),
		cmocka_unit_test_teardown(data_of_copy_count_and_values_of_variables_do_not,
		                          drop_arena),
		cmocka_unit_test_teardown(the_row_to_forget_is_named_in_quotes, drop_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
