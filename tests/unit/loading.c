/* What a load with several sessions decides: what a statement minds, what may go on beside what, where rows end, where a row stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dumping.h"
#include "restore/headway.h"

#include "restore/blame.h"
#include "restore/chore.h"
#include "restore/copy.h"
#include "restore/filled.h"
#include "restore/load.h"
#include "restore/roster.h"
#include "restore/scan.h"

static void
assert_chore(const char *sql, enum chore_kind kind, const char *one, const char *other)
{
	const struct item item = item_of(sql);
	const struct chore chore = chore_of(&item, &arena);

	assert_int_equal(chore.kind, kind);
	assert_string_equal(chore.tables[0] ? chore.tables[0] : "", one);
	assert_string_equal(chore.tables[1] ? chore.tables[1] : "", other);
}

static void
what_a_statement_minds(void **state)
{
	(void)state;
	assert_chore("SET default_tablespace = ''", CHORE_SETTING, "", "");
	assert_chore("SELECT pg_catalog.set_config('search_path', '', false)", CHORE_SETTING, "",
	             "");
	assert_chore("INSERT INTO t VALUES (1)", CHORE_ROWS, "", "");
	assert_chore("SELECT pg_catalog.setval('s', 3, true)", CHORE_ROWS, "", "");
	assert_chore("SELECT pg_catalog.lowrite(0, '\\x00')", CHORE_ROWS, "", "");
	assert_chore("CREATE INDEX i ON public.\"a b\" USING btree (c)", CHORE_INDEX,
	             "public.\"a b\"", "");
	assert_chore("CREATE UNIQUE INDEX i ON ONLY s.t USING btree (c)", CHORE_INDEX, "s.t", "");
	assert_chore("ALTER TABLE ONLY s.t\n    ADD CONSTRAINT k PRIMARY KEY (i)", CHORE_KEY, "s.t",
	             "");
	assert_chore("ALTER TABLE ONLY s.t ADD CONSTRAINT k EXCLUDE USING gist (i WITH =)",
	             CHORE_KEY, "s.t", "");
	assert_chore(
		"ALTER TABLE ONLY s.t ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES s.u(a, b)",
		CHORE_KEY, "s.t", "s.u");
}

static void
what_keeps_its_order(void **state)
{
	(void)state;
	/* It is a constraint of all its partitions. */
	assert_chore("ALTER TABLE s.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES s.u(a)",
	             CHORE_ORDER, "", "");
	assert_chore("ALTER TABLE ONLY s.t ADD CONSTRAINT c CHECK (i > 0)", CHORE_ORDER, "", "");
	assert_chore("ALTER INDEX s.i ATTACH PARTITION s.j", CHORE_ORDER, "", "");
	assert_chore("CREATE TRIGGER t BEFORE INSERT ON s.t EXECUTE FUNCTION f()", CHORE_ORDER, "",
	             "");
	assert_chore("CREATE TABLE s.t (i integer)", CHORE_ORDER, "", "");
	assert_chore("ALTER DATABASE d SET work_mem TO '1MB'", CHORE_LAST, "", "");
	assert_chore("COMMENT ON DATABASE d IS 'x'", CHORE_LAST, "", "");
	assert_chore("GRANT CONNECT ON DATABASE d TO r", CHORE_LAST, "", "");
	assert_chore("GRANT SELECT ON TABLE s.t TO r", CHORE_ORDER, "", "");
	assert_chore("SELECT f('setval')", CHORE_ORDER, "", "");
}

static struct task *
add(struct roster *roster, const char *sql, int64_t weight)
{
	const struct item item = item_of(sql);
	const struct chore chore = chore_of(&item, &arena);
	struct task *task = roster_add(roster, &chore);

	task->weight = weight;
	return task;
}

