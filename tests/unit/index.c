/* What was met before is found by how it is spelt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arena.h"
#include "scoped.h"
#include "sheet/index.h"

static void
spell(size_t number, struct text *bytes)
{
	bytes->length = 0;
	text_print(bytes, "%zu", number);
}

static void
spell_number(const void *things, size_t number, struct text *bytes)
{
	const size_t *first = things;

	text_print(bytes, "%zu", *first + number);
}

static void
numbers_are_found_again(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text bytes = text_new(&arena);
	const size_t first = 500;
	struct index *index = index_new(spell_number, &first, &arena);

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		spell(first + i, &bytes);
		assert_int_equal(index_find(index, &bytes, i), INDEX_NONE);
	}
	for (size_t i = 0; i < 1000; i++) {
		spell(first + i, &bytes);
		assert_int_equal(index_find(index, &bytes, 1000), i);
	}
	/* A beginning is something else. */
	spell(50, &bytes);
	assert_int_equal(index_find(index, &bytes, 1000), INDEX_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
