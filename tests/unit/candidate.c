/* Backups in a folder: what their names say, and which is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "clock.h"
#include "restore/candidate.h"
#include "restore/moment.h"

#define NOW 1718712000 /* 2024-06-18 12:00:00 */

static struct arena arena;

static int
end(void **state)
{
	(void)state;
	arena_drop(&arena);
	return 0;
}

static void
times_in_all_spellings(void **state)
{
	static const char *const rows[][2] = {
		{ "20240618_101112", "2024-06-18 10:11:12" },
		{ "20240618-101112", "2024-06-18 10:11:12" },
		{ "20240618101112", "2024-06-18 10:11:12" },
		{ "20240618T101112Z", "2024-06-18 10:11:12" },
		{ "20240618T101112+0200", "2024-06-18 08:11:12" },
		{ "2024-06-18T10:11:12", "2024-06-18 10:11:12" },
		{ "2024-06-18T10:11:12.123456Z", "2024-06-18 10:11:12" },
		{ "2024-06-18T10:11:12-05:00", "2024-06-18 15:11:12" },
		{ "2024-06-18T10:11:12+02", "2024-06-18 08:11:12" },
		{ "2024-06-18_10-11-12", "2024-06-18 10:11:12" },
		{ "2024-06-18-10-11-12", "2024-06-18 10:11:12" },
		{ "2024_06_18_10_11_12", "2024-06-18 10:11:12" },
		{ "2024.06.18_10.11.12", "2024-06-18 10:11:12" },
		{ "2024-06-18_101112", "2024-06-18 10:11:12" },
		{ "2024-06-18 10:11:12", "2024-06-18 10:11:12" },
		{ "2024-06-18_10h", "2024-06-18" },
		{ "20240618_1011", "2024-06-18 10:11" },
		{ "202406181011", "2024-06-18 10:11" },
		{ "2024-06-18_10-11", "2024-06-18 10:11" },
		{ "2024061810", "2024-06-18 10" },
		{ "20240618", "2024-06-18" },
		{ "2024-06-18", "2024-06-18" },
		{ "2024_06_18", "2024-06-18" },
		{ "1718705472", "2024-06-18 10:11:12" },
		{ "20240229", "2024-02-29" },
		/* A counter, and another time in front: the last one counts. */
		{ "20240618_2", "2024-06-18" },
		{ "20230101_20240618_101112", "2024-06-18 10:11:12" },
		{ "v15_20240618", "2024-06-18" },
		/* No times. */
		{ "20230229", NULL },
		{ "20241301", NULL },
		{ "20240632", NULL },
		{ "18061999", NULL },
		{ "202406", NULL },
		{ "123456789012", NULL },
		{ "120240618", NULL },
		{ "202406181", NULL },
		{ "latest", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct moment moment;
		size_t start, length;
		const bool is_there = moment_find(rows[i][0], &moment, &start, &length);

		if (is_there != (rows[i][1] != NULL) ||
		    (is_there && strcmp(moment_words(&moment, &arena), rows[i][1]) != 0))
			fail_msg("%s: %s", rows[i][0],
			         is_there ? moment_words(&moment, &arena) : "no time");
	}
}

static void
what_a_name_says(void **state)
{
	static const struct {
		const char *name, *environment;
		enum backup_kind kind;
		bool has_time;
	} rows[] = {
		{ "backup_prod_20240618_101112.sql.gz", "prod", BACKUP_DATABASE, true },
		{ "backup_production_2024-06-18.sql", "prod", BACKUP_DATABASE, true },
		{ "backup_sit_20240618_101112.sql", "staging", BACKUP_DATABASE, true },
		{ "backup_stage_20240618.dump", "staging", BACKUP_DATABASE, true },
		{ "backup_customer_a_20240618.sql", "customer_a", BACKUP_DATABASE, true },
		{ "backup-dev-20240618T101112Z.dump", "dev", BACKUP_DATABASE, true },
		{ "backup_20240618_101112_prod.sql", "prod", BACKUP_DATABASE, true },
		{ "backup_20240618_101112.sql", NULL, BACKUP_DATABASE, true },
		{ "backup_nexus_staging_20240618.sql", "staging", BACKUP_DATABASE, true },
		{ "backup_test_prod_20240618.sql", "test and prod", BACKUP_DATABASE, true },
		{ "full_backup_20240618_101112.tar.gz", NULL, BACKUP_FULL, true },
		{ "full_backup_staging_20240618_101112.tgz", "staging", BACKUP_FULL, true },
		{ "Full-Backup-2024-06-18.tar.zst", NULL, BACKUP_FULL, true },
		{ "db_backup_20240618_101112.sql", NULL, BACKUP_DATABASE, true },
		{ "database_backup_1718705472.sql.xz", NULL, BACKUP_DATABASE, true },
		{ "database_backup_nexus_20240618.sql", NULL, BACKUP_DATABASE, true },
		{ "20240618.sql.gz", NULL, BACKUP_DATABASE, true },
		{ "2024-06-18", NULL, BACKUP_DATABASE, true },
		{ "prod_20240618.sql", "prod", BACKUP_DATABASE, true },
		{ "backup_prod_latest.sql", "prod", BACKUP_DATABASE, false },
		{ "nexus_latest.sql.gz", NULL, BACKUP_DATABASE, false },
		{ "nexus_staging_latest.dump", "staging", BACKUP_DATABASE, false },
		{ "latest-prod", "prod", BACKUP_DATABASE, false },
		{ "LATEST", NULL, BACKUP_DATABASE, false },
		{ "full_backup_latest.tar.gz", NULL, BACKUP_FULL, false },
		{ "test_latest.sql", "test", BACKUP_TEST, false },
		{ "pre_migration_20240618_101112.sql.gz", NULL, BACKUP_EARLIER, true },
		{ "pre-restore-20240618.sql", NULL, BACKUP_EARLIER, true },
		{ "premigration_prod_20240618.sql", "prod", BACKUP_EARLIER, true },
		{ "test_20240618_101112.sql", "test", BACKUP_TEST, true },
		{ "test_backup_prod_20240618.sql", "test and prod", BACKUP_TEST, true },
		{ "media_backup_20240618_101112.tar.gz", NULL, BACKUP_VOLUME, true },
		{ "static_backup_20240618_101112.tar.gz", NULL, BACKUP_VOLUME, true },
		{ "postgres_volume_20240618.tar.gz", NULL, BACKUP_VOLUME, true },
		{ "nexus-20240618-101112.sql.gz", NULL, BACKUP_UNKNOWN, true },
		{ "nexus_staging_20240618.sql", "staging", BACKUP_UNKNOWN, true },
		{ "nexus.dump", NULL, BACKUP_UNKNOWN, false },
		{ "backup_prod.sql", "prod", BACKUP_DATABASE, false },
		{ "backup.tar.gz", NULL, BACKUP_DATABASE, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct candidate candidate;
		const char *environment;

		assert_true(candidate_read(&candidate, rows[i].name, &arena));
		environment = candidate.environment ? candidate.environment : "-";
		if (candidate.kind != rows[i].kind ||
		    (candidate.when != NULL) != rows[i].has_time ||
		    strcmp(environment, rows[i].environment ? rows[i].environment : "-") != 0)
			fail_msg("%s: %s, of %s, %s", rows[i].name,
			         candidate_kind_words(candidate.kind), environment,
			         candidate.when ? moment_words(candidate.when, &arena) : "-");
	}
}

static void
what_only_belongs_to_a_backup(void **state)
{
	static const char *const names[] = {
		"backup_prod_20240618.sql.gz.sha256",
		"backup_prod_20240618.sql.md5",
		"backup_prod_20240618.meta",
		"manifest.json",
		"backup.log",
		"backup_prod_20240618.sql.gz.part",
		"dump.sql~",
		".backup_prod_20240618.sql.gz.part",
		"README.md",
	};
	struct candidate candidate;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_false(candidate_read(&candidate, names[i], &arena));
}

/*
 * Names with blanks between, `NAME>TARGET` for one that stands for another; the environment; what is taken ("-": nothing);
 * what becomes of each, a letter: T taken, o older, = as new, e another environment, n only when named, v no database, u
 * unknown, d undated, f future, s stands for, p pointer.
 */
static const char letters[] = { [CHOICE_TAKEN] = 'T',      [CHOICE_OLDER] = 'o',
	                        [CHOICE_EQUAL] = '=',      [CHOICE_OTHER_ENVIRONMENT] = 'e',
	                        [CHOICE_ONLY_NAMED] = 'n', [CHOICE_NO_DATABASE] = 'v',
	                        [CHOICE_UNKNOWN] = 'u',    [CHOICE_UNDATED] = 'd',
	                        [CHOICE_FUTURE] = 'f',     [CHOICE_SAME] = 's',
	                        [CHOICE_POINTER] = 'p' };

static const struct folder_row {
	const char *names, *environment, *taken, *choices;
} folders[] = {
	{ "", "prod", "-", "" },
	{ "backup_prod_20240617_101112.sql backup_prod_20240618_101112.sql.gz", "prod",
	  "backup_prod_20240618_101112.sql.gz", "oT" },
	/* The newest of any of the forms. */
	{ "full_backup_20240616_000000.tar.gz db_backup_20240617_000000.sql database_backup_20240618.sql",
	  "prod", "database_backup_20240618.sql", "ooT" },
	{ "2024-06-17.sql 2024-06-18.sql", "dev", "2024-06-18.sql", "oT" },
	/* Staging never into prod, and the other way round. */
	{ "backup_staging_20240618_101112.sql backup_prod_20240601_000000.sql", "prod",
	  "backup_prod_20240601_000000.sql", "eT" },
	{ "backup_sit_20240618_101112.sql", "prod", "-", "e" },
	{ "full_backup_staging_20240618.tar.gz nexus_staging_latest.sql staging_20240618.sql",
	  "prod", "-", "eee" },
	{ "backup_sit_20240618_101112.sql backup_prod_20240618_111111.sql", "staging",
	  "backup_sit_20240618_101112.sql", "Te" },
	{ "backup_My_Env_20240618.sql", "my-env", "backup_My_Env_20240618.sql", "T" },
	{ "backup_test_prod_20240618.sql", "prod", "-", "e" },
	{ "backup_test_prod_20240618.sql", "Test-Prod", "backup_test_prod_20240618.sql", "T" },
	{ "backup_pre-prod_20240618.sql full_backup_pre_prod_20240618.tar.gz", "prod", "-", "ee" },
	{ "backup_pre-prod_20240618_101112.sql backup_prod_20240617.sql", "pre_prod",
	  "backup_pre-prod_20240618_101112.sql", "Te" },
	{ "backup_test_eu_20240618_1.sql", "test", "-", "e" },
	{ "backup_stage_20240618.sql", "stage", "backup_stage_20240618.sql", "T" },
	{ "backup_nexus_prod_20240618.sql", "prod", "backup_nexus_prod_20240618.sql", "T" },
	{ "backup_prod_20240618_101112_UTC.sql", "prod", "backup_prod_20240618_101112_UTC.sql",
	  "T" },
	{ "backup_prod_manual_20240618.sql", "prod", "backup_prod_manual_20240618.sql", "T" },
	{ "backup_prod_production_20240618.sql", "prod", "backup_prod_production_20240618.sql",
	  "T" },
	{ "db_backup_nexus_prod_20240618.sql", "prod", "db_backup_nexus_prod_20240618.sql", "T" },
	{ "nexus_pre-prod_latest.sql", "prod", "-", "e" },
	{ "backup_\303\274_20240618.sql", "\303\266", "-", "e" },
	/* Only when named. */
	{ "pre_migration_20240618_101112.sql.gz test_20240618.sql nexus_20240618.sql backup_prod.sql "
	  "media_backup_20240618_101112.tar.gz backup_prod_20200101_000000.sql",
	  "prod", "backup_prod_20200101_000000.sql", "nnudvT" },
	{ "pre_migration_20240618_101112.sql.gz test_20240618.sql", "test", "-", "nn" },
	/* A time that lies ahead would be the newest for ever. */
	{ "backup_prod_20991231.sql backup_prod_20240618_101112.sql", "prod",
	  "backup_prod_20240618_101112.sql", "fT" },
	{ "backup_prod_20240619_010000.sql backup_prod_20240618_101112.sql", "prod",
	  "backup_prod_20240619_010000.sql", "To" },
	/* As new as each other. */
	{ "backup_prod_20240618_101112.sql backup_prod_20240618_101112.sql.gz", "prod", "-", "==" },
	{ "backup_prod_20240618.sql backup_prod_20240618_101112.sql", "prod", "-", "==" },
	{ "backup_prod_20240618_1.sql backup_prod_20240618_2.sql backup_prod_20240617.sql", "prod",
	  "-", "==o" },
	{ "db_backup_20240618_101112.sql full_backup_20240618_101112.tar.gz", "prod",
	  "full_backup_20240618_101112.tar.gz", "oT" },
	/* Latest: stands for another, or a copy. */
	{ "backup_prod_20240618_101112.sql backup_prod_latest.sql>backup_prod_20240618_101112.sql",
	  "prod", "backup_prod_20240618_101112.sql", "Ts" },
	{ "backup_prod_20240601.sql backup_prod_20240618_101112.sql LATEST>backup_prod_20240601.sql",
	  "prod", "backup_prod_20240618_101112.sql", "oTs" },
	{ "backup_prod_20240618_101112.sql backup_prod_latest.sql", "prod",
	  "backup_prod_20240618_101112.sql", "Tp" },
	{ "nexus_latest.sql.gz", "prod", "nexus_latest.sql.gz", "T" },
	{ "LATEST", "dev", "LATEST", "T" },
	{ "LATEST>gone.sql backup_staging_20240618.sql", "prod", "LATEST", "Te" },
	{ "LATEST>backup_staging_20240618.sql backup_staging_20240618.sql", "prod", "-", "se" },
	{ "one_latest.sql two_latest.sql", "prod", "-", "==" },
};

static size_t
read_names(struct candidate *candidates, const char *names)
{
	char *rest = arena_copy(&arena, names), *word;
	size_t count = 0;

	while ((word = strsep(&rest, " "))) {
		char *target = strchr(word, '>');

		if (!*word)
			continue;
		if (target)
			*target++ = '\0';
		assert_true(candidate_read(&candidates[count], word, &arena));
		candidates[count++].target = target;
	}
	return count;
}

static void
which_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct candidate candidates[10];
		char choices[11] = "";
		const size_t count = read_names(candidates, folders[i].names);
		const struct candidate *taken =
			candidates_choose(candidates, count, folders[i].environment, NOW);

		for (size_t j = 0; j < count; j++) {
			choices[j] = letters[candidates[j].choice];
			assert_true(strlen(candidate_reason(&candidates[j], &arena)) > 4);
		}
		if (strcmp(taken ? taken->name : "-", folders[i].taken) != 0 ||
		    strcmp(choices, folders[i].choices) != 0)
			fail_msg("%s: %s, %s", folders[i].names, taken ? taken->name : "-",
			         choices);
	}
}

