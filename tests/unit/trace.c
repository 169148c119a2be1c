/* Which lines of a file an error came through, by what the server says of functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"
#include "splitting.h"

static struct trace
trace(const char *text, size_t failing, struct hearsay hearsay)
{
	static struct batch batch;

	batch = split(text);
	return trace_find(&batch, failing, &hearsay, &arena);
}

/* The only function mentioned stands there; 0: none does. */
static void
assert_at(struct trace found, size_t line, size_t column)
{
	assert_int_equal(found.count, line > 0);
	assert_false(found.has_own);
	if (line == 0)
		return;
	assert_int_equal(found.at[0].line, line);
	assert_int_equal(found.at[0].column, column);
}

static void
assert_own(struct trace found, size_t line, size_t column)
{
	assert_int_equal(found.count, 0);
	assert_true(found.has_own);
	assert_int_equal(found.own.line, line);
	assert_int_equal(found.own.column, column);
}

static void
a_line_of_a_function_is_found(void **state)
{
	static const struct {
		const char *text, *context;
		size_t line, column;
	} rows[] = {
		{ "create function f() returns int as $$\nbegin\n\treturn 1 / 0;\nend $$;\nselect f();",
		  "SQL expression \"1 / 0\"\nPL/pgSQL function f() line 3 at RETURN", 3, 2 },
		{ "\n\ncreate or replace procedure app.P(a int) as 'begin\n  null; x';select f();",
		  "PL/pgSQL function app.p(integer) line 2 at RAISE", 4, 3 },
		{ "create function \"A b\"() as $x$a\n\nc\n$x$;select 1",
		  "PL/pgSQL function \"A b\"() line 3 at RAISE", 3, 1 },
		/* words of the server's own within a name */
		{ "create function \"x() line 9\"() as $$a\nb$$;select 1",
		  "PL/pgSQL function \"x() line 9\"() line 2 at RAISE", 2, 1 },
		{ "create function f() as e'a\\n b\\\\n\n c';select 1",
		  "PL/pgSQL function f() line 3 at RAISE", 2, 2 },
		/* which of several */
		{ "create function f(a int) as $$\na$$;create function f(a int, out b int) as "
		  "$$\na$$;select 1",
		  "PL/pgSQL function f(integer) line 2 at RAISE", 0, 0 },
		{ "create function f(a numeric(1, 2), in out b int) as $$\na$$;\ncreate function "
		  "f(a int) as $$\nb$$;select 1",
		  "PL/pgSQL function f(numeric,integer) line 2 at RAISE", 2, 1 },
		{ "create function f(a int) as $$\na$$;\ncreate or replace function f(a /* */ int) as "
		  "$$\nb$$;select 1",
		  "PL/pgSQL function f(integer) line 2 at RAISE", 4, 1 },
		{ "create function a.f() as $$\nb$$;select 1",
		  "PL/pgSQL function b.f() line 2 at X", 0, 0 },
		{ "create function a.f() as $$\nb$$;select 1", "PL/pgSQL function f() line 2 at X",
		  2, 1 },
		/* not there */
		{ "create function f() as $$\nb$$;select 1", "PL/pgSQL function f() line 3 at X", 0,
		  0 },
		{ "create function f() as $$\nb$$;select 1", "PL/pgSQL function f() while x", 0,
		  0 },
		{ "create function f() as $$\nb$$;select 1",
		  "PL/pgSQL-Funktion f() Zeile 2 bei RETURN", 0, 0 },
		{ "create function f() as $$\nb$$;select 1", "PL/pgSQL function f( line 2", 0, 0 },
		{ "create function f() as $$\nb$$;select 1", "SQL function \"f", 0, 0 },
		{ "create function f() as $$\nb$$;select 1", NULL, 0, 0 },
		{ "create function f() begin atomic select 1; end;select 1",
		  "SQL function \"f\" statement 1", 0, 0 },
		/* SQL functions, and those that do not compile */
		{ "create function f() as $$\nselect (1;2);\n -- ;\n select 3; $$;select 1",
		  "SQL function \"f\" statement 2", 4, 2 },
		{ "create function f() as $$select 1$$;select 1", "SQL function \"f\" statement 2",
		  0, 0 },
		{ "create function f() as $$select 1$$;select 1",
		  "SQL function \"f\" during startup", 0, 0 },
		{ "create function f() as $$a\nb$$;select 1",
		  "compilation of PL/pgSQL function \"f\" near line 2", 2, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct batch batch = split(rows[i].text);
		const size_t last = batch.count - 1;

		assert_at(trace(rows[i].text, last, (struct hearsay){ rows[i].context, NULL, 0 }),
		          rows[i].line, rows[i].column);
	}
}

static void
a_query_of_the_function_tells_the_column(void **state)
{
	static const char f[] = "create function f() as $$\n\n\tselect nope  into x\n from t; nope "
				"$$;select f();";
	static const char at[] = "PL/pgSQL function f() line 3 at SQL statement";

	(void)state;
	/* INTO is blank in what was sent */
	assert_at(trace(f, 1, (struct hearsay){ at, "select nope        \n from t", 8 }), 3, 9);
	assert_at(trace(f, 1, (struct hearsay){ at, "select nope        \n from t", 27 }), 4, 7);
	/* of older servers */
	assert_at(trace(f, 1, (struct hearsay){ at, "SELECT nope  into", 8 }), 3, 9);
	/* made at run time, elsewhere: the line has to do */
	assert_at(trace(f, 1, (struct hearsay){ at, "insert into nope", 13 }), 3, 2);
	assert_at(trace(f, 1, (struct hearsay){ at, "", 1 }), 3, 2);
	assert_at(trace(f, 1, (struct hearsay){ at, "no such text", 99 }), 3, 2);
	/* the body is the query */
	assert_at(trace("create function g() as $$select 1;\n select \xC3\xA4, nope$$;select g();",
	                1,
	                (struct hearsay){ "SQL function \"g\" during startup",
	                                  "select 1;\n select \xC3\xA4, nope", 22 }),
	          2, 12);
}

static void
the_statement_itself_is_the_place(void **state)
{
	static const char text[] =
		"do language 'plpgsql' $$begin\n  perform f();\n execute 'select "
		"nope';end$$";
	struct trace found;

	(void)state;
	assert_own(trace(text, 0,
	                 (struct hearsay){ "PL/pgSQL function inline_code_block line 2 at PERFORM",
	                                   NULL, 0 }),
	           2, 3);
	assert_own(trace(text, 0,
	                 (struct hearsay){ "PL/pgSQL function inline_code_block line 3 at EXECUTE",
	                                   "select nope", 8 }),
	           3, 18);
	/* of one block in the other the outer one is in the file */
	assert_own(trace(text, 0,
	                 (struct hearsay){ "PL/pgSQL function inline_code_block line 1 at RAISE\n"
	                                   "SQL statement \"do ...\"\n"
	                                   "PL/pgSQL function inline_code_block line 3 at EXECUTE",
	                                   NULL, 0 }),
	           3, 2);
	assert_own(trace("create function f() as $$\n x $$", 0,
	                 (struct hearsay){ "compilation of PL/pgSQL function \"f\" near line 2",
	                                   NULL, 0 }),
	           2, 2);
	assert_own(
		trace("do $$\n x $$", 0,
	              (struct hearsay){
			      "compilation of PL/pgSQL function \"inline_code_block\" near line 2",
			      NULL, 0 }),
		2, 2);
	assert_own(trace("create function f() as $$\n x y $$", 0,
	                 (struct hearsay){ NULL, "\n x y ", 5 }),
	           2, 4);
	/* a block has no other statement's lines, and no statement no block's */
	found = trace("do $$\na$$;select 1", 1,
	              (struct hearsay){ "PL/pgSQL function inline_code_block line 2 at X", NULL,
	                                0 });
	assert_false(found.has_own);
	found = trace("select 1", 7,
	              (struct hearsay){ "PL/pgSQL function f() line 2 at X", NULL, 0 });
	assert_false(found.has_own);
}

static void
functions_are_mentioned_innermost_first(void **state)
{
	static const char text[] =
		"create function f() as $$\nf1\nf2$$;\ncreate function g() as $$\n\tg1\ng2$$;\n"
		"do $$begin\n perform g();end$$";
	static const char context[] = "PL/pgSQL function f() line 2 at RAISE\n"
				      "PL/pgSQL function f() line 2 at RAISE\n"
				      "PL/pgSQL function g() line 2 at RAISE\n"
				      "PL/pgSQL function f() line 3 at RAISE\n"
				      "PL/pgSQL function g() line 3 at RAISE\n"
				      "PL/pgSQL function inline_code_block line 2 at PERFORM";
	const struct trace found = trace(text, 2, (struct hearsay){ context, "f1", 2 });

	(void)state;
	assert_int_equal(found.count, TRACE_MOST);
	assert_true(found.has_own);
	assert_int_equal(found.own.line, 8);
	(void)err_set(&err, FAULT_WRONG, "no");
	(void)err_detail(&err, "SQLSTATE: P0001");
	trace_tell(&found, &err);
	assert_string_equal(err.detail, "dir/a.sql:2:2: in f()\nf1\n ^\n"
	                                "dir/a.sql:5:2: in g()\n\tg1\n\t^\n"
	                                "dir/a.sql:3:1: in f()\nf2$$;\n^\nSQLSTATE: P0001");
	assert_string_equal(err.what, "no");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_line_of_a_function_is_found, drop_arena),
		cmocka_unit_test_teardown(a_query_of_the_function_tells_the_column, drop_arena),
		cmocka_unit_test_teardown(the_statement_itself_is_the_place, drop_arena),
		cmocka_unit_test_teardown(functions_are_mentioned_innermost_first, drop_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
