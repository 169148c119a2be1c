/* Versions, verdicts, policies: what a file means beside the ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "config.h"
#include "err.h"
#include "ledger.h"
#include "log.h"
#include "migration.h"
#include "names.h"
#include "script.h"

static void
compares_versions(void **state)
{
	static const struct {
		const char *one, *other;
		int order;
	} rows[] = {
		{ "1", "2", -1 },
		{ "0001", "1", 0 },
		{ "9", "10", -1 },
		{ "0010", "9", 1 },
		{ "0", "1", -1 },
		{ "00", "0", 0 },
		{ "20240101120000", "3", 1 },
		{ "20240101_a", "20240101_b", -1 },
		{ "20240101_a", "20240101_a", 0 },
		{ "99999999999999999999999", "100000000000000000000000", -1 },
		{ "R__a", "0001", 1 },
		{ "0001", "R__a", -1 },
		{ "R__a", "R__b", -1 },
		{ "R__a", "R__a", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const int order = version_compare(rows[i].one, rows[i].other);

		print_message("%s %s\n", rows[i].one, rows[i].other);
		assert_int_equal((order > 0) - (order < 0), rows[i].order);
	}
}

static void
knows_dates(void **state)
{
	(void)state;
	assert_true(version_is_date("20240229_a"));
	assert_true(version_is_date("19991231"));
	assert_false(version_is_date("00000002_a"));
	assert_false(version_is_date("20241301_a"));
	assert_false(version_is_date("20240032_a"));
	assert_false(version_is_date("20240100_a"));
	assert_false(version_is_date("20240132_a"));
	assert_false(version_is_date("202401011"));
	assert_false(version_is_date("2024010"));
}

static void
gives_verdicts(void **state)
{
	struct migration file = { .version = "0005", .checksum = "same" };
	struct entry entry = { .version = "0005", .checksum = "same", .is_finished = true };

	(void)state;
	assert_int_equal(migration_verdict(&file, NULL, NULL), VERDICT_APPLY);
	assert_int_equal(migration_verdict(&file, NULL, "0004"), VERDICT_APPLY);
	assert_int_equal(migration_verdict(&file, NULL, "6"), VERDICT_OUT_OF_ORDER);
	assert_int_equal(migration_verdict(&file, &entry, "6"), VERDICT_DONE);
	entry.checksum = "other";
	assert_int_equal(migration_verdict(&file, &entry, "5"), VERDICT_EDITED);
	entry.is_finished = false;
	assert_int_equal(migration_verdict(&file, &entry, "5"), VERDICT_UNFINISHED);
	entry.checksum = "same";
	assert_int_equal(migration_verdict(&file, &entry, "5"), VERDICT_RESUME);
	file.is_repeatable = true;
	assert_int_equal(migration_verdict(&file, &entry, "5"), VERDICT_REPEAT);
	assert_int_equal(migration_verdict(&file, NULL, "5"), VERDICT_REPEAT);
	entry.is_finished = true;
	assert_int_equal(migration_verdict(&file, &entry, "5"), VERDICT_DONE);
	entry.checksum = "other";
	assert_int_equal(migration_verdict(&file, &entry, "5"), VERDICT_REPEAT);
	entry.checksum = "same+12ab"; /* with variables, which this container has not */
	assert_int_equal(migration_verdict(&file, &entry, "5"), VERDICT_DONE);
	entry.checksum = "";
	assert_int_equal(migration_verdict(&file, &entry, "5"), VERDICT_REPEAT);
	entry.checksum = "same";
	file.checksum = "same+12ab";
	assert_int_equal(migration_verdict(&file, &entry, "5"), VERDICT_REPEAT);
	entry.checksum = "same+ab12";
	assert_int_equal(migration_verdict(&file, &entry, "5"), VERDICT_REPEAT);
}

