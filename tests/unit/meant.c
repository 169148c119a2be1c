/* What was meant by a word that nothing takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "err.h"
#include "meant.h"

static const char *const names[] = { "boot",        "plan",   "migrate", "migrate status",
	                             "migrate new", "status", NULL };

static void
what_a_command_does_not_take(void **state)
{
	static const struct {
		const char *command, *takes, *word, *hint;
	} rows[] = {
		{ "migrate", NULL, "stats", "did you mean migrate status?" },
		{ "migrate", NULL, "nwe", "did you mean migrate new?" },
		{ "migrate", NULL, "plan", "did you mean plan?" },
		{ "migrate", NULL, "x", "see `help`; to run a program of that name: -- migrate" },
		{ "plan", NULL, "stats", "see `help`; to run a program of that name: -- plan" },
		{ "migrate new", "NAME: a file", "b", "migrate new NAME: a file" },
		{ "migrate status", NULL, "plan", "see `help`" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = { 0 };

		assert_false(
			meant_refuse(rows[i].command, rows[i].takes, rows[i].word, names, &err));
		assert_int_equal(err.fault, FAULT_USAGE);
		assert_string_equal(err.hint, rows[i].hint);
	}
}

static void
a_program_that_does_not_exist(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_false(meant_program("bot", names, &err));
	assert_string_equal(err.hint, "did you mean boot?");
	err_clear(&err);
	assert_false(meant_program("new", names, &err));
	assert_string_equal(err.hint, "did you mean migrate new?");
	err_clear(&err);
	assert_false(meant_program("ne", names, &err));
	assert_false(meant_program("gunicorn", names, &err));
	assert_false(meant_program("migrate statu", names, &err));
	assert_false(meant_program(NULL, names, &err));
	assert_string_equal(err.hint, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_command_does_not_take),
		cmocka_unit_test(a_program_that_does_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
