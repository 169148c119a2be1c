/* The lexer by itself: where it stops, and going on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lexer.h"
#include "made.h"

static struct text noted;

static void
note(void *to, const char *name, size_t offset)
{
	text_print(to, "%s@%zu ", name, offset);
}

static struct lexer *
opened(const char *text)
{
	noted = text_new(&arena);
	return lexer_open(text, strlen(text), note, &noted, &arena);
}

static void
assert_stops(struct lexer *lexer, enum lexer_stop stop, size_t at)
{
	assert_int_equal(lexer_next(lexer), stop);
	assert_int_equal(lexer_at(lexer), at);
}

static void
it_stops_at_semicolons_and_the_end(void **state)
{
	struct lexer *lexer = opened(" a; (;) b ;c");

	(void)state;
	assert_stops(lexer, LEXER_SEMICOLON, 3);
	assert_stops(lexer, LEXER_SEMICOLON, 11);
	assert_stops(lexer, LEXER_END, 12);
	lexer_close(&lexer);
	assert_null(lexer);
	lexer_close(&lexer);
}

static void
it_needs_nobody_who_is_told_of_variables(void **state)
{
	struct lexer *lexer = lexer_open("a[1:'b'];", 9, NULL, NULL, &arena);

	(void)state;
	assert_stops(lexer, LEXER_SEMICOLON, 9);
	lexer_close(&lexer);
}

static void
it_goes_on_behind_what_is_skipped(void **state)
{
	struct lexer *lexer = opened("a;'data\nb \\x '\nc; d");

	(void)state;
	assert_stops(lexer, LEXER_SEMICOLON, 2);
	lexer_skip(lexer, 8);
	assert_stops(lexer, LEXER_BACKSLASH, 10);
	lexer_skip(lexer, 14);
	assert_stops(lexer, LEXER_SEMICOLON, 17);
	assert_stops(lexer, LEXER_END, 19);
	lexer_close(&lexer);
}

static void
it_tells_where_variables_stand(void **state)
{
	struct lexer *lexer = opened(";\xC3\xA4 :'x' :x :\"x\" ':''x''';\n :'y_1'");

	(void)state;
	assert_stops(lexer, LEXER_SEMICOLON, 1);
	assert_stops(lexer, LEXER_SEMICOLON, 26);
	assert_stops(lexer, LEXER_END, 34);
	assert_string_equal(noted.at, "x@4 y_1@28 ");
	lexer_close(&lexer);
}

static void
it_tells_what_psql_would_change(void **state)
{
	static const char *const texts[] = { "a;b :{?x}", "a;b \\;", "a;b \\:'x';" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct lexer *lexer = opened(texts[i]);

		assert_stops(lexer, LEXER_SEMICOLON, 2);
		assert_stops(lexer, LEXER_PSQL, 4);
		lexer_close(&lexer);
	}
}

static void
backslashes_can_be_switched(void **state)
{
	struct lexer *lexer = opened("'\\';'\\';';'\\'");

	(void)state;
	assert_stops(lexer, LEXER_SEMICOLON, 4);
	lexer_set_backslashes(lexer, true);
	lexer_set_backslashes(lexer, true);
	assert_stops(lexer, LEXER_SEMICOLON, 10);
	lexer_set_backslashes(lexer, false);
	assert_stops(lexer, LEXER_END, 13);
	lexer_close(&lexer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(it_stops_at_semicolons_and_the_end, drop_arena),
		cmocka_unit_test_teardown(it_needs_nobody_who_is_told_of_variables, drop_arena),
		cmocka_unit_test_teardown(it_goes_on_behind_what_is_skipped, drop_arena),
		cmocka_unit_test_teardown(it_tells_where_variables_stand, drop_arena),
		cmocka_unit_test_teardown(it_tells_what_psql_would_change, drop_arena),
		cmocka_unit_test_teardown(backslashes_can_be_switched, drop_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
