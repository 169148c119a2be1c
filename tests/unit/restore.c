/* What a source is by its first bytes and by its members' names, and how the data of an archive end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "restore/archive.h"
#include "restore/kind.h"
#include "stream.h"

#include "stream/members.h"

#define TAKE(text) text, sizeof(text) - 1

static void
kind_by_first_bytes(void **state)
{
	static const struct {
		const char *head;
		size_t length;
		enum kind kind;
	} cases[] = {
		{ TAKE(""), KIND_EMPTY },
		{ TAKE("--\n-- PostgreSQL database dump\n--\n\n"), KIND_DUMP },
		{ TAKE("\xef\xbb\xbf--\n-- PostgreSQL database dump\n"), KIND_DUMP },
		{ TAKE("--\r\n-- PostgreSQL database dump\r\n"), KIND_DUMP },
		{ TAKE("\n-- made by x\n\\restrict abc\n\n-- PostgreSQL database dump\n"),
		  KIND_DUMP },
		{ TAKE("--\n-- PostgreSQL database cluster dump\n--\n\n"), KIND_CLUSTER },
		{ TAKE("-- PostgreSQL database dump, said somebody\n"), KIND_TEXT },
		{ TAKE("select 1;\n-- PostgreSQL database dump\n"), KIND_TEXT },
		{ TAKE("-- only a comment"), KIND_TEXT },
		{ TAKE("PGDMP\1\16\0\4\10\1"), KIND_CUSTOM },
		{ TAKE("PGDMP\1\16\0\4\10\3"), KIND_TOC },
		{ TAKE("PGDMP\1"), KIND_CUSTOM }, /* cut, which is told by who reads it */
		{ TAKE("PK\3\4abc"), KIND_ZIP },
		{ TAKE("PK\5\6abc"), KIND_ZIP }, /* an empty one */
		{ TAKE("\x85\2\x0c\3abcd"), KIND_GPG },
		{ TAKE("\x84\x5e\3abcd"), KIND_GPG },
		{ TAKE("\x8c\x0d\4\x09\3\2"), KIND_GPG },
		{ TAKE("\xc1\xc0\x4c\3abcd"), KIND_GPG },
		{ TAKE("\xc3\x0d\4\x09\3\2"), KIND_GPG },
		{ TAKE("\x85\2\x0c\2abcd\0"), KIND_BINARY },
		{ TAKE("-----BEGIN PGP MESSAGE-----\n"), KIND_GPG },
		{ TAKE("age-encryption.org/v1\n"), KIND_AGE },
		{ TAKE("-----BEGIN AGE ENCRYPTED FILE-----\n"), KIND_AGE },
		{ TAKE("Salted__abc"), KIND_OPENSSL },
		{ TAKE("\xff\xfe-\0-\0"), KIND_UTF16 },
		{ TAKE("\xfe\xff\0-\0-"), KIND_UTF16 },
		{ TAKE("-\0-\0\n\0"), KIND_UTF16 },
		{ TAKE("\0-\0-\0\n"), KIND_UTF16 },
		{ TAKE("-- MySQL dump 10.13"), KIND_MYSQL },
		{ TAKE("/*M!999999\\- enable the sandbox mode */"), KIND_MYSQL },
		{ TAKE("SQLite format 3\0"), KIND_SQLITE },
		{ TAKE("abc\0def"), KIND_BINARY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (kind_of(cases[i].head, cases[i].length) != cases[i].kind)
			fail_msg("case %zu is taken for %s", i,
			         kind_words(kind_of(cases[i].head, cases[i].length)));
}

static void
a_tar_by_its_checksum(void **state)
{
	char head[512] = "db.sql";
	unsigned sum = 8 * ' ';

	(void)state;
	memcpy(head + 257, "ustar", 5);
	for (size_t i = 0; i < sizeof head; i++)
		sum += (unsigned char)head[i];
	(void)snprintf(head + 148, 8, "%06o", sum);
	assert_int_equal(kind_of(head, sizeof head), KIND_TAR);
	assert_false(members_is_tar(head, sizeof head - 1));
	head[1]++;
	assert_int_equal(kind_of(head, sizeof head), KIND_BINARY);
}

