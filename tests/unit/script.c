/* Reading files, their marks and checksums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "made.h"

static char folder[] = "/tmp/script-XXXXXX";

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int
remove_folder(void **state)
{
	(void)state;
	return chdir("/") || system(arena_print(&arena, "rm -r %s", folder)) || drop_arena(NULL);
}

static void
write_file(const char *name, const char *bytes, size_t length)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void
write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

/* Reads what was written; false: err says why. */
static bool
reads(struct source *source, const char *bytes, size_t length)
{
	write_file("a.sql", bytes, length);
	err_clear(&err);
	return source_read(source, AT_FDCWD, "a.sql", "dir/a.sql", &arena, &err);
}

static void
a_file_is_read_whole(void **state)
{
	static const size_t lengths[] = { 0, 1, 65535, 65536, 65537, 131072, 200000, 10000000 };
	struct source source;

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		char *bytes = arena_alloc(&arena, lengths[i] + 1);

		memset(bytes, 'x', lengths[i]);
		assert_true(reads(&source, bytes, lengths[i]));
		assert_int_equal(source.length, lengths[i]);
		assert_string_equal(source.text, bytes);
		assert_string_equal(source.path, "dir/a.sql");
	}
}

/* Each byte only when the one before has been read. */
static void
write_slowly(const char *bytes)
{
	const int pipe = open("pipe", O_WRONLY);
	int unread = 0;

	for (; *bytes && write(pipe, bytes, 1) == 1; bytes++)
		while (ioctl(pipe, FIONREAD, &unread) == 0 && unread)
			usleep(1000);
	_exit(*bytes != 0);
}

static void
a_read_that_gives_less_is_not_the_end(void **state)
{
	struct source source;
	pid_t writer;
	int status;

	(void)state;
	assert_int_equal(mkfifo("pipe", 0600), 0);
	writer = fork();
	if (writer == 0)
		write_slowly("select 1");
	assert_true(source_read(&source, AT_FDCWD, "pipe", "dir/a.sql", &arena, &err));
	assert_string_equal(source.text, "select 1");
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
}

static void
a_bom_is_left_out(void **state)
{
	struct source source;

	(void)state;
	assert_true(reads(&source, "\xEF\xBB\xBFselect", 9));
	assert_string_equal(source.text, "select");
	assert_int_equal(source.length, 6);
	assert_true(reads(&source, "\xEF\xBB\xBF", 3));
	assert_int_equal(source.length, 0);
}

static void
only_utf8_is_read(void **state)
{
	static const char *const right[] = { "12345678\xC3\xA4", "\xC2\x80",     "\xE0\xA0\x80",
		                             "\xED\x9F\xBF",     "\xEF\xBF\xBF", "\xF0\x90\x80\x80",
		                             "\xF4\x8F\xBF\xBF", "\x7F\x01" };
	static const char *const wrong[] = { "\x80",
		                             "\xC3",
		                             "\xC1\x81",
		                             "\xE0\x9F\x80",
		                             "\xED\xA0\x80",
		                             "\xF0\x8F\x80\x80",
		                             "\xF4\x90\x80\x80",
		                             "\xF5\x80\x80\x80",
		                             "\xE2\x82",
		                             "\xC3(",
		                             "\xFF\xFE",
		                             "\xE2\x82(" };
	struct source source;

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		assert_true(reads(&source, right[i], strlen(right[i])));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(reads(&source, wrong[i], strlen(wrong[i])));
	assert_false(reads(&source, "select\n\xC3\xA4 \xE4 x", 13));
	assert_int_equal(err.fault, FAULT_WRONG);
	assert_string_equal(err.what, "dir/a.sql:2:3: not UTF-8 (byte 0xe4)");
	assert_false(reads(&source, "a\nbc\0d", 6));
	assert_string_equal(err.what, "dir/a.sql:2:3: a NUL byte");
}

static void
what_cannot_be_read_is_no_source(void **state)
{
	struct source source = { .path = "untouched" };

	(void)state;
	assert_false(source_read(&source, AT_FDCWD, "none.sql", "dir/none.sql", &arena, &err));
	assert_int_equal(err.fault, FAULT_NO_SOURCE);
	assert_string_equal(err.what, "dir/none.sql: No such file or directory");
	assert_int_equal(mkdir("folder.sql", 0700), 0);
	assert_false(source_read(&source, AT_FDCWD, "folder.sql", "folder.sql", &arena, &err));
	assert_int_equal(err.fault, FAULT_NO_SOURCE);
	assert_string_equal(err.what, "folder.sql: Is a directory");
	assert_string_equal(source.path, "untouched");
}

