/* Deadlines and growing pauses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"

static void
a_deadline_comes_nearer_and_passes(void **state)
{
	const int64_t deadline = clock_ahead(60000);

	(void)state;
	assert_false(clock_passed(deadline));
	assert_true(clock_left(deadline) > 50000);
	assert_true(clock_left(deadline) <= 60000);
	assert_true(clock_passed(clock_now()));
	assert_int_equal(clock_left(clock_now() - 5), 0);
}

static void
never_stays_never(void **state)
{
	(void)state;
	assert_true(clock_ahead(CLOCK_NEVER) == CLOCK_NEVER);
	assert_true(clock_left(CLOCK_NEVER) == CLOCK_NEVER);
	assert_false(clock_passed(CLOCK_NEVER));
}

static void
pauses_grow_with_jitter_up_to_the_most(void **state)
{
	struct backoff backoff = { .next = 10, .most = 100 };
	int64_t first = -1;
	bool has_jitter = false;

	(void)state;
	for (int i = 0; i < 100; i++) {
		const int64_t whole = backoff.next, pause = backoff_pause(&backoff);

		assert_true(pause >= whole / 2 && pause <= whole);
		assert_true(backoff.next == (whole * 3 / 2 < 100 ? whole * 3 / 2 : 100));
		if (whole == 100) {
			has_jitter = has_jitter || (first >= 0 && pause != first);
			first = pause;
		}
	}
	assert_true(has_jitter);
	assert_int_equal(backoff.next, 100);
}

static void
a_pause_of_nothing_is_nothing(void **state)
{
	struct backoff backoff = { 0 };

	(void)state;
	assert_int_equal(backoff_pause(&backoff), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadline_comes_nearer_and_passes),
		cmocka_unit_test(never_stays_never),
		cmocka_unit_test(pauses_grow_with_jitter_up_to_the_most),
		cmocka_unit_test(a_pause_of_nothing_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
