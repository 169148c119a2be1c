/* What each kind of setting takes, and what is said of a wrong value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "clock.h"
#include "config.h"
#include "err.h"
#include "mapping.h"
#include "reading.h"

static void
durations_carry_units(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "500ms", 500 },
		{ "30s", 30000 },
		{ "30", 30000 },
		{ "5m", 300000 },
		{ "5min", 300000 },
		{ "24h", 86400000 },
		{ "1d", 86400000 },
		{ "0", 0 },
		{ "0ms", 0 },
		{ "1.5s", 1500 },
		{ "0.5", 500 },
		{ ".5s", 500 },
		{ "2147483647ms", INT32_MAX },
		{ "0.1ms", 1 },
	};
	static const char *const wrong[] = { "s", "abc", "-1", "+1",  "1e3",  "0x10", "1.2.3",
		                             ".", "1 s", "1S", "inf", "5m3s", "none", "1w" };
	static const char *const too_long[] = { "2147483648ms", "25d", "999999999999999999999h" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		set("ENTRYPOINT_LOCK_TIMEOUT", rows[i].text);
		read_well(ARGV(NULL));
		assert_int_equal(config.lock_timeout, rows[i].ms);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		set("ENTRYPOINT_LOCK_TIMEOUT", wrong[i]);
		assert_false(read_settings(ARGV(NULL)));
		assert_non_null(strstr(err.what, "is no duration"));
		assert_int_equal(err.fault, FAULT_CONFIG);
	}
	for (size_t i = 0; i < sizeof too_long / sizeof *too_long; i++) {
		set("ENTRYPOINT_LOCK_TIMEOUT", too_long[i]);
		assert_false(read_settings(ARGV(NULL)));
		assert_non_null(strstr(err.what, "is too long"));
		assert_string_equal(err.hint, "at most 24d");
	}
}

static void
limits_may_be_none(void **state)
{
	static const char *const never[] = { "none", "None", "0", "0s" };

	(void)state;
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		set("ENTRYPOINT_WAIT_TIMEOUT", never[i]);
		set("ENTRYPOINT_BOOT_LOCK_TIMEOUT", "1m");
		read_well(ARGV(NULL));
		assert_true(config.wait_timeout == CLOCK_NEVER);
		assert_int_equal(config.boot_lock_timeout, 60000);
	}
	set("ENTRYPOINT_RESTORE_MAX_AGE", "30d"); /* which is no timeout of a server's */
	read_well(ARGV(NULL));
	assert_true(config.restore_max_age == INT64_C(30) * 24 * 60 * 60 * 1000);
	set("ENTRYPOINT_WAIT_TIMEOUT", "never");
	read_badly(
		ARGV(NULL), FAULT_CONFIG,
		"ENTRYPOINT_WAIT_TIMEOUT: \"never\" is no duration such as 500ms, 30s, 5m or 24h",
		"");
}

static void
a_version_begins_with_digits(void **state)
{
	(void)state;
	set("ENTRYPOINT_MIN_VERSION", "0042_users.sql");
	read_well(ARGV(NULL));
	assert_string_equal(config.min_version, "0042_users.sql");
	set("ENTRYPOINT_MIN_VERSION", "v42");
	read_badly(
		ARGV(NULL), FAULT_CONFIG,
		"ENTRYPOINT_MIN_VERSION: \"v42\" is no version, which begins with digits, such as "
		"0042",
		"");
}

static void
yes_and_no_have_many_names(void **state)
{
	static const char *const yes[] = { "true", "1", "yes", "on", "TRUE", "Yes" };
	static const char *const no[] = { "false", "0", "no", "off", "FALSE", "Off" };

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		set("ENTRYPOINT_SCRUB", no[i]);
		set("ENTRYPOINT_CREATE_DATABASE", yes[i]);
		read_well(ARGV(NULL));
		assert_false(config.scrub);
		assert_true(config.create_database);
	}
	set("ENTRYPOINT_SCRUB", "y");
	read_badly(ARGV(NULL), FAULT_CONFIG, "ENTRYPOINT_SCRUB: \"y\" is neither yes nor no", "");
}