static void
a_manifest_stands_over_the_name(void **state)
{
	struct candidate candidate;

	(void)state;
	assert_true(candidate_read(&candidate, "nexus.dump", &arena));
	candidate_read_manifest(&candidate,
	                        "BACKUP_TYPE=full\nENVIRONMENT=\"production\"\n"
	                        "BACKUP_DATE='2024-06-18 10:11:12'\nRECORD_COUNTS=\n",
	                        &arena);
	assert_int_equal(candidate.kind, BACKUP_FULL);
	assert_string_equal(candidate.environment, "prod");
	assert_string_equal(moment_words(candidate.when, &arena), "2024-06-18 10:11:12");
	assert_ptr_equal(candidates_choose(&candidate, 1, "prod", NOW), &candidate);

	assert_true(candidate_read(&candidate, "backup_prod_20240101.sql", &arena));
	candidate_read_manifest(
		&candidate,
		"{\"environment\": \"prod\", \"environmental\": \"x\", \"kind\":\"db\","
		" \"created_at\": \"2024-06-18T10:11:12Z\"}",
		&arena);
	assert_string_equal(candidate.environment, "prod");
	assert_int_equal(candidate.kind, BACKUP_DATABASE);
	assert_string_equal(moment_words(candidate.when, &arena), "2024-06-18 10:11:12");

	/* They do not agree: it is of neither. */
	assert_true(candidate_read(&candidate, "backup_staging_20240618.sql", &arena));
	candidate_read_manifest(&candidate, "environment: prod", &arena);
	assert_null(candidates_choose(&candidate, 1, "prod", NOW));
	assert_null(candidates_choose(&candidate, 1, "staging", NOW));

	/* Nor does it make one that is for people one that is not. */
	assert_true(candidate_read(&candidate, "pre_migration_20240618.sql", &arena));
	candidate_read_manifest(&candidate, "kind=full\nenvironment=prod\ndate=\n", &arena);
	assert_int_equal(candidate.kind, BACKUP_EARLIER);
	assert_true(candidate_read(&candidate, "backup_prod_20240618.sql", &arena));
	candidate_read_manifest(&candidate, "kind=pre_migration", &arena);
	assert_null(candidates_choose(&candidate, 1, "prod", NOW));
}

