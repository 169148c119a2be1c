/* Which files share a transaction, in which order repeatables run, what a snapshot covers, what ends a transaction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "boot.h"
#include "bounds.h"
#include "config.h"
#include "err.h"
#include "group.h"
#include "ledger.h"
#include "migration.h"
#include "repeatable.h"
#include "script.h"
#include "snapshot.h"

static struct arena arena;
static struct err err;

static int
drop(void **state)
{
	(void)state;
	arena_drop(&arena);
	err_clear(&err);
	return 0;
}

static void
chooses_who_shares(void **state)
{
	static const struct {
		enum transactions setting;
		bool is_new;
		enum grouping grouping;
	} rows[] = {
		{ TRANSACTIONS_AUTO, false, GROUPING_FILE },
		{ TRANSACTIONS_AUTO, true, GROUPING_RUNS },
		{ TRANSACTIONS_FILE, true, GROUPING_FILE },
		{ TRANSACTIONS_ALL, false, GROUPING_ALL },
		{ TRANSACTIONS_ALL, true, GROUPING_ALL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(grouping_choose((int)rows[i].setting, rows[i].is_new),
		                 rows[i].grouping);
}

static void
falls_back(void **state)
{
	(void)state;
	assert_false(grouping_falls_back(GROUPING_ALL, FAULT_WRONG, "55P04"));
	assert_false(grouping_falls_back(GROUPING_ALL, FAULT_WRONG, "42703"));
	assert_true(grouping_falls_back(GROUPING_RUNS, FAULT_WRONG, "42703"));
	/* Not what the server said of a statement: ours, or a broken session, or a lock's time is over. */
	assert_false(grouping_falls_back(GROUPING_RUNS, FAULT_WRONG, ""));
	assert_false(grouping_falls_back(GROUPING_RUNS, FAULT_NO_SERVER, "57P01"));
	assert_false(grouping_falls_back(GROUPING_RUNS, FAULT_BUSY, "55P03"));
	assert_false(grouping_falls_back(GROUPING_FILE, FAULT_WRONG, "55P04"));
}

static void
is_refused_as_a_group(void **state)
{
	(void)state;
	assert_true(grouping_is_refused(GROUPING_ALL, FAULT_WRONG, "55P04"));
	assert_true(grouping_is_refused(GROUPING_ALL, FAULT_WRONG, "55006"));
	assert_false(grouping_is_refused(GROUPING_ALL, FAULT_WRONG, "42703"));
	assert_false(grouping_is_refused(GROUPING_ALL, FAULT_SIGNAL + 15, "55P04"));
	assert_false(grouping_is_refused(GROUPING_RUNS, FAULT_WRONG, "55P04"));
	assert_false(grouping_is_refused(GROUPING_FILE, FAULT_WRONG, "55P04"));
}

/* A repeatable of that name, after others, with names that stand in a text one behind the other. */
static struct migration
repeatable(const char *name, const char *after)
{
	struct script *script = arena_alloc(&arena, sizeof *script);
	char *words = arena_copy(&arena, after);

	script->source = (struct source){ .path = name, .text = after, .length = strlen(after) };
	script->name = arena_join(&arena, name, ".sql", "");
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
		script->after = arena_grow(&arena, script->after, script->after_count,
		                           sizeof *script->after);
		script->after[script->after_count++] =
			(struct predecessor){ word, (size_t)(word - words) };
	}
	return (struct migration){ .script = script,
		                   .version = name,
		                   .name = name,
		                   .checksum = name,
		                   .is_repeatable = true };
}

static const char *
names(const struct migrations *migrations)
{
	struct text text = text_new(&arena);

	for (size_t i = 0; i < migrations->count; i++)
		text_print(&text, "%s%s", i ? " " : "", migrations->at[i].name);
	return text.at;
}

