/* What another tool's history and our ledger say together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format.h"
#include "history.h"
#include "ledger.h"
#include "made.h"
#include "migration.h"

static struct peer peers[4];
static struct script scripts[4];
static struct migration files[4];
static struct history history;

/* Four files, 1 to 4 (or these versions), and a history of that format with these rows. */
static struct migrations
set_up(const char *format, const char *const *versions, struct past *rows, size_t count)
{
	for (size_t i = 0; i < 4; i++) {
		peers[i] = (struct peer){ .format = format_find(format) };
		scripts[i] = script_made(versions[i]);
		if (peers[i].format->checksum)
			peers[i].checksum = peers[i].format->checksum(&scripts[i], 0, &arena);
		files[i] = (struct migration){ .version = versions[i],
			                       .name = versions[i],
			                       .checksum = "ours",
			                       .script = &scripts[i],
			                       .peer = &peers[i],
			                       .is_repeatable = *versions[i] == 'R' };
	}
	history = (struct history){ .format = format_find(format), .rows = rows, .count = count };
	return (struct migrations){ .at = files, .count = 4, .format = format_find(format) };
}

static const char *const plain[] = { "1", "2", "3", "4" };

/* The versions of what counts as applied, with what our ledger is to be told, and to forget. */
static const char *
merged(struct migrations migrations, struct entry *entries, size_t count)
{
	const struct ledger ledger = { .entries = entries, .count = count };
	const struct ledger both = history_merge(&history, &migrations, &ledger, &arena);
	struct text text = text_new(&arena);

	for (size_t i = 0; i < both.count; i++)
		text_print(&text, "%s%s%s", i ? " " : "", both.entries[i].version,
		           both.entries[i].is_finished ? "" : "?");
	for (size_t i = 0; i < history.believed_count; i++)
		text_print(&text, " +%s", history.believed[i].version);
	for (size_t i = 0; i < history.gone_count; i++)
		text_print(&text, " -%s", history.gone[i].version);
	return text.at;
}

#define MERGED(format, versions, rows, entries)                                                    \
	merged(set_up(format, versions, rows, sizeof(rows) / sizeof *(rows)), entries,             \
	       sizeof(entries) / sizeof *(entries))

static void
believes_the_history(void **state)
{
	struct past rows[] = { { .version = "1" }, { .version = "2" }, { .version = "9" } };
	struct entry entries[] = {
		{ .version = "2", .name = "2", .checksum = "ours", .is_finished = true },
		{ .version = "3", .name = "3", .checksum = "ours", .is_finished = true },
		{ .version = "4", .name = "4", .checksum = "ours" },
	};

	(void)state;
	/* 3 was taken back; 4 is half applied by us; 9 has no file. */
	assert_string_equal(MERGED("dbmate", plain, rows, entries), "1 2 4? 9 +1 +9 -3");
	/* It has finished what we had begun. */
	rows[2].version = "4";
	assert_string_equal(MERGED("dbmate", plain, rows, entries), "1 2 4 +1 +4 -3");
	/* 2 and 3 are being taken back by us, whoever has counted that as finished. */
	entries[0].checksum = entries[1].checksum = "down:ours";
	assert_string_equal(MERGED("dbmate", plain, rows, entries), "1 2 3 4 +1 +4");
}

static void
takes_the_last_row_of_a_version(void **state)
{
	struct past rows[] = {
		{ .version = "1", .order = 7, .state = PAST_REVERTED },
		{ .version = "1", .order = 2 },
		{ .version = "2", .order = 3, .state = PAST_REVERTED },
		{ .version = "2", .order = 8 },
		{ .version = "0", .order = 1, .state = PAST_MARK },
	};
	struct entry entries[] = {
		{ .version = "1", .name = "1", .checksum = "", .is_finished = true }
	};

	(void)state;
	assert_string_equal(MERGED("goose", plain, rows, entries), "2 +2 -1");
}

