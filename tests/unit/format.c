/* Other tools' files: names, sections, checksums, keys, and which tool's they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format.h"
#include "format/checksum.h"
#include "format/name.h"
#include "format/rows.h"
#include "format/section.h"
#include "ledger.h"
#include "made.h"

struct name_row {
	bool (*read)(struct stem *stem, const char *text, struct arena *arena);
	const char *text;
	const char *version; /* NULL: no migration */
	const char *description;
	bool is_down, is_repeatable;
};

static const struct name_row name_rows[] = {
	{ stem_dbmate, "20240101_users", "20240101", "users", false, false },
	{ stem_dbmate, "001-users", "001", "users", false, false },
	{ stem_dbmate, "001", "001", "", false, false },
	{ stem_dbmate, "users", NULL, NULL, false, false },
	{ stem_goose, "00001_users", "00001", "users", false, false },
	{ stem_goose, "00000_users", NULL, NULL, false, false },
	{ stem_goose, "1-users", NULL, NULL, false, false },
	{ stem_golang_migrate, "1_users.up", "1", "users.up", false, false },
	{ stem_golang_migrate, "1_users.down", "1", "users.down", true, false },
	{ stem_golang_migrate, "1_users", NULL, NULL, false, false },
	{ stem_sqlx, "1_the_users", "1", "the users", false, false },
	{ stem_sqlx, "1_the_users.up", "1", "the users", false, false },
	{ stem_sqlx, "1_the_users.down", "1", "the users", true, false },
	{ stem_sqlx, "users", NULL, NULL, false, false },
	{ stem_flyway, "V1_2__The_users", "1.2", "The users", false, false },
	{ stem_flyway, "V1.2.3__x", "1.2.3", "x", false, false },
	{ stem_flyway, "V001__x", "001", "x", false, false },
	{ stem_flyway, "V1_2", "1.2", "", false, false },
	{ stem_flyway, "V1__", "1", "", false, false },
	{ stem_flyway, "U1__x", "1", "x", true, false },
	{ stem_flyway, "R__All rights", "R__All_rights", "All rights", false, true },
	{ stem_flyway, "R1__x", NULL, NULL, false, false },
	{ stem_flyway, "R", NULL, NULL, false, false },
	{ stem_flyway, "V", NULL, NULL, false, false },
	{ stem_flyway, "V__x", NULL, NULL, false, false },
	{ stem_flyway, "V1a__x", NULL, NULL, false, false },
	{ stem_flyway, "V1_x", NULL, NULL, false, false },
	{ stem_flyway, "afterMigrate", NULL, NULL, false, false },
	{ stem_flyway, "", NULL, NULL, false, false },
	{ stem_node_pg_migrate, "1700000000001_users", "1700000000001_users", "users", false,
	  false },
	{ stem_node_pg_migrate, "1_users.up", "1_users", "users.up", false, false },
	{ stem_node_pg_migrate, "users", NULL, NULL, false, false },
};

static void
reads_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof name_rows / sizeof *name_rows; i++) {
		const struct name_row *row = &name_rows[i];
		struct stem stem = { 0 };
		const bool is_named = row->read(&stem, row->text, &arena);

		print_message("%s\n", row->text);
		assert_int_equal(is_named, row->version != NULL);
		if (!is_named)
			continue;
		assert_string_equal(stem.version, row->version);
		assert_string_equal(stem.description, row->description);
		assert_int_equal(stem.is_down, row->is_down);
		assert_int_equal(stem.is_repeatable, row->is_repeatable);
		assert_null(stem.refusal);
	}
	assert_true(stem_flyway(&(struct stem){ 0 }, "B1__x", &arena));
}

static void
compares_versions_as_each_tool(void **state)
{
	(void)state;
	assert_true(version_compare_text("001", "1") < 0);
	assert_int_equal(version_compare_text("1", "1"), 0);
	/* 10_b.sql comes before 1_a.sql. */
	assert_true(version_compare_text("10", "1") < 0);
	assert_true(version_compare_text("2", "10") > 0);
	assert_int_equal(version_compare("001", "1"), 0);
	assert_true(version_compare("1.10", "1.9") > 0);
	assert_int_equal(version_compare("1", "1.0.0"), 0);
	assert_int_equal(version_compare("1.0.0", "1"), 0);
	assert_true(version_compare("1.0.1", "1") > 0);
	assert_true(version_compare("1", "1.0.1") < 0);
	assert_true(version_compare("1.2", "1_2") != 0);
	assert_true(version_compare("2_b", "10_a") < 0);
	assert_true(version_compare_node_pg_migrate("2_b", "10_a") < 0);
	assert_true(version_compare_node_pg_migrate("10_a", "2_b") > 0);
	/* 2020 as UTC, 2023 in milliseconds, 2024 as UTC. */
	assert_true(version_compare_node_pg_migrate("20200101000000000_a", "1700000000000_b") < 0);
	assert_true(version_compare_node_pg_migrate("20240101000000000_a", "1700000000000_b") > 0);
	assert_true(version_compare_node_pg_migrate("20231114221320001_a", "1700000000000_a") > 0);
	assert_true(version_compare_node_pg_migrate("20231114221320000_a", "1700000000001_a") < 0);
	assert_true(version_compare_node_pg_migrate("01_a", "1_a") < 0);
	assert_true(version_compare_node_pg_migrate("1_a", "1_B") < 0);
	assert_int_equal(version_compare_node_pg_migrate("1_a", "1_a"), 0);
}