static void
orders_repeatables(void **state)
{
	static const struct script script;
	struct migration files[] = {
		{ .script = &script, .version = "1", .name = "1", .checksum = "1" },
		repeatable("R__a", "c R__d.sql"),
		repeatable("R__b", ""),
		repeatable("R__c", "R__d"),
		repeatable("R__d", ""),
	};
	struct entry entries[] = {
		{ .version = "1", .checksum = "1", .is_finished = true },
		{ .version = "R__a", .checksum = "R__a", .is_finished = true },
		{ .version = "R__c", .checksum = "R__c", .is_finished = true },
		{ .version = "R__d", .checksum = "R__d", .is_finished = true },
	};
	struct migrations migrations = { .at = files, .count = 5, .limit = 5 };

	(void)state;
	assert_true(repeatables_order(&migrations, &arena, &err));
	assert_string_equal(names(&migrations), "1 R__b R__d R__c R__a");
	/* The ledger is in the order of versions: they are matched all the same, and stay in theirs. */
	migrations_match(&migrations, &(struct ledger){ .entries = entries, .count = 4 }, &arena);
	assert_string_equal(names(&migrations), "1 R__b R__d R__c R__a");
	assert_int_equal(migrations.pending, 1);
	/* What has changed takes those that come after it along, and theirs; no others. */
	entries[3].checksum = "";
	migrations_match(&migrations, &(struct ledger){ .entries = entries, .count = 4 }, &arena);
	assert_int_equal(migrations.pending, 4);
	assert_int_equal(files[0].verdict, VERDICT_DONE);
	entries[3].checksum = "R__d";
	entries[2].checksum = "old";
	migrations_match(&migrations, &(struct ledger){ .entries = entries, .count = 4 }, &arena);
	assert_int_equal(files[2].verdict, VERDICT_DONE);
	assert_int_equal(files[3].verdict, VERDICT_REPEAT);
	assert_int_equal(files[4].verdict, VERDICT_REPEAT);
	/* What is behind the limit waits, also where it would run again. */
	migrations.limit = 4;
	migrations_match(&migrations, &(struct ledger){ .entries = entries, .count = 4 }, &arena);
	assert_int_equal(files[3].verdict, VERDICT_REPEAT);
	assert_int_equal(files[4].verdict, VERDICT_LATER);
	assert_int_equal(migrations.pending, 2);
	assert_false(migrations.is_first);
	migrations_match(&migrations, &(struct ledger){ 0 }, &arena);
	assert_true(migrations.is_first);
}

static void
refuses_circles_and_unknown_names(void **state)
{
	struct migration circle[] = { repeatable("R__a", "b"), repeatable("R__b", "c"),
		                      repeatable("R__c", "b"), repeatable("R__d", "") };
	struct migration itself[] = { repeatable("R__a", "a") };
	struct migration unknown[] = { repeatable("R__a", "b x"), repeatable("R__b", "") };

	(void)state;
	assert_false(
		repeatables_order(&(struct migrations){ .at = circle, .count = 4 }, &arena, &err));
	assert_string_equal(err.what,
	                    "R__b:1:1: repeatables in a circle: R__b after R__c after R__b");
	assert_int_equal(err.fault, FAULT_WRONG);
	assert_false(
		repeatables_order(&(struct migrations){ .at = itself, .count = 1 }, &arena, &err));
	assert_string_equal(err.what, "R__a:1:1: repeatables in a circle: R__a after R__a");
	assert_false(
		repeatables_order(&(struct migrations){ .at = unknown, .count = 2 }, &arena, &err));
	assert_string_equal(err.what, "R__a:1:3: no repeatable is called x");
}