static void
tables_part_what_is_done(void **state)
{
	struct roster *roster = roster_new(&arena);
	struct task *small = add(roster, "create index i on a (x)", 1);
	struct task *second = add(roster, "create index j on a (y)", 1);
	struct task *key = add(roster, "alter table only a add constraint k primary key (x)", 1);
	struct task *behind = add(roster, "create index l on a (z)", 1);
	struct task *large = add(roster, "create index m on b (x)", 9);

	(void)state;
	assert_false(roster_is_done(roster));
	assert_ptr_equal(roster_next(roster, false), large);
	assert_ptr_equal(roster_next(roster, false), small);
	assert_ptr_equal(roster_next(roster, false), second);
	assert_null(roster_next(roster, false));
	roster_end(roster, small, OUTCOME_DONE);
	assert_null(roster_next(roster, false));
	roster_end(roster, second, OUTCOME_DONE);
	assert_ptr_equal(roster_next(roster, false), key);
	assert_null(roster_next(roster, false));
	roster_end(roster, large, OUTCOME_DONE);
	roster_end(roster, key, OUTCOME_DONE);
	assert_ptr_equal(roster_next(roster, false), behind);
	assert_false(roster_is_done(roster));
	roster_end(roster, behind, OUTCOME_DONE);
	assert_true(roster_is_done(roster));
}

static void
no_two_keys_of_a_table_at_once(void **state)
{
	struct roster *roster = roster_new(&arena);
	struct task *one =
		add(roster, "alter table only a add constraint f foreign key (x) references b(x)",
	            5);
	struct task *other =
		add(roster, "alter table only c add constraint f foreign key (x) references b(x)",
	            9);
	struct task *apart =
		add(roster, "alter table only d add constraint f foreign key (x) references d(y)",
	            1);

	(void)state;
	assert_ptr_equal(roster_next(roster, false), one);
	assert_ptr_equal(roster_next(roster, false), apart);
	assert_null(roster_next(roster, false));
	roster_end(roster, one, OUTCOME_DONE);
	assert_ptr_equal(roster_next(roster, false), other);
}

static void
what_is_added_before_comes_before_what_minds_its_table(void **state)
{
	struct roster *roster = roster_new(&arena);
	struct task *other = add(roster, "create index i on b (x)", 5);
	struct task *next = add(roster, "create index j on a (x)", 9);
	const struct chore chore = { CHORE_KEY, { "a", NULL }, false };
	struct task *care;

	(void)state;
	assert_false(roster_has_bare(roster));
	care = roster_add_before(roster, &chore);
	care->is_bare = true;
	care->weight = 9;
	assert_true(roster_has_bare(roster));
	assert_ptr_equal(roster_next(roster, false), care);
	assert_ptr_equal(roster_next(roster, false), other);
	assert_null(roster_next(roster, false));
	assert_true(roster_has_bare(roster));
	roster_end(roster, care, OUTCOME_DONE);
	assert_false(roster_has_bare(roster));
	assert_ptr_equal(roster_next(roster, false), next);
	roster_end(roster, next, OUTCOME_DONE);
	care = roster_add_before(roster, &chore);
	assert_ptr_equal(roster_next(roster, false), care);
}

static void
what_holds_up_the_end(void **state)
{
	struct roster *roster = roster_new(&arena);
	struct task *first = add(roster, "create index i on a (x)", 4);
	struct task *second = add(roster, "create index j on a (x)", 4);
	struct task *other = add(roster, "create index i on b (x)", 7);

	(void)state;
	add(roster, "alter table only a add constraint f foreign key (x) references b(x)", 99);
	/* Two indexes beside each other take as long as one. */
	assert_false(roster_is_longest(roster, first, 2, 0));
	assert_true(roster_is_longest(roster, other, 3, 0));
	assert_false(roster_is_longest(roster, other, 2, 0));
	/* Not so with a key. */
	add(roster, "alter table only a add constraint k primary key (x)", 4);
	assert_false(roster_is_longest(roster, other, 2, 0));
	assert_false(roster_is_longest(roster, first, 2, 99));
	roster_end(roster, roster_next(roster, false), OUTCOME_DONE);
	assert_true(roster_is_longest(roster, second, 2, 0));
	assert_true(roster_is_longest(roster, second, 2, 3));
	assert_false(roster_is_longest(roster, second, 2, 4));
}

