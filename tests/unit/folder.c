/* The listing of folders: order, what is a file, and what cannot be read. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "folder.h"
#include "scoped.h"

static char place[] = "/tmp/folder-test-XXXXXX";

static void
touch(const char *name)
{
	SCOPED(descriptor_close) int file = open(name, O_WRONLY | O_CREAT, 0644);

	assert_true(file >= 0);
}

static int
make_place(void **state)
{
	(void)state;
	return mkdtemp(place) && chdir(place) == 0 ? 0 : -1;
}

static int
drop_place(void **state)
{
	(void)state;
	return chdir("/") == 0 && system("rm -rf /tmp/folder-test-*") == 0 ? 0 : -1;
}

static void
files_are_sorted_bytewise(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(folder_close) struct folder folder = { 0 };
	static const char *const sorted[] = { "0002_b.sql", "10_a.sql", "9_a.sql", "B.sql",
		                              "R__x.sql",   "a.sql",    "b.sql",   "\xC3\xA4.sql" };
	struct err err = { 0 };
	SCOPED(descriptor_close) int file = -1;

	(void)state;
	assert_int_equal(mkdir("sorted", 0755), 0);
	assert_int_equal(chdir("sorted"), 0);
	for (size_t i = 8; i > 0; i--)
		touch(sorted[i - 1]);
	assert_int_equal(chdir(".."), 0);
	assert_true(folder_open(&folder, "sorted", &arena, &err));
	assert_string_equal(folder.path, "sorted");
	assert_int_equal(folder.count, 8);
	for (size_t i = 0; i < 8; i++)
		assert_string_equal(folder.names[i], sorted[i]);
	assert_int_equal(folder.ignored_count, 0);
	file = openat(folder.descriptor, "a.sql", O_RDONLY);
	assert_true(file >= 0);
}

static void
a_config_map_is_read(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(folder_close) struct folder folder = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(mkdir("map", 0755), 0);
	assert_int_equal(mkdir("map/..2026_01", 0755), 0);
	touch("map/..2026_01/a.sql");
	assert_int_equal(symlink("..2026_01", "map/..data"), 0);
	assert_int_equal(symlink("..data/a.sql", "map/a.sql"), 0);
	touch("map/.hidden");
	assert_int_equal(mkdir("map/z", 0755), 0);
	assert_int_equal(mkdir("map/sub", 0755), 0);
	assert_int_equal(symlink("sub", "map/to_sub"), 0);
	assert_int_equal(mkfifo("map/fifo", 0644), 0);
	assert_true(folder_open(&folder, "map", &arena, &err));
	assert_int_equal(folder.count, 1);
	assert_string_equal(folder.names[0], "a.sql");
	assert_int_equal(folder.ignored_count, 4);
	assert_string_equal(folder.ignored[0], "fifo");
	assert_string_equal(folder.ignored[1], "sub");
	assert_string_equal(folder.ignored[2], "to_sub");
	assert_string_equal(folder.ignored[3], "z");
}

static void
what_cannot_be_read_is_not_empty(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct folder folder = { .path = "untouched", .descriptor = -1 };
	struct err err = { 0 };

	(void)state;
	assert_false(folder_open(&folder, "missing", &arena, &err));
	assert_int_equal(err.fault, FAULT_NO_SOURCE);
	assert_string_equal(err.what, "missing: No such file or directory");
	touch("file");
	assert_false(folder_open(&folder, "file", &arena, &err));
	assert_string_equal(err.what, "file: Not a directory");
	assert_int_equal(mkdir("dangling", 0755), 0);
	assert_int_equal(symlink("nowhere", "dangling/a.sql"), 0);
	assert_false(folder_open(&folder, "dangling", &arena, &err));
	assert_string_equal(err.what, "dangling/a.sql: No such file or directory");
	assert_int_equal(err.fault, FAULT_NO_SOURCE);
	assert_string_equal(folder.path, "untouched");
}

static void
an_empty_folder_is_empty(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(folder_close) struct folder folder = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(mkdir("empty", 0755), 0);
	assert_true(folder_open(&folder, "empty", &arena, &err));
	assert_int_equal(folder.count + folder.ignored_count, 0);
}

static void
closing_twice_or_nothing_closes_nothing_else(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct folder folder = { 0 };
	struct err err = { 0 };

	(void)state;
	folder_close(&folder); /* {0} must not mean descriptor 0 */
	assert_int_not_equal(fcntl(0, F_GETFD), -1);
	assert_true(folder_open(&folder, ".", &arena, &err));
	assert_true(fcntl(folder.descriptor, F_GETFD) & FD_CLOEXEC);
	folder_close(&folder);
	assert_int_equal(folder.descriptor, -1);
	folder_close(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_sorted_bytewise),
		cmocka_unit_test(a_config_map_is_read),
		cmocka_unit_test(what_cannot_be_read_is_not_empty),
		cmocka_unit_test(an_empty_folder_is_empty),
		cmocka_unit_test(closing_twice_or_nothing_closes_nothing_else),
	};

	return cmocka_run_group_tests(tests, make_place, drop_place);
}