static void
knows_strings_from_numbers(void **state)
{
	static const char *const versions[] = { "001", "002", "1", "2" };
	struct past rows[] = { { .version = "1" } };
	struct entry entries[] = { { .version = "001", .name = "", .checksum = "" } };

	(void)state;
	assert_string_equal(MERGED("dbmate", versions, rows, entries), "001? 1 +1");
}

static void
believes_up_to_the_newest_where_nothing_else_is_known(void **state)
{
	struct past rows[] = { { .version = "3", .state = PAST_UP_TO } };
	struct entry none[] = {
		{ .version = "4", .name = "4", .checksum = "ours", .is_finished = true }
	};
	struct entry entries[] = {
		{ .version = "1", .name = "1", .checksum = "ours", .is_finished = true },
		{ .version = "3", .name = "3", .checksum = "ours", .is_finished = true },
	};

	(void)state;
	assert_string_equal(MERGED("golang-migrate", plain, rows, none), "1 2 3 +1 +2 +3 -4");
	/* 2 was merged late: our ledger, which knows 3, has it not. */
	assert_string_equal(MERGED("golang-migrate", plain, rows, entries), "1 3");
	rows[0].version = "4";
	assert_string_equal(MERGED("golang-migrate", plain, rows, entries), "1 3 4 +4");
	rows[0].version = "1";
	assert_string_equal(MERGED("golang-migrate", plain, rows, entries), "1 -3");
}

static void
finds_what_failed(void **state)
{
	struct past rows[] = {
		{ .version = "1", .order = 1, .state = PAST_FAILED },
		{ .version = "2", .order = 2 },
		{ .version = "1", .order = 3 },
	};
	struct entry entries[] = { { .version = "1", .name = "1", .checksum = "" } };

	(void)state;
	assert_string_equal(MERGED("flyway", plain, rows, entries), "1 2 +1 +2");
	assert_null(history.failed);
	rows[0].order = 4;
	assert_string_equal(MERGED("flyway", plain, rows, entries), "1? 2 +2");
	assert_string_equal(history.failed->version, "1");
}

static void
lets_the_tools_checksum_decide(void **state)
{
	static const char *const versions[] = { "1.9", "1.10", "2", "R__x" };
	struct migrations migrations;
	struct past rows[] = {
		{ .version = "1.9.0", .checksum = "crc32:1" },
		{ .version = "1.10" },
		{ .version = "R__x", .order = 1, .checksum = "crc32:1" },
		{ .version = "R__x", .order = 2 },
	};
	struct entry entries[] = {
		{ .version = "1.10", .name = "", .checksum = "edited", .is_finished = true },
	};

	(void)state;
	(void)set_up("flyway", versions, rows, 4);
	rows[1].checksum = peers[1].checksum;
	rows[3].checksum = peers[3].checksum;
	migrations = set_up("flyway", versions, rows, 4);
	assert_string_equal(merged(migrations, entries, 1), "1.9 1.10 R__x +1.9 +1.10 +R__x");
	/* Another text than it has applied; the same one, whatever our ledger says. */
	assert_string_equal(history.believed[0].checksum, "crc32:1");
	assert_string_equal(history.believed[1].checksum, "ours");
	assert_string_equal(history.believed[2].checksum, "ours");
}

static void
takes_all_below_a_baseline(void **state)
{
	struct past rows[] = { { .version = "2", .state = PAST_BASELINE }, { .version = "4" } };
	struct entry entries[] = {
		{ .version = "2", .name = "2", .checksum = "ours", .is_finished = true },
	};

	(void)state;
	assert_string_equal(MERGED("flyway", plain, rows, entries), "1 2 4 +1 +4");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believes_the_history),
		cmocka_unit_test(takes_the_last_row_of_a_version),
		cmocka_unit_test(knows_strings_from_numbers),
		cmocka_unit_test(believes_up_to_the_newest_where_nothing_else_is_known),
		cmocka_unit_test(finds_what_failed),
		cmocka_unit_test(lets_the_tools_checksum_decide),
		cmocka_unit_test(takes_all_below_a_baseline),
	};

	return cmocka_run_group_tests(tests, NULL, drop_arena);
}
