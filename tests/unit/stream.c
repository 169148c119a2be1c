/* Compressed files: every codec, what is truncated, damaged, empty, several members, too much. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "scoped.h"
#include "stream.h"

#define LONG ((size_t)300000)

static char place[] = "/tmp/stream-test-XXXXXX";
static char content[LONG + 1]; /* several pieces, hard to compress */
static struct arena arena;
static struct err err;
static struct text text;

static const int codecs[] = { ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD,
	                      ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_LZ4 };
#define CODECS (sizeof codecs / sizeof *codecs)

static int
make_place(void **state)
{
	uint32_t number = 1;

	(void)state;
	for (size_t i = 0; i < LONG; i++) {
		number = number * 1103515245 + 12345;
		content[i] = (char)('!' + (number >> 16) % 90);
	}
	return mkdtemp(place) && chdir(place) == 0 ? 0 : -1;
}

static int
drop_place(void **state)
{
	char words[sizeof place + sizeof "rm -rf "];

	(void)state;
	(void)snprintf(words, sizeof words, "rm -rf %s", place);
	return chdir("/") == 0 && system(words) == 0 ? 0 : -1;
}

static int
begin(void **state)
{
	(void)state;
	err_clear(&err);
	text = text_new(&arena);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_drop(&arena);
	return 0;
}