static void
the_checksum_is_sha256_without_bom_and_carriage_returns(void **state)
{
	struct source source;
	struct script script;

	(void)state;
	assert_string_equal(script_made("abc").checksum,
	                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(script_made("").checksum,
	                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(script_made("a\r\n\r\nb\r\n").checksum,
	                    script_made("a\n\nb\n").checksum);
	assert_string_not_equal(script_made("a\rb").checksum, script_made("ab").checksum);
	assert_string_not_equal(script_made("a\r").checksum, script_made("a").checksum);
	assert_string_not_equal(script_made("a\r\r\nb").checksum, script_made("a\nb").checksum);
	assert_true(reads(&source,
	                  "\xEF\xBB\xBF"
	                  "abc",
	                  6));
	assert_true(script_read(&script, &source, "a.sql", &arena, &err));
	assert_string_equal(script.checksum, script_made("abc").checksum);
	assert_string_equal(script.name, "a.sql");
}

static const char *
checksum_of(const char *name)
{
	struct source source;
	struct script script;

	assert_true(source_read(&source, AT_FDCWD, name, name, &arena, &err));
	assert_true(script_read(&script, &source, name, &arena, &err));
	return arena_copy(&arena, script.checksum);
}

static void
the_checksum_covers_what_is_read_in(void **state)
{
	const char *before, *alone;

	(void)state;
	write_text("outer.sql", "select 1;\n \\i inner.sql\n");
	alone = checksum_of("outer.sql");
	write_text("inner.sql", "select 2;\n\\ir innermost.sql;\r\n");
	write_text("innermost.sql", "select 3;");
	before = checksum_of("outer.sql");
	assert_string_not_equal(before, alone);
	assert_string_equal(before, checksum_of("outer.sql"));
	write_text("innermost.sql", "select 4;");
	assert_string_not_equal(before, checksum_of("outer.sql"));
	write_text("innermost.sql", "\\i outer.sql");
	assert_string_not_equal(before, checksum_of("outer.sql"));
	write_text("outer.sql", "select '\\i inner.sql'\\i none");
	assert_string_equal(checksum_of("outer.sql"),
	                    script_made("select '\\i inner.sql'\\i none").checksum);
}

static void
marks_are_read_at_the_top(void **state)
{
	struct script script =
		script_made("\n/* licence\n -- pg-entrypoint: unknown */ -- more\n"
	                    "--pg-entrypoint:no-transaction  \r\n"
	                    "-- pg-entrypoint: vars a b_2?\n"
	                    "-- pg-entrypoint: vars C\n-- pg-entrypoint is prose\n"
	                    "- pg-entrypoint: not one\nselect 1;\n-- pg-entrypoint: x");

	(void)state;
	assert_int_equal(err.fault, 0);
	assert_true(script.no_transaction);
	assert_int_equal(script.variables->count, 3);
	assert_string_equal(script.variables->at[0], "a");
	assert_string_equal(script.variables->at[1], "b_2?");
	assert_string_equal(script.variables->at[2], "C");
	assert_int_equal(strncmp(script.source.text + script.head, "- pg", 4), 0);
	script = script_made("select 1");
	assert_false(script.no_transaction);
	assert_null(script.variables);
	assert_int_equal(script.head, 0);
	assert_int_equal(script_made("  -- only this").head, 14);
	assert_int_equal(script_made("-- a\n/* open").head, 5);
}

static void
wrong_marks_are_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "-- pg-entrypoint: no-transactions",
		  "dir/a.sql:1:19: unknown mark \"no-transactions\"" },
		{ "\n--  pg-entrypoint:", "dir/a.sql:2:19: unknown mark \"\"" },
		{ "-- pg-entrypoint no-transaction", "dir/a.sql:1:18: wrong mark, its form is" },
		{ "-- pg-entrypoint: no-transaction please",
		  "dir/a.sql:1:19: wrong mark, its form is: -- pg-entrypoint: no-transaction" },
		{ "-- pg-entrypoint: allow",
		  "dir/a.sql:1:19: wrong mark, its form is: -- pg-entrypoint: allow RULE REASON" },
		{ "-- pg-entrypoint: allow a ", "dir/a.sql:1:19: wrong mark" },
		{ "-- pg-entrypoint: vars",
		  "dir/a.sql:1:19: wrong mark, its form is: -- pg-entrypoint: vars NAME [NAME? ...]" },
		{ "-- pg-entrypoint: vars a-b", "dir/a.sql:1:19: wrong mark" },
		{ "-- pg-entrypoint: vars 1a", "dir/a.sql:1:19: wrong mark" },
		{ "-- pg-entrypoint: vars ?", "dir/a.sql:1:19: wrong mark" },
		{ "-- pg-entrypoint: vars a??", "dir/a.sql:1:19: wrong mark" },
		{ "-- pg-entrypoint: vars \xC3\xA4", "dir/a.sql:1:19: wrong mark" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		(void)script_made(rows[i][0]);
		assert_int_equal(err.fault, FAULT_WRONG);
		if (strncmp(err.what, rows[i][1], strlen(rows[i][1])) != 0)
			fail_msg("%s", err.what);
		assert_non_null(strstr(err.hint, "no-transaction"));
	}
}