static void
choices_are_listed_when_wrong(void **state)
{
	(void)state;
	set("ENTRYPOINT_ON_EDITED", "Ignore");
	set("ENTRYPOINT_ON_EMPTY", "fail");
	read_well(ARGV(NULL));
	assert_int_equal(config.on_edited, POLICY_IGNORE);
	read_well(ARGV(W("--lint=Error"), NULL));
	assert_int_equal(config.lint, POLICY_ERROR);
	read_well(ARGV(W("--lint=off"), NULL));
	assert_true(config.lint != POLICY_ERROR && config.lint != POLICY_WARN);
	read_well(ARGV(W("--lint=ignore"), NULL));
	assert_true(config.lint != POLICY_ERROR && config.lint != POLICY_WARN);
	assert_int_equal(config.on_empty, ON_EMPTY_FAIL);
	read_badly(ARGV(W("--on-edited=never"), NULL), FAULT_CONFIG,
	           "--on-edited: \"never\" is none of the choices",
	           "on_edited: error, warn, ignore");
	read_badly(ARGV(W("--on-empty=x"), NULL), FAULT_CONFIG,
	           "--on-empty: \"x\" is none of the choices", "on_empty: init, restore, fail");
	read_well(ARGV(W("--on-empty=restore"), NULL));
	assert_int_equal(config.on_empty, ON_EMPTY_RESTORE);
	begin(NULL);
	read_well(ARGV(W("--restore-from=/backup"), W("--restore-max-age=7d"), NULL));
	assert_int_equal(config.on_empty, ON_EMPTY_RESTORE);
	assert_true(config.restore_max_age == 7 * 24 * INT64_C(3600000));
	read_well(ARGV(W("--restore-from=/backup"), W("--on-empty=init"), NULL));
	assert_int_equal(config.on_empty, ON_EMPTY_INIT);
	read_badly(ARGV(W("--log=xml"), NULL), FAULT_CONFIG,
	           "--log: \"xml\" is none of the choices", "log: text, json");
}

static void
names_are_split_at_commas_and_blanks(void **state)
{
	(void)state;
	set("ENTRYPOINT_FOREIGN_SCHEMAS", " a,b , c\td,,\n");
	read_well(ARGV(NULL));
	assert_int_equal(config.foreign_schemas.count, 4);
	assert_string_equal(config.foreign_schemas.at[0], "a");
	assert_string_equal(config.foreign_schemas.at[3], "d");
	set("ENTRYPOINT_FOREIGN_SCHEMAS", " , ");
	read_well(ARGV(NULL));
	assert_int_equal(config.foreign_schemas.count, 0);
}

static void
folders_that_were_named_stay(void **state)
{
	(void)state;
	set("ENTRYPOINT_CHECKS_DIR", "/nowhere");
	read_well(ARGV(NULL));
	assert_string_equal(config.checks_dir, "/nowhere");
	set("ENTRYPOINT_CHECKS_DIR", "/checks"); /* the default's own name */
	read_well(ARGV(NULL));
	assert_string_equal(config.checks_dir, "/checks");
}

static void
schemas_are_ours_alone(void **state)
{
	char name[65] = "--schema=";

	(void)state;
	read_well(ARGV(W("--schema=My \"own\" schema"), NULL));
	assert_string_equal(config.schema, "My \"own\" schema");
	memset(name, 0, sizeof name);
	memset(name, 'x', 64);
	set("ENTRYPOINT_SCHEMA", name);
	assert_false(read_settings(ARGV(NULL)));
	assert_non_null(strstr(err.what, "is longer than the 63 bytes of a name"));
	set("ENTRYPOINT_SCHEMA", name + 1);
	read_well(ARGV(NULL));
	read_badly(ARGV(W("--schema=public"), NULL), FAULT_CONFIG,
	           "--schema: \"public\" is not a schema for our tables alone", "");
	read_badly(ARGV(W("--schema=information_schema"), NULL), FAULT_CONFIG,
	           "--schema: \"information_schema\" is not a schema for our tables alone", "");
}

static void
environments_have_other_names(void **state)
{
	static const char *const rows[][2] = {
		{ "sit", "staging" },  { "staging", "staging" }, { "production", "prod" },
		{ "PROD", "prod" },    { "development", "dev" }, { "dev", "dev" },
		{ "testing", "test" }, { "test", "test" },       { "Customer 7", "Customer 7" },
	};
	static const char *const wrong[] = { "a/b", ".", "..", ".x", "common" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		set("ENTRYPOINT_ENVIRONMENT", rows[i][0]);
		read_well(ARGV(NULL));
		assert_string_equal(config.environment, rows[i][1]);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		set("ENTRYPOINT_ENVIRONMENT", wrong[i]);
		assert_false(read_settings(ARGV(NULL)));
	}
}

static void
commands_are_words_and_checks_may_be_queries(void **state)
{
	static const char *const queries[] = {
		"select 1",      " SELECT(1)", "with a as (select 1) select * from a",
		"values (true)", "(select 1)", "select\n1;\n; ",
		"Select'a'"
	};
	static const char *const programs[] = { "selector", "select-it", "./select.sh x",
		                                "withdraw", "x" };

	(void)state;
	set("ENTRYPOINT_MIGRATE_COMMAND", "alembic -c 'my app.ini' upgrade");
	read_well(ARGV(NULL));
	assert_string_equal(config.migrate_command.text, "alembic -c 'my app.ini' upgrade");
	assert_string_equal(config.migrate_command.words[2], "my app.ini");
	assert_null(config.migrate_command.words[4]);
	assert_null(config.migrate_command_check.text);
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		set("ENTRYPOINT_MIGRATE_COMMAND_CHECK", queries[i]);
		read_well(ARGV(NULL));
		assert_null(config.migrate_command_check.words);
		assert_null(strchr(config.migrate_command_check.text, ';'));
	}
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		set("ENTRYPOINT_MIGRATE_COMMAND_CHECK", programs[i]);
		read_well(ARGV(NULL));
		assert_non_null(config.migrate_command_check.words);
		assert_string_equal(config.migrate_command_check.text, programs[i]);
	}
	/* It is a program, whatever it is called. */
	set("ENTRYPOINT_MIGRATE_COMMAND", "select 1");
	read_well(ARGV(NULL));
	assert_string_equal(config.migrate_command.words[0], "select");
	set("ENTRYPOINT_MIGRATE_COMMAND", "a s3cret | b");
	assert_false(read_settings(ARGV(NULL)));
	assert_string_equal(err.what,
	                    "ENTRYPOINT_MIGRATE_COMMAND: the command has a |, which only a "
	                    "shell would understand");
	assert_int_equal(err.fault, FAULT_CONFIG);
}

