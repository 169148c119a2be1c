/* Seed files as sheets: tables, keys, cells, references, and what is refused with its line. */
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
#include "err.h"
#include "scoped.h"
#include "script.h"
#include "sheet.h"
#include "sheet/value.h"

static struct source
source_of(const char *path, const char *text)
{
	return (struct source){ .path = path, .text = text, .length = strlen(text) };
}

/*
 * "table(key,key!,other): line name=cell ...;" for each row; a column of the key has a ! behind
 * it.
 */
static const char *
shown(const struct sheet *sheet, struct arena *arena)
{
	struct text text = text_new(arena);

	text_print(&text, "%s:", sheet->table ? sheet->table : "");
	for (size_t i = 0; i < sheet->row_count; i++) {
		const struct row *row = &sheet->rows[i];

		text_print(&text, "%s%zu", i ? ";" : "", row->line);
		for (size_t j = 0; j < sheet->column_count; j++) {
			const struct cell *cell = &row->cells[j];

			if (cell->kind == CELL_ABSENT)
				continue;
			text_print(&text, " %s%s=", sheet->columns[j].name,
			           sheet->columns[j].is_key ? "!" : "");
			if (cell->kind == CELL_TEXT)
				text_print(&text, "<%s>", cell->text);
			if (cell->kind == CELL_REFERENCE)
				text_add(&text, reference_shown(cell->reference, arena));
		}
	}
	return text.at;
}

static const char *
read_ini(const char *text, struct arena *arena, struct err *err)
{
	const struct source source = source_of("seeds/common/30_travelers.ini", text);
	struct sheet *sheet;

	err_clear(err);
	return sheet_read_ini(&sheet, &source, arena, err) ? shown(sheet, arena) : err->what;
}

static const char *
read_csv(const char *text, const char *beside, struct arena *arena, struct err *err)
{
	const struct source source = source_of("seeds/common/30_travelers.csv", text);
	const struct source heading = source_of("h.ini", beside ? beside : "");
	struct sheet *sheet;

	err_clear(err);
	return sheet_read_csv(&sheet, &source, beside ? &heading : NULL, arena, err)
	             ? shown(sheet, arena)
	             : err->what;
}

#define T "[@table]\nkey=a\n"

