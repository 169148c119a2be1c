/* What the verbs of migrate decide before anything is asked: versions, ranges, consent, locks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "config.h"
#include "confirm.h"
#include "err.h"
#include "held.h"
#include "ledger.h"
#include "migration.h"
#include "new.h"
#include "script.h"
#include "undo.h"

static struct arena arena;

static int
drop_arena(void **state)
{
	(void)state;
	arena_drop(&arena);
	return 0;
}

static void
finds_the_next_version(void **state)
{
	static const struct {
		const char *newest, *next;
	} rows[] = {
		{ NULL, "0001" },
		{ "0001", "0002" },
		{ "0999", "1000" },
		{ "9999", "10000" },
		{ "1", "2" },
		{ "9", "10" },
		{ "000123", "000124" },
		{ "1718700000", "1718700001" },
		{ "20240618_b", "20250704" },
		{ "00000002", "00000003" }, /* a counter, and no day */
		{ "20250704_b", "20250704" },
		{ "20990101_b", "20990101" },
		{ "20240618120000", "20250704101112" },
		{ "20250704101112", "20250704101113" },
		{ "20990101000009", "20990101000010" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(new_version(rows[i].newest, "20250704101112", &arena),
		                    rows[i].next);
}

static void
makes_a_name(void **state)
{
	(void)state;
	assert_string_equal(new_name("Add the-Users 2", &arena), "add_the_users_2");
	assert_string_equal(new_name("x", &arena), "x");
	assert_null(new_name("", &arena));
	assert_null(new_name("_ _", &arena));
	assert_null(new_name("a/b", &arena));
	assert_null(new_name("a.down", &arena));
	assert_null(new_name("\xc3\xa4", &arena));
}

static void
asks_for_consent(void **state)
{
	(void)state;
	assert_string_equal(confirm_phrase("DOWN", "nexus", &arena), "DOWN nexus");
	assert_int_equal(confirm_decide("prod", "DOWN a", "DOWN a"), CONSENT_GIVEN);
	assert_int_equal(confirm_decide("prod", "DOWN a", NULL), CONSENT_NEEDED);
	assert_int_equal(confirm_decide("prod", "DOWN a", "DOWN b"), CONSENT_WRONG);
	assert_int_equal(confirm_decide("prod", "DOWN a", "down a"), CONSENT_WRONG);
	assert_int_equal(confirm_decide("prod", "DOWN a", "DOWN a "), CONSENT_WRONG);
	assert_int_equal(confirm_decide("dev", "DOWN a", NULL), CONSENT_GIVEN);
	assert_int_equal(confirm_decide("dev", "DOWN a", "DOWN b"), CONSENT_WRONG);
	assert_int_equal(confirm_decide("anything", "DOWN a", NULL), CONSENT_GIVEN);
}

static void
tells_how_far_back(void **state)
{
	static struct entry entries[] = {
		{ .version = "0001", .name = "0001_a" },
		{ .version = "2", .name = "2_b" },
		{ .version = "0003", .name = "0003_c" },
		{ .version = "20240618_d", .name = "20240618_d" },
		{ .version = "R__z", .name = "R__z" },
	};
	static const struct {
		const char *word;
		enum reach reach;
		size_t count;
	} rows[] = {
		{ NULL, REACH_ONE, 1 },
		{ "0001", REACH_VERSION, 3 },
		{ "0001_a", REACH_VERSION, 3 },
		{ "0001_a.sql", REACH_VERSION, 3 },
		{ "dir/0001_a.sql", REACH_VERSION, 3 },
		{ "0002", REACH_VERSION, 2 }, /* the same version, and no number */
		{ "2", REACH_EITHER, 2 },
		{ "3", REACH_NUMBER, 3 }, /* versions are written with their zeros */
		{ "1", REACH_NUMBER, 1 },
		{ "9999", REACH_NUMBER, 9999 },
		{ "20240618_d", REACH_VERSION, 0 },
		{ "20240618", REACH_UNKNOWN, 1 },
		{ "0", REACH_VERSION, 4 },
		{ "000", REACH_VERSION, 4 },
		{ "0009", REACH_UNKNOWN, 1 },
		{ "R__z", REACH_UNKNOWN, 1 },
		{ "0001_a.down.sql", REACH_UNKNOWN, 1 },
		{ "3x", REACH_UNKNOWN, 1 },
	};
	const struct ledger ledger = { .entries = entries, .count = 5 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t count;

		print_message("%s\n", rows[i].word ? rows[i].word : "-");
		assert_int_equal(undo_reach(&ledger, NULL, rows[i].word, &count), rows[i].reach);
		assert_int_equal(count, rows[i].count);
	}
	assert_int_equal(undo_reach(&(struct ledger){ 0 }, NULL, "1", &(size_t){ 0 }),
	                 REACH_NUMBER);
}

