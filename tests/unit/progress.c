/* When a statement that takes long is looked at again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "progress.h"

static void
first_after_five_seconds_then_every_ten(void **state)
{
	(void)state;
	assert_int_equal(progress_pause(0), 5000);
	assert_int_equal(progress_pause(500), 4500);
	assert_int_equal(progress_pause(4999), 1);
	assert_int_equal(progress_pause(5000), 10000);
	assert_int_equal(progress_pause(123456), 10000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_after_five_seconds_then_every_ten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
