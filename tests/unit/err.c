/* What is recorded of a failure, and that too long texts are cut and never overflow. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"

static void
where_stands_before_what(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_false(err_set(&err, FAULT_WRONG, "syntax error at \"%s\"", "selct"));
	assert_false(err_within(&err, "line %d", 3));
	assert_false(err_within(&err, "%s", "0001_users.sql"));
	assert_int_equal(err.fault, FAULT_WRONG);
	assert_string_equal(err.what, "0001_users.sql: line 3: syntax error at \"selct\"");
}

static void
a_place_stands_before_what_and_by_itself(void **state)
{
	struct err err = { 0 };
	char longest[300];

	(void)state;
	(void)err_set(&err, FAULT_WRONG, "no");
	assert_false(err_at(&err, "a.sql", 3, 7));
	assert_string_equal(err.what, "a.sql:3:7: no");
	assert_string_equal(err.file, "a.sql");
	assert_int_equal(err.line, 3);
	assert_int_equal(err.column, 7);
	(void)err_set(&err, FAULT_WRONG, "no");
	assert_string_equal(err.file, "");
	assert_int_equal(err.line, 0);
	assert_int_equal(err.column, 0);
	memset(longest, 'x', sizeof longest);
	memcpy(longest + sizeof longest - sizeof "y/a.sql", "y/a.sql", sizeof "y/a.sql");
	assert_false(err_at(&err, longest, 3, 0));
	assert_int_equal(strlen(err.file), sizeof err.file - 1);
	assert_string_equal(err.file + strlen(err.file) - 7, "y/a.sql");
	assert_string_equal(err.what + sizeof longest - 1, ":3: no");
}

static void
the_system_gives_its_reason(void **state)
{
	struct err err = { 0 };

	(void)state;
	errno = ENOENT;
	assert_false(err_errno(&err, FAULT_NO_SOURCE, "%s", "/seeds"));
	assert_int_equal(err.fault, FAULT_NO_SOURCE);
	assert_string_equal(err.what, "/seeds: No such file or directory");
}

static void
details_add_up_and_the_last_hint_stands(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_false(err_detail(&err, "one"));
	assert_false(err_detail(&err, "two %d", 2));
	assert_string_equal(err.detail, "one\ntwo 2");
	assert_false(err_hint(&err, "first"));
	assert_false(err_hint(&err, "second"));
	assert_string_equal(err.hint, "second");
}

static void
a_new_failure_forgets_the_old_one(void **state)
{
	struct err err = { .sqlstate = "42601" };

	(void)state;
	(void)err_set(&err, FAULT_BUSY, "old");
	(void)err_detail(&err, "old");
	(void)err_hint(&err, "old");
	(void)err_set(&err, FAULT_WRONG, "new");
	assert_string_equal(err.what, "new");
	assert_string_equal(err.detail, "");
	assert_string_equal(err.hint, "");
	assert_string_equal(err.sqlstate, "");
	err_clear(&err);
	assert_int_equal(err.fault, FAULT_NONE);
	assert_string_equal(err.what, "");
}

static void
what_is_too_long_is_cut(void **state)
{
	static char lengthy[6000];
	struct err err = { 0 };

	(void)state;
	memset(lengthy, 'x', sizeof lengthy - 1);
	errno = EACCES;
	(void)err_errno(&err, FAULT_SYSTEM, "%s", lengthy);
	assert_int_equal(strlen(err.what), sizeof err.what - 1);
	(void)err_within(&err, "%s", "outer");
	assert_int_equal(strlen(err.what), sizeof err.what - 1);
	assert_int_equal(strncmp(err.what, "outer: xxx", 10), 0);
	(void)err_within(&err, "%s", lengthy);
	assert_int_equal(strlen(err.what), sizeof err.what - 1);
	for (int i = 0; i < 3; i++)
		(void)err_detail(&err, "%s", lengthy);
	assert_int_equal(strlen(err.detail), sizeof err.detail - 1);
	(void)err_hint(&err, "%s", lengthy);
	assert_int_equal(strlen(err.hint), sizeof err.hint - 1);
}

static void
the_table_of_faults_is_in_order_and_ends(void **state)
{
	size_t i = 1;

	(void)state;
	for (; fault_rows[i].help; i++)
		assert_true(fault_rows[i].fault > fault_rows[i - 1].fault);
	assert_int_equal(fault_rows[i - 1].fault, FAULT_SIGNAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_stands_before_what),
		cmocka_unit_test(a_place_stands_before_what_and_by_itself),
		cmocka_unit_test(the_system_gives_its_reason),
		cmocka_unit_test(details_add_up_and_the_last_hint_stands),
		cmocka_unit_test(a_new_failure_forgets_the_old_one),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test(the_table_of_faults_is_in_order_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
