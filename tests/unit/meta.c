/* What a script has besides SQL: psql's meta-commands, variables, other files read in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "made.h"
#include "splitting.h"

static char folder[] = "/tmp/split-XXXXXX";

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? mkdir("dir", 0700) : -1;
}

static int
remove_folder(void **state)
{
	(void)state;
	return chdir("/") || system(arena_print(&arena, "rm -r %s", folder)) || drop_arena(NULL);
}

static void
write_text(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
meta_commands_become_comments(void **state)
{
	static const char text[] = "\\restrict abc\n \\echo \xC3\xA4 'a\\b' \"c\" ; it''s\r\n"
				   "\\set ON_ERROR_STOP on\nselect 1; \\set on_error_stop 1 \n"
				   "\\unrestrict abc";
	const struct batch batch = split(text);

	(void)state;
	assert_string_equal(all_of(&batch), "[select 1]");
	assert_string_equal(batch.whole, "--estrict abc\n --cho \xC3\xA4 'a\\b' \"c\" ; it''s\r\n"
	                                 "--et ON_ERROR_STOP on\nselect 1; --et on_error_stop 1 \n"
	                                 "--nrestrict abc");
	assert_split("\\set ON_ERROR_STOP\nselect 1\n;\\echo", "[select 1]");
}

static void
other_meta_commands_are_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "select 1\n\\gexec", "dir/a.sql:2:1: psql's \\gexec cannot be used here" },
		{ "\\if true", "dir/a.sql:1:1: psql's \\if cannot" },
		{ "select 1;\\c db", "dir/a.sql:1:10: psql's \\c cannot" },
		{ "\\! rm", "dir/a.sql:1:1: psql's \\! cannot" },
		{ "\\", "dir/a.sql:1:1: psql's \\ cannot" },
		{ "\\echo a \\quit", "dir/a.sql:1:1: \\echo: a second meta-command" },
		{ "\\echo 'a \\quit", "dir/a.sql:1:1: \\echo: a second meta-command" },
		{ "\\echo\\q", "dir/a.sql:1:1: \\echo: a second meta-command" },
		{ "\\.", "dir/a.sql:1:1: \\. without COPY" },
		{ "\\set x 1", "dir/a.sql:1:1: \\set: of the variables" },
		{ "\\set", "dir/a.sql:1:1: \\set: of the variables" },
		{ "\\set ON_ERROR_STOP off", "dir/a.sql:1:1: \\set: ON_ERROR_STOP is always on" },
		{ "\\set ON_ERROR_STOP on off",
		  "dir/a.sql:1:1: \\set: ON_ERROR_STOP is always on" },
		{ "select \\echo a\n1", "dir/a.sql:1:8: a meta-command inside of a statement" },
		{ "select 1 \\; select 2;", "dir/a.sql:1:10: psql's \\; cannot be used here" },
		{ "select 1\\:2;", "dir/a.sql:1:9: psql's \\: cannot be used here" },
		{ "select :{?a};", "dir/a.sql:1:8: psql's :{ cannot be used here" },
		{ "\\i", "dir/a.sql:1:1: \\i: one file" },
		{ "\\i a b", "dir/a.sql:1:1: \\i: one file" },
		{ "\\i `ls`", "dir/a.sql:1:1: \\i: one file" },
		{ "\\i 'it''s'", "dir/a.sql:1:1: \\i: one file" },
		{ "select 1;\n-- pg-entrypoint: no-transaction\nselect 2",
		  "dir/a.sql:2:1: a mark that is not at the top" },
		{ "\\set ON_ERROR_STOP on\n -- pg-entrypoint: vars a",
		  "dir/a.sql:2:2: a mark that is not at the top" },
		{ "select 1;\n-- pg-entrypoint: x\n\\echo",
		  "dir/a.sql:2:1: a mark that is not at the top" },
		{ "select 1;\n-- pg-entrypoint: allow a reason\n",
		  "dir/a.sql:2:25: a mark with no statement below it" },
		{ "select 1;\n-- pg-entrypoint: allow a reason\n\\echo\nselect 2",
		  "dir/a.sql:2:25: a mark with no statement below it" },
		{ "select 1; -- pg-entrypoint: allow a reason\nselect 2",
		  "dir/a.sql:1:11: a mark that does not stand in a line of its own" },
		{ "select 1;\n-- pg-entrypoint: allow a\nselect 2",
		  "dir/a.sql:2:19: wrong mark, its form is: -- pg-entrypoint: allow RULE REASON" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_refused(rows[i][0], rows[i][1]);
}

static void
variables_are_put_in(void **state)
{
	const struct batch batch = split("-- pg-entrypoint: vars a b? backslash\n"
	                                 "select ':''a''', :'a', /* :'a' */ :'b', :'c', :a;\n"
	                                 "select :'backslash' x, $$:'a'$$");
	const struct statement *first = &batch.statements[0];
	const struct statement *second = &batch.statements[1];

	(void)state;
	assert_null(batch.whole);
	assert_string_equal(first->sql, "select ':''a''', 'it''s', /* :'a' */ null, :'c', :a");
	assert_string_equal(second->sql, "select  E'a\\\\b''c' x, $$:'a'$$");
	assert_int_equal(place_in_statement(first, 18).column, 18);
	assert_int_equal(place_in_statement(first, 20).column, 18);
	assert_int_equal(place_in_statement(first, 25).column, 22);
	assert_int_equal(place_in_statement(first, 44).column, 41);
	assert_int_equal(place_in_statement(second, 20).line, 3);
	assert_int_equal(place_in_statement(second, 20).column, 21);
	assert_int_equal(first->splices[2].replaced, 0);
}