static void
jobs_are_a_number(void **state)
{
	static const char *const wrong[] = { "0", "65", "-1", "+2", "2x", " 2", "many" };

	(void)state;
	read_well(ARGV(NULL));
	assert_in_range(config.restore_jobs, 1, 4);
	set("ENTRYPOINT_RESTORE_JOBS", "64");
	read_well(ARGV(NULL));
	assert_int_equal(config.restore_jobs, 64);
	set("ENTRYPOINT_RESTORE_JOBS", "min(cores,4)");
	read_well(ARGV(NULL));
	assert_in_range(config.restore_jobs, 1, 4);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		set("ENTRYPOINT_RESTORE_JOBS", wrong[i]);
		assert_false(read_settings(ARGV(NULL)));
		assert_non_null(strstr(err.what, "is no number from 1 to 64"));
		assert_int_equal(err.fault, FAULT_CONFIG);
	}
}

static void
mappings_are_read(void **state)
{
	(void)state;
	read_well(ARGV(NULL));
	assert_int_equal(config.exit_map->to[143], 143);
	assert_int_equal(config.signal_map->to[15], 15);
	read_well(ARGV(W("--exit-map=143:0"), W("--signal-map"), W("TERM:QUIT, HUP:0"), W("--init"),
	               NULL));
	assert_int_equal(config.exit_map->to[143], 0);
	assert_int_equal(config.signal_map->to[15], 3);
	assert_int_equal(config.signal_map->to[1], 0);
	assert_true(config.init);
	read_badly(ARGV(W("--exit-map=143=0"), NULL), FAULT_CONFIG,
	           "--exit-map: \"143=0\" is no list of exit codes such as 143:0", "");
	read_badly(
		ARGV(W("--signal-map=KILL:1"), NULL), FAULT_CONFIG,
		"--signal-map: \"KILL:1\" has KILL, STOP or CHLD in front, which cannot be passed on",
		"");
}

static void
steps_that_do_not_exist_are_told(void **state)
{
	(void)state;
	set("ENTRYPOINT_ONLY", "wait migrat");
	read_badly(ARGV(NULL), FAULT_CONFIG, "ENTRYPOINT_ONLY: no step of boot is called migrat",
	           "the steps: wait restore initdb migrate seed check");
	set("ENTRYPOINT_ONLY", "all");
	read_badly(ARGV(NULL), FAULT_CONFIG, "ENTRYPOINT_ONLY: no step of boot is called all",
	           "the steps: wait restore initdb migrate seed check");
	read_badly(ARGV(W("--only=wait"), W("--skip=x"), NULL), FAULT_CONFIG,
	           "--skip: no step of boot is called x",
	           "the steps: wait restore initdb migrate seed check; or all");
	read_badly(ARGV(W("--only=wait"), W("--skip=lint"), NULL), FAULT_CONFIG,
	           "--skip: no step of boot is called lint",
	           "lint is a setting of its own: see `help settings`");
}

static void
only_and_skip_choose_steps(void **state)
{
	(void)state;
	read_well(ARGV(NULL));
	assert_true(config_wants(&config, "seed"));
	read_well(ARGV(W("--only=wait,seed"), NULL));
	assert_true(config_wants(&config, "seed"));
	assert_false(config_wants(&config, "migrate"));
	read_well(ARGV(W("--only=wait,seed"), W("--skip=seed"), NULL));
	assert_true(config_wants(&config, "wait"));
	assert_false(config_wants(&config, "seed"));
	read_well(ARGV(W("--skip=all"), NULL));
	assert_false(config_wants(&config, "wait"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(durations_carry_units),
		TEST(limits_may_be_none),
		TEST(a_version_begins_with_digits),
		TEST(yes_and_no_have_many_names),
		TEST(choices_are_listed_when_wrong),
		TEST(names_are_split_at_commas_and_blanks),
		TEST(folders_that_were_named_stay),
		TEST(schemas_are_ours_alone),
		TEST(environments_have_other_names),
		TEST(commands_are_words_and_checks_may_be_queries),
		TEST(jobs_are_a_number),
		TEST(mappings_are_read),
		TEST(steps_that_do_not_exist_are_told),
		TEST(only_and_skip_choose_steps),
	};

	return cmocka_run_group_tests(tests, make_place, drop_place);
}