static void
how_old_it_may_be(void **state)
{
	struct candidate candidate;

	(void)state;
	assert_true(candidate_read(&candidate, "backup_prod_20240617_120000.sql", &arena));
	assert_true(candidate_is_young(&candidate, CLOCK_NEVER, NOW));
	assert_true(candidate_is_young(&candidate, 86400000, NOW));
	assert_false(candidate_is_young(&candidate, 86390000, NOW));
	/* A date alone may be its last second. */
	assert_true(candidate_read(&candidate, "backup_prod_20240617.sql", &arena));
	assert_true(candidate_is_young(&candidate, 43200000, NOW));
	assert_false(candidate_is_young(&candidate, 43190000, NOW));
	assert_true(candidate_read(&candidate, "LATEST", &arena));
	assert_true(candidate_is_young(&candidate, CLOCK_NEVER, NOW));
	assert_false(candidate_is_young(&candidate, 86400000, NOW));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(times_in_all_spellings, end),
		cmocka_unit_test_teardown(what_a_name_says, end),
		cmocka_unit_test_teardown(what_only_belongs_to_a_backup, end),
		cmocka_unit_test_teardown(which_is_taken, end),
		cmocka_unit_test_teardown(a_manifest_stands_over_the_name, end),
		cmocka_unit_test_teardown(how_old_it_may_be, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