static int
section_of(struct heading (*read)(const char *, size_t), const char *line)
{
	return (int)read(line, strlen(line)).section;
}

static void
reads_headings(void **state)
{
	(void)state;
	assert_int_equal(section_of(heading_dbmate, "-- migrate:up"), HEADING_UP);
	assert_int_equal(section_of(heading_dbmate, "--migrate:down  \r"), HEADING_DOWN);
	assert_int_equal(section_of(heading_dbmate, "-- migrate:up transaction:false"), HEADING_UP);
	assert_true(heading_dbmate("-- migrate:up transaction:false", 31).no_transaction);
	assert_false(heading_dbmate("-- migrate:up transaction:true", 30).no_transaction);
	assert_int_equal(section_of(heading_dbmate, "-- migrate:upper"), HEADING_NONE);
	assert_int_equal(section_of(heading_dbmate, " -- migrate:up"), HEADING_NONE);
	assert_int_equal(section_of(heading_dbmate, "-- migrate:"), HEADING_NONE);
	assert_int_equal(section_of(heading_dbmate, "-"), HEADING_NONE);
	assert_int_equal(section_of(heading_goose, "-- +goose Up"), HEADING_UP);
	assert_int_equal(section_of(heading_goose, "--  +GOOSE   down "), HEADING_DOWN);
	assert_true(heading_goose("-- +goose NO  TRANSACTION", 25).no_transaction);
	assert_null(heading_goose("-- +goose StatementBegin", 24).refusal);
	assert_non_null(heading_goose("-- +goose ENVSUB ON", 19).refusal);
	assert_non_null(heading_goose("-- +goose sideways", 18).refusal);
	assert_non_null(heading_goose("\t-- +goose Down", 15).refusal);
	assert_null(heading_goose("-- goose Up", 11).refusal);
	assert_int_equal(section_of(heading_node_pg_migrate, "-- Up Migration"), HEADING_UP);
	assert_int_equal(section_of(heading_node_pg_migrate, "  ---- DOWN  migration x"),
	                 HEADING_DOWN);
	assert_int_equal(section_of(heading_node_pg_migrate, "-- upmigration"), HEADING_NONE);
	assert_int_equal(section_of(heading_node_pg_migrate, "select 1;"), HEADING_NONE);
}

static struct parts
parts_made(const char *format, const char *text)
{
	const struct source source = source_made(text);
	struct parts parts = { 0 };

	err_clear(&err);
	(void)parts_read(&parts, format_find(format), &source, &arena, &err);
	return parts;
}

static void
keeps_lines_and_offsets(void **state)
{
	struct parts parts = parts_made("dbmate", "-- a\n-- migrate:up\nup;\r\n"
	                                          "-- migrate:down\nd\xc3\xa4;\n");

	(void)state;
	assert_int_equal(err.fault, FAULT_NONE);
	assert_string_equal(parts.up->text, "-- a\n-- migrate:up\nup;\r\n");
	assert_int_equal(parts.up->length, 24);
	assert_string_equal(parts.down->text, "-- a\n             \n   \r\n"
	                                      "-- migrate:down\nd\xc3\xa4;\n");
	/* Again up: what is between is blank, not cut. */
	parts = parts_made("dbmate", "-- migrate:up\na;\n-- migrate:down\nb;\n-- migrate:up\nc;\n");
	assert_string_equal(parts.up->text, "-- migrate:up\na;\n               \n  \n"
	                                    "-- migrate:up\nc;\n");
	parts = parts_made("node-pg-migrate", "junk;\n-- Down migration\nd;\n-- Up migration\nu;");
	assert_string_equal(parts.up->text, "     \n                 \n  \n-- Up migration\nu;");
	assert_string_equal(parts.down->text, "     \n-- Down migration\nd;\n");
	parts = parts_made("node-pg-migrate", "-- Up migration\nu;\n-- Down migration\nd;\n"
	                                      "-- Up migration\nd;\n");
	assert_string_equal(parts.up->text, "-- Up migration\nu;\n");
	parts = parts_made("node-pg-migrate", "u;\n");
	assert_string_equal(parts.up->text, "u;\n");
	assert_null(parts.down);
	parts = parts_made("sqlx", "-- migrate:down\n");
	assert_string_equal(parts.up->text, "-- migrate:down\n");
}

