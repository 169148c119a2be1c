/* Places in files, and how a failure shows them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"

static void
assert_place(struct place place, size_t line, size_t column, const char *text)
{
	assert_int_equal(place.line, line);
	assert_int_equal(place.column, column);
	assert_int_equal(place.length, strlen(text));
	assert_memory_equal(place.text, text, place.length);
}

static void
an_offset_is_line_and_column(void **state)
{
	const struct source source = source_made("ab\r\nc\xC3\xA4\xE2\x82\xAC"
	                                         "d\n\nlast");
	const struct source empty = source_made("");

	(void)state;
	assert_place(place_at(&source, 0), 1, 1, "ab");
	assert_place(place_at(&source, 2), 1, 3, "ab");
	assert_place(place_at(&source, 4), 2, 1,
	             "c\xC3\xA4\xE2\x82\xAC"
	             "d");
	assert_place(place_at(&source, 10), 2, 4,
	             "c\xC3\xA4\xE2\x82\xAC"
	             "d");
	assert_place(place_at(&source, 12), 3, 1, "");
	assert_place(place_at(&source, 13), 4, 1, "last");
	assert_place(place_at(&source, 1000), 4, 5, "last");
	assert_place(place_at(&empty, 0), 1, 1, "");
	assert_place(place_at(&empty, 5), 1, 1, "");
}

static void
positions_count_characters(void **state)
{
	const struct source source = source_made("\xC3\xA4\n\xE2\x82\xAC"
	                                         "x");

	(void)state;
	assert_place(place_in_source(&source, 1), 1, 1, "\xC3\xA4");
	assert_place(place_in_source(&source, 3), 2, 1,
	             "\xE2\x82\xAC"
	             "x");
	assert_place(place_in_source(&source, 4), 2, 2,
	             "\xE2\x82\xAC"
	             "x");
	assert_place(place_in_source(&source, 99), 2, 3,
	             "\xE2\x82\xAC"
	             "x");
	assert_place(place_in_source(&source, 0), 1, 1, "\xC3\xA4");
}

static void
positions_are_mapped_through_splices(void **state)
{
	/* :'ab' is 'ä', then :'c' is 'longer' */
	static const struct splice splices[] = { { 7, 4, 5 }, { 13, 8, 4 }, { 0, 0, 0 } };
	const struct source source = source_made("\nselect :'ab', :'c', x");
	const struct statement statement = {
		.sql = "select '\xC3\xA4', 'longer', x",
		.source = &source,
		.offset = 1,
		.splices = splices,
	};
	const char *line = "select :'ab', :'c', x";

	(void)state;
	assert_place(place_in_statement(&statement, 1), 2, 1, line);
	assert_place(place_in_statement(&statement, 8), 2, 8, line);
	assert_place(place_in_statement(&statement, 9), 2, 8, line);   /* within the value */
	assert_place(place_in_statement(&statement, 11), 2, 13, line); /* the comma */
	assert_place(place_in_statement(&statement, 13), 2, 15, line);
	assert_place(place_in_statement(&statement, 20), 2, 15, line);
	assert_place(place_in_statement(&statement, 21), 2, 19, line);
	assert_place(place_in_statement(&statement, 23), 2, 21, line);
	assert_place(place_in_statement(&statement, 0), 2, 1, line);
}

/* The detail after blaming that offset. */
static const char *
blamed(const char *text, size_t offset)
{
	const struct source source = source_made(text);
	const struct place place = place_at(&source, offset);

	(void)err_set(&err, FAULT_WRONG, "no");
	assert_false(place_blame(&place, &err));
	return err.detail;
}

static void
blame_shows_line_and_caret(void **state)
{
	const struct source source = source_made("a\n\tb\xC3\xA4 c");
	const struct place place = place_at(&source, 7);

	(void)state;
	(void)err_set(&err, FAULT_WRONG, "syntax error");
	(void)err_detail(&err, "DETAIL: further");
	assert_false(place_blame(&place, &err));
	assert_string_equal(err.what, "dir/a.sql:2:5: syntax error");
	assert_string_equal(err.detail, "\tb\xC3\xA4 c\n\t   ^\nDETAIL: further");
	assert_string_equal(blamed("abc", 3), "abc\n   ^");
	assert_string_equal(blamed("abc\n\n", 4), "");
}