static void
ordered_ones_wait_and_are_awaited(void **state)
{
	struct roster *roster = roster_new(&arena);
	struct task *before = add(roster, "create index i on a (x)", 1);
	struct task *ordered = add(roster, "create trigger t", 0);
	struct task *next = add(roster, "create trigger u", 0);
	struct task *other = add(roster, "create trigger v", 0);
	struct task *behind = add(roster, "create index i on b (x)", 9);

	(void)state;
	other->settings = 1;
	assert_ptr_equal(roster_next(roster, false), before);
	assert_null(roster_next(roster, false));
	roster_end(roster, before, OUTCOME_DONE);
	assert_ptr_equal(roster_next(roster, false), ordered);
	assert_ptr_equal(roster_next_ordered(roster, ordered), next);
	assert_null(roster_next_ordered(roster, next));
	assert_null(roster_next(roster, false));
	roster_end(roster, ordered, OUTCOME_DONE);
	roster_end(roster, next, OUTCOME_DONE);
	assert_ptr_equal(roster_next(roster, false), other);
	assert_null(roster_next_ordered(roster, other));
	roster_end(roster, other, OUTCOME_DONE);
	assert_ptr_equal(roster_next(roster, false), behind);
}

static void
what_has_met_another_is_tried_alone(void **state)
{
	struct roster *roster = roster_new(&arena);
	struct task *met = add(roster, "create index i on a (x)", 9);
	struct task *beside = add(roster, "create index i on b (x)", 1);
	struct task *later = add(roster, "create index i on c (x)", 1);

	(void)state;
	assert_ptr_equal(roster_next(roster, false), met);
	assert_ptr_equal(roster_next(roster, false), beside);
	roster_end(roster, met, OUTCOME_FAILED);
	assert_ptr_equal(roster_next(roster, false), later);
	assert_null(roster_next(roster, false));
	roster_end(roster, beside, OUTCOME_DONE);
	assert_null(roster_next(roster, false));
	roster_end(roster, later, OUTCOME_DONE);
	assert_null(roster_next(roster, true));
	assert_ptr_equal(roster_next(roster, false), met);
	(void)add(roster, "create index i on d (x)", 1);
	assert_null(roster_next(roster, false));
}

static void
what_gave_way_is_late_and_not_alone(void **state)
{
	struct roster *roster = roster_new(&arena);
	struct task *late = add(roster, "create index i on a (x)", 9);
	struct task *beside = add(roster, "create index i on b (x)", 1);

	(void)state;
	assert_ptr_equal(roster_next(roster, true), late);
	roster_end(roster, late, OUTCOME_GAVE_WAY);
	assert_ptr_equal(roster_next(roster, true), beside);
	assert_null(roster_next(roster, true));
	assert_ptr_equal(roster_next(roster, false), late);
	roster_end(roster, late, OUTCOME_DONE);
	roster_end(roster, beside, OUTCOME_DONE);
	assert_true(roster_is_done(roster));
}

/* Of every length around the blocks that are looked at at once. */
static void
one_pass_over_text(void **state)
{
	char text[300];

	(void)state;
	for (size_t length = 0; length < sizeof text; length++) {
		size_t lines;

		memset(text, 'x', sizeof text);
		assert_int_equal(scan_lines(text, length), 0);
		assert_null(scan_zero(text, length));
		assert_null(scan_backslash(text, length, &lines));
		assert_int_equal(lines, 0);
		if (length < 3)
			continue;
		text[0] = text[length - 2] = '\n';
		text[length - 1] = '\\';
		assert_int_equal(scan_lines(text, length), 2 - (length == 2));
		assert_ptr_equal(scan_backslash(text, length, &lines), text + length - 1);
		assert_int_equal(lines, 2);
		text[length - 1] = '\n';
		text[length] = '\\';
		assert_null(scan_backslash(text, length, &lines));
		assert_int_equal(lines, 3);
		text[length] = '\0';
		assert_null(scan_zero(text, length));
		text[length - 1] = '\0';
		assert_ptr_equal(scan_zero(text, length), text + length - 1);
	}
}

static void
the_line_of_a_row(void **state)
{
	const struct stretch stretches[] = { { 0, 100 }, { 10, 500 }, { 12, 900 } };

	(void)state;
	assert_int_equal(blame_line(stretches, 3, 1), 100);
	assert_int_equal(blame_line(stretches, 3, 10), 109);
	assert_int_equal(blame_line(stretches, 3, 11), 500);
	assert_int_equal(blame_line(stretches, 3, 12), 501);
	assert_int_equal(blame_line(stretches, 3, 15), 902);
	assert_int_equal(blame_line(stretches, 3, 0), 0);
	assert_int_equal(blame_line(stretches, 0, 3), 0);
}