static void
role_by_name(void **state)
{
	static const struct {
		const char *name;
		enum role role;
	} cases[] = {
		{ "toc.dat", ROLE_TOC },
		{ "./dump/toc.dat.gz", ROLE_TOC },
		{ "a/b/toc.dat", ROLE_OTHER },
		{ "3381.dat", ROLE_PART },
		{ "d/3381.dat.zst", ROLE_PART },
		{ "blob_16400.dat.gz", ROLE_PART },
		{ "blobs.toc", ROLE_PART },
		{ "blobs_12.toc", ROLE_PART },
		{ "restore.sql", ROLE_PART },
		{ "x3381.dat", ROLE_OTHER },
		{ "db_backup_20260101.sql", ROLE_BACKUP },
		{ "full/db.SQL.GZ", ROLE_BACKUP },
		{ "media/2026/db.sql", ROLE_OTHER },
		{ ".sql", ROLE_OTHER },
		{ "manifest.json", ROLE_NOTE },
		{ "PG_VERSION", ROLE_VERSION },
		{ "./data/PG_VERSION", ROLE_VERSION },
		{ "data/base/5/PG_VERSION", ROLE_OTHER },
		{ "global/pg_control", ROLE_CONTROL },
		{ "var/lib/postgresql/data/global/pg_control", ROLE_CONTROL },
		{ "photo.jpg", ROLE_OTHER },
		{ "", ROLE_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (kind_role(cases[i].name) != cases[i].role)
			fail_msg("\"%s\": %d", cases[i].name, kind_role(cases[i].name));
}

static void
what_stands_in_front(void **state)
{
	(void)state;
	assert_int_equal(kind_front("var/backups/app/db.sql.gz", false),
	                 strlen("var/backups/app/"));
	assert_int_equal(kind_front("var/backups/app/", true), strlen("var/backups/"));
	assert_int_equal(kind_front("media/2026/a.jpg", false), 0);
	assert_int_equal(kind_front("media/2026/toc.dat", false), 0);
	assert_int_equal(kind_front("db.sql", false), 0);
	assert_int_equal(kind_front("media/", true), 0);
	assert_int_equal(kind_front("./", true), 0);
	assert_int_equal(kind_front("", true), 0);
	assert_int_equal(kind_role_behind("var/backups/app/db.sql", "var/backups/"), ROLE_BACKUP);
	assert_int_equal(kind_role_behind("var/backups/app/old/db.sql", "var/backups/"),
	                 ROLE_OTHER);
	assert_int_equal(kind_role_behind("srv/app/db.sql", "var/backups/"), ROLE_OTHER);
}

static void
names_of_dumps(void **state)
{
	(void)state;
	assert_true(kind_is_named_dump("full/db_backup_20260101_000000.sql"));
	assert_true(kind_is_named_dump("postgres.dump.gz"));
	assert_true(kind_is_named_dump("Database.sql"));
	assert_false(kind_is_named_dump("db/photo.sql"));
	assert_false(kind_is_named_dump("media_backup_20260101.tar.gz"));
	assert_false(kind_is_named_dump("static_backup.zip"));
}

static void
kind_by_members(void **state)
{
	static const struct {
		struct members_seen seen;
		enum kind kind;
	} cases[] = {
		{ { .others = 0 }, KIND_VOLUME },
		{ { .others = 5 }, KIND_VOLUME },
		{ { .dumps = 1, .others = 5 }, KIND_VOLUME },
		{ { .dumps = 1, .archives = 2, .notes = 1 }, KIND_BUNDLE },
		{ { .dumps = 1, .named_dumps = 1, .others = 5 }, KIND_BUNDLE },
		{ { .archives = 2 }, KIND_VOLUME },
		{ { .has_toc = true, .others = 5 }, KIND_PARTS },
		{ { .has_version = true, .has_control = true, .has_toc = true }, KIND_PGDATA },
		{ { .has_version = true, .others = 1 }, KIND_VOLUME },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(kind_of_members(&cases[i].seen), cases[i].kind);
}

static bool
is_whole(const char *text, bool is_copy)
{
	struct tail at_once = { .total = 0 }, bytewise = { .total = 0 };
	bool answer;

	tail_add(&at_once, text, strlen(text));
	for (; *text; text++)
		tail_add(&bytewise, text, 1);
	answer = tail_is_whole(&at_once, is_copy);
	assert_int_equal(answer, tail_is_whole(&bytewise, is_copy));
	return answer;
}

static void
how_data_end(void **state)
{
	(void)state;
	assert_true(is_whole("1\n\\.\n\n\n", true));
	assert_true(is_whole("\\.\n\n\n", true));
	assert_false(is_whole("1\n\\.\n\n", true));
	assert_false(is_whole("1\n", true));
	assert_false(is_whole("", true));
	assert_true(is_whole("INSERT INTO t VALUES (1);\n\n\n", false));
	assert_true(is_whole("\n\n", false));
	assert_false(is_whole("INSERT INTO t VALUES (1);\n\n", false));
	assert_false(is_whole("INSERT INTO t VALUES ('\n\n\n", false));
	assert_false(is_whole("", false));
}

static void
which_streams_have_checksums(void **state)
{
	(void)state;
	assert_true(stream_is_checked(CODEC_GZIP, TAKE("\x1f\x8b")));
	assert_true(stream_is_checked(CODEC_BZIP2, TAKE("BZh9")));
	assert_true(stream_is_checked(CODEC_ZSTD, TAKE("\x28\xb5\x2f\xfd\x04\x00")));
	assert_false(stream_is_checked(CODEC_ZSTD, TAKE("\x28\xb5\x2f\xfd\x20\x00")));
	assert_true(stream_is_checked(CODEC_LZ4, TAKE("\x04\x22\x4d\x18\x64\x40")));
	assert_true(stream_is_checked(CODEC_LZ4, TAKE("\x04\x22\x4d\x18\x70\x40")));
	assert_false(stream_is_checked(CODEC_LZ4, TAKE("\x04\x22\x4d\x18\x60\x40")));
	assert_true(stream_is_checked(CODEC_XZ, TAKE("\xfd"
	                                             "7zXZ\0\0\4")));
	assert_false(stream_is_checked(CODEC_XZ, TAKE("\xfd"
	                                              "7zXZ\0\0\0")));
	assert_false(stream_is_checked(CODEC_NONE, TAKE("select")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kind_by_first_bytes),
		cmocka_unit_test(a_tar_by_its_checksum),
		cmocka_unit_test(role_by_name),
		cmocka_unit_test(what_stands_in_front),
		cmocka_unit_test(names_of_dumps),
		cmocka_unit_test(kind_by_members),
		cmocka_unit_test(how_data_end),
		cmocka_unit_test(which_streams_have_checksums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
