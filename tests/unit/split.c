/* Splitting scripts into statements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"
#include "splitting.h"

static void
statements_end_where_the_server_says(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ " \n\t", "" },
		{ "-- only\n/* this */", "" },
		{ ";;\n; ;", "" },
		{ "select 1", "[select 1]" },
		{ "select 1;", "[select 1]" },
		{ " select 1 ; select 2 -- x;\n;\n\nselect 3 \n",
		  "[select 1][select 2 -- x;][select 3]" },
		{ "-- a;\nselect 1; -- b;\n/* c; */ select 2", "[select 1][select 2]" },
		{ "select 1 -- without end", "[select 1 -- without end]" },
		{ "\xC3\xA4;\xE2\x82\xAC", "[\xC3\xA4][\xE2\x82\xAC]" },
		{ "select 1;\r\nselect\r\n2;\r\n", "[select 1][select\r\n2]" },
		/* quotes */
		{ "select ';''a';select 2", "[select ';''a'][select 2]" },
		{ "select 'a\\';select 2", "[select 'a\\'][select 2]" },
		{ "select e'\\';a''\\\\';select 2", "[select e'\\';a''\\\\'][select 2]" },
		{ "select E'a'\n'\\';b';select 2", "[select E'a'\n'\\';b'][select 2]" },
		{ "select 'a' -- ;\n';b';select 2", "[select 'a' -- ;\n';b'][select 2]" },
		{ "select U&\"a;\"\"b\", u&';\\0041', b';', x';', n';';x",
		  "[select U&\"a;\"\"b\", u&';\\0041', b';', x';', n';'][x]" },
		{ "select \"a;b\"\"c;\";x", "[select \"a;b\"\"c;\"][x]" },
		{ "do $$;$a$;$$;x", "[do $$;$a$;$$][x]" },
		{ "do $a$ ; $b$ ; $a$;do $b$;$a;$$;$b$;x",
		  "[do $a$ ; $b$ ; $a$][do $b$;$a;$$;$b$][x]" },
		{ "select a$b$;select $1;select 2$$;$$",
		  "[select a$b$][select $1][select 2$$;$$]" },
		{ "/* a;/* b; */ ; */ x;/**/y", "[x][y]" },
		{ "/", "[/]" },
		{ "select 1/2 / 3 * 4 - 5;-", "[select 1/2 / 3 * 4 - 5][-]" },
		{ "select 1 /* ; /* ; */ ' */;x", "[select 1 /* ; /* ; */ ' */][x]" },
		/* operators */
		{ "select 1 */* ; */ 2 +-- ;\n 3;x", "[select 1 */* ; */ 2 +-- ;\n 3][x]" },
		{ "select a::text, b[1:2], c := 1, '{}' @> d;x",
		  "[select a::text, b[1:2], c := 1, '{}' @> d][x]" },
		/* parentheses and bodies */
		{ "create rule r as on insert to t do (select 1; select 2);x",
		  "[create rule r as on insert to t do (select 1; select 2)][x]" },
		{ "create function f() returns int begin atomic select case when true then 1 end; "
		  "select 2; end;x",
		  "[create function f() returns int begin atomic select case when true then 1 end; "
		  "select 2; end][x]" },
		{ "create or replace procedure p() begin atomic ; end; begin_atomic; atomic",
		  "[create or replace procedure p() begin atomic ; end][begin_atomic][atomic]" },
		{ "create table atomic (begin int);select atomic from begin_atomic;x",
		  "[create table atomic (begin int)][select atomic from begin_atomic][x]" },
		{ "create function f() as $$ begin; end; $$ language plpgsql;x",
		  "[create function f() as $$ begin; end; $$ language plpgsql][x]" },
		{ "select case when a then b end;x", "[select case when a then b end][x]" },
		/* not for us */
		{ "select :'undeclared', :name, :\"name\", a[1:n]",
		  "[select :'undeclared', :name, :\"name\", a[1:n]]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_split(rows[i][0], rows[i][1]);
}

static void
a_file_longer_than_a_piece_is_split(void **state)
{
	struct text text = text_new(&arena);
	struct text expected = text_new(&arena);
	struct batch batch;

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		text_print(&text, "select E'a'\n'\\';%zu';\n/* ;\n */ do $a$\nx;\n$a$;\n", i);
		text_print(&expected, "[select E'a'\n'\\';%zu'][do $a$\nx;\n$a$]", i);
	}
	batch = split(text.at);
	assert_int_equal(batch.count, 40000);
	assert_true(strcmp(all_of(&batch), expected.at) == 0);
	assert_string_equal(batch.whole, text.at);
	/* The lines of one literal must not come in two pieces. */
	text = text_new(&arena);
	for (size_t i = 0; i < 10000; i++)
		text_add(&text, "select E'a' -- ;\n'\\';b' -- ;\n'\\'' -- ;\n;");
	assert_int_equal(split(text.at).count, 10000);
}