static void
the_form_of_copy(void **state)
{
	struct text table = text_new(&arena);
	const struct item text = item_of("COPY s.\"from x\" (a, b) FROM stdin"),
			  csv = item_of("copy t from stdin csv");

	(void)state;
	assert_true(copy_is_text(&text, &table));
	assert_string_equal(table.at, "s.\"from x\"");
	assert_false(copy_is_text(&csv, &table));
}

static void
what_is_filled(void **state)
{
	struct fillings fillings = { .arena = &arena };

	(void)state;
	fillings_note(&fillings, "a")->bytes = 7;
	fillings_note(&fillings, "b")->rows = 1;
	fillings_note(&fillings, "a")->bytes += 3;
	assert_int_equal(fillings.count, 2);
	assert_int_equal(fillings_bytes(&fillings, "a"), 10);
	assert_int_equal(fillings_bytes(&fillings, "c"), 0);
}

static void
how_far_it_has_come(void **state)
{
	const struct headway_state half = { 142000000, 285000000, 1204000, 2500, "public.t" },
				   unknown = { 3000000, 0, 0, 0, NULL },
				   over = { 300, 285, 7, 1, "s.\"x\"" };

	(void)state;
	assert_string_equal(headway_words(&half, &arena),
	                    "49 %, 142 of 285 MB, 1204000 rows, 56 MB/s, 3 s left, public.t");
	assert_string_equal(
		headway_bar(&half, 10, &arena),
		"[####......] 49 %, 142 of 285 MB, 1204000 rows, 56 MB/s, 3 s left, public.t");
	assert_string_equal(headway_words(&unknown, &arena), "3 MB, 0 rows, 0 MB/s");
	assert_string_equal(headway_bar(&unknown, 3, &arena), "[...] 3 MB, 0 rows, 0 MB/s");
	assert_string_equal(headway_words(&over, &arena),
	                    "100 %, 0 of 0 MB, 7 rows, 0 MB/s, s.\"x\"");
	assert_string_equal(
		headway_members(&over, &arena),
		",\"event\":\"progress\",\"bytes\":300,\"size\":285,\"rows\":7,"
		"\"bytes_per_second\":300000,\"seconds_left\":0,\"doing\":\"s.\\\"x\\\"\"");
}

static void
small_dumps_are_one_transaction(void **state)
{
	(void)state;
	assert_int_equal(load_way_of(1000000, 20, 20, 4, false), LOAD_WHOLE);
	assert_int_equal(load_way_of(100000000, 20, 20, 4, false), LOAD_SPREAD);
	assert_int_equal(load_way_of(100000000, 20, 20, 1, false), LOAD_WHOLE);
	/* It could not lock them all. */
	assert_int_equal(load_way_of(1000000, 20, 5000, 1, false), LOAD_SPREAD);
	assert_int_equal(load_way_of(1000000, 2000, 2000, 1, false), LOAD_SPREAD);
	assert_int_equal(load_way_of(100000000, 2000, 2000, 4, true), LOAD_WHOLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_a_statement_minds, drop_dump),
		cmocka_unit_test_teardown(what_keeps_its_order, drop_dump),
		cmocka_unit_test_teardown(tables_part_what_is_done, drop_dump),
		cmocka_unit_test_teardown(no_two_keys_of_a_table_at_once, drop_dump),
		cmocka_unit_test_teardown(what_is_added_before_comes_before_what_minds_its_table,
		                          drop_dump),
		cmocka_unit_test_teardown(what_holds_up_the_end, drop_dump),
		cmocka_unit_test_teardown(ordered_ones_wait_and_are_awaited, drop_dump),
		cmocka_unit_test_teardown(what_has_met_another_is_tried_alone, drop_dump),
		cmocka_unit_test_teardown(what_gave_way_is_late_and_not_alone, drop_dump),
		cmocka_unit_test(one_pass_over_text),
		cmocka_unit_test(the_line_of_a_row),
		cmocka_unit_test_teardown(the_form_of_copy, drop_dump),
		cmocka_unit_test_teardown(what_is_filled, drop_dump),
		cmocka_unit_test_teardown(how_far_it_has_come, drop_dump),
		cmocka_unit_test(small_dumps_are_one_transaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