static void
matches_files_with_the_ledger(void **state)
{
	struct arena arena = { 0 };
	struct migration files[] = {
		{ .version = "0001", .checksum = "a" },
		{ .version = "0003", .checksum = "c" },
		{ .version = "0004", .checksum = "d" },
		{ .version = "R__x", .checksum = "x", .is_repeatable = true },
	};
	struct entry entries[] = {
		{ .version = "1", .checksum = "a", .is_finished = true },
		{ .version = "2", .checksum = "b", .started_at = "then", .is_finished = true },
		{ .version = "3", .checksum = "c", .is_finished = true },
		{ .version = "R__gone", .checksum = "g", .is_finished = true },
	};
	struct migrations migrations = { .at = files, .count = 4, .limit = 4 };
	const struct ledger ledger = { .entries = entries, .count = 4 };

	(void)state;
	migrations_match(&migrations, &ledger, &arena);
	assert_int_equal(files[0].verdict, VERDICT_DONE);
	assert_int_equal(files[1].verdict, VERDICT_DONE);
	assert_int_equal(files[2].verdict, VERDICT_APPLY);
	assert_int_equal(files[3].verdict, VERDICT_REPEAT);
	assert_int_equal(migrations.pending, 2);
	assert_string_equal(migrations.newest, "3");
	assert_string_equal(migrations.newest_finished, "3");
	assert_int_equal(migrations.missing_count, 2);
	assert_string_equal(migrations.missing[0]->version, "2");
	/* Half applied, and no file for it: never passed over, whatever on_missing says. */
	assert_null(migrations.orphan);
	entries[1].is_finished = entries[2].is_finished = false;
	migrations_match(&migrations, &ledger, &arena);
	assert_string_equal(migrations.newest, "3");
	assert_string_equal(migrations.newest_finished, "1");
	assert_string_equal(migrations.orphan->version, "2");
	assert_false(migrations_judge(&(struct migrations){ .orphan = migrations.orphan },
	                              &(struct config){ .schema = "entrypoint",
	                                                .on_missing = POLICY_IGNORE },
	                              &(struct err){ 0 }));
	/* An empty ledger: everything is pending, nothing missing. */
	migrations_match(&migrations, &(struct ledger){ 0 }, &arena);
	assert_int_equal(migrations.pending, 4);
	assert_int_equal(migrations.missing_count, 0);
	assert_null(migrations.newest);
	arena_drop(&arena);
}

static void
leaves_repeatables_to_a_newer_image(void **state)
{
	struct arena arena = { 0 };
	struct script snapshot = { .snapshot = "0005" };
	struct migration files[] = {
		{ .version = "0003", .checksum = "c" },
		{ .version = "R__x", .checksum = "x", .is_repeatable = true },
	};
	struct entry entries[] = {
		{ .version = "3", .checksum = "c", .is_finished = true },
		{ .version = "5", .checksum = "e", .is_finished = true },
		{ .version = "R__x", .checksum = "other", .is_finished = true },
	};
	struct migrations migrations = { .at = files, .count = 2, .limit = 2 };
	struct ledger ledger = { .entries = entries, .count = 3 };

	(void)state;
	migrations_match(&migrations, &ledger, &arena);
	assert_int_equal(files[1].verdict, VERDICT_NEWER);
	assert_int_equal(migrations.pending, 0);
	/* It is to run again since what it comes after has; was cut off; never ran. */
	entries[2].checksum = "";
	migrations_match(&migrations, &ledger, &arena);
	assert_int_equal(files[1].verdict, VERDICT_REPEAT);
	entries[2].checksum = "other";
	entries[2].is_finished = false;
	migrations_match(&migrations, &ledger, &arena);
	assert_int_equal(files[1].verdict, VERDICT_REPEAT);
	entries[2].is_finished = true;
	ledger.count = 2;
	migrations_match(&migrations, &ledger, &arena);
	assert_int_equal(files[1].verdict, VERDICT_REPEAT);
	ledger.count = 3;
	/* The image is as new as the ledger, by its snapshot or by a file, or newer. Without a version it cannot be told. */
	migrations.snapshot = &snapshot;
	migrations_match(&migrations, &ledger, &arena);
	assert_int_equal(files[1].verdict, VERDICT_REPEAT);
	migrations.snapshot = NULL;
	entries[1].version = "2";
	migrations_match(&migrations, &ledger, &arena);
	assert_int_equal(files[1].verdict, VERDICT_REPEAT);
	entries[1].version = "5";
	migrations.at++;
	migrations.count = migrations.limit = 1;
	migrations_match(&migrations, &ledger, &arena);
	assert_int_equal(files[1].verdict, VERDICT_REPEAT);
	arena_drop(&arena);
}

static bool
judged(enum verdict verdict, enum policy policy, struct err *err)
{
	static const struct entry entry = { .version = "1", .checksum = "a", .started_at = "then" };
	static const struct script script = { .source = { .path = "m/1_a.sql" } };
	struct migration file = {
		.version = "1", .script = &script, .verdict = verdict, .entry = &entry
	};
	struct migrations migrations = { .at = &file, .count = 1, .newest = "2" };
	const struct config config = { .schema = "entrypoint",
		                       .on_edited = policy,
		                       .on_out_of_order = policy };

	err_clear(err);
	return migrations_judge(&migrations, &config, err);
}