static void
a_line_of_10_mb_is_split(void **state)
{
	const size_t length = 10000000;
	char *text = arena_alloc(&arena, length + 1);
	struct batch batch;

	(void)state;
	memset(text, 'x', length);
	memcpy(text, "select '", 8);
	memcpy(text + length - 11, "'; select 2", 11);
	batch = split(text);
	assert_int_equal(batch.count, 2);
	assert_string_equal(batch.statements[1].sql, "select 2");
	assert_int_equal(strlen(batch.statements[0].sql), length - 10);
}

static void
a_batch_that_needs_it_is_not_sent_whole(void **state)
{
	(void)state;
	assert_string_equal(split("select 1; select 2").whole, "select 1; select 2");
	assert_string_equal(split("").whole, "");
	assert_string_equal(split("set standard_conforming_strings = on").whole,
	                    "set standard_conforming_strings = on");
	assert_null(split("set standard_conforming_strings = off").whole);
	assert_null(split("copy t from stdin;\n\\.\n").whole);
	assert_null(split("vacuum").whole);
	assert_non_null(split("-- pg-entrypoint: vars a\nselect 1").whole);
	assert_null(split("-- pg-entrypoint: vars a\nselect :'a'").whole);
}

static void
strings_have_backslashes_when_the_file_says_so(void **state)
{
	(void)state;
	assert_split(
		"set standard_conforming_strings = off; select 'a\\';'; reset all; select '\\';x",
		"[set standard_conforming_strings = off][select 'a\\';'][reset all]"
		"[select '\\'][x]");
}

static void
unfinished_parts_are_refused_where_they_begin(void **state)
{
	static const char *const rows[][2] = {
		{ "select 1;\nselect 'a''", "dir/a.sql:2:8: a quoted string without end" },
		{ "select '(', e'\\'", "dir/a.sql:1:13: a quoted string without end" },
		{ "select 'a', $x$ $y$ $$", "dir/a.sql:1:13: a quoted string without end" },
		{ "select u&'a", "dir/a.sql:1:8: a quoted string without end" },
		{ "select 1a.5, a$, $, u, u&a, x, 'x', $1a$, 'a\\",
		  "dir/a.sql:1:43: a quoted string" },
		{ "select )(", "dir/a.sql:1:9: a parenthesis that is not closed" },
		{ "select b'a", "dir/a.sql:1:8: a quoted string without end" },
		{ "select x'a", "dir/a.sql:1:8: a quoted string without end" },
		{ "select \"a\"\"", "dir/a.sql:1:8: a quoted identifier without end" },
		{ "select u&\"a", "dir/a.sql:1:8: a quoted identifier without end" },
		{ "select 1; /* a /* b */", "dir/a.sql:1:11: a comment without end" },
		{ "select a /* a /* b */", "dir/a.sql:1:10: a comment without end" },
		{ "select (1), ((2);\nselect 3;",
		  "dir/a.sql:1:13: a parenthesis that is not closed" },
		{ "select 1;\ncreate function f() begin atomic select 1;",
		  "dir/a.sql:2:1: the body of a function (BEGIN ATOMIC) without END" },
		{ "set standard_conforming_strings = off; select '\\'",
		  "dir/a.sql:1:47: a quoted string without end" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_refused(rows[i][0], rows[i][1]);
	assert_non_null(strstr(err.detail, "'\\'\n"));
}

static void
transaction_control_is_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "select 1;\n  commit;", "dir/a.sql:2:3: transaction control" },
		{ "select 1; begin; commit;", "dir/a.sql:1:11: transaction control" },
		{ "rollback", "dir/a.sql:1:1: transaction control" },
		{ "/* x */ Start Transaction read only; commit",
		  "dir/a.sql:1:9: transaction control" },
		{ "commit", "dir/a.sql:1:1: transaction control" },
		{ "begin; select 1", "dir/a.sql:1:1: BEGIN without COMMIT at the end" },
		{ "begin; select 1; commit; select 2", "dir/a.sql:1:18: COMMIT is not the last" },
		{ "begin; commit; begin; commit", "dir/a.sql:1:8: COMMIT is not the last" },
		{ "begin; select 1; rollback", "dir/a.sql:1:18: transaction control" },
		{ "begin; vacuum; commit",
		  "dir/a.sql:1:8: this cannot run between BEGIN and COMMIT" },
		{ "-- pg-entrypoint: no-transaction\nbegin; commit",
		  "dir/a.sql:2:1: transaction control" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_refused(rows[i][0], rows[i][1]);
	assert_non_null(strstr(err.hint, "one by one"));
	assert_split("savepoint a; rollback to a; release a; do $$begin commit; end$$",
	             "[savepoint a][rollback to a][release a][do $$begin commit; end$$]");
}

static void
one_outer_pair_is_blanked(void **state)
{
	static const char text[] = "-- \xC3\xA4\nBEGIN /* \xC3\xA4; */ work;\nselect 1;\n"
				   "end; -- \xC3\xA4;";
	const struct batch batch = split(text);

	(void)state;
	assert_string_equal(all_of(&batch), "[select 1]");
	assert_string_equal(batch.whole, "-- \xC3\xA4\n      /* \xC3\xA4; */      \nselect 1;\n"
	                                 "     -- \xC3\xA4;");
	assert_split("start transaction;commit", "");
	assert_split("begin;copy t from stdin;\nx\n\\.\ncommit", "[copy t from stdin]");
}

static void
statements_that_run_alone_are_known(void **state)
{
	const struct batch batch = split(
		"select 1; -- x\ncreate index concurrently \"I\" on s.t (a); reindex system;");

	(void)state;
	assert_true(batch.has_alone);
	assert_int_equal(batch.statements[0].kind, STATEMENT_PLAIN);
	assert_int_equal(batch.statements[1].kind, STATEMENT_ALONE);
	assert_int_equal(batch.statements[1].alone, ALONE_CREATE_INDEX);
	assert_string_equal(batch.statements[1].object, "\"I\"");
	assert_string_equal(batch.statements[1].relation, "s.t");
	assert_null(batch.statements[2].object);
	assert_null(batch.statements[2].relation);
	assert_false(split("select 1").has_alone);
}

static void
copy_data_are_taken(void **state)
{
	static const char *const rows[][3] = {
		{ "copy t from stdin;\na;\n'\\\\.\n\\.x\n\\.\nselect 1;", "a;\n'\\\\.\n\\.x\n",
		  "[copy t from stdin][select 1]" },
		{ "copy t from stdin; -- x\r\na\r\n\\.\r\nx", "a\r\n", "[copy t from stdin][x]" },
		{ "copy t from stdin;\n\\.", "", "[copy t from stdin]" },
		{ "copy t from stdin;\n\n\\.\n\n\n", "\n", "[copy t from stdin]" },
	};
	struct text text = text_new(&arena);
	struct batch batch;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		batch = split(rows[i][0]);
		assert_string_equal(all_of(&batch), rows[i][2]);
		assert_int_equal(batch.statements[0].kind, STATEMENT_COPY);
		assert_int_equal(batch.statements[0].data_length, strlen(rows[i][1]));
		assert_memory_equal(batch.statements[0].data, rows[i][1], strlen(rows[i][1]));
	}
	for (size_t i = 0; i < 3000; i++)
		text_add(&text, "select 1;\ncopy t from stdin;\n'it''s \\\\; $$ /*\n\\.\n");
	batch = split(text.at);
	assert_int_equal(batch.count, 6000);
	assert_int_equal(batch.statements[5999].data_length, 17);
}

