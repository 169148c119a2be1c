/* Backups: their names, the end of a dump, a file that is read back, and what pg_dump's failure means. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "restore/headway.h"

#include "restore/filled.h"

#include "arena.h"
#include "backup/census.h"
#include "backup/dump.h"
#include "backup/name.h"
#include "ending.h"
#include "err.h"
#include "gzip.h"
#include "restore/manifest.h"
#include "scoped.h"

#define COPY "COPY public.\"x y\" (line) FROM stdin;\n"
#define END "--\n-- PostgreSQL database dump complete\n--\n\n"

static struct arena arena;
static struct err err;

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

static void
a_name_tells_kind_and_time_in_utc(void **state)
{
	(void)state;
	assert_int_equal(setenv("TZ", "EST5", 1), 0);
	assert_string_equal(backup_name("pre_migration", 1718668800, &arena),
	                    "pre_migration_20240618_000000.sql.gz");
	assert_string_equal(backup_name("backup_prod", 951782399, &arena),
	                    "backup_prod_20000228_235959.sql.gz");
}

static void
the_newest_of_a_kind(void **state)
{
	static const char *const names[] = {
		"backup_prod_20250101_000000.sql.gz",
		"pre_migration_20240618_000000.sql.gz",
		"pre_migration_20240618_000001.sql.gz",
		"pre_migration_20240618_000001.sql.gz.sha256",
		"pre_migration_20240618_000002.sql",
		"pre_migration_2024061x_000003.sql.gz",
		"pre_migration_20240618-000004.sql.gz",
		"pre_migration_x_20240618_000005.sql.gz",
	};

	(void)state;
	assert_string_equal(backup_name_newest(names, 8, "pre_migration"), names[2]);
	assert_string_equal(backup_name_newest(names, 2, "pre_migration"), names[1]);
	assert_string_equal(backup_name_newest(names, 8, "backup_prod"), names[0]);
	assert_null(backup_name_newest(names, 1, "pre_migration"));
	assert_null(backup_name_newest(names, 0, "pre_migration"));
}

static void
the_way_back_is_quoted_for_a_shell(void **state)
{
	(void)state;
	assert_string_equal(backup_restore_words("/b/x_1.sql.gz", &arena),
	                    "pg-entrypoint restore /b/x_1.sql.gz");
	assert_string_equal(backup_restore_words("-x.sql.gz", &arena),
	                    "pg-entrypoint restore ./-x.sql.gz");
	assert_string_equal(backup_restore_words("/my b/x", &arena),
	                    "pg-entrypoint restore \"/my b/x\"");
}

static bool
ends(const char *text)
{
	struct ending ending = { .length = 0 };

	ending_add(&ending, text, strlen(text));
	return ending_is_whole(&ending);
}

static void
a_whole_dump_ends_with_its_mark(void **state)
{
	(void)state;
	assert_true(ends("select 1;\n\n" END));
	assert_true(ends("select 1;\n\n" END "\\unrestrict abcDEF123\n\n"));
	assert_false(ends(""));
	assert_false(ends("select 1;\n"));
	assert_false(ends("select 1;\n--\n-- PostgreSQL database dump complete"));
	assert_false(ends("select 1;\n--\n-- PostgreSQL database dump complete\n-"));
	assert_false(ends("select 1;\n--\n-- PostgreSQL database dump complet\n--\n"));
	assert_false(ends("x-- PostgreSQL database dump complete\n--\n"));
	/* A row that says so, and more rows. */
	assert_false(ends("copy t from stdin;\n-- PostgreSQL database dump complete\nrow\n"));
	assert_false(ends(END "\\unrestrict \n"));
	assert_false(ends(END "\\restrict abc\n"));
}

static void
each_cut_is_seen(void **state)
{
	static const char dump[] = "create table t (i int);\n\n" END;
	const size_t least = strlen(dump) - strlen("--\n\n");

	(void)state;
	for (size_t length = 0; length < sizeof dump; length++) {
		struct ending ending = { .length = 0 };
		/* Behind the mark's own line a cut takes nothing but blank lines and dashes. */
		const bool is_whole = length >= least && length != least + 1 && length != least + 2;

		ending_add(&ending, dump, length);
		assert_int_equal(ending_is_whole(&ending), is_whole);
	}
}