static void
holds_policies(void **state)
{
	const struct entry gone = { .version = "7", .name = "0007_gone" };
	const struct entry *missing[] = { &gone };
	struct migrations migrations = { .missing = missing, .missing_count = 1, .newest = "7" };
	const struct entry repeated = { .version = "R__x", .name = "R__x" };
	struct config config = { .on_missing = POLICY_ERROR };
	struct err err = { 0 };

	(void)state;
	log_open(LOG_ERROR, false);
	assert_false(judged(VERDICT_EDITED, POLICY_ERROR, &err));
	assert_int_equal(err.fault, FAULT_WRONG);
	assert_non_null(strstr(err.what, "m/1_a.sql"));
	assert_non_null(strstr(err.hint, "pg-entrypoint migrate accept 1"));
	assert_true(judged(VERDICT_EDITED, POLICY_WARN, &err));
	assert_true(judged(VERDICT_EDITED, POLICY_IGNORE, &err));
	assert_false(judged(VERDICT_OUT_OF_ORDER, POLICY_ERROR, &err));
	assert_true(judged(VERDICT_OUT_OF_ORDER, POLICY_IGNORE, &err));
	assert_false(judged(VERDICT_UNFINISHED, POLICY_IGNORE, &err));
	assert_non_null(
		strstr(err.hint, "delete from \"entrypoint\".migration where version = '1';"));
	assert_true(judged(VERDICT_APPLY, POLICY_ERROR, &err));
	assert_false(migrations_judge(&migrations, &config, &err));
	assert_non_null(strstr(err.what, "0007_gone"));
	assert_null(strstr(err.hint, "accept"));
	missing[0] = &repeated;
	assert_false(migrations_judge(&migrations, &config, &err));
	assert_non_null(strstr(err.hint, "pg-entrypoint migrate accept R__x"));
	config.on_missing = POLICY_WARN;
	assert_true(migrations_judge(&migrations, &config, &err));
}

static void
min_version_counts_what_is_finished_or_will_be(void **state)
{
	const struct entry done = { .version = "3", .is_finished = true };
	const struct entry half = { .version = "12" };
	const struct entry repeated = { .version = "R__gone",
		                        .name = "R__gone",
		                        .is_finished = true };
	const struct entry gone = { .version = "4", .name = "0004_y", .is_finished = true };
	const struct entry *missing[] = { &gone, &repeated };
	struct script scripts[] = { { .name = "0003_a.sql" },
		                    { .name = "0005_b.sql" },
		                    { .name = "0009_c.sql" },
		                    { .name = "0012_d.sql" },
		                    { .name = "R__x.sql" } };
	struct migration files[] = {
		{ .version = "0003", .name = "0003_a", .verdict = VERDICT_DONE, .entry = &done },
		{ .version = "0005", .name = "0005_b", .verdict = VERDICT_APPLY },
		{ .version = "0009", .name = "0009_c", .verdict = VERDICT_LATER },
		{ .version = "0012",
		  .name = "0012_d",
		  .verdict = VERDICT_UNFINISHED,
		  .entry = &half },
		{ .version = "R__x",
		  .name = "R__x",
		  .verdict = VERDICT_REPEAT,
		  .is_repeatable = true },
	};
	struct migrations migrations = { .at = files, .count = 5, .newest_finished = "0003" };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		files[i].script = &scripts[i];
	assert_true(migrations_judge_least(&migrations, "3", false, &err));
	assert_false(migrations_judge_least(&migrations, "4", false, &err));
	assert_string_equal(err.what, "min_version is 4, but the database is at version 0003");
	assert_true(migrations_judge_least(&migrations, "5", true, &err));
	assert_true(migrations_judge_least(&migrations, "0005_b.sql", true, &err));
	err_clear(&err);
	assert_false(migrations_judge_least(&migrations, "0009", true, &err));
	assert_string_equal(err.what,
	                    "min_version is 0009, but the database is at version 0003, and "
	                    "what is pending ends at 0005");
	/* Applied by a newer image, or of one that does not migrate: by the name in the ledger. */
	migrations.missing = missing;
	migrations.missing_count = 2;
	migrations.newest_finished = "4";
	assert_true(migrations_judge_least(&migrations, "0004_y.sql", false, &err));
	err_clear(&err);
	assert_false(migrations_judge_least(&migrations, "5", false, &err));
	/* Nothing yet, and all from the snapshot. */
	migrations = (struct migrations){ .is_first = true };
	err_clear(&err);
	assert_false(migrations_judge_least(&migrations, "1", true, &err));
	assert_string_equal(err.what, "min_version is 1, but the database is at version none");
	migrations.snapshot = &(struct script){ .snapshot = "0500" };
	assert_true(migrations_judge_least(&migrations, "500", true, &err));
	assert_false(migrations_judge_least(&migrations, "500", false, &err));
}

static void
quotes_names(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	assert_string_equal(name_quoted("a\"b C", &arena), "\"a\"\"b C\"");
	arena_drop(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_versions),
		cmocka_unit_test(knows_dates),
		cmocka_unit_test(gives_verdicts),
		cmocka_unit_test(matches_files_with_the_ledger),
		cmocka_unit_test(leaves_repeatables_to_a_newer_image),
		cmocka_unit_test(holds_policies),
		cmocka_unit_test(min_version_counts_what_is_finished_or_will_be),
		cmocka_unit_test(quotes_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