static void
wrong_copy_data_are_refused(void **state)
{
	(void)state;
	assert_refused("select 1;\ncopy t from stdin;\na\n", "dir/a.sql:2:1: the data of COPY");
	assert_refused("copy t from stdin", "dir/a.sql:1:1: the data of COPY have no end");
	assert_refused("copy t from stdin;", "dir/a.sql:1:1: the data of COPY have no end");
	assert_refused("copy t from stdin; select 1;\n\\.\n", "dir/a.sql:1:20: nothing can stand");
	assert_refused("copy t from stdin; /* x\n*/\n\\.\n", "dir/a.sql:1:20: nothing can stand");
}

static const char *
allowed(const struct allow *allow)
{
	struct text text = text_new(&arena);

	for (; allow; allow = allow->next)
		text_print(&text, "%s@%zu ", allow->rule, allow->offset);
	return text.at;
}

static void
what_is_allowed_stands_at_the_top_or_above_a_statement(void **state)
{
	const struct batch batch = split("-- pg-entrypoint: allow a it is so\n"
	                                 "-- pg-entrypoint: allow b for it is\n"
	                                 "select 1;\n"
	                                 "/* c */ -- not one\n"
	                                 "\t-- pg-entrypoint: allow c once\n"
	                                 "-- pg-entrypoint: allow d twice\n"
	                                 "select 2; select 3");

	(void)state;
	assert_string_equal(allowed(script.allows), "b@59 a@24 ");
	assert_null(batch.statements[0].allows);
	assert_string_equal(allowed(batch.statements[1].allows), "d@156 c@125 ");
	assert_ptr_equal(batch.statements[1].allows->source, batch.statements[1].source);
	assert_null(batch.statements[2].allows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_allowed_stands_at_the_top_or_above_a_statement,
		                          drop_arena),
		cmocka_unit_test_teardown(statements_end_where_the_server_says, drop_arena),
		cmocka_unit_test_teardown(a_file_longer_than_a_piece_is_split, drop_arena),
		cmocka_unit_test_teardown(a_line_of_10_mb_is_split, drop_arena),
		cmocka_unit_test_teardown(a_batch_that_needs_it_is_not_sent_whole, drop_arena),
		cmocka_unit_test_teardown(strings_have_backslashes_when_the_file_says_so,
		                          drop_arena),
		cmocka_unit_test_teardown(unfinished_parts_are_refused_where_they_begin,
		                          drop_arena),
		cmocka_unit_test_teardown(transaction_control_is_refused, drop_arena),
		cmocka_unit_test_teardown(one_outer_pair_is_blanked, drop_arena),
		cmocka_unit_test_teardown(statements_that_run_alone_are_known, drop_arena),
		cmocka_unit_test_teardown(copy_data_are_taken, drop_arena),
		cmocka_unit_test_teardown(wrong_copy_data_are_refused, drop_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