static void
knows_a_journal_of_undoing(void **state)
{
	const char *checksum = ledger_undoing_checksum("abc", &arena);
	struct migration file = { .version = "1", .checksum = "abc" };
	struct entry entry = { .version = "1", .checksum = checksum };

	(void)state;
	assert_true(ledger_is_undoing(&entry));
	assert_int_equal(migration_verdict(&file, &entry, "1"), VERDICT_UNDOING);
	/* Its last statement was counted, and the row not removed yet. */
	entry.is_finished = true;
	assert_int_equal(migration_verdict(&file, &entry, "1"), VERDICT_UNDOING);
	entry.checksum = "abc";
	assert_false(ledger_is_undoing(&entry));
	assert_int_equal(migration_verdict(&file, &entry, "1"), VERDICT_DONE);
}

static void
limits_what_is_pending(void **state)
{
	const struct script scripts[] = {
		{ .name = "0001_a.sql" },
		{ .name = "0002_b.sql" },
		{ .name = "R__r.sql" },
	};
	struct migration files[] = {
		{ .version = "0001", .name = "0001_a", .checksum = "a", .script = &scripts[0] },
		{ .version = "0002", .name = "0002_b", .checksum = "b", .script = &scripts[1] },
		{ .version = "R__r",
		  .name = "R__r",
		  .checksum = "r",
		  .script = &scripts[2],
		  .is_repeatable = true },
	};
	struct migrations migrations = { .at = files, .count = 3, .limit = 3 };
	struct err err = { 0 };

	(void)state;
	assert_true(migrations_limit(&migrations, "1", &err));
	migrations_match(&migrations, &(struct ledger){ 0 }, &arena);
	assert_int_equal(migrations.pending, 1);
	assert_int_equal(files[0].verdict, VERDICT_APPLY);
	assert_int_equal(files[1].verdict, VERDICT_LATER);
	assert_int_equal(files[2].verdict, VERDICT_LATER);
	assert_true(migrations_limit(&migrations, "m/R__r.sql", &err));
	migrations_match(&migrations, &(struct ledger){ 0 }, &arena);
	assert_int_equal(migrations.pending, 3);
	assert_false(migrations_limit(&migrations, "0002_", &err));
	assert_int_equal(err.fault, FAULT_NO_SOURCE);
	assert_non_null(strstr(err.hint, "0002_b.sql"));
}

static void
tells_new_locks(void **state)
{
	struct held_lock first[] = { { .relation = "1", .rank = 1 },
		                     { .relation = "2", .rank = 8 } };
	struct held_lock second[] = { { .relation = "1", .rank = 3 },
		                      { .relation = "2", .rank = 8 },
		                      { .relation = "3", .rank = 1 } };
	const struct held before = { first, 2 }, now = { second, 3 };
	const struct held since = held_since(&before, &now, &arena);

	(void)state;
	assert_int_equal(since.count, 2);
	assert_string_equal(since.at[0].relation, "1");
	assert_int_equal(since.at[0].rank, 3);
	assert_string_equal(since.at[1].relation, "3");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_next_version),
		cmocka_unit_test(makes_a_name),
		cmocka_unit_test(asks_for_consent),
		cmocka_unit_test(tells_how_far_back),
		cmocka_unit_test(knows_a_journal_of_undoing),
		cmocka_unit_test(limits_what_is_pending),
		cmocka_unit_test(tells_new_locks),
	};

	return cmocka_run_group_tests(tests, NULL, drop_arena);
}
