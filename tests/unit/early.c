/* Where a load leaves the order and the words of a dump: indexes that come early, large objects that go together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dumping.h"
#include "stream.h"

#include "restore/toc.h"

#include "restore/batch.h"
#include "restore/early.h"
#include "restore/entry.h"
#include "restore/objects.h"

static void
assert_early(struct toc_entry *entries, size_t count, const char *wanted)
{
	struct toc_entry *by_id[16];
	const struct toc toc = { .entries = entries, .count = count, .by_id = by_id };
	const char *list;

	for (size_t i = 0; i < count; i++)
		by_id[entries[i].id - 1] = &entries[i];
	list = early_list(&toc, &arena);
	assert_string_equal(list ? list : "as it stands", wanted);
}

#define MB ((int64_t)1 << 20)
#define BEFORE(number, what)                                                                       \
	{                                                                                          \
		.id = (number), .kind = (what)                                                     \
	}
#define ROWS(number, table, bytes)                                                                 \
	{                                                                                          \
		.id = (number), .kind = "TABLE DATA", .needs = (int64_t[]){ table },               \
		.need_count = 1, .is_copy = true, .is_own_copy = true, .size = (bytes)             \
	}
#define INDEX(number, one, other)                                                                  \
	{                                                                                          \
		.id = (number), .kind = "INDEX", .is_index = true,                                 \
		.needs = (int64_t[]){ one, other }, .need_count = 1 + ((other) != (one))           \
	}

static void
dear_indexes_come_early(void **state)
{
	struct toc_entry entries[] = {
		BEFORE(1, "TABLE"),
		BEFORE(2, "TABLE"),
		BEFORE(3, "TABLE"),
		BEFORE(4, "EXTENSION"),
		BEFORE(5, "FUNCTION"),
		ROWS(6, 1, 90 * MB),
		ROWS(7, 2, 15 * MB),
		ROWS(8, 3, 20 * MB),
		{ .id = 9, .kind = "BLOBS" },
		INDEX(10, 1, 1),
		INDEX(11, 2, 2),
		INDEX(12, 3, 4),
		/* These wait: for a key, for what a function may look at, for what is behind the first data, for being more than an index. */
		INDEX(13, 1, 10),
		INDEX(14, 1, 5),
		INDEX(15, 1, 9),
		{ .id = 16, .kind = "FK CONSTRAINT", .needs = (int64_t[]){ 1 }, .need_count = 1 },
	};
	const size_t count = sizeof entries / sizeof *entries;
	struct toc_entry *const first = &entries[5], *const third = &entries[7];

	(void)state;
	assert_early(entries, count,
	             "1;\n2;\n3;\n4;\n5;\n6;\n10;\n8;\n12;\n7;\n9;\n11;\n13;\n14;\n15;\n16;\n");
	entries[11].is_slow = true;
	assert_early(entries, count,
	             "1;\n2;\n3;\n4;\n5;\n8;\n12;\n6;\n10;\n7;\n9;\n11;\n13;\n14;\n15;\n16;\n");
	/* Rows of one table that go where others go: of all, or nothing is known. */
	first->is_own_copy = false;
	assert_early(entries, count, "as it stands");
	/* What is large only, and comes as COPY. */
	first->is_copy = false;
	third->size = 15 * MB;
	assert_early(entries, count, "as it stands");
	/* A check that calls a function: of this table only. */
	third->size = 20 * MB;
	entries[2].needs = (int64_t[]){ 5 };
	entries[2].need_count = 1;
	assert_early(entries, count, "as it stands");
	entries[2].need_count = 0;
	/* Rows that need others. */
	third->size = 20 * MB;
	first->needs[0] = 7;
	assert_early(entries, count, "as it stands");
}

static void
what_entries_tell(void **state)
{
	(void)state;
	assert_true(entry_makes_index("INDEX", "CREATE UNIQUE INDEX i ON s.t USING btree (a);\n"));
	assert_false(entry_makes_index(
		"INDEX",
		"CREATE INDEX i ON s.t USING btree (a);\nALTER INDEX s.i ALTER COLUMN 1 SET STATISTICS 7;\n"));
	assert_false(entry_makes_index("INDEX", "CREATE INDEX i ON s.t USING btree (a)"));
	assert_true(entry_makes_index(
		"CONSTRAINT", "ALTER TABLE ONLY s.t\n    ADD CONSTRAINT k PRIMARY KEY (a);\n"));
	assert_false(entry_makes_index(
		"CONSTRAINT", "ALTER TABLE s.t\n    ADD CONSTRAINT k NOT NULL a NOT VALID;\n"));
	assert_false(entry_makes_index("FK CONSTRAINT",
	                               "ALTER TABLE ONLY s.t\n    ADD CONSTRAINT k UNIQUE (a);\n"));
	assert_true(entry_is_slow("CREATE INDEX i ON s.t USING gin (a);\n"));
	assert_false(entry_is_slow("CREATE INDEX gin ON s.t USING btree (a);\n"));
	assert_true(entry_copies_into("COPY s.t (a) FROM stdin;\n", "s", "t"));
	assert_true(entry_copies_into("COPY \"S \"\"x\"\"\".\"T\"  FROM stdin;\n", "S \"x\"", "T"));
	assert_false(entry_copies_into("COPY s.root (a) FROM stdin;\n", "s", "t"));
	assert_false(entry_copies_into("COPY s.t1 (a) FROM stdin;\n", "s", "t"));
	assert_false(entry_copies_into("COPY t (a) FROM stdin;\n", "s", "t"));
	assert_true(entry_copies_into("COPY t (a) FROM stdin;\n", "", "t"));
	assert_false(entry_copies_into("", "s", "t"));
}