static void
knows_what_runs_alone(void **state)
{
	struct parts parts = parts_made("dbmate", "-- migrate:up transaction:false\n"
	                                          "-- migrate:down\n");

	(void)state;
	assert_true(parts.up_alone);
	assert_false(parts.down_alone);
	parts = parts_made("goose", "-- +goose Up\n-- +goose Down\n-- +goose no transaction\n");
	assert_true(parts.up_alone);
	assert_true(parts.down_alone);
	parts = parts_made("goose", "-- +goose Up\n-- +goose ENVSUB ON\n");
	assert_int_equal(parts.refused_at, 13);
}

static void
refuses_files_without_sections(void **state)
{
	(void)state;
	(void)parts_made("dbmate", "create table t ();\n-- migrate:up\n");
	assert_int_equal(err.fault, FAULT_WRONG);
	assert_string_equal(err.what,
	                    "dir/a.sql:1:1: dbmate takes nothing above the first section");
	(void)parts_made("goose", "-- nothing\n");
	assert_int_equal(err.fault, FAULT_WRONG);
	(void)parts_made("dbmate", "");
	assert_int_equal(err.fault, FAULT_WRONG);
	(void)parts_made("node-pg-migrate", "-- Down Migration\ndrop table t;\n");
	assert_int_equal(err.fault, FAULT_WRONG);
}