static const char *value = "one";

static bool
give(const char *name, bool may_be_missing, const char **given, struct arena *into, struct err *why)
{
	(void)into;
	if (strcmp(name, "refused") == 0)
		return err_set(why, FAULT_CONFIG, "refused");
	*given = may_be_missing ? NULL : value;
	return true;
}

static const char *
checksum_with(const char *text)
{
	const struct script script = script_made(text);
	const char *checksum = NULL;

	(void)script_checksum_with(&script, give, &checksum, &arena, &err);
	return checksum;
}

static void
a_checksum_changes_with_values_names_and_text(void **state)
{
	const char *first = checksum_with("-- pg-entrypoint: vars a b?\n");

	(void)state;
	assert_int_equal(strlen(first), CHECKSUM_SIZE - 1 + strlen("+0000"));
	assert_string_equal(first, checksum_with("-- pg-entrypoint: vars a b?\r\n"));
	assert_string_not_equal(first, checksum_with("-- pg-entrypoint: vars a b?\n "));
	assert_non_null(checksum_with("no variables"));
	value = "two";
	assert_string_not_equal(first, checksum_with("-- pg-entrypoint: vars a b?\n"));
	value = "one";
	assert_null(checksum_with("-- pg-entrypoint: vars refused"));
	assert_string_equal(err.what, "dir/a.sql: refused");
}

static void
a_variable_without_value_is_named(void **state)
{
	(void)state;
	value = NULL;
	assert_null(checksum_with("-- pg-entrypoint: vars app_password"));
	assert_int_equal(err.fault, FAULT_CONFIG);
	assert_string_equal(err.what,
	                    "dir/a.sql: the variable app_password is missing: set "
	                    "ENTRYPOINT_VAR_APP_PASSWORD or ENTRYPOINT_VAR_APP_PASSWORD_FILE");
	value = "\xFF";
	assert_null(checksum_with("-- pg-entrypoint: vars a"));
	assert_string_equal(err.what, "dir/a.sql: ENTRYPOINT_VAR_A is not UTF-8");
	value = "one";
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_file_is_read_whole, drop_arena),
		cmocka_unit_test_teardown(a_read_that_gives_less_is_not_the_end, drop_arena),
		cmocka_unit_test_teardown(a_bom_is_left_out, drop_arena),
		cmocka_unit_test_teardown(only_utf8_is_read, drop_arena),
		cmocka_unit_test_teardown(what_cannot_be_read_is_no_source, drop_arena),
		cmocka_unit_test_teardown(the_checksum_is_sha256_without_bom_and_carriage_returns,
		                          drop_arena),
		cmocka_unit_test_teardown(the_checksum_covers_what_is_read_in, drop_arena),
		cmocka_unit_test_teardown(marks_are_read_at_the_top, drop_arena),
		cmocka_unit_test_teardown(wrong_marks_are_refused, drop_arena),
		cmocka_unit_test_teardown(a_checksum_changes_with_values_names_and_text,
		                          drop_arena),
		cmocka_unit_test_teardown(a_variable_without_value_is_named, drop_arena),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
