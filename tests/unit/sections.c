/* Ini texts: what arrives, and that nothing is cut in silence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "scoped.h"
#include "sections.h"

/* Every line as "number[section]key=value;". */
static bool
note(void *to, const char *section, const char *key, const char *value, size_t line,
     struct err *err)
{
	if (key && strcmp(key, "refused") == 0)
		return err_set(err, FAULT_WRONG, "refused at %zu", line);
	if (key)
		text_print(to, "%zu[%s]%s=%s;", line, section, key, value);
	else
		text_print(to, "%zu[%s];", line, section);
	return true;
}

static void
lines_arrive(void **state)
{
	static const struct {
		const char *text, *seen;
	} rows[] = {
		{ "", "" },
		{ "\n\n", "" },
		{ "a=1", "1[]a=1;" },
		{ "a = 1\n", "1[]a=1;" },
		{ "\xEF\xBB\xBF[s]\r\na = 1\r\n", "1[s];2[s]a=1;" },
		{ "\xEF\xBB\xBF", "" },
		{ "[empty]\n[s]\n\nk = v\n", "1[empty];2[s];4[s]k=v;" },
		{ "; c = 1\n  # d = 2\nk = v ; not a comment # nor this\n",
		  "3[]k=v ; not a comment # nor this;" },
		{ "created_by = users(username=system).id\n",
		  "1[]created_by=users(username=system).id;" },
		{ "at = 12:30 = noon\n", "1[]at=12:30 = noon;" },
		{ "k =\n", "1[]k=;" },
		{ "k = \"\"\n", "1[]k=\"\";" },
		{ "  indented = 1\n  again = 2\n", "1[]indented=1;2[]again=2;" },
		{ "[8744 PART,3]\nq = 19\n", "1[8744 PART,3];2[8744 PART,3]q=19;" },
		{ "[a[b]\n[a;b:c=d]\n", "1[a[b];2[a;b:c=d];" },
		{ "[]\n", "1[];" },
		{ "  [s]  \n", "1[s];" },
		{ "k = a\rb\n", "1[]k=a\rb;" },
		{ "k = \xC3\xA4\xFF\n", "1[]k=\xC3\xA4\xFF;" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct text seen = text_new(&arena);
		struct err err = { 0 };

		if (!sections_read(rows[i].text, strlen(rows[i].text), "f", note, &seen, &err))
			fail_msg("row %zu: %s", i, err.what);
		assert_string_equal(seen.at, rows[i].seen);
	}
}

static void
what_would_be_cut_is_refused(void **state)
{
	static const struct {
		const char *text, *what;
	} rows[] = {
		{ "[s", "f:1: the section's ] is missing" },
		{ "a=1\n[s\n", "f:2: the section's ] is missing" },
		{ "[a]b]\n", "f:1: a section's name cannot hold a ], and nothing may follow it" },
		{ "[s] ; comment\n",
		  "f:1: a section's name cannot hold a ], and nothing may follow it" },
		{ "[ s]\n", "f:1: blanks at the edge of the section's name" },
		{ "[s\t]\n", "f:1: blanks at the edge of the section's name" },
		{ "key\n", "f:1: neither `key = value` nor `[section]`" },
		{ "a = 1\n  continued\n", "f:2: neither `key = value` nor `[section]`" },
		{ "a:b = 1\n",
		  "f:1: a : before the =; a key cannot hold one, and it does not separate" },
		{ "a: 1\n",
		  "f:1: a : before the =; a key cannot hold one, and it does not separate" },
		{ "= 1\n", "f:1: nothing before the =" },
		{ "ok = 1\nrefused = 1\nnever = 1\n", "refused at 2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct text seen = text_new(&arena);
		struct err err = { 0 };

		assert_false(
			sections_read(rows[i].text, strlen(rows[i].text), "f", note, &seen, &err));
		assert_string_equal(err.what, rows[i].what);
		assert_null(strstr(seen.at, "never"));
	}
}

static void
a_nul_is_refused(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text seen = text_new(&arena);
	struct err err = { 0 };

	(void)state;
	assert_false(sections_read("a=1\nb=x\0y\n", 10, "f", note, &seen, &err));
	assert_string_equal(err.what, "f:2: a NUL byte");
	assert_int_equal(err.fault, FAULT_CONFIG);
}

/* before, `count` times x, after */
static bool
read_long(const char *before, size_t count, const char *after, struct text *seen, struct err *err)
{
	const size_t length = strlen(before) + count + strlen(after);
	char *const text = malloc(length + 1);
	bool is_read;

	assert_non_null(text);
	memcpy(text, before, strlen(before));
	memset(text + strlen(before), 'x', count);
	memcpy(text + strlen(before) + count, after, strlen(after) + 1);
	is_read = sections_read(text, length, "f", note, seen, err);
	free(text);
	return is_read;
}

static void
long_names_and_lines_are_whole_or_refused(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text seen = text_new(&arena);
	struct err err = { 0 };

	(void)state;
	assert_true(read_long("[", 65535, "]\n", &seen, &err));
	assert_int_equal(seen.length, strlen("1[") + 65535 + strlen("];"));
	assert_false(read_long("[", 65536, "]\n", &seen, &err));
	assert_string_equal(err.what, "f:1: the section's name is longer than 65535 bytes");
	seen = text_new(&arena);
	assert_true(read_long("", 65535, "=1", &seen, &err));
	assert_int_equal(seen.length, strlen("1[]=1;") + 65535);
	assert_false(read_long("", 65536, "=1\n", &seen, &err));
	assert_string_equal(err.what, "f:1: the key is longer than 65535 bytes");
	seen = text_new(&arena);
	assert_true(read_long("k=", 10000000, "\nl=2\n", &seen, &err));
	assert_int_equal(seen.length, strlen("1[]k=;2[]l=2;") + 10000000);
}

/* The longest line that inih takes, and one byte more. */
static void
the_longest_line_is_whole(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text seen = text_new(&arena);
	struct err err = { 0 };

	(void)state;
	assert_true(read_long("\nk=", 67108864 - 4, "\nl=2\n", &seen, &err));
	assert_int_equal(seen.length, strlen("2[]k=;3[]l=2;") + 67108864 - 4);
	assert_false(read_long("\nk=", 67108864 - 3, "\nl=2\n", &seen, &err));
	assert_string_equal(err.what, "f:2: the line is longer than 64 MiB");
	assert_false(read_long("; ", 67108864, "\n", &seen, &err));
	assert_string_equal(err.what, "f:1: the line is longer than 64 MiB");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_arrive),
		cmocka_unit_test(what_would_be_cut_is_refused),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(long_names_and_lines_are_whole_or_refused),
		cmocka_unit_test(the_longest_line_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