/* In pieces of every size the last bytes are the same, and all are counted. */
static void
the_end_is_found_across_pieces(void **state)
{
	char dump[2000];

	(void)state;
	memset(dump, 'x', sizeof dump);
	memcpy(dump + sizeof dump - strlen(END) - 1, "\n" END, strlen(END) + 1);
	for (size_t piece = 1; piece <= sizeof dump; piece++) {
		struct ending ending = { .length = 0 };

		for (size_t at = 0; at < sizeof dump; at += piece)
			ending_add(&ending, dump + at,
			           at + piece < sizeof dump ? piece : sizeof dump - at);
		assert_int_equal(ending.total, sizeof dump);
		assert_int_equal(ending.length, sizeof ending.at);
		assert_memory_equal(ending.at, dump + sizeof dump - sizeof ending.at,
		                    sizeof ending.at);
		assert_true(ending_is_whole(&ending));
	}
}

/* A file of rows that are hard to pack, and an end; returns its descriptor, *total is what went in. */
static int
packed(const char *last, int64_t *total)
{
	char path[] = "/tmp/backup-test-XXXXXX";
	const int file = mkstemp(path);
	SCOPED(gzip_close) struct gzip *gzip = gzip_open(file, "the file", &arena, &err);
	char line[64];
	uint32_t number = 1;

	assert_true(file >= 0 && gzip);
	assert_int_equal(unlink(path), 0);
	assert_true(gzip_add(gzip, COPY, strlen(COPY), &err));
	for (int i = 0; i < 20000; i++) {
		for (size_t at = 0; at < sizeof line; at++) {
			number = number * 1103515245 + 12345;
			line[at] = (char)('!' + (number >> 16) % 90);
		}
		line[sizeof line - 1] = '\n';
		assert_true(gzip_add(gzip, line, sizeof line, &err));
	}
	assert_true(gzip_add(gzip, last, strlen(last), &err));
	assert_true(gzip_finish(gzip, &err));
	*total = gzip_added(gzip);
	assert_int_equal(gzip_written(gzip), lseek(file, 0, SEEK_END));
	return file;
}

static void
what_was_written_is_proven_by_reading(void **state)
{
	int64_t total;
	SCOPED(descriptor_close) const int file = packed("\\.\n\n" END, &total);
	const off_t size = lseek(file, 0, SEEK_END);
	struct fillings fillings = { .arena = &arena };
	char byte;

	(void)state;
	assert_int_equal(total, 20000 * 64 + 4 + (int64_t)strlen(COPY END));
	assert_true(census_take(&fillings, file, "the file", total, &err));
	assert_int_equal(fillings.count, 1);
	assert_string_equal(fillings.tables[0].table, "public.\"x y\"");
	assert_int_equal(fillings.tables[0].rows, 20000);
	assert_false(census_take(&fillings, file, "the file", total - 1, &err));
	assert_non_null(strstr(err.what, "bytes, not the "));
	/* A bit in the middle, one of the CRC, and every way to be cut. */
	for (off_t at = size / 2; at < size; at += size / 2 - 6) {
		assert_int_equal(pread(file, &byte, 1, at), 1);
		byte ^= 1;
		assert_int_equal(pwrite(file, &byte, 1, at), 1);
		assert_false(census_take(&fillings, file, "the file", total, &err));
		assert_int_equal(err.fault, FAULT_WRONG);
		byte ^= 1;
		assert_int_equal(pwrite(file, &byte, 1, at), 1);
	}
	assert_true(census_take(&fillings, file, "the file", total, &err));
	for (off_t cut = 1; cut < 20; cut++) {
		assert_int_equal(ftruncate(file, size - cut), 0);
		assert_false(census_take(&fillings, file, "the file", total, &err));
		assert_int_equal(err.fault, FAULT_WRONG);
		assert_non_null(strstr(err.what, "truncated"));
	}
}

