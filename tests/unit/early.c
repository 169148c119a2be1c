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
		.id = (number), .kind = (what), .section = TOC_BEFORE_DATA                         \
	}
#define ROWS(number, table, bytes)                                                                 \
	{                                                                                          \
		.id = (number), .kind = "TABLE DATA", .section = TOC_DATA,                         \
		.needs = (int64_t[]){ table }, .need_count = 1, .is_copy = true, .size = (bytes)   \
	}
#define BEHIND(number, what, one, other)                                                           \
	{                                                                                          \
		.id = (number), .kind = (what), .section = TOC_BEHIND_DATA,                        \
		.needs = (int64_t[]){ one, other }, .need_count = 1 + ((other) != (one))           \
	}

static void
dear_indexes_come_early(void **state)
{
	struct toc_entry entries[] = {
		BEFORE(1, "TABLE"),
		BEFORE(2, "TABLE"),
		BEFORE(3, "TABLE"),
		BEFORE(4, "FUNCTION"),
		ROWS(5, 1, 90 * MB),
		ROWS(6, 2, 15 * MB),
		ROWS(7, 3, 20 * MB),
		{ .id = 8, .kind = "BLOBS", .section = TOC_DATA },
		BEHIND(9, "CONSTRAINT", 1, 1),
		BEHIND(10, "CONSTRAINT", 2, 2),
		BEHIND(11, "INDEX", 3, 4),
		BEHIND(12, "INDEX", 1, 9), /* of a constraint, it waits */
		BEHIND(13, "FK CONSTRAINT", 3, 1),
	};
	const size_t count = sizeof entries / sizeof *entries;

	(void)state;
	assert_early(entries, count, "1;\n2;\n3;\n4;\n5;\n9;\n7;\n11;\n6;\n8;\n10;\n12;\n13;\n");
	entries[10].is_slow = true;
	assert_early(entries, count, "1;\n2;\n3;\n4;\n7;\n11;\n5;\n9;\n6;\n8;\n10;\n12;\n13;\n");
	/* What is large only, and comes as COPY. */
	entries[4].is_copy = false;
	entries[6].size = 15 * MB;
	assert_early(entries, count, "as it stands");
	/* Rows that need others. */
	entries[6].size = 20 * MB;
	entries[4].needs[0] = 6;
	assert_early(entries, count, "as it stands");
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
	batch_close(&batch);
	objects_close(&objects);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(dear_indexes_come_early, drop_dump),
		cmocka_unit_test_teardown(large_objects_go_together, drop_dump),
		cmocka_unit_test_teardown(what_is_no_large_object_of_pg_dump, drop_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
