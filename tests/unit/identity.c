/* Do two sessions come to the same database? */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "identity.h"

static void
two_sessions_are_held_against_each_other(void **state)
{
	static const struct identity proven = { "shop", "16384", "1700000000.000001", false };
	static const struct {
		struct identity other;
		enum kinship kinship;
	} rows[] = {
		{ { "shop", "16384", "1700000000.000001", false }, KINSHIP_SAME },
		{ { "empty", "16385", "1700000000.000001", false }, KINSHIP_OTHER_DATABASE },
		/* One was dropped and made anew. */
		{ { "shop", "16385", "1700000000.000001", false }, KINSHIP_OTHER_DATABASE },
		{ { "empty", "16384", "1700000000.000002", true }, KINSHIP_OTHER_DATABASE },
		{ { "shop", "16385", "1700000000.000002", true }, KINSHIP_OTHER_DATABASE },
		/* A clone of the disk, or the first database of another cluster. */
		{ { "shop", "16384", "1700000000.000002", false }, KINSHIP_OTHER_SERVER },
		{ { "shop", "16384", "1700000000.000002", true }, KINSHIP_PERHAPS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(identity_compare(&proven, &rows[i].other), rows[i].kinship);
		assert_int_equal(identity_compare(&rows[i].other, &proven), rows[i].kinship);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_sessions_are_held_against_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