static void
a_whole_file_of_a_dump_that_was_cut(void **state)
{
	int64_t total;
	SCOPED(descriptor_close) const int file = packed("\\.\n", &total);
	struct fillings fillings = { .arena = &arena };

	(void)state;
	assert_false(census_take(&fillings, file, "the file", total, &err));
	assert_string_equal(err.what, "the file: does not end as a dump ends");
}

static void
the_sum_is_that_of_the_file(void **state)
{
	static const char path[] = "/tmp/backup-test-sum";
	SCOPED(descriptor_close) const int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	SCOPED(gzip_close) struct gzip *gzip = gzip_open(file, path, &arena, &err);
	const char *command;

	(void)state;
	assert_true(gzip && gzip_add(gzip, "text", 4, &err) && gzip_finish(gzip, &err));
	command = arena_print(&arena, "echo '%s  %s' | sha256sum --quiet -c - && rm %s",
	                      gzip_hash(gzip), path, path);
	assert_int_equal(system(command), 0);
}

static void
what_cannot_be_written_is_told(void **state)
{
	SCOPED(descriptor_close) const int file = open("/dev/full", O_WRONLY);
	SCOPED(gzip_close) struct gzip *gzip = gzip_open(file, "the file", &arena, &err);

	(void)state;
	assert_true(gzip && gzip_add(gzip, "text", 4, &err));
	assert_false(gzip_finish(gzip, &err));
	assert_int_equal(err.fault, FAULT_CANNOT_WRITE);
	assert_string_equal(err.what, "the file: No space left on device");
}

static void
the_blame_has_the_words_of_pg_dump(void **state)
{
	(void)state;
	assert_false(dump_blame("pg_dump: error: one\npg_dump: detail: two\npg_dump: hint: three",
	                        256, true, &err));
	assert_int_equal(err.fault, FAULT_WRONG);
	assert_string_equal(err.what, "pg_dump: error: one");
	assert_string_equal(err.detail, "pg_dump: detail: two\npg_dump: hint: three");
	assert_false(dump_blame("", 256, true, &err));
	assert_string_equal(err.what, "pg_dump: ended with exit code 1");
	assert_string_equal(err.detail, "");
	assert_false(dump_blame("", 9, true, &err));
	assert_string_equal(err.what, "pg_dump: killed by signal 9 (Killed)");
}

static void
a_lock_that_was_not_had_is_busy(void **state)
{
	static const char words[] =
		"pg_dump: Fehler: x\npg_dump: detail: Query was: LOCK TABLE public.t\n";

	(void)state;
	assert_false(dump_blame(words, 256, true, &err));
	assert_int_equal(err.fault, FAULT_BUSY);
	/* Refused at once: no privilege. */
	assert_false(dump_blame(words, 256, false, &err));
	assert_int_equal(err.fault, FAULT_WRONG);
}

static struct fillings
rows_of(const char *text, bool is_good)
{
	struct fillings said = { .arena = &arena };

	err_clear(&err);
	assert_int_equal(manifest_rows(&said, text, "x.manifest", &err), is_good);
	return said;
}

static void
a_manifest_says_the_rows_of_each_table(void **state)
{
	struct fillings said = rows_of("BACKUP_TYPE=full\nrows 3 public.t\nrows 0 public.\"a b\"\n"
	                               "rowsless 1\nrows 9223372036854775807 s.u\r\n",
	                               true);
	struct text text = text_new(&arena);

	(void)state;
	assert_int_equal(said.count, 3);
	manifest_add_rows(&text, &said);
	assert_string_equal(text.at, "rows 3 public.t\nrows 0 public.\"a b\"\n"
	                             "rows 9223372036854775807 s.u\n");
	rows_of("rows x public.t\n", false);
	assert_string_equal(err.what, "x.manifest:1: no number of rows of a table");
	rows_of("\nrows -1 t\n", false);
	assert_string_equal(err.what, "x.manifest:2: no number of rows of a table");
	rows_of("rows 1\n", false);
	rows_of("rows 1 \n", false);
	rows_of("rows 9223372036854775808 t\n", false);
}

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UPPER "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"

