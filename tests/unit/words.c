/* A command line as words: blanks, every kind of quote, and what only a shell would understand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "scoped.h"
#include "words.h"

/* The words with a | behind each; NULL text: *why has to be this. */
static void
splits(const char *line, const char *wanted, const char *wanted_why)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text text = text_new(&arena);
	const char *why = "untouched";
	char **words = words_split(line, &why, &arena);

	if (!wanted) {
		assert_null(words);
		assert_string_equal(why, wanted_why);
		return;
	}
	assert_null(why);
	for (; *words; words++)
		text_print(&text, "%s|", *words);
	assert_string_equal(text.at, wanted);
}

static void
blanks_part_words(void **state)
{
	(void)state;
	splits("alembic", "alembic|", NULL);
	splits(" alembic \t upgrade\n head ", "alembic|upgrade|head|", NULL);
	splits("a b c d e f g h i", "a|b|c|d|e|f|g|h|i|", NULL);
	splits("-c app/alembic.ini --x=%1,{2}*?~#!", "-c|app/alembic.ini|--x=%1,{2}*?~#!|", NULL);
}

static void
quotes_keep_them_together(void **state)
{
	(void)state;
	splits("sh -c 'a && b | \"c\" > $d \\'", "sh|-c|a && b | \"c\" > $d \\|", NULL);
	splits("\"a b\" 'c d'e\"f\"", "a b|c def|", NULL);
	splits("\"a\\\"b\\\\c\\d\\$e\\`\"", "a\"b\\c\\d$e`|", NULL);
	splits("a\\ b \\'c\\' \\$d \\&", "a b|'c'|$d|&|", NULL);
	splits("'' \"\" x", "||x|", NULL);
	splits("a\\", "a\\|", NULL);
}

static void
what_needs_a_shell_is_refused(void **state)
{
	static const char letters[] = "|&;<>()$`";

	(void)state;
	for (const char *at = letters; *at; at++) {
		char line[] = "a b? c", reason[] = "has a ?, which only a shell would understand";

		line[3] = *at;
		reason[6] = *at;
		splits(line, NULL, reason);
	}
	splits("echo \"$HOME\"", NULL, "has a $, which only a shell would understand");
	splits("echo \"`x`\"", NULL, "has a `, which only a shell would understand");
	splits("\"a;b\" '$c'", "a;b|$c|", NULL);
}

static void
what_is_open_or_empty_is_refused(void **state)
{
	(void)state;
	splits("a 'b", NULL, "has a quote without its end");
	splits("a \"b\\\"", NULL, "has a quote without its end");
	splits("", NULL, "holds no word");
	splits(" \t\n", NULL, "holds no word");
}

static void
a_quoted_word_is_read_as_it_is(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	(void)state;
	assert_string_equal(words_quoted("/b/x_1.sql.gz", &arena), "/b/x_1.sql.gz");
	assert_string_equal(words_quoted("a b", &arena), "\"a b\"");
	assert_string_equal(words_quoted("", &arena), "\"\"");
	assert_string_equal(words_quoted("\"\\$`'", &arena), "\"\\\"\\\\\\$\\`'\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_part_words),
		cmocka_unit_test(quotes_keep_them_together),
		cmocka_unit_test(what_needs_a_shell_is_refused),
		cmocka_unit_test(what_is_open_or_empty_is_refused),
		cmocka_unit_test(a_quoted_word_is_read_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