static void
take_object(struct objects *objects, const char *sql, bool is_taken, struct batch *batch)
{
	const struct item item = item_of(sql);

	assert_int_equal(objects_take(objects, &item, batch), is_taken);
}

static void
large_objects_go_together(void **state)
{
	struct objects *objects = objects_open(&arena);
	struct batch *batch = batch_new("a.sql", &arena);

	(void)state;
	take_object(objects, "SELECT pg_catalog.lo_create('11')", true, batch);
	take_object(objects, "SELECT pg_catalog.lo_create('12')", true, batch);
	assert_int_equal(batch_count(batch), 0);
	take_object(objects, "SELECT pg_catalog.lo_open('11', 131072)", true, batch);
	take_object(objects, "SELECT pg_catalog.lowrite(0, '\\x0aff')", true, batch);
	take_object(objects, "SELECT pg_catalog.lowrite(0, '\\x01')", true, batch);
	take_object(objects, "SELECT pg_catalog.lo_close(0)", true, batch);
	take_object(objects, "SELECT pg_catalog.lo_open('12', 131072)", true, batch);
	take_object(objects, "SELECT pg_catalog.lo_close(0)", true, batch);
	objects_flush(objects, batch);
	assert_string_equal(
		batch_sql(batch),
		"select pg_catalog.count(pg_catalog.lo_create(id::pg_catalog.oid)) from (values "
		"(11), (12)) as object (id)\n;\n"
		"select pg_catalog.count(pg_catalog.lo_put(id::pg_catalog.oid, "
		"place::pg_catalog.int8, bytes::pg_catalog.bytea)) from (values "
		"(11, 0, '\\x0aff'), (11, 2, '\\x01'), (12, 0, '\\x')) as object (id, place, "
		"bytes)\n;\n");
	batch_close(&batch);
	objects_close(&objects);
}

static void
what_is_no_large_object_of_pg_dump(void **state)
{
	struct objects *objects = objects_open(&arena);
	struct batch *batch = batch_new("a.sql", &arena);

	(void)state;
	take_object(objects, "SELECT pg_catalog.lo_create('')", false, batch);
	take_object(objects, "SELECT pg_catalog.lo_create('1'), f('')", false, batch);
	take_object(objects, "SELECT pg_catalog.lo_create('1234567890123456')", false, batch);
	take_object(objects, "SELECT pg_catalog.lo_open('11', 262144)", false, batch);
	take_object(objects, "SELECT pg_catalog.lowrite(0, '\\x01')", false, batch);
	take_object(objects, "SELECT pg_catalog.lo_close(0)", false, batch);
	objects_leave(objects, batch);
	assert_int_equal(batch_count(batch), 0);
	/* In the middle: what comes finds the object open, where it was. */
	take_object(objects, "SELECT pg_catalog.lo_open('11', 131072)", true, batch);
	take_object(objects, "SELECT pg_catalog.lowrite(0, '\\x0102')", true, batch);
	take_object(objects, "SELECT pg_catalog.lowrite(0, 'text')", false, batch);
	objects_leave(objects, batch);
	assert_int_equal(batch_count(batch), 2);
	assert_non_null(strstr(batch_sql(batch), "(11, 0, '\\x0102')"));
	assert_non_null(
		strstr(batch_sql(batch),
	               "select pg_catalog.lo_lseek64(pg_catalog.lo_open('11', 131072), 2, 0)"));
	take_object(objects, "SELECT pg_catalog.lo_close(0)", false, batch);
	/* Before anything is gathered it is a statement of the dump's too. */
	batch_clear(batch);
	take_object(objects, "SELECT pg_catalog.lo_open('12', 131072)", true, batch);
	objects_leave(objects, batch);
	assert_int_equal(batch_count(batch), 1);
	batch_close(&batch);
	objects_close(&objects);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(dear_indexes_come_early, drop_dump),
		cmocka_unit_test(what_entries_tell),
		cmocka_unit_test_teardown(large_objects_go_together, drop_dump),
		cmocka_unit_test_teardown(what_is_no_large_object_of_pg_dump, drop_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