static void
a_manifest_names_the_archives_of_its_backup(void **state)
{
	static const char *const wrong[] = { "\nSHA256 (media.tar) = 01\nvolume media\n",
		                             "\nSHA256 (media.tar\nvolume ) = " SUM "\n",
		                             "\nSHA256 () = " SUM "\nvolume media\n",
		                             "\nSHA256 (media.tar) = " SUM "0\nvolume media\n" };
	const char *const *names;

	(void)state;
	/* Of a dump, and of somebody else's list of a folder. */
	assert_true(manifest_archives(&names,
	                              "SHA256 (b.sql.gz) = 00\n"
	                              "SHA256 (media (1).tar.gz) = " SUM "\n"
	                              "volume media 1 files\n"
	                              "SHA256 (other.tar.gz) = " SUM "\n"
	                              "SHA256 (static.tar) = " UPPER "\r\n"
	                              "volume static 0 files\n"
	                              "SHA256 (end) = 04",
	                              "x.manifest", &arena, &err));
	assert_string_equal(names[0], "media (1).tar.gz");
	assert_string_equal(names[1], "static.tar");
	assert_null(names[2]);
	assert_true(manifest_archives(&names, "", "x.manifest", &arena, &err));
	assert_null(*names);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		err_clear(&err);
		assert_false(manifest_archives(&names, wrong[i], "x.manifest", &arena, &err));
		assert_string_equal(err.what, "x.manifest:2: no checksum of an archive");
	}
}

static bool
agree(const char *said, const char *loaded)
{
	static const char *const schemas[] = { "entrypoint", NULL };
	const struct fillings one = rows_of(said, true), other = rows_of(loaded, true);

	return manifest_compare(&one, &other, schemas, "x.manifest", &err);
}

static void
what_is_loaded_is_what_the_manifest_says(void **state)
{
	(void)state;
	assert_true(agree("rows 3 public.t\nrows 0 public.u\n", "rows 3 public.t\n"));
	/* Of our own schema not all is taken; one whose name only begins so is another. */
	assert_true(agree("rows 3 entrypoint.journal\nrows 1 \"entrypoint\".seed\n", ""));
	assert_false(agree("rows 3 entrypoint2.t\n", ""));
	assert_int_equal(err.fault, FAULT_WRONG);
	assert_false(agree("rows 3 public.t\nrows 1 public.u\nrows 2 v\n", "rows 4 public.t\n"));
	assert_string_equal(err.what, "public.t: 4 rows were loaded, and x.manifest says 3");
	assert_string_equal(err.detail, "so it is with 2 tables more");
}

static void
an_archive_is_named_like_its_dump(void **state)
{
	(void)state;
	assert_string_equal(backup_archive_name("media", "backup_prod_20240618_000000.sql.gz",
	                                        &arena),
	                    "media_backup_prod_20240618_000000.tar.gz");
	assert_string_equal(backup_time(1718668800, &arena), "2024-06-18T00:00:00Z");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_tells_kind_and_time_in_utc),
		TEST(the_newest_of_a_kind),
		TEST(the_way_back_is_quoted_for_a_shell),
		TEST(a_whole_dump_ends_with_its_mark),
		TEST(each_cut_is_seen),
		TEST(the_end_is_found_across_pieces),
		TEST(what_was_written_is_proven_by_reading),
		TEST(a_whole_file_of_a_dump_that_was_cut),
		TEST(the_sum_is_that_of_the_file),
		TEST(what_cannot_be_written_is_told),
		TEST(a_manifest_says_the_rows_of_each_table),
		TEST(a_manifest_names_the_archives_of_its_backup),
		TEST(what_is_loaded_is_what_the_manifest_says),
		TEST(an_archive_is_named_like_its_dump),
		TEST(the_blame_has_the_words_of_pg_dump),
		TEST(a_lock_that_was_not_had_is_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
