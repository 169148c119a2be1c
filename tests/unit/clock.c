/* Deadlines and growing pauses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arena.h"
#include "clock.h"
#include "scoped.h"

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

static void
a_pause_ends_with_the_deadline(void **state)
{
	struct backoff backoff = { 1000, 2000 };

	(void)state;
	assert_true(backoff_pause_until(&backoff, clock_ahead(20)) <= 20);
	assert_int_equal(backoff.next, 1500);
	assert_int_equal(backoff_pause_until(&backoff, clock_now() - 5), 0);
	assert_true(backoff_pause_until(&backoff, CLOCK_NEVER) >= 1000);
}

static void
a_duration_is_shown_as_a_setting_has_it(void **state)
{
	static const struct {
		int64_t wait;
		const char *shown;
	} rows[] = {
		{ 0, "0ms" },
		{ 1, "1ms" },
		{ 999, "999ms" },
		{ 1000, "1s" },
		{ 1500, "1500ms" },
		{ 60000, "60s" },
		{ 90000, "90s" },
		{ 120000, "2m" },
		{ 300000, "5m" },
		{ 301000, "301s" },
		{ 3600000, "60m" },
		{ 86400000, "24h" },
		{ CLOCK_NEVER, "none" },
	};
	SCOPED(arena_drop) struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(clock_shown(rows[i].wait, &arena), rows[i].shown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadline_comes_nearer_and_passes),
		cmocka_unit_test(never_stays_never),
		cmocka_unit_test(pauses_grow_with_jitter_up_to_the_most),
		cmocka_unit_test(a_pause_of_nothing_is_nothing),
		cmocka_unit_test(a_pause_ends_with_the_deadline),
		cmocka_unit_test(a_duration_is_shown_as_a_setting_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