static void
rows_of_an_ini(void **state)
{
	static const struct {
		const char *text, *seen;
	} rows[] = {
		/* nothing, a heading alone */
		{ "", "\"travelers\":" },
		{ T, "\"travelers\":" },
		/* names of tables */
		{ "[@table]\nname=users\nkey=a\n[x]", "\"users\":4 a!=<x>" },
		{ "[@table]\nname=s.users\nkey=a\n[x]", "\"s\".\"users\":4 a!=<x>" },
		{ "[@table]\nname=s.\"a.\"\"b\"\nkey=a\n[x]", "\"s\".\"a.\"\"b\":4 a!=<x>" },
		/* keys */
		{ T "[x]\n[y]", "\"travelers\":3 a!=<x>;4 a!=<y>" },
		{ T "[x, y]", "\"travelers\":3 a!=<x, y>" },
		{ T "[\"x\"]", "\"travelers\":3 a!=<x>" },
		{ T "[\"@x\"]", "\"travelers\":3 a!=<@x>" },
		{ T "[\"\"]", "\"travelers\":3 a!=<>" },
		{ T "[]", "\"travelers\":3 a!=" },
		{ T "[f(x=1).y]", "\"travelers\":3 a!=<f(x=1).y>" },
		{ "[@table]\nkey = a , \"b,c\"\n[x,y]", "\"travelers\":3 a!=<x> b,c!=<y>" },
		{ "[@table]\nkey=a,b\n[\"x,\"\"z\",]", "\"travelers\":3 a!=<x,\"z> b!=" },
		{ "[@table]\nkey=a,b\n[\"\",\"@y\"]", "\"travelers\":3 a!=<> b!=<@y>" },
		{ "[@table]\nkey=a,b\nb=1\n[x]", "\"travelers\":4 a!=<x> b!=<1>" },
		{ "[@table]\nkey=a,b\na=t(k=1).i\n[x]\n[y]",
		  "\"travelers\":4 a!=t(k=1).i b!=<x>;5 a!=t(k=1).i b!=<y>" },
		/* values */
		{ T "[x]\nb = text = ; # \"\nc=\nd=\"\"\ne=\" q \"\"\"",
		  "\"travelers\":3 a!=<x> b=<text = ; # \"> c= d=<> e=< q \">" },
		{ T "[x]\nb=\" q \"\"\"\"\"", "\"travelers\":3 a!=<x> b=< q \"\">" },
		{ T "[x]\nb=\"c\" and \"d\"", "\"travelers\":3 a!=<x> b=<\"c\" and \"d\">" },
		{ T "[x]\n\"b\"=1\n\"name\"=2\n[y]\nname=3",
		  "\"travelers\":3 a!=<x> b=<1> name=<2>;6 a!=<y> name=<3>" },
		/* what all rows have */
		{ T "b=1\nc=\n[x]\nb=2\n[y]", "\"travelers\":5 a!=<x> b=<2> c=;7 a!=<y> b=<1> c=" },
		{ T "\"key\"=1\n[x]", "\"travelers\":4 a!=<x> key=<1>" },
		/* references */
		{ T "b=t(k=1).i\n[x]\n[y]\nb=\"t(k=1).i\"",
		  "\"travelers\":4 a!=<x> b=t(k=1).i;5 a!=<y> b=<t(k=1).i>" },
		{ T "[x]\nb=s.t( k = v w , \"L M\"=\"a,)b\",n=).\"I\"",
		  "\"travelers\":3 a!=<x> b=s.t(k=v w,L M=a,)b,n=).I" },
		{ T "[x]\nb=t_1$(k2=1).\xC3\xA4", "\"travelers\":3 a!=<x> b=t_1$(k2=1).\xC3\xA4" },
		{ T "b=t(k).i\n[x]\nb=v\n[y]\n[z]\nb=",
		  "\"travelers\":4 a!=<x> b=t(k=v).i;6 a!=<y>;7 a!=<z> b=" },
		{ T "b=t(k).i\n[x]\nb=\" v\"\n[y]\nb=t(k=1).i",
		  "\"travelers\":4 a!=<x> b=t(k= v).i;6 a!=<y> b=t(k=t(k=1).i).i" },
		{ T "b=t(k,l).i\n[x]\nb=v,\n[y]\nb=\"v,w\",u\n[z]\nb=",
		  "\"travelers\":4 a!=<x> b=t(k=v,l=).i;6 a!=<y> b=t(k=v,w,l=u).i;8 a!=<z> b=" },
		{ "[@table]\nkey=a,b\na=t(k).i\n[x,1]\n[,1]",
		  "\"travelers\":4 a!=t(k=x).i b!=<1>;5 a!= b!=<1>" },
		{ "[@table]\nkey=a,b\na=t(k,l).i\n[\"x,y\",1]",
		  "\"travelers\":4 a!=t(k=x,l=y).i b!=<1>" },
		{ "[@table]\nkey=a\na=t(k,l).i\n[x,y]", "\"travelers\":4 a!=t(k=x,l=y).i" },
		/* almost references */
		{ T
		  "[x]\nb=t(k=1)\nc=t(k=1).\nd=t(k=1).i j\ne=t (k=1).i\nf=(k=1).i\ng=t(=1).i\nh=t(k=1,l).i\ni=t(k=1",
		  "\"travelers\":3 a!=<x> b=<t(k=1)> c=<t(k=1).> d=<t(k=1).i j> e=<t (k=1).i> f=<(k=1).i> g=<t(=1).i> h=<t(k=1,l).i> i=<t(k=1>" },
		{ T
		  "[x]\nb=t(k=\"1).i\nc=t.(k=1).i\nd=\"t(k=1).i\ne=t(k).i\nf=1(k=1).i\ng=t(\"k=1).i",
		  "\"travelers\":3 a!=<x> b=<t(k=\"1).i> c=<t.(k=1).i> d=<\"t(k=1).i> e=<t(k).i> f=<1(k=1).i> g=<t(\"k=1).i>" },
		{ T "[x]\nb=\"t\"(k=1).i\nc=s.t.u(k=1).i",
		  "\"travelers\":3 a!=<x> b=\"t\"(k=1).i c=<s.t.u(k=1).i>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct err err = { 0 };

		assert_string_equal(read_ini(rows[i].text, &arena, &err), rows[i].seen);
	}
}

#define P "seeds/common/30_travelers.ini:"

static void
wrong_inis_are_refused(void **state)
{
	static const struct {
		const char *text, *what;
	} rows[] = {
		{ "a=1", P "1: a stands before the first [section]" },
		{ "[x]\na=1", P "1: a row before [@table]" },
		{ T "[x]\n[@table]", P "4: [@table] is there already, in line 1" },
		{ T "[@rows]",
		  P "3: [@rows] is unknown; a key that begins with @ is written in double quotes" },
		{ "[@table]\n[x]", P "1: [@table] has no key = COLUMN[,COLUMN]" },
		{ "[@table]\nkey=", P "2: key: columns, separated by commas" },
		{ "[@table]\nkey=a,,b", P "2: key: a column's name is missing" },
		{ "[@table]\nkey=a, ,b", P "2: key: a column's name is missing" },
		{ "[@table]\nkey=a,b,a", P "2: a stands in the key twice" },
		{ "[@table]\nkey=\"a", P "2: key: columns, separated by commas" },
		{ "[@table]\nkey=a\nkey=b",
		  P "3: key is given twice; a column of that name is written \"key\"" },
		{ "[@table]\nname=a\nname=b\nkey=a",
		  P "3: name is given twice; a column of that name is written \"name\"" },
		{ "[@table]\nname=\nkey=a\n[x]", P "2: \"\" is no table's name" },
		{ "[@table]\nname=a.b.c\nkey=a\n[x]", P "2: \"a.b.c\" is no table's name" },
		{ "[@table]\nname=\"a\nkey=a\n[x]", P "2: \"\"a\" is no table's name" },
		{ "[@table]\nname=a\"b\nkey=a\n[x]", P "2: \"a\"b\" is no table's name" },
		{ "[@table]\nname=a.\nkey=a\n[x]", P "2: \"a.\" is no table's name" },
		{ T "a=1\n[x]",
		  P "1: all columns of the key have a value here: all rows would be the same" },
		{ T "b=1\nb=2", P "4: b is given twice, first in line 3" },
		{ T "b=t(k).i\nb=2", P "4: b is given twice, first in line 3" },
		{ T "[x]\na=1", P "4: a is part of the key, which stands in line 3" },
		{ T "[x]\nb=1\nc=2\nb=3", P "6: b is given twice, first in line 4" },
		{ T "[x]\nb=1\n\"b\"=3", P "5: b is given twice, first in line 4" },
		{ T "[x]\n[y]\n[x]", P "5: the key x is that of line 3" },
		{ T "[]\n[]", P "4: the key  is that of line 3" },
		{ "[@table]\nkey=a,b\n[x,1]\n[x,2]\n[\"x\",1]",
		  P "5: the key x,1 is that of line 3" },
		{ "[@table]\nkey=a,b\n[,1]\n[,1]", P "4: the key ,1 is that of line 3" },
		{ "[@table]\nkey=a,b\na=t(k,l).i\n[\"x,\",1]\n[\"x,\",1]",
		  P "5: the key x,,1 is that of line 4" },
		{ "[@table]\nkey=a,b\n[x]",
		  P "3: the key has 2 columns, [x] is not 2 values separated by commas" },
		{ "[@table]\nkey=a,b\n[x,y,z]",
		  P "3: the key has 2 columns, [x,y,z] is not 2 values separated by commas" },
		{ "[@table]\nkey=a,b\n[\"x,y]",
		  P "3: the key has 2 columns, [\"x,y] is not 2 values separated by commas" },
		{ T "b=t(k,l).i\n[x]\nb=1",
		  P "5: b: 2 values separated by commas for t(k,l).i, not \"1\"" },
		{ T "b=t(k,l).i\n[x]\nb=\"1",
		  P "5: b: 2 values separated by commas for t(k,l).i, not \"\"1\"" },
		{ "[@table]\nkey=a\na=t(k,l).i\n[x]",
		  P "4: a: 2 values separated by commas for t(k,l).i, not \"x\"" },
		{ T "[x]\nnothing", P "4: neither `key = value` nor `[section]`" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct err err = { 0 };

		assert_string_equal(read_ini(rows[i].text, &arena, &err), rows[i].what);
		assert_int_equal(err.fault, FAULT_WRONG);
	}
}

static void
rows_of_a_csv(void **state)
{
	static const struct {
		const char *text, *beside, *seen;
	} rows[] = {
		{ "", NULL, "\"travelers\":" },
		{ "a,b\n", NULL, "\"travelers\":" },
		{ "a,b\nx,1\ny,\n\"\",\"\"\n,2\n", NULL,
		  "\"travelers\":2 a!=<x> b=<1>;3 a!=<y> b=;4 a!=<> b=<>;5 a!= b=<2>" },
		{ "a\n\"\"\n", NULL, "\"travelers\":2 a!=<>" },
		{ "a,b\r\n\"x\ny\",t(k=1).i\r\nz,\r\n", NULL,
		  "\"travelers\":2 a!=<x\ny> b=<t(k=1).i>;4 a!=<z> b=" },
		{ "a,b\nx,1", "", "\"h\":2 a!=<x> b=<1>" },
		{ "a,b\nx,1", "[@table]", "\"h\":2 a!=<x> b=<1>" },
		{ "a,b\nx,1", "[@table]\nname=t\nkey=b\nc=2\n", "\"t\":2 b!=<1> c=<2> a=<x>" },
		{ "a,b\nx,\"1,2\"\n\"\",\n", "[@table]\nkey=a\na=t(k).i\nb=u(l,m).i",
		  "\"h\":2 a!=t(k=x).i b=u(l=1,m=2).i;3 a!=t(k=).i b=" },
		{ "a,b\nx,1", "[@table]\nkey=a,c\nc=t(k=1).i", "\"h\":2 a!=<x> c!=t(k=1).i b=<1>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct err err = { 0 };

		assert_string_equal(read_csv(rows[i].text, rows[i].beside, &arena, &err),
		                    rows[i].seen);
	}
}

#define C "seeds/common/30_travelers.csv:"

static void
wrong_csvs_are_refused(void **state)
{
	static const struct {
		const char *text, *beside, *what;
	} rows[] = {
		{ "\"a", NULL, C "1: a quoted field has no end" },
		{ "a,b\nx", NULL, C "2: 1 instead of 2 fields" },
		{ "a,b\nx,1\n\nx,2", NULL, C "3: 1 instead of 2 fields" },
		{ "a,b\nx,1,", NULL, C "2: 3 instead of 2 fields" },
		{ "a,b\nx,1\ny,\"\n\n", NULL, C "3: a quoted field has no end" },
		{ "a,\nx,1", NULL, C "1: the header has a column without name" },
		{ "a,\"\"\nx,1", NULL, C "1: the header has a column without name" },
		{ "a,b,a\n", NULL, C "1: the header names a twice" },
		{ "a\nx\ny\nx\n", NULL, C "4: the key x is that of line 2" },
		{ "a\nx\n\n\n", NULL, C "3: an empty line" },
		{ "a\r\nx\r\n\r\n", NULL, C "3: an empty line" },
		{ "a,b\nx,1", "[@table]\nb=2",
		  C "1: b has a value for all rows already, in h.ini:2" },
		{ "a,b\nx,1", "[@table]\nkey=a,c",
		  "h.ini:2: c is no column of seeds/common/30_travelers.csv" },
		{ "a,b\nx,1", "[@table]\nc=t(k).i",
		  "h.ini:2: c is no column of seeds/common/30_travelers.csv" },
		{ "a,b\nx,1", "[@table]\n[x]",
		  "h.ini:2: rows are in seeds/common/30_travelers.csv; here can only be [@table]" },
		{ "a,b\nx,1", "[x]",
		  "h.ini:1: rows are in seeds/common/30_travelers.csv; here can only be [@table]" },
		{ "a,b\nx,1", "[@table]\nname=.", "h.ini:2: \".\" is no table's name" },
		{ "a,b\nx,1", "x", "h.ini:1: neither `key = value` nor `[section]`" },
		{ "a,b\nx,1", "[@table]\nb=t(k,l).i",
		  C "2: b: 2 values separated by commas for t(k,l).i, not \"1\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct err err = { 0 };

		assert_string_equal(read_csv(rows[i].text, rows[i].beside, &arena, &err),
		                    rows[i].what);
		assert_int_equal(err.fault, FAULT_WRONG);
	}
}

static void
files_name_their_table(void **state)
{
	static const struct {
		const char *path, *name, *table;
	} rows[] = {
		{ "seeds/common/30_travelers.ini", "common/30_travelers.ini", "\"travelers\"" },
		{ "/seeds/dev/1-shop.parts.ini", "dev/1-shop.parts.ini", "\"shop\".\"parts\"" },
		{ "dev/parts", "dev/parts", "\"parts\"" },
		{ "0001__Parts.ini", "0001__Parts.ini", "\"Parts\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		const struct source source = source_of(rows[i].path, T "[x]");
		struct err err = { 0 };
		struct sheet *sheet;

		assert_true(sheet_read_ini(&sheet, &source, &arena, &err));
		assert_string_equal(sheet->name, rows[i].name);
		assert_string_equal(sheet->table, rows[i].table);
		assert_int_equal(sheet->table_line, 0);
	}
}

static void
a_file_without_name_needs_one(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct source source = source_of("dev/30_.ini", T "[x]");
	struct err err = { 0 };
	struct sheet *sheet;

	(void)state;
	assert_false(sheet_read_ini(&sheet, &source, &arena, &err));
	assert_string_equal(err.what, "dev/30_.ini: \".ini\" is no table's name");
}

static void
references_are_shared_and_know_their_first_row(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct source source =
		source_of("a.ini", T "b=t(k=1).i\nc=t(k).i\nd=t(l).i\ne=u(k).i\n"
	                             "[x]\nb=2\n[y]\nc=1\nd=1\ne=1\n[z]\nc=1\n");
	struct err err = { 0 };
	struct sheet *sheet;

	(void)state;
	assert_true(sheet_read_ini(&sheet, &source, &arena, &err));
	assert_int_equal(sheet->lookup_count, 3);
	assert_int_equal(sheet->reference_count, 3);
	assert_int_equal(sheet->references[0]->row, 1);
	assert_ptr_equal(sheet->references[0]->lookup, sheet->lookups[0]);
	assert_string_equal(sheet->lookups[0]->shown, "t(k).i");
	assert_int_equal(sheet->lookups[0]->line, 3);
	assert_int_equal(sheet->lookups[2]->number, 2);
	assert_string_equal(sheet->lookups[2]->table, "\"u\"");
}

static void
rows_and_cells_have_names_and_places(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct source csv = source_of("dev/1_s.csv", "j,k,v\nx,1,a\ny,,b\n");
	const struct source ini = source_of("dev/1_s.ini", "[@table]\nkey=j,k\nj=t(a).i\nw=7\n");
	struct err err = { 0 };
	struct sheet *sheet;

	(void)state;
	assert_true(sheet_read_csv(&sheet, &csv, &ini, &arena, &err));
	assert_string_equal(sheet_row_name(sheet, 0, &arena), "x,1");
	assert_string_equal(sheet_row_name(sheet, 1, &arena), "y,");
	for (size_t i = 0; i < sheet->column_count; i++) {
		const struct column *column = &sheet->columns[i];

		(void)err_set(&err, FAULT_WRONG, "wrong");
		assert_false(sheet_blame(sheet, 1, column, &err));
		assert_string_equal(err.what,
		                    strcmp(column->name, "w") == 0
		                            ? "dev/1_s.ini:4: w: wrong"
		                            : arena_print(&arena, "dev/1_s.csv:3: %s: wrong",
		                                          column->name));
	}
}

static void
a_hundred_thousand_rows_take_no_time(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text text = text_new(&arena);
	struct source source;
	struct err err = { 0 };
	struct sheet *sheet;
	int64_t since;

	(void)state;
	text_add(&text, "job,name,quantity\n");
	for (size_t i = 0; i < 100000; i++)
		text_print(&text, "%zu-JOB,\"Assembly, sheet metal\",250\n", i * 7919 % 100000);
	source = source_of("a.csv", text.at);
	since = clock_now();
	assert_true(sheet_read_csv(&sheet, &source, NULL, &arena, &err));
	assert_int_equal(sheet->row_count, 100000);
	/* 40 ms; much of it is the sanitizers' and the neighbours'. */
	assert_true(clock_now() - since < 4000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_an_ini),
		cmocka_unit_test(wrong_inis_are_refused),
		cmocka_unit_test(rows_of_a_csv),
		cmocka_unit_test(wrong_csvs_are_refused),
		cmocka_unit_test(files_name_their_table),
		cmocka_unit_test(a_file_without_name_needs_one),
		cmocka_unit_test(references_are_shared_and_know_their_first_row),
		cmocka_unit_test(rows_and_cells_have_names_and_places),
		cmocka_unit_test(a_hundred_thousand_rows_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
