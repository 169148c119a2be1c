/* Sources with all their compressions taken off: nested, in small rooms, followed by something, cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "restore/reader.h"
#include "scoped.h"

#define LONG ((size_t)300000)
#define ROOM ((size_t)1 << 20)

static char content[LONG]; /* several pieces, hard to compress */
static char packed[ROOM];
static struct arena arena;
static struct err err;

static const struct {
	int codec;
	const char *name;
} codecs[] = { { ARCHIVE_FILTER_GZIP, "gzip" },
	       { ARCHIVE_FILTER_XZ, "xz" },
	       { ARCHIVE_FILTER_ZSTD, "zstd" },
	       { ARCHIVE_FILTER_BZIP2, "bzip2" },
	       { ARCHIVE_FILTER_LZ4, "lz4" } };
#define CODECS (sizeof codecs / sizeof *codecs)

static int
make_content(void **state)
{
	uint32_t number = 1;

	(void)state;
	for (size_t i = 0; i < LONG; i++) {
		number = number * 1103515245 + 12345;
		content[i] = (char)('!' + (number >> 16) % 90);
	}
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	err_clear(&err);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_drop(&arena);
	return 0;
}

/* As the codec writes it, into `packed`; its length. The bytes may be `packed` itself. */
static size_t
pack(int codec, const char *bytes, size_t length)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	const char *copy = arena_copy_n(&arena, bytes, length);
	size_t used = 0;

	assert_int_equal(archive_write_add_filter(archive, codec), ARCHIVE_OK);
	assert_int_equal(archive_write_set_format_raw(archive), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(archive, packed, ROOM, &used), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(archive, copy, length), length);
	archive_entry_free(entry);
	assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
	return used;
}

/* Reads the first bytes of `packed` as a file; *length are those that came. */
static bool
read_all(size_t size, size_t room, struct text *text, const char **codecs_found, bool *is_checked)
{
	SCOPED(descriptor_close) int file = memfd_create("reader", MFD_CLOEXEC);
	SCOPED(reader_close) struct reader *reader = NULL;
	char *bytes = arena_alloc(&arena, room);
	size_t length;

	*text = text_new(&arena);
	assert_int_equal(write(file, packed, size), size);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	if (!reader_open(&reader, file, "dir/x", &arena, &err))
		return false;
	do {
		if (!reader_read(reader, bytes, room, &length, &err))
			return false;
		text_add_n(text, bytes, length);
		assert_int_equal(reader_given(reader), text->length);
	} while (length);
	assert_int_equal(reader_taken(reader), size);
	*codecs_found = reader_codecs(reader);
	*is_checked = reader_is_checked(reader);
	return true;
}

static void
all_are_taken_off_in_any_room(void **state)
{
	static const size_t rooms[] = { 1000, 70001, LONG * 2 };
	const char *found;
	struct text text;
	bool is_checked;

	(void)state;
	for (size_t i = 0; i < CODECS; i++) {
		const size_t size = pack(codecs[i].codec, content, LONG);

		for (size_t j = 0; j < sizeof rooms / sizeof *rooms; j++) {
			if (!read_all(size, rooms[j], &text, &found, &is_checked))
				fail_msg("%s: %s", codecs[i].name, err.what);
			assert_int_equal(text.length, LONG);
			assert_memory_equal(text.at, content, LONG);
			assert_string_equal(found, codecs[i].name);
			/* libarchive writes no checksum into zstd. */
			assert_int_equal(is_checked, codecs[i].codec != ARCHIVE_FILTER_ZSTD);
		}
	}
}

static void
nested_ones_too(void **state)
{
	const char *found;
	struct text text;
	bool is_checked;

	(void)state;
	for (size_t i = 0; i < CODECS; i++)
		for (size_t j = 0; j < CODECS; j++) {
			const size_t inner = pack(codecs[i].codec, content, LONG);
			const size_t size = pack(codecs[j].codec, packed, inner);

			if (!read_all(size, 4096, &text, &found, &is_checked))
				fail_msg("%s in %s: %s", codecs[i].name, codecs[j].name, err.what);
			assert_memory_equal(text.at, content, LONG);
			assert_string_equal(found, arena_join(&arena, codecs[i].name, " in ",
			                                      codecs[j].name));
			arena_drop(&arena);
		}
}

static void
but_not_without_end(void **state)
{
	size_t size = pack(ARCHIVE_FILTER_GZIP, content, 10);
	const char *found;
	struct text text;
	bool is_checked;

	(void)state;
	for (int i = 0; i < 4; i++)
		size = pack(ARCHIVE_FILTER_GZIP, packed, size);
	assert_false(read_all(size, 4096, &text, &found, &is_checked));
	assert_int_equal(err.fault, FAULT_WRONG);
	assert_string_equal(err.what, "dir/x: compressed more than 4 times");
}

static void
what_stands_behind_is_wrong(void **state)
{
	const char *found;
	struct text text;
	bool is_checked;

	(void)state;
	for (size_t i = 0; i < CODECS; i++)
		for (size_t junk = 1; junk < 20; junk++) {
			const size_t size = pack(codecs[i].codec, content, 1000);

			memset(packed + size, 'x', junk);
			if (read_all(size + junk, 4096, &text, &found, &is_checked))
				fail_msg("%s and %zu bytes", codecs[i].name, junk);
			assert_int_equal(err.fault, FAULT_WRONG);
			assert_memory_equal(err.what, "dir/x: ", 7);
		}
}

static void
what_is_cut_is_wrong(void **state)
{
	const char *found;
	struct text text;
	bool is_checked;

	(void)state;
	for (size_t i = 0; i < CODECS; i++) {
		const size_t size = pack(codecs[i].codec, content, LONG);

		for (size_t left = 6; left < size; left += left < 40 ? 1 : 4099) {
			if (read_all(left, 4096, &text, &found, &is_checked))
				fail_msg("%s, %zu of %zu bytes", codecs[i].name, left, size);
			assert_int_equal(err.fault, FAULT_WRONG);
			arena_drop(&arena);
		}
	}
}

static void
what_is_not_compressed_is_given_as_it_is(void **state)
{
	const char *found;
	struct text text;
	bool is_checked;

	(void)state;
	memcpy(packed, content, LONG);
	assert_true(read_all(LONG, 4096, &text, &found, &is_checked));
	assert_memory_equal(text.at, content, LONG);
	assert_string_equal(found, "");
	assert_false(is_checked);
	assert_true(read_all(0, 4096, &text, &found, &is_checked));
	assert_int_equal(text.length, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_are_taken_off_in_any_room), TEST(nested_ones_too),
		TEST(but_not_without_end),           TEST(what_stands_behind_is_wrong),
		TEST(what_is_cut_is_wrong),          TEST(what_is_not_compressed_is_given_as_it_is),
	};

	return cmocka_run_group_tests(tests, make_content, NULL);
}