static void
files_are_read_in(void **state)
{
	struct batch batch;

	(void)state;
	assert_int_equal(mkdir("dir/sub", 0700), 0);
	write_text("dir/b.sql", "select 'b';\n\\ir sub/c.sql\n\\echo x\nselect 'b2'");
	write_text("dir/sub/c.sql", "\\ir d.sql;;\n\\i sub/d.sql ;\nselect 'c'\n");
	write_text("dir/sub/d.sql", "-- nothing\nset standard_conforming_strings = off;");
	batch = split("\\i 'b.sql'\nselect 'a\\';'");
	assert_string_equal(all_of(&batch), "[select 'b'][set standard_conforming_strings = off]"
	                                    "[set standard_conforming_strings = off][select 'c']"
	                                    "[select 'b2'][select 'a\\';']");
	assert_null(batch.whole);
	assert_string_equal(batch.statements[1].source->path, "dir/sub/d.sql");
	assert_int_equal(place_in_statement(&batch.statements[1], 1).line, 2);
	assert_int_equal(symlink("sub/d.sql", "dir/link.sql"), 0);
	assert_int_equal(split("\\i link.sql").count, 1);
	write_text("dir/sub/12", "select 12");
	assert_int_equal(split("\\i sub/12").count, 1);
	assert_int_equal(split("\\i 'sub/./12'").count, 1);
	write_text("dir/pair.sql", "begin;\n\n\n\n\n\n\n\n\n\n\n\nselect 1; commit;");
	assert_int_equal(split("\\i pair.sql").count, 1);
}

static void
files_are_read_from_the_current_folder(void **state)
{
	const struct source source = { .path = "a.sql", .text = "\\i here.sql", .length = 11 };
	struct batch batch;

	(void)state;
	write_text("here.sql", "select 1");
	assert_true(script_read(&script, &source, "a.sql", &arena, &err));
	assert_true(script_split(&batch, &script, give, &arena, &err));
	assert_string_equal(all_of(&batch), "[select 1]");
	assert_string_equal(batch.statements[0].source->path, "here.sql");
}

static void
files_that_must_not_be_read_are_refused(void **state)
{
	(void)state;
	write_text("outside.sql", "select 1");
	write_text("dir/a.sql", "");
	assert_refused("\\i ../outside.sql", "dir/a.sql:1:1: ../outside.sql: a file is read from");
	assert_refused("\\i sub/../../outside.sql", "dir/a.sql:1:1: sub/../../outside.sql: a file");
	assert_refused("\\i /etc/passwd", "dir/a.sql:1:1: /etc/passwd: a file is read from");
	assert_int_equal(symlink("../outside.sql", "dir/out.sql"), 0);
	assert_refused("\\i out.sql", "dir/a.sql:1:1: dir/out.sql: a link that leaves");
	write_text("dir/wrong.sql", "select 1;\n'");
	assert_refused("select 1;\n\\i wrong.sql",
	               "dir/wrong.sql:2:1: a quoted string without end");
	assert_non_null(strstr(err.detail, "read by dir/a.sql:2"));
	/* What would not count for the checksum. */
	assert_refused("select 1; \\i b.sql", "dir/a.sql:1:11: \\i and \\ir begin their line");
	assert_refused("/* one */\\ir b.sql", "dir/a.sql:1:10: \\i and \\ir begin their line");
	write_text("dir/marked.sql", "-- pg-entrypoint: no-transaction\nselect 1");
	assert_refused("\\i marked.sql", "dir/marked.sql:1:1: a mark that is not at the top");
	assert_refused("\\i a.sql", "dir/a.sql:1:1: a file reads itself: dir/a.sql > dir/a.sql");
	write_text("dir/e.sql", "\\i f.sql");
	write_text("dir/f.sql", "\\i e.sql");
	assert_refused("\\i e.sql", "dir/f.sql:1:1: a file reads itself: dir/a.sql > dir/e.sql > "
	                            "dir/f.sql > dir/e.sql");
	for (int i = 0; i < 20; i++)
		write_text(arena_print(&arena, "dir/%d.sql", i),
		           arena_print(&arena, "\\i %d.sql", i + 1));
	assert_refused("\\i 0.sql",
	               "dir/15.sql:1:1: files are nested deeper than 16: dir/a.sql > ");
	err_clear(&err);
	script = script_made("\\i none.sql");
	assert_false(script_split(&(struct batch){ 0 }, &script, give, &arena, &err));
	assert_int_equal(err.fault, FAULT_NO_SOURCE);
	assert_string_equal(err.what, "dir/a.sql:1:1: dir/none.sql: No such file or directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(meta_commands_become_comments, drop_arena),
		cmocka_unit_test_teardown(other_meta_commands_are_refused, drop_arena),
		cmocka_unit_test_teardown(variables_are_put_in, drop_arena),
		cmocka_unit_test_teardown(files_are_read_in, drop_arena),
		cmocka_unit_test_teardown(files_are_read_from_the_current_folder, drop_arena),
		cmocka_unit_test_teardown(files_that_must_not_be_read_are_refused, drop_arena),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
