/* What may be meant where something else was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spelling.h"

#define LONG "a123456789b123456789c123456789d123456789e123456789f123456789g123"

static void
near_words(void **state)
{
	static const struct {
		const char *written, *meant;
		bool is_near;
	} rows[] = {
		{ "bot", "boot", true },
		{ "bo", "boot", false },
		{ "stats", "status", true },
		{ "stat", "status", false },
		{ "boot", "boot", false },
		{ "b", "a", false },
		{ "chekc", "check", true },
		{ "recover", "restore", false },
		{ LONG, LONG "x", false },
		{ "x", LONG, false },
		{ "", "up", false },
		{ "lnit", "lint", true },
		{ "rehersae", "rehearse", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(spelling_is_near(rows[i].written, rows[i].meant), rows[i].is_near);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
