/* What of initdb.d an earlier start has committed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initdb/noted.h"

#define PLACE(file, statements)                                                                    \
	{                                                                                          \
		file, statements, false, true, NULL, "initdb"                                      \
	}
#define DONE(file)                                                                                 \
	{                                                                                          \
		file, 0, true, false, NULL, "initdb/" file                                         \
	}
#define SOME(file, statements)                                                                     \
	{                                                                                          \
		file, statements, false, false, "digest", "initdb/" file                           \
	}

static void
files_are_found_by_name(void **state)
{
	static const struct {
		struct noted noted[3];
		size_t count;
		const char *file;
		bool is_shell, is_done;
		size_t statements;
	} rows[] = {
		{ { SOME("", 0) }, 0, "01_a.sql", false, false, 0 },
		/* A file between two, or before all, was not run, whatever stands behind it. */
		{ { DONE("01_a.sql"), DONE("10_x.sql") }, 2, "01_a.sql", false, true, 0 },
		{ { DONE("01_a.sql"), DONE("10_x.sql") }, 2, "05_e.sql", false, false, 0 },
		{ { DONE("01_a.sql"), DONE("10_x.sql") }, 2, "00_e.sql", false, false, 0 },
		{ { DONE("01_a.sql"), SOME("10_x.sql", 2) }, 2, "10_x.sql", false, false, 2 },
		{ { SOME("05_e.sql", 3), SOME("10_x.sql", 2) }, 2, "05_e.sql", false, false, 3 },
		/* By a version that noted no names. */
		{ { PLACE("10_x.sql", 2) }, 1, "05_e.sql", false, true, 0 },
		{ { PLACE("10_x.sql", 2) }, 1, "10_x.sql", false, false, 2 },
		{ { PLACE("10_x.sql", 2) }, 1, "20_y.sql", false, false, 0 },
		{ { PLACE("10_x.sh", 0) }, 1, "10_x.sh", true, false, 0 },
		{ { PLACE("10_x.sh", 1) }, 1, "10_x.sh", true, true, 1 },
		/* And then by this one. */
		{ { PLACE("10_x.sql", 2), SOME("10_x.sql", 4) }, 2, "10_x.sql", false, false, 4 },
		{ { PLACE("10_x.sql", 2), DONE("10_x.sql") }, 2, "10_x.sql", false, true, 2 },
		{ { PLACE("10_x.sql", 2), DONE("20_y.sql") }, 2, "15_z.sql", false, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct noted noted[3] = { rows[i].noted[0], rows[i].noted[1], rows[i].noted[2] };
		const struct noted_files files = { noted, rows[i].count };
		size_t statements = 99;

		assert_int_equal(noted_is_done(&files, rows[i].file, rows[i].is_shell, &statements),
		                 rows[i].is_done);
		assert_int_equal(statements, rows[i].statements);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