static void
computes_checksums(void **state)
{
	struct script script = script_made("abc");

	(void)state;
	assert_int_equal(crc32_of(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32_of(crc32_of(0, "1234", 4), "56789", 5), 0xcbf43926);
	assert_string_equal(checksum_sqlx(&script, ENDS_AS_THEY_ARE, &arena),
	                    "sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
	                    "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
	script = script_made("abc\r\n");
	assert_string_equal(checksum_sqlx(&script, ENDS_LF, &arena),
	                    checksum_sqlx(&(struct script){ .source = source_made("abc\n") },
	                                  ENDS_AS_THEY_ARE, &arena));
	assert_string_equal(checksum_sqlx(&script, ENDS_AS_THEY_ARE, &arena),
	                    checksum_sqlx(&(struct script){ .source = source_made("abc\n") },
	                                  ENDS_CRLF, &arena));
	script.source.has_mark = true;
	assert_string_equal(checksum_sqlx(&script, ENDS_AS_THEY_ARE, &arena),
	                    checksum_sqlx(&(struct script){ .source = source_made("\xEF\xBB\xBF"
	                                                                          "abc\r\n") },
	                                  ENDS_AS_THEY_ARE, &arena));
	script = script_made("create table t ();\r\nselect 1;\n\n");
	assert_string_equal(checksum_flyway(&script, ENDS_AS_THEY_ARE, &arena), "crc32:651840312");
	assert_int_equal(java_hash("hello"), 99162322);
	assert_int_equal(java_hash("\xc3\xa9\xf0\x9d\x84\x9e"), 1996307);
}

static void
accepts_other_ends_of_lines(void **state)
{
	const struct peer peer = { .format = format_find("sqlx"), .checksum = "sha384:x" };
	const struct script script = script_made("a\n"), other = script_made("b\n");
	const char *crlf = checksum_sqlx(&script, ENDS_CRLF, &arena);

	(void)state;
	assert_true(format_checksum_is(&peer, &script, crlf, &arena));
	assert_true(format_checksum_is(&peer, &other, "sha384:x", &arena));
	assert_false(format_checksum_is(&peer, &other, crlf, &arena));
}

static const char *
keys_of(void (*keys)(struct text *, const struct history_table *), const char *name)
{
	const struct history_table table = {
		.database = "nexus",
		.schema = "public",
		.name = name,
		.quoted = arena_print(&arena, "\"public\".\"%s\"", name),
	};
	struct text text = text_new(&arena);

	keys(&text, &table);
	return text.at;
}

static void
computes_advisory_keys(void **state)
{
	(void)state;
	assert_int_equal(crc32_of(0, "goose", 5), 4097083626);
	assert_string_equal(keys_of(keys_goose, "x"), ", 4097083626");
	assert_string_equal(keys_of(keys_golang_migrate, "schema_migrations"),
	                    ", 2098857665, 1093607733");
	assert_string_equal(keys_of(keys_sqlx, "x"), ", 783680238308009830");
	assert_string_equal(keys_of(keys_flyway, "flyway_schema_history"), ", 77433833903597");
	assert_string_equal(keys_of(keys_node_pg_migrate, "x"), ", 7241865325823964");
}

static void
says_what_takes_a_file_back(void **state)
{
	static const struct {
		const char *format, *file, *name, *wanted;
	} rows[] = {
		{ "native", "1_a.sql", "1_a", "write 1_a.down.sql beside it" },
		{ "dbmate", "1_a.sql", "1_a", "write its section `-- migrate:down`" },
		{ "goose", "1_a.sql", "1_a", "write its section `-- +goose Down`" },
		{ "golang-migrate", "1_a.up.sql", "1_a", "write 1_a.down.sql beside it" },
		{ "sqlx", "1_a.up.sql", "1_a", "write 1_a.down.sql beside it" },
		{ "flyway", "V1.1__a.sql", "V1.1__a", "write U1.1__a.sql beside it" },
		{ "node-pg-migrate", "1_a.sql", "1_a", "write its section `-- Down Migration`" },
		{ "node-pg-migrate", "1_a.up.sql", "1_a", "write 1_a.down.sql beside it" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(format_down_of(format_find(rows[i].format), rows[i].file,
		                                   rows[i].name, &arena),
		                    rows[i].wanted);
}

static const char *
chosen(const char *first, const char *const *names, const char **second)
{
	const struct format **candidates;
	const char *evidence;
	const struct format *format;
	size_t count = 0;

	while (names[count])
		count++;
	format = format_by_files(names, count, first, &candidates, &evidence, &arena);
	*second = candidates ? candidates[1]->name : NULL;
	assert_true(!candidates || candidates[0] == format);
	return format->name;
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
tells_tools_by_files(void **state)
{
	const char *second;

	(void)state;
	assert_string_equal(chosen(NULL, NAMES(NULL), &second), "native");
	assert_null(second);
	assert_string_equal(chosen("-- x\n\n-- migrate:up\n", NAMES("1_a.sql"), &second), "dbmate");
	assert_null(second);
	assert_string_equal(chosen("-- +goose NO TRANSACTION\n-- +goose Up", NAMES("1_a.sql"),
	                           &second),
	                    "goose");
	assert_string_equal(chosen("-- Up Migration\n", NAMES("1_a.sql"), &second),
	                    "node-pg-migrate");
	assert_string_equal(chosen("-- Up Migration: a\nselect 1;\n -- Down Migration: b\n",
	                           NAMES("1_a.sql"), &second),
	                    "node-pg-migrate");
	assert_null(second);
	/* Anybody may say so. */
	assert_string_equal(chosen("-- up migration of users\nselect 1;\n", NAMES("1_a.sql"),
	                           &second),
	                    "native");
	/* Below the top it is only a comment. */
	assert_string_equal(chosen("select 1;\n-- migrate:up\n", NAMES("1_a.sql"), &second),
	                    "native");
	assert_string_equal(second, "sqlx");
	assert_string_equal(chosen("select 1;", NAMES("1_a.down.sql", "1_a.sql"), &second),
	                    "native");
	assert_null(second);
	assert_string_equal(chosen(NULL, NAMES("1_a.down.sql", "1_a.up.sql"), &second),
	                    "golang-migrate");
	assert_string_equal(second, "sqlx");
	assert_string_equal(chosen(NULL, NAMES("R__b.sql", "V1__a.sql"), &second), "flyway");
	assert_string_equal(chosen(NULL, NAMES("R__b.sql"), &second), "native");
	assert_null(second);
}

static void
has_a_row_for_each_choice(void **state)
{
	(void)state;
	assert_int_equal(formats_count, 7);
	assert_ptr_equal(format_find("native"), &formats[0]);
	assert_ptr_equal(format_find("node-pg-migrate"), &formats[6]);
	assert_null(format_find("auto"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_names),
		cmocka_unit_test(compares_versions_as_each_tool),
		cmocka_unit_test(reads_headings),
		cmocka_unit_test(keeps_lines_and_offsets),
		cmocka_unit_test(knows_what_runs_alone),
		cmocka_unit_test(refuses_files_without_sections),
		cmocka_unit_test(computes_checksums),
		cmocka_unit_test(accepts_other_ends_of_lines),
		cmocka_unit_test(computes_advisory_keys),
		cmocka_unit_test(tells_tools_by_files),
		cmocka_unit_test(says_what_takes_a_file_back),
		cmocka_unit_test(has_a_row_for_each_choice),
	};

	return cmocka_run_group_tests(tests, NULL, drop_arena);
}
