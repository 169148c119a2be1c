/* The items of a dump, wherever it happens to be cut into pieces, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dumping.h"

#define PIECE ((size_t)262144) /* window.c */

static const char dump[] =
	"--\n-- PostgreSQL database dump\n--\n\n\\restrict k3y\n"
	"-- Dumped from database version 15.2\n-- Dumped by pg_dump version 17.1 (x)\n\n"
	"SET a = 'b;c';\n"
	"--\n-- Name: f(integer); Type: FUNCTION; Schema: public; Owner: -\n--\n\n"
	"CREATE FUNCTION f(integer) RETURNS int LANGUAGE sql AS $_$ select ';' || $1; $_$;\n"
	"CREATE FUNCTION g() RETURNS int BEGIN ATOMIC\n SELECT 1;\n SELECT CASE WHEN true THEN 1 END;\nEND;\n"
	"/* ; */ CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);\n"
	"-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: -\n\n"
	"COPY t (a, b) FROM stdin;\n"
	"1\t;'\n\\\\.\t2\n\\.x\n\\.\n"
	"COPY e FROM stdin;\n\\.\n\n"
	"\\unrestrict k3y\n\\connect -reuse-previous=on \"dbname='o''d\\\\d \"\"x'\"\n\\restrict k3y\n"
	"INSERT INTO t VALUES ('a'\n'b', E'\\';', \"x;y\");\n"
	"--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict k3y\n";

struct seen {
	char text[4096];
	size_t length;
};

static void
see(struct seen *seen, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	seen->length += (size_t)vsnprintf(seen->text + seen->length,
	                                  sizeof seen->text - seen->length, format, args);
	va_end(args);
	assert_true(seen->length < sizeof seen->text);
}

static void
see_data(struct seen *seen)
{
	const char *bytes;
	size_t length, line;

	do {
		assert_true(items_data(items, &bytes, &length, &line, &err));
		see(seen, "%.*s", (int)length, length ? bytes : "");
	} while (length);
	see(seen, "(%d rows)\n", (int)items_rows(items));
}

/* All of it in words; lines count from behind the padding. */
static void
see_all(struct seen *seen, size_t padding_lines, bool with_data)
{
	struct item item;

	seen->length = 0;
	do {
		if (!items_next(items, &item, &err))
			fail_msg("%s", err.what);
		see(seen, "%d %zu %s [%s] %s\n", (int)item.kind, item.line - padding_lines,
		    item.sql, item.toc, item.kind == ITEM_CONNECT ? item.database : "");
		if (item.kind == ITEM_COPY && with_data)
			see_data(seen);
	} while (item.kind != ITEM_END);
	assert_true(items_dump(items)->is_whole);
	assert_string_equal(items_dump(items)->server, "15.2");
}

static void
items_are_told_apart(void **state)
{
	static struct seen seen;

	(void)state;
	dump_open(dump, sizeof dump - 1);
	see_all(&seen, 0, true);
	assert_string_equal(
		seen.text,
		"1 9 SET a = 'b;c' [] \n"
		"1 14 CREATE FUNCTION f(integer) RETURNS int LANGUAGE sql AS $_$ select ';' || $1; $_$ "
		"[f(integer) (FUNCTION)] \n"
		"1 15 CREATE FUNCTION g() RETURNS int BEGIN ATOMIC\n SELECT 1;\n"
		" SELECT CASE WHEN true THEN 1 END;\nEND [f(integer) (FUNCTION)] \n"
		"1 19 CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2) [f(integer) (FUNCTION)] \n"
		"2 22 COPY t (a, b) FROM stdin [t (TABLE DATA)] \n"
		"1\t;'\n\\\\.\t2\n\\.x\n(3 rows)\n"
		"2 27 COPY e FROM stdin [t (TABLE DATA)] \n(0 rows)\n"
		"3 31  [] o'd\\d \"x\n"
		"1 33 INSERT INTO t VALUES ('a'\n'b', E'\\';', \"x;y\") [t (TABLE DATA)] \n"
		"0 40  [] \n");
}

/* The end of the first piece falls on every byte of the dump. */
static void
where_a_piece_ends_makes_no_difference(void **state)
{
	static char text[PIECE + sizeof dump];
	static struct seen wanted, passed, seen;

	(void)state;
	dump_open(dump, sizeof dump - 1);
	see_all(&wanted, 0, true);
	dump_open(dump, sizeof dump - 1);
	see_all(&passed, 0, false);
	for (size_t at = 0; at < sizeof dump; at++) {
		const size_t padding = PIECE - at;

		memset(text, '-', padding);
		text[padding - 1] = '\n';
		memcpy(text + padding, dump, sizeof dump - 1);
		dump_open(text, padding + sizeof dump - 1);
		see_all(&seen, 1, true);
		assert_string_equal(seen.text, wanted.text);
		if (at % 7 == 0) {
			dump_open(text, padding + sizeof dump - 1);
			see_all(&seen, 1, false);
			assert_string_equal(seen.text, passed.text);
		}
	}
}

