/* What COPY ... TO STDOUT writes, and values put into the text of a statement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "db/copied.h"
#include "db/inline.h"
#include "scoped.h"

#define MOST 4

/* All values as "<value>", null as "-". */
static const char *
shown(const char *row, size_t *count, struct arena *arena)
{
	char *exact = strdup(row); /* so that a sanitizer sees a byte too much */
	struct text seen = text_new(arena);
	char *values[MOST];

	assert_non_null(exact);
	*count = copied_take(exact, values, MOST);
	for (size_t i = 0; i < *count && i < MOST; i++) {
		if (values[i])
			text_print(&seen, "<%s>", values[i]);
		else
			text_add(&seen, "-");
	}
	free(exact);
	return seen.at;
}

static void
rows_come_apart(void **state)
{
	static const struct {
		const char *row, *seen;
		size_t count;
	} rows[] = {
		{ "a\tb\n", "<a><b>", 2 },
		{ "a", "<a>", 1 },
		{ "", "<>", 1 },
		{ "\\N", "-", 1 },
		{ "\n", "<>", 1 },
		{ "\t\n", "<><>", 2 },
		{ "\\N\ta\t\\N\n", "-<a>-", 3 },
		{ "\\\\N\tN\n", "<\\N><N>", 2 }, /* the text \N, and N */
		{ "a\\tb\\nc\\rd\\\\e\t\\bf\\fg\\vh\n", "<a\tb\nc\rd\\e><\bf\fg\vh>", 2 },
		{ "\\.\ta\\\n", "<.><a\\>", 2 },
		{ "1\t2\t3\t4\t5\n", "<1><2><3><4>", 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		size_t count;

		assert_string_equal(shown(rows[i].row, &count, &arena), rows[i].seen);
		assert_int_equal(count, rows[i].count);
	}
}

static void
values_take_the_place_of_parameters(void **state)
{
	static const char *const literals[] = { "'one'", "null", "3", "4", "5",
		                                "6",     "7",    "8", "9", "'$1'" };
	static const struct {
		const char *sql, *text;
	} rows[] = {
		{ "select 1", "select 1" },
		{ "", "" },
		{ "select $1::text[], $2", "select 'one'::text[], null" },
		{ "$10$1", "'$1''one'" },
		{ "select \"$1\", '$2', $3", "select \"$1\", '$2', 3" },
		{ "select \"a\"\"$1\", 'it''s $2', $1", "select \"a\"\"$1\", 'it''s $2', 'one'" },
		{ "\"'\" = $3", "\"'\" = 3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct text text = text_new(&arena);

		inline_values(&text, rows[i].sql, literals, 10);
		assert_string_equal(text.at, rows[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_apart),
		cmocka_unit_test(values_take_the_place_of_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
