/* Memory that goes all at once, growing arrays, growing text. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "scoped.h"

static void
memory_is_zeroed_and_aligned(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	(void)state;
	for (size_t size = 0; size < 40000; size = size * 2 + 1) {
		char *const bytes = arena_alloc(&arena, size);

		assert_int_equal((uintptr_t)bytes % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 'x', size);
	}
}

static void
a_dropped_arena_is_usable_again(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	arena_drop(&arena);
	assert_string_equal(arena_copy(&arena, "one"), "one");
	arena_drop(&arena);
	assert_null(arena.newest);
	assert_string_equal(arena_copy_n(&arena, "twofold", 3), "two");
	assert_string_equal(arena_copy_n(&arena, NULL, 0), "");
	assert_string_equal(arena_print(&arena, "%d-%s", 3, "x"), "3-x");
	arena_drop(&arena);
}

static void
a_cleared_arena_keeps_one_block(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct block *kept;

	(void)state;
	arena_clear(&arena);
	assert_null(arena.newest);
	for (size_t size = 0; size < 40000; size = size * 2 + 1)
		memset(arena_alloc(&arena, size), 'x', size);
	kept = arena.newest;
	arena_clear(&arena);
	assert_ptr_equal(arena.newest, kept);
	for (size_t i = 0; i < 1000; i++) {
		const char *bytes = arena_alloc(&arena, 40);

		for (size_t j = 0; j < 40; j++)
			assert_int_equal(bytes[j], 0);
	}
	/* One that is out of the ordinary goes. */
	(void)arena_alloc(&arena, (size_t)4 << 20);
	arena_clear(&arena);
	assert_null(arena.newest);
}

static void
an_adopted_arena_lives_on(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct arena one = { 0 }, other = { 0 };
	const char *first, *second;

	(void)state;
	arena_adopt(&arena, &one); /* nothing of nothing */
	assert_null(arena.newest);
	first = arena_copy(&one, "first");
	arena_adopt(&arena, &one);
	assert_null(one.newest);
	second = arena_copy(&other, "second");
	(void)arena_alloc(&other, 100000); /* of two blocks */
	arena_adopt(&arena, &other);
	assert_null(other.newest);
	arena_adopt(&arena, &other);
	assert_string_equal(arena_copy(&arena, "third"), "third");
	assert_string_equal(first, "first");
	assert_string_equal(second, "second");
}

static void
arrays_keep_what_they_hold(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	size_t *numbers = NULL;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		numbers = arena_grow(&arena, numbers, i, sizeof *numbers);
		numbers[i] = i;
		(void)arena_alloc(&arena, 1); /* what lies behind must not be overwritten */
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i);
}

static void
text_grows_at_its_end(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text text = text_new(&arena);

	(void)state;
	assert_string_equal(text.at, "");
	text_add(&text, "a");
	text_add_char(&text, 'b');
	text_add_n(&text, "cdef", 2);
	text_add_n(&text, NULL, 0);
	text_print(&text, "%03d", 7);
	assert_string_equal(text.at, "abcd007");
	assert_int_equal(text.length, 7);
	for (int i = 0; i < 10000; i++)
		text_add(&text, "0123456789");
	assert_int_equal(text.length, 100007);
	assert_int_equal(strlen(text.at), 100007);
}

static void
json_is_escaped(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text text = text_new(&arena);

	(void)state;
	text_add_json(&text, "a\"b\\c\n\x1F\x7F\xC3\xA4");
	assert_string_equal(text.at, "\"a\\\"b\\\\c\\u000a\\u001f\\u007f\xC3\xA4\"");
}

static void
json_is_utf8(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{ "\x7F\xC2\x80\xC2\xA0\xE0\xA0\x80\xED\x9F\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
		  "\\u007f\\u0080\xC2\xA0\xE0\xA0\x80\xED\x9F\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF" },
		{ "\xFF-", "\\ufffd-" },
		{ "\x80", "\\ufffd" },
		{ "\xC1\xBF", "\\ufffd\\ufffd" },            /* longer than need be */
		{ "\xED\xA0\x80", "\\ufffd\\ufffd\\ufffd" }, /* a surrogate */
		{ "\xF4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xC3\"", "\\ufffd\\\"" },
		{ "\xC3", "\\ufffd" }, /* cut */
		{ "\xE2\x82", "\\ufffd\\ufffd" },
		{ "\xF0\x9F\x98", "\\ufffd\\ufffd\\ufffd" },
	};
	SCOPED(arena_drop) struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text text = text_new(&arena);

		text_add_json(&text, rows[i].text);
		assert_string_equal(text.at, arena_join(&arena, "\"", rows[i].json, "\""));
	}
}

static void
too_much_at_once_ends_the_process(void **state)
{
	const pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		struct arena arena = { 0 };

		(void)close(STDERR_FILENO);
		(void)arena_alloc(&arena, SIZE_MAX - 4);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), FAULT_SYSTEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(a_dropped_arena_is_usable_again),
		cmocka_unit_test(a_cleared_arena_keeps_one_block),
		cmocka_unit_test(an_adopted_arena_lives_on),
		cmocka_unit_test(arrays_keep_what_they_hold),
		cmocka_unit_test(text_grows_at_its_end),
		cmocka_unit_test(json_is_escaped),
		cmocka_unit_test(json_is_utf8),
		cmocka_unit_test(too_much_at_once_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