static void
put(const char *bytes, size_t length)
{
	SCOPED(file_close) FILE *file = fopen("x", "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
}

/* The file x as the codec writes it, at most 1 MB; its length. */
static size_t
compress_to(int codec, const char *bytes, size_t length, char out[1 << 20])
{
	/* libarchive 3.6 crashes over an empty one. */
	static const char empty_lz4[] = "\x04\x22\x4d\x18\x64\x40\xa7\0\0\0\0\x05\x5d\xcc\x02";
	struct archive *archive;
	struct archive_entry *entry;
	size_t used = 0;

	if (codec == ARCHIVE_FILTER_LZ4 && length == 0) {
		memcpy(out, empty_lz4, sizeof empty_lz4 - 1);
		return sizeof empty_lz4 - 1;
	}
	archive = archive_write_new();
	entry = archive_entry_new();
	assert_int_equal(archive_write_add_filter(archive, codec), ARCHIVE_OK);
	assert_int_equal(archive_write_set_format_raw(archive), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(archive, out, 1 << 20, &used), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(archive, bytes, length), length);
	archive_entry_free(entry);
	assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
	return used;
}

static bool
unpack(void)
{
	return stream_unpack(&text, AT_FDCWD, "x", "dir/x", &err);
}

static void
every_codec_is_told_by_content(void **state)
{
	static char packed[1 << 20];

	(void)state;
	for (size_t i = 0; i < CODECS; i++) {
		text = text_new(&arena);
		put(packed, compress_to(codecs[i], content, LONG, packed));
		if (!unpack())
			fail_msg("%d: %s", codecs[i], err.what);
		assert_int_equal(text.length, LONG);
		assert_string_equal(text.at, content);
	}
}

static void
what_is_cut_is_wrong(void **state)
{
	static char packed[1 << 20];

	(void)state;
	for (size_t i = 0; i < CODECS; i++) {
		const size_t length = compress_to(codecs[i], content, LONG, packed);

		for (size_t left = 1; left < length; left += left < 40 ? 1 : 701) {
			text = text_new(&arena);
			put(packed, left);
			if (unpack())
				fail_msg("codec %d, %zu of %zu bytes", codecs[i], left, length);
			assert_int_equal(err.fault, FAULT_WRONG);
			assert_memory_equal(err.what, "dir/x: ", 7);
			arena_drop(&arena);
		}
	}
}

static void
a_flipped_bit_is_wrong(void **state)
{
	static char packed[1 << 20];

	(void)state;
	/* zstd and lz4 only notice where the writer has added a checksum. */
	for (size_t i = 0; i < 2; i++) {
		const size_t length = compress_to(codecs[i], content, LONG, packed);

		for (size_t at = 100; at < length; at += 9973) {
			text = text_new(&arena);
			packed[at] ^= 1;
			put(packed, length);
			packed[at] ^= 1;
			if (unpack())
				fail_msg("codec %d, byte %zu of %zu", codecs[i], at, length);
			assert_int_equal(err.fault, FAULT_WRONG);
			arena_drop(&arena);
		}
	}
}

static void
crc_and_length_of_gzip_count(void **state)
{
	static char packed[1 << 20];
	const size_t length = compress_to(ARCHIVE_FILTER_GZIP, content, LONG, packed);

	(void)state;
	for (size_t back = 1; back <= 8; back++) {
		text = text_new(&arena);
		packed[length - back] ^= 4;
		put(packed, length);
		packed[length - back] ^= 4;
		assert_false(unpack());
		assert_int_equal(err.fault, FAULT_WRONG);
		assert_non_null(strstr(err.what, back <= 4 ? "length" : "data check"));
	}
}

static void
members_follow_each_other(void **state)
{
	static char packed[1 << 20];
	size_t length = compress_to(ARCHIVE_FILTER_GZIP, "one\n", 4, packed);

	(void)state;
	length += compress_to(ARCHIVE_FILTER_GZIP, "two\n", 4, packed + length);
	memset(packed + length, 0, 70000);
	put(packed, length + 70000); /* a tape's zeros are fine */
	assert_true(unpack());
	assert_string_equal(text.at, "one\ntwo\n");
	text = text_new(&arena);
	packed[length] = 'x';
	put(packed, length + 1);
	assert_false(unpack());
	assert_int_equal(err.fault, FAULT_WRONG);
}

static void
nothing_compressed_is_nothing(void **state)
{
	static char packed[1 << 20];

	(void)state;
	for (size_t i = 0; i < CODECS; i++) {
		text = text_new(&arena);
		put(packed, compress_to(codecs[i], "", 0, packed));
		if (!unpack())
			fail_msg("%d: %s", codecs[i], err.what);
		assert_int_equal(text.length, 0);
	}
}

static void
nothing_that_is_cut_is_wrong(void **state)
{
	static char packed[1 << 20];

	(void)state;
	for (size_t i = 0; i < CODECS; i++) {
		const size_t length = compress_to(codecs[i], "", 0, packed);

		for (size_t left = 0; left < length; left++) {
			text = text_new(&arena);
			put(packed, left);
			if (unpack())
				fail_msg("codec %d, %zu of %zu bytes", codecs[i], left, length);
			assert_int_equal(err.fault, FAULT_WRONG);
		}
	}
}

static void
what_is_not_compressed_is_refused(void **state)
{
	(void)state;
	put("select 1;\n", 10);
	assert_false(unpack());
	assert_int_equal(err.fault, FAULT_WRONG);
	assert_string_equal(err.what,
	                    "dir/x: compressed with neither gzip, xz, zstd, bzip2 nor lz4");
	put("", 0);
	assert_false(unpack());
	assert_int_equal(err.fault, FAULT_WRONG);
}

static void
what_is_not_there_is_no_source(void **state)
{
	(void)state;
	assert_false(stream_unpack(&text, AT_FDCWD, "absent", "dir/absent", &err));
	assert_int_equal(err.fault, FAULT_NO_SOURCE);
	assert_string_equal(err.what, "dir/absent: No such file or directory");
}

static void
it_adds_to_what_is_there(void **state)
{
	static char packed[1 << 20];

	(void)state;
	text_add(&text, "before ");
	put(packed, compress_to(ARCHIVE_FILTER_XZ, "after", 5, packed));
	assert_true(unpack());
	assert_string_equal(text.at, "before after");
}

/* As two pieces, or in steps of so many bytes. */
struct cut {
	const char *bytes;
	size_t length, at, first, step;
};

static bool
pull_cut(void *from, const char **bytes, size_t *length, struct err *failed)
{
	struct cut *cut = from;
	const size_t left = cut->length - cut->at;
	const size_t most = cut->step ? cut->step : cut->at ? left : cut->first;

	(void)failed;
	*bytes = cut->bytes + cut->at;
	*length = most < left ? most : left;
	cut->at += *length;
	return true;
}

/* Into text, by rooms of so many bytes. */
static bool
read_as(enum codec codec, struct cut cut, size_t room)
{
	SCOPED(stream_close)
	struct stream *stream = stream_open(codec, "x", pull_cut, &cut, &arena, &err);
	char *bytes = arena_alloc(&arena, room);
	size_t length;

	text = text_new(&arena);
	err_clear(&err);
	assert_non_null(stream);
	do {
		if (!stream_read(stream, bytes, room, &length, &err))
			return false;
		text_add_n(&text, bytes, length);
	} while (length);
	return true;
}

/* One of gzip's members with all that its header may have (RFC 1952), the bits of FLG as given. */
static size_t
member(char *out, int flags, const char *bytes, size_t length)
{
	z_stream zip = { 0 };
	gz_header header = { .time = 1,
		             .os = 3,
		             .text = flags & 1,
		             .hcrc = flags & 2,
		             .extra = flags & 4 ? (Bytef *)(uintptr_t) "BC\2\0\7\0" : NULL,
		             .extra_len = 6,
		             .name = flags & 8 ? (Bytef *)(uintptr_t) "name" : NULL,
		             .comment = flags & 16 ? (Bytef *)(uintptr_t) "comment" : NULL };

	assert_int_equal(deflateInit2(&zip, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
	                 Z_OK);
	assert_int_equal(deflateSetHeader(&zip, &header), Z_OK);
	zip.next_in = (Bytef *)(uintptr_t)bytes;
	zip.avail_in = (uInt)length;
	zip.next_out = (Bytef *)out;
	zip.avail_out = 1 << 20;
	assert_int_equal(deflate(&zip, Z_FINISH), Z_STREAM_END);
	length = zip.total_out;
	assert_int_equal(deflateEnd(&zip), Z_OK);
	return length;
}

static void
proven_gzip_is_the_same_however_it_comes(void **state)
{
	static const enum codec both[] = { CODEC_GZIP, CODEC_PROVEN_GZIP };
	static char packed[1 << 21];

	(void)state;
	for (int flags = 0; flags < 32; flags++) {
		size_t length = member(packed, flags, "one ", 4);

		length += member(packed + length, flags, "", 0);
		length += member(packed + length, flags, content, 500);
		memset(packed + length, 0, 3);
		length += 3;
		for (size_t cut = 1; cut < length; cut++) {
			struct cut two = { packed, length, 0, cut, 0 };

			for (size_t i = 0; i < 2; i++) {
				if (!read_as(both[i], two, 100))
					fail_msg("flags %d, cut at %zu: %s", flags, cut, err.what);
				assert_int_equal(text.length, 504);
				assert_memory_equal(text.at, "one ", 4);
				assert_memory_equal(text.at + 4, content, 500);
				/* Whole members are a whole file. */
				two.length = cut;
				two.step = 7;
				if (read_as(both[i], two, 64))
					assert_true(text.length == 4 || text.length == 504);
				else
					assert_int_equal(err.fault, FAULT_WRONG);
				two = (struct cut){ packed, length, 0, cut, 0 };
			}
			arena_drop(&arena);
		}
	}
}

static void
proven_gzip_gives_all_and_no_more(void **state)
{
	static char packed[1 << 20];
	size_t length = compress_to(ARCHIVE_FILTER_GZIP, content, LONG, packed);
	const size_t steps[] = { 1, 1000, 65536, LONG * 2 };

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
			struct cut whole = { packed, length, 0, 0, steps[i] };

			assert_true(read_as(CODEC_PROVEN_GZIP, whole, steps[j]));
			assert_int_equal(text.length, LONG);
			assert_memory_equal(text.at, content, LONG);
			arena_drop(&arena);
		}
	for (size_t back = 1; back <= 8; back++) {
		packed[length - back] ^= 4;
		assert_false(read_as(CODEC_PROVEN_GZIP,
		                     (struct cut){ packed, length, 0, length, 0 }, 4096));
		assert_int_equal(err.fault, FAULT_WRONG);
		packed[length - back] ^= 4;
	}
	packed[length] = 'x';
	assert_false(
		read_as(CODEC_PROVEN_GZIP, (struct cut){ packed, length + 1, 0, length, 0 }, 4096));
	assert_non_null(strstr(err.what, "behind the end"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_codec_is_told_by_content),
		TEST(what_is_cut_is_wrong),
		TEST(a_flipped_bit_is_wrong),
		TEST(crc_and_length_of_gzip_count),
		TEST(members_follow_each_other),
		TEST(nothing_compressed_is_nothing),
		TEST(nothing_that_is_cut_is_wrong),
		TEST(what_is_not_compressed_is_refused),
		TEST(what_is_not_there_is_no_source),
		TEST(it_adds_to_what_is_there),
		TEST(proven_gzip_is_the_same_however_it_comes),
		TEST(proven_gzip_gives_all_and_no_more),
	};

	return cmocka_run_group_tests(tests, make_place, drop_place);
}