static void
long_statements_and_rows(void **state)
{
	const size_t size = 5 * PIECE + 3;
	char *text = malloc(size + 64);
	const char *bytes;
	size_t length, line, total = 0;
	struct item item;

	(void)state;
	memset(text, 'x', size);
	memcpy(text, "select '", 8);
	memcpy(text + size, "';\ncopy t from stdin;\n", 23);
	dump_open(text, size + 22);
	assert_true(items_next(items, &item, &err));
	assert_int_equal(item.length, size + 1);
	assert_false(items_next(items, &item, &err) &&
	             items_data(items, &bytes, &length, &line, &err));

	memcpy(text, "copy t from stdin;\n", 19);
	memcpy(text + size, "\n\\.\n", 4);
	dump_open(text, size + 4);
	assert_true(items_next(items, &item, &err));
	do {
		assert_true(items_data(items, &bytes, &length, &line, &err));
		total += length;
	} while (length);
	assert_int_equal(total, size + 1 - 19);
	assert_int_equal(items_rows(items), 1);
	assert_true(items_next(items, &item, &err) && item.kind == ITEM_END);
	free(text);
}

/* The end marks that count. */
static void
wholeness(void **state)
{
	static const struct {
		const char *text;
		bool is_whole;
	} rows[] = {
		{ "", false },
		{ "select 1;\n", false },
		{ "select 1;\n-- PostgreSQL database dump complete\n", true },
		{ "select 1;\r\n-- PostgreSQL database dump complete\r\n", true },
		{ "-- PostgreSQL database dump complete\nselect 1;\n", false },
		{ "select '\n-- PostgreSQL database dump complete\n';\n", false },
		{ "-- PostgreSQL database cluster dump\nselect 1;\n-- PostgreSQL database dump complete\n",
		  false },
		{ "-- PostgreSQL database cluster dump\nselect 1;\n-- PostgreSQL database dump complete\n"
		  "-- PostgreSQL database cluster dump complete\n",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct item item;

		dump_open(rows[i].text, strlen(rows[i].text));
		do
			assert_true(items_next(items, &item, &err));
		while (item.kind != ITEM_END);
		if (items_dump(items)->is_whole != rows[i].is_whole)
			fail_msg("%s", rows[i].text);
	}
}

static void
refusals(void **state)
{
	static const struct {
		const char *text, *what;
	} rows[] = {
		{ "\n\\! id\n", "a.sql:2: a meta-command that pg_dump does not write: \\!" },
		{ "select 1 \\gexec\n", "a.sql:1: a meta-command inside of a statement" },
		{ "select 1;\n\nselect 'x", "a.sql:3: the dump ends inside" },
		{ "select 1;\nselect 2\n", "a.sql:2: the dump ends inside" },
		{ "\n/* x", "a.sql:2: the dump ends inside" },
		{ "create function f() begin atomic select 1;", "a.sql:1: the dump ends inside" },
		{ "\ncopy t from stdin;\n1\n2\n", "a.sql:2: the data of COPY have no end" },
		{ "copy t from stdin; 1\n\\.\n", "a.sql:1: nothing can stand" },
		{ "copy t from stdin;", "a.sql:1: the dump ends where data" },
		{ "\\restrict a\nselect 1;\n", "a.sql:3: \\restrict without" },
		{ "\\restrict a\n\\unrestrict b\n", "a.sql:2: \\unrestrict with another key" },
		{ "\\restrict a\n\\connect x\n", "a.sql:2: a meta-command in a restricted" },
		{ "\\restrict a\n\\unrestrict `id`\n", "a.sql:2: \\unrestrict with another" },
		{ "\\unrestrict a\n", "a.sql:1: a meta-command that" },
		{ "\\restrict\n", "a.sql:1: \\restrict without a key" },
		{ "\\connect\n", "a.sql:1: a meta-command that" },
		{ "\\connect x user\n", "a.sql:1: a meta-command that" },
		{ "\\connect \"x\n", "a.sql:1: a meta-command that" },
		{ "\\connect :x\n", "a.sql:1: a meta-command that" },
		{ "\\copy t\n", "a.sql:1: a meta-command that pg_dump does not write: \\copy" },
		{ "select \\; 1;\n", "a.sql:1: psql's \\; cannot be used here" },
		{ "\xff\xfes\0", "a.sql: UTF-16 text" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct item item = { 0 };
		bool was_read = true;

		dump_open(rows[i].text, strlen(rows[i].text));
		while (was_read) {
			was_read = items_next(items, &item, &err);
			if (was_read && item.kind == ITEM_END)
				fail_msg("accepted: %s", rows[i].text);
		}
		assert_int_equal(err.fault, FAULT_WRONG);
		if (strncmp(err.what, rows[i].what, strlen(rows[i].what)) != 0)
			fail_msg("%s", err.what);
	}
	dump_open("select 1;\n\0\n", 12);
	assert_false(items_next(items, &(struct item){ 0 }, &err));
	assert_non_null(strstr(err.what, "a.sql:2: a NUL byte"));
	dump_open("\xef\xbb\xbfselect 1;", 12);
	assert_true(items_next(items, &(struct item){ 0 }, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(items_are_told_apart, drop_dump),
		cmocka_unit_test_teardown(where_a_piece_ends_makes_no_difference, drop_dump),
		cmocka_unit_test_teardown(long_statements_and_rows, drop_dump),
		cmocka_unit_test_teardown(wholeness, drop_dump),
		cmocka_unit_test_teardown(refusals, drop_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
