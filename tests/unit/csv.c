/* CSV: the fields that COPY would see, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "clock.h"
#include "csv.h"
#include "err.h"
#include "scoped.h"

/* All records as "line:<field><field>;", null as "<>" without its brackets: "-". */
static const char *
read_all(const char *text, struct arena *arena, struct err *err)
{
	struct csv csv = csv_new(text, strlen(text), "a.csv", arena);
	struct text seen = text_new(arena);
	bool at_end;

	while (csv_next(&csv, &at_end, err)) {
		text_print(&seen, "%zu:", csv.record_line);
		for (size_t i = 0; i < csv.count; i++)
			text_print(&seen, csv.fields[i] ? "<%s>" : "-", csv.fields[i]);
		text_add(&seen, ";");
	}
	return at_end ? seen.at : NULL;
}

static void
fields_are_those_of_copy(void **state)
{
	static const struct {
		const char *text, *seen;
	} rows[] = {
		{ "", "" },
		{ "\xEF\xBB\xBF", "" },
		{ "\xEF\xBB\xBF\"a\",b\n", "1:<a><b>;" },
		{ "a", "1:<a>;" },
		{ "a\n", "1:<a>;" },
		{ "\n", "1:-;" },
		{ "a,b\nc,d\n", "1:<a><b>;2:<c><d>;" },
		{ "a,b\r\nc,d\r\n", "1:<a><b>;2:<c><d>;" },
		{ "a,b\r", "1:<a><b>;" },
		{ "a,\r\n,\r\n", "1:<a>-;2:--;" },
		{ ",\"\"\n", "1:-<>;" },
		{ "\"\"\"\"", "1:<\">;" },
		{ "\"a\"\"b\",\"c,d\"", "1:<a\"b><c,d>;" },
		{ "\"a\nb\r\nc\",d\ne", "1:<a\nb\r\nc><d>;4:<e>;" },
		{ " a , \"b\" ", "1:< a >< b >;" },
		{ "a\"b,c\"d\"\"", "1:<ab,cd>;" },
		{ "a\"\"\n", "1:<a>;" },
		{ "\\.\n\\N", "1:<\\.>;2:<\\N>;" },
		{ "\xC3\xA4,\xF0\x9F\x98\x80", "1:<\xC3\xA4><\xF0\x9F\x98\x80>;" },
		{ "1,2,3,4,5,6,7,8,9\n1,2,3,4,5",
		  "1:<1><2><3><4><5><6><7><8><9>;2:<1><2><3><4><5>;" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct err err = { 0 };
		const char *seen = read_all(rows[i].text, &arena, &err);

		assert_non_null(seen);
		assert_string_equal(seen, rows[i].seen);
		assert_int_equal(err.fault, FAULT_NONE);
	}
}

static void
wrong_texts_are_refused_with_their_line(void **state)
{
	static const struct {
		const char *text, *what;
	} rows[] = {
		{ "a\n\"b", "a.csv:2: a quoted field has no end" },
		{ "\"a\n\nb\",\"\nc\n\nd", "a.csv:3: a quoted field has no end" },
		{ "\"", "a.csv:1: a quoted field has no end" },
		{ "\"a\"\"", "a.csv:1: a quoted field has no end" },
		{ "a\nb\rc\n", "a.csv:2: a carriage return outside of quotes" },
		{ "\"a\n\"\rc\n", "a.csv:2: a carriage return outside of quotes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct err err = { 0 };

		assert_null(read_all(rows[i].text, &arena, &err));
		assert_string_equal(err.what, rows[i].what);
		assert_int_equal(err.fault, FAULT_WRONG);
	}
}

static void
a_record_can_be_split(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char **fields;
	size_t count;

	(void)state;
	assert_true(csv_split("a,,\"b,c\"", &fields, &count, &arena));
	assert_int_equal(count, 3);
	assert_string_equal(fields[0], "a");
	assert_null(fields[1]);
	assert_string_equal(fields[2], "b,c");
	assert_false(csv_split("", &fields, &count, &arena));
	assert_false(csv_split("\"a", &fields, &count, &arena));
	assert_false(csv_split("a\nb", &fields, &count, &arena));
}

static void
a_hundred_thousand_records_take_no_time(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text text = text_new(&arena);
	struct csv csv;
	struct err err = { 0 };
	size_t count = 0;
	int64_t since;
	bool at_end;

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		text_add(&text, "000001-PART,\"Assembly, sheet metal\",V0.1,\n");
	since = clock_now();
	csv = csv_new(text.at, text.length, "a.csv", &arena);
	while (csv_next(&csv, &at_end, &err))
		count += csv.count;
	assert_true(at_end);
	assert_int_equal(count, 400000);
	/* 10 ms; much of it is the sanitizers' and the neighbours'. */
	assert_true(clock_now() - since < 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_those_of_copy),
		cmocka_unit_test(wrong_texts_are_refused_with_their_line),
		cmocka_unit_test(a_record_can_be_split),
		cmocka_unit_test(a_hundred_thousand_records_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