static void
a_long_line_is_cut_around_the_caret(void **state)
{
	char *line = arena_alloc(&arena, 100001);
	const char *detail, *caret;

	(void)state;
	memset(line, 'x', 100000);
	line[50000] = 'Y';
	detail = blamed(line, 50000);
	assert_int_equal(strncmp(detail, "...xxx", 6), 0);
	caret = strchr(detail, '\n') + 1;
	assert_int_equal(strlen(caret), strlen("...") + 120 + 1);
	assert_int_equal(detail[strlen(caret) - 1], 'Y');
	assert_int_equal(caret - 1 - detail, 160 + 2 * 3);
	detail = blamed(line, 3);
	assert_int_equal(strncmp(detail, "xxxx", 4), 0);
	assert_string_equal(strchr(detail, '\n'), "\n   ^");
	detail = blamed(line, 99999);
	assert_int_equal(strchr(detail, '\n')[-1], 'x');
}

static void
the_caret_knows_how_wide_characters_are(void **state)
{
	(void)state;
	/* two columns each, a combining accent, a tab, what is shown as a question mark */
	assert_string_equal(blamed("\xE6\x97\xA5\xE6\x9C\xAC x", 7),
	                    "\xE6\x97\xA5\xE6\x9C\xAC x\n     ^");
	assert_string_equal(blamed("e\xCC\x81 x", 4), "e\xCC\x81 x\n  ^");
	assert_string_equal(blamed("\t\x01 x", 3), "\t\x01 x\n\t  ^");
	assert_string_equal(blamed("ab\r\nc", 3), "ab\n  ^");
}

static void
passwords_are_blanked(void **state)
{
	static const char *const rows[][2] = {
		{ "create role a password 'se''cret' login", "create role a password *** login" },
		{ "alter role a PassWord e'se\\'cret';", "alter role a PassWord ***;" },
		{ "alter role a encrypted password\t$x$secret$x$",
		  "alter role a encrypted password\t***" },
		{ "password /* it is */ 'secret'", "password /* it is */ ***" },
		{ "execute 'alter role a password ''secret''';",
		  "execute 'alter role a password ***;" },
		{ "password '''secret'' it is', 1", "password ***, 1" },
		{ "password '' valid until '2030'", "password *** valid until '2030'" },
		{ "connection 'host=h password=secret user=u'",
		  "connection 'host=h password=*** user=u'" },
		{ "where password = 'secret' and x", "where password = *** and x" },
		{ "password u&'secret' password n'secret'", "password *** password ***" },
		{ "password 'secret", "password ***" },
		{ "password text not null", "password text not null" },
		{ "password null; where password = x", "password null; where password = x" },
		{ "password", "password" },
		{ "password ''", "password ***" },
		{ "password ''secret", "password ***" },
		{ "password ''secret''", "password ***" },
		{ "password=secret", "password=***" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *detail = blamed(rows[i][0], 0);

		if (strncmp(detail, rows[i][1], strlen(rows[i][1])) != 0 ||
		    strcmp(detail + strlen(rows[i][1]), "\n^") != 0)
			fail_msg("%s", detail);
	}
}

static void
passwords_over_lines_are_blanked(void **state)
{
	const char *text =
		"alter role a password\n  'secret' x;\npassword 'line\nsecret\nsecret' x";

	(void)state;
	assert_string_equal(blamed(text, 33), "  *** x;\n      ^");
	assert_string_equal(blamed(text, 52), "***\n^");
	assert_string_equal(blamed(text, strlen(text)), "*** x\n     ^");
	text = arena_print(&arena, "%5000s\npassword 'x\ny' z", "");
	assert_string_equal(blamed(text, strlen(text)), "*** z\n     ^");
	assert_string_equal(blamed("password 'secret' x", 12), "password *** x\n         ^");
}

static void
a_password_far_in_front_of_the_window_is_blanked(void **state)
{
	struct text text = text_new(&arena);

	(void)state;
	text_add(&text, "password '");
	for (size_t i = 0; i < 300; i++)
		text_add(&text, "secret");
	text_add(&text, "' x");
	assert_string_equal(blamed(text.at, text.length - 1),
	                    arena_print(&arena, "...*** x\n   %4s^", ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(an_offset_is_line_and_column, drop_arena),
		cmocka_unit_test_teardown(positions_count_characters, drop_arena),
		cmocka_unit_test_teardown(positions_are_mapped_through_splices, drop_arena),
		cmocka_unit_test_teardown(blame_shows_line_and_caret, drop_arena),
		cmocka_unit_test_teardown(a_long_line_is_cut_around_the_caret, drop_arena),
		cmocka_unit_test_teardown(the_caret_knows_how_wide_characters_are, drop_arena),
		cmocka_unit_test_teardown(passwords_are_blanked, drop_arena),
		cmocka_unit_test_teardown(passwords_over_lines_are_blanked, drop_arena),
		cmocka_unit_test_teardown(a_password_far_in_front_of_the_window_is_blanked,
		                          drop_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
