/* Many things on several threads: each is done once, and the first failure by order is the one that is told. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "parallel.h"
#include "scoped.h"

#define MOST 5000

struct seen {
	const char *words[MOST];
	atomic_int times[MOST];
	atomic_size_t elsewhere; /* on another thread than the test's */
	pthread_t here;
	const size_t *failing; /* ends with SIZE_MAX */
};

static bool
note(void *of, size_t i, struct arena *arena, struct err *err)
{
	struct seen *seen = of;

	seen->times[i]++;
	seen->words[i] = arena_print(arena, "number %zu", i);
	if (!pthread_equal(pthread_self(), seen->here))
		seen->elsewhere++;
	for (const size_t *failing = seen->failing; failing && *failing != SIZE_MAX; failing++)
		if (*failing == i)
			return err_set(err, FAULT_WRONG, "%zu is wrong", i);
	return true;
}

static void
each_is_done_once_and_stays_in_the_arena(void **state)
{
	static const size_t counts[] = { 0, 1, 31, 255, 256, 257, 1000, MOST };

	(void)state;
	for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct seen *seen = calloc(1, sizeof *seen);
		const char *before = arena_copy(&arena, "before");
		struct err err = { 0 };

		assert_non_null(seen);
		seen->here = pthread_self();
		assert_true(parallel_all(counts[c], note, seen, &arena, &err));
		assert_string_equal(before, "before");
		for (size_t i = 0; i < MOST; i++)
			assert_int_equal(seen->times[i], i < counts[c]);
		for (size_t i = 0; i < counts[c]; i++) {
			char words[32];

			(void)snprintf(words, sizeof words, "number %zu", i);
			assert_string_equal(seen->words[i], words);
		}
		if (counts[c] < 256)
			assert_int_equal(seen->elsewhere, 0);
		free(seen);
	}
}

static void
the_first_failure_by_order_is_told(void **state)
{
	static const struct {
		size_t count, failing[4];
	} rows[] = {
		{ 10, { 3, 7, SIZE_MAX } },
		{ 10, { 9, 0, SIZE_MAX } },
		{ MOST, { 300, 331, 332, SIZE_MAX } },
		{ MOST, { 1000, 40, 33, SIZE_MAX } },
		{ MOST, { MOST - 1, SIZE_MAX } },
	};

	(void)state;
	for (size_t run = 0; run < 50; run++)
		for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
			SCOPED(arena_drop) struct arena arena = { 0 };
			struct seen *seen = calloc(1, sizeof *seen);
			struct err err = { 0 };
			size_t first = SIZE_MAX;
			char words[32];

			assert_non_null(seen);
			seen->here = pthread_self();
			seen->failing = rows[r].failing;
			for (size_t i = 0; rows[r].failing[i] != SIZE_MAX; i++)
				if (rows[r].failing[i] < first)
					first = rows[r].failing[i];
			assert_false(parallel_all(rows[r].count, note, seen, &arena, &err));
			(void)snprintf(words, sizeof words, "%zu is wrong", first);
			assert_string_equal(err.what, words);
			for (size_t i = 0; i < first; i++)
				assert_int_equal(seen->times[i], 1);
			free(seen);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_done_once_and_stays_in_the_arena),
		cmocka_unit_test(the_first_failure_by_order_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