static void
covers(void **state)
{
	struct script snapshot = { .snapshot = "0002" };
	struct migration files[] = {
		{ .version = "1", .verdict = VERDICT_APPLY },
		{ .version = "02", .verdict = VERDICT_APPLY },
		{ .version = "3", .verdict = VERDICT_APPLY },
		{ .version = "R__a", .verdict = VERDICT_REPEAT, .is_repeatable = true },
	};
	struct migrations migrations = {
		.at = files, .count = 4, .limit = 4, .snapshot = &snapshot
	};

	(void)state;
	snapshot_cover(&migrations, true);
	assert_int_equal(files[0].verdict, VERDICT_COVERED);
	assert_int_equal(files[1].verdict, VERDICT_COVERED);
	assert_int_equal(files[2].verdict, VERDICT_APPLY);
	assert_int_equal(files[3].verdict, VERDICT_REPEAT);
	assert_int_equal(migrations.pending, 2);
	/* It was not new after all. */
	snapshot_cover(&migrations, false);
	assert_int_equal(files[0].verdict, VERDICT_APPLY);
	assert_int_equal(migrations.pending, 4);
	assert_false(migrations_cover(&migrations, "R__a"));
	/* A run that ends below it does not load it. */
	assert_true(snapshot_is_wanted(&migrations));
	for (migrations.limit = 2; migrations.limit < 5; migrations.limit++)
		assert_true(snapshot_is_wanted(&migrations));
	migrations.limit = 1;
	assert_false(snapshot_is_wanted(&migrations));
	migrations.snapshot = NULL;
	assert_false(migrations_cover(&migrations, "1"));
}

static void
judges_the_snapshot(void **state)
{
	struct script snapshot = { .snapshot = "5", .source = { .path = "schema.sql" } };
	struct migration files[] = { { .version = "0005" }, { .version = "6" } };
	struct migrations migrations = { .at = files + 1, .count = 1, .snapshot = &snapshot };
	struct facts facts = { 0 };

	(void)state;
	facts.loads_snapshot = true;
	assert_true(snapshot_judge(&migrations, &facts, &err));
	facts.loads_snapshot = false;
	assert_false(snapshot_judge(&migrations, &facts, &err));
	assert_int_equal(err.fault, FAULT_WRONG);
	migrations.newest = "4";
	assert_false(snapshot_judge(&migrations, &facts, &err));
	migrations.newest = "5";
	assert_true(snapshot_judge(&migrations, &facts, &err));
	migrations.newest = "4";
	migrations.at = files;
	migrations.count = 2;
	assert_true(snapshot_judge(&migrations, &facts, &err));
	migrations.snapshot = NULL;
	assert_true(snapshot_judge(&migrations, &facts, &err));
}

/* Where no migration was applied, nobody knows which of the files before it are gone; but that all are. */
static void
judges_the_snapshot_of_a_database_without_migrations(void **state)
{
	struct script snapshot = { .snapshot = "5",
		                   .name = "schema.sql",
		                   .source = { .path = "schema.sql" } };
	struct migration files[] = { { .version = "4" }, { .version = "5" }, { .version = "6" } };
	struct migrations migrations = { .at = files, .count = 3, .snapshot = &snapshot };
	struct facts facts = { 0 };

	(void)state;
	assert_true(snapshot_judge(&migrations, &facts, &err));
	migrations.at = files + 1;
	migrations.count = 2;
	assert_false(snapshot_judge(&migrations, &facts, &err));
	assert_non_null(strstr(err.hint, "baseline 5"));
	snapshot.snapshot = "1";
	files[1].version = "1";
	assert_true(snapshot_judge(&migrations, &facts, &err));
	/* New, and the run is to end below it. */
	snapshot.snapshot = "5";
	migrations.at = files;
	migrations.limit = 1;
	facts.skips_snapshot = true;
	assert_false(snapshot_judge(&migrations, &facts, &err));
	assert_non_null(strstr(err.what, "end at 4"));
}

static void
tallies(void **state)
{
	const struct tally tally = bounds_tally("begin; select 'commit'; ; commit ; -- commit\n");
	const struct statement statements[] = { { .sql = "ROLLBACK to s" }, { .sql = "select 1" } };

	(void)state;
	assert_int_equal(tally.statements, 3);
	assert_int_equal(tally.begins, 1);
	assert_int_equal(tally.commits, 1);
	assert_int_equal(bounds_tally(NULL).statements, 0);
	assert_int_equal(bounds_rollbacks(statements, 2), 1);
}

#define TEST(name) cmocka_unit_test_teardown(name, drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chooses_who_shares),
		TEST(falls_back),
		TEST(is_refused_as_a_group),
		TEST(orders_repeatables),
		TEST(refuses_circles_and_unknown_names),
		TEST(covers),
		TEST(judges_the_snapshot),
		TEST(judges_the_snapshot_of_a_database_without_migrations),
		TEST(tallies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
