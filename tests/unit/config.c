/* The settings: where a value comes from, and what is said of names that are not ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "arena.h"
#include "clock.h"
#include "config.h"
#include "config/setting.h"
#include "err.h"
#include "log.h"
#include "reading.h"

static void
without_anything_the_defaults_hold(void **state)
{
	(void)state;
	read_well(ARGV(NULL));
	assert_string_equal(request.command, "boot");
	assert_null(request.operands[0]);
	assert_null(config.url);
	assert_null(config.url_from);
	assert_null(config.admin_url);
	assert_int_equal(config.only.count + config.skip.count, 0);
	assert_int_equal(config.wait_timeout, 60000);
	assert_int_equal(config.wait_auth_grace, 10000);
	assert_true(config.boot_lock_timeout == CLOCK_NEVER);
	assert_int_equal(config.lock_timeout, 3000);
	assert_int_equal(config.lock_retry_for, 60000);
	assert_string_equal(config.schema, "entrypoint");
	assert_string_equal(config.environment, "prod");
	assert_int_equal(config.on_edited, POLICY_ERROR);
	assert_int_equal(config.lint, POLICY_WARN);
	assert_int_equal(config.on_missing, POLICY_WARN);
	assert_int_equal(config.on_out_of_order, POLICY_ERROR);
	assert_int_equal(config.on_empty, ON_EMPTY_INIT);
	assert_true(config.restore_max_age == CLOCK_NEVER);
	assert_true(config.scrub);
	assert_false(config.create_database);
	assert_false(config.expect_schema);
	assert_false(config.log_json);
	assert_int_equal(config.log_level, LOG_INFO);
	assert_null(config.user);
	assert_null(config.min_version);
	assert_null(config.checks_dir); /* none exists here */
}

static void
a_limit_says_how_to_have_none(void **state)
{
	size_t limits = 0;

	(void)state;
	for (const struct setting *row = settings; row->key; row++) {
		if (row->kind != KIND_LIMIT)
			continue;
		limits++;
		if (!strstr(row->help, "`none` or 0: "))
			fail_msg("%s", row->key);
	}
	assert_true(limits > 0);
}

/* ---- where a value comes from ---- */

static void
option_variable_file_default_in_this_order(void **state)
{
	static const char ini[] = "user = ini\nschema = ini\nenvironment = ini\n";

	(void)state;
	put_file("order.ini", ini, strlen(ini));
	set("ENTRYPOINT_CONFIG", "order.ini");
	set("ENTRYPOINT_USER", "variable");
	set("ENTRYPOINT_SCHEMA", "variable");
	read_well(ARGV(W("--user=option"), NULL));
	assert_string_equal(config.user, "option");
	assert_string_equal(config.schema, "variable");
	assert_string_equal(config.environment, "ini");
	assert_null(config.min_version);
	assert_string_equal(config.config_file, "order.ini");
}

static void
the_option_names_the_ini_file(void **state)
{
	(void)state;
	put_file("one.ini", "user = one\n", 11);
	set("ENTRYPOINT_CONFIG", "two.ini");
	read_well(ARGV(W("--config"), W("one.ini"), NULL));
	assert_string_equal(config.user, "one");
	read_badly(ARGV(NULL), FAULT_CONFIG,
	           "ENTRYPOINT_CONFIG: two.ini: No such file or directory",
	           "give the absolute path");
	read_badly(ARGV(W("--config=/nowhere.ini"), NULL), FAULT_CONFIG,
	           "--config: /nowhere.ini: No such file or directory", "");
}

static void
a_secret_comes_from_a_file(void **state)
{
	const char *const path = arena_print(&arena, "%s/url", place);

	(void)state;
	put_file("url", "postgresql://h/d\n\r\n\n", 20);
	set("ENTRYPOINT_URL_FILE", path);
	read_well(ARGV(NULL));
	assert_string_equal(config.url, "postgresql://h/d");
	assert_string_equal(config.url_from, "ENTRYPOINT_URL_FILE");
	set("ENTRYPOINT_ADMIN_URL", "postgresql://admin@h/d");
	read_well(ARGV(NULL));
	assert_string_equal(config.admin_url, "postgresql://admin@h/d");
	assert_string_equal(config.admin_url_from, "ENTRYPOINT_ADMIN_URL");
	set("ENTRYPOINT_URL", "x");
	read_badly(ARGV(NULL), FAULT_CONFIG, "ENTRYPOINT_URL and ENTRYPOINT_URL_FILE are both set",
	           "");
	read_badly(ARGV(W("--url=y"), NULL), FAULT_CONFIG,
	           "ENTRYPOINT_URL and ENTRYPOINT_URL_FILE are both set", "");
	set("ENTRYPOINT_URL", ""); /* as not set */
	read_well(ARGV(NULL));
	assert_string_equal(config.url, "postgresql://h/d");
}

static void
bad_files_are_told(void **state)
{
	(void)state;
	put_file("nul", "a\0b", 3);
	put_file("nothing", "\n\n", 2);
	assert_int_equal(mkdir("sub", 0755), 0);
	set("ENTRYPOINT_USER_FILE", "./nul");
	read_badly(ARGV(NULL), FAULT_CONFIG, "ENTRYPOINT_USER_FILE: ./nul: holds a NUL byte", "");
	set("ENTRYPOINT_USER_FILE", "./nothing");
	read_badly(ARGV(NULL), FAULT_CONFIG, "ENTRYPOINT_USER_FILE: the file is empty", "");
	set("ENTRYPOINT_USER_FILE", "./sub");
	read_badly(ARGV(NULL), FAULT_CONFIG, "ENTRYPOINT_USER_FILE: ./sub: Is a directory",
	           "give the absolute path");
	set("ENTRYPOINT_USER_FILE", "/dev/zero");
	read_badly(ARGV(NULL), FAULT_CONFIG, "ENTRYPOINT_USER_FILE: /dev/zero: longer than 1 MiB",
	           "");
	set("ENTRYPOINT_USER_FILE",
	    "s3cret"); /* the secret itself where its file should be named */
	read_badly(ARGV(NULL), FAULT_CONFIG,
	           "ENTRYPOINT_USER_FILE: the file that it names: No such file or directory",
	           "give the absolute path");
	begin(NULL);
	put_file("duration", "s3cret", 6);
	set("ENTRYPOINT_LOCK_TIMEOUT_FILE", "./duration");
	read_badly(
		ARGV(NULL), FAULT_CONFIG,
		"ENTRYPOINT_LOCK_TIMEOUT_FILE: its content is no duration such as 500ms, 30s, 5m "
		"or 24h",
		"");
}

static void
help_works_in_any_environment(void **state)
{
	(void)state;
	set("ENTRYPOINT_CONFIG", "/nowhere");
	set("ENTRYPOINT_MIGRATION_DIR", "x");
	set("ENTRYPOINT_SCRUB", "perhaps");
	set("DATABASE_URL", "x");
	set("DATABASE_URL_FILE", "y");
	read_well(ARGV(W("help"), NULL));
	read_well(ARGV(W("--version"), NULL));
	assert_false(read_settings(ARGV(W("plan"), NULL)));
}

static void
what_will_be_handed_over_is_read_at_once(void **state)
{
	(void)state;
	set("DATABASE_URL", "x");
	set("DATABASE_URL_FILE", "y");
	read_badly(ARGV(W("--url=postgresql://h/d"), NULL), FAULT_CONFIG,
	           "DATABASE_URL and DATABASE_URL_FILE are both set", "");
}

/* ---- the ini file ---- */

static void
an_ini_file_is_read(void **state)
{
	static const char ini[] = "\xEF\xBB\xBF; comment\r\nuser = a b;c #d\r\nmin_version =\r\n"
				  "[pg-entrypoint]\r\nonly = wait, migrate\r\n";

	(void)state;
	put_file("good.ini", ini, strlen(ini));
	read_well(ARGV(W("--config=good.ini"), NULL));
	assert_string_equal(config.user, "a b;c #d");
	assert_null(config.min_version);
	assert_int_equal(config.only.count, 2);
}

static void
a_wrong_ini_file_is_told_with_its_line(void **state)
{
	static const struct {
		const char *ini, *what, *hint;
	} rows[] = {
		{ "\nusr = x\n", "f.ini:2: unknown setting usr", "did you mean user?" },
		{ "wait-timeout = 1\n", "f.ini:1: unknown setting wait-timeout",
		  "did you mean wait_timeout?" },
		{ "frobnicate = 1\n", "f.ini:1: unknown setting frobnicate", "" },
		{ "[seeds]\n", "f.ini:1: unknown section [seeds]", "" },
		{ "[pg-entrypoint]\nlock_timeout = 3 s\n",
		  "f.ini:2: \"3 s\" is no duration such as 500ms, 30s, 5m or 24h", "" },
		{ "user = a\n\nuser = b\n", "f.ini:3: user is set already, in f.ini:1", "" },
		{ "user =\nuser = b\n", "f.ini:2: user is set already, in f.ini:1", "" },
		{ "config = x\n", "f.ini:1: config cannot be set in the file itself", "" },
		{ "url\n", "f.ini:1: neither `key = value` nor `[section]`", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put_file("f.ini", rows[i].ini, strlen(rows[i].ini));
		read_badly(ARGV(W("--config=f.ini"), NULL), FAULT_CONFIG, rows[i].what,
		           rows[i].hint);
	}
}

/* ---- names in the environment ---- */

static void
typos_of_variables_are_errors(void **state)
{
	static const char *const rows[][2] = {
		{ "ENTRYPOINT_MIGRATION_DIR", "ENTRYPOINT_MIGRATIONS_DIR" },
		{ "ENTRYPOINT_SHCEMA", "ENTRYPOINT_SCHEMA" },
		{ "ENTRYPOINT_ULR", "ENTRYPOINT_URL" },
		{ "ENTRYPOINT_WAIT", "ENTRYPOINT_WAIT_TIMEOUT" },
		{ "ENTRYPOINT_ENV", "ENTRYPOINT_ENVIRONMENT" },
		{ "ENTRYPOINT_ENVIRONMEMT_FILE", "ENTRYPOINT_ENVIRONMENT" },
		{ "ENTRYPOINT_CONFIG_FILE", "ENTRYPOINT_CONFIG" },
		{ "ENTRYPOINT_schema", "ENTRYPOINT_SCHEMA" },
		{ "ENTRYPOINT_ADMINURL", "ENTRYPOINT_ADMIN_URL" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin(NULL);
		set(rows[i][0], "s3cret");
		read_badly(ARGV(NULL), FAULT_CONFIG,
		           arena_print(&arena, "unknown variable %s", rows[i][0]),
		           arena_print(&arena, "did you mean %s?", rows[i][1]));
	}
}

static void
strangers_are_warned_of_once(void **state)
{
	(void)state;
	assert_string_equal(read_and_listen(ARGV(NULL)), "");
	set("ENTRYPOINT_FROBNICATE", "1");
	assert_string_equal(read_and_listen(ARGV(NULL)),
	                    "pg-entrypoint: warning: unknown variables, ignored: "
	                    "ENTRYPOINT_FROBNICATE\n");
	set("ENTRYPOINT_X", "1");
	assert_string_equal(read_and_listen(ARGV(NULL)),
	                    "pg-entrypoint: warning: unknown variables, ignored: "
	                    "ENTRYPOINT_FROBNICATE, ENTRYPOINT_X\n");
	set("ENTRYPOINT_LOG", "json");
	assert_non_null(strstr(read_and_listen(ARGV(NULL)), "\"level\":\"warning\""));
	set("ENTRYPOINT_LOG_LEVEL", "error");
	assert_string_equal(read_and_listen(ARGV(NULL)), "");
}

static void
other_peoples_variables_are_left_alone(void **state)
{
	static const char *const names[] = {
		"ENTRYPOINT_SERVICE_HOST",
		"ENTRYPOINT_SERVICE_PORT",
		"ENTRYPOINT_SERVICE_PORT_HTTP",
		"ENTRYPOINT_PORT",
		"ENTRYPOINT_PORT_80_TCP_ADDR",
		"ENTRYPOINT_USER_SERVICE_HOST",
		"ENTRYPOINT_USER_PORT",
		"ENTRYPOINT_USER_PORT_80_TCP",
		"ENTRYPOINT_VAR_APP_PASSWORD",
		"ENTRYPOINT_VAR_X_FILE",
		"ENTRYPOINTS",
		"XENTRYPOINT_URL",
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		set(names[i], "1");
	assert_string_equal(read_and_listen(ARGV(NULL)), "");
	/* A word that only looks like it is not Kubernetes'. */
	set("ENTRYPOINT_REPORTS", "1");
	assert_non_null(strstr(read_and_listen(ARGV(NULL)), "ENTRYPOINT_REPORTS"));
}

/* ---- variables for others ---- */

static void
variables_follow_the_official_images_rule(void **state)
{
	const char *value = "before", *source = "before";

	(void)state;
	assert_true(config_variable("X", &value, &source, &arena, &err));
	assert_null(value);
	assert_string_equal(source, "X");
	set("X", "");
	assert_true(config_variable("X", &value, NULL, &arena, &err));
	assert_null(value);
	set("X", " v \n");
	assert_true(config_variable("X", &value, &source, &arena, &err));
	assert_string_equal(value, " v \n");
	assert_string_equal(source, "X");
	put_file("x", " w \n\n", 5);
	set("X_FILE", "./x");
	assert_false(config_variable("X", &value, &source, &arena, &err));
	assert_string_equal(err.what, "X and X_FILE are both set");
	assert_string_equal(value, " v \n");
	set("X", "");
	assert_true(config_variable("X", &value, &source, &arena, &err));
	assert_string_equal(value, " w ");
	assert_string_equal(source, "X_FILE");
	put_file("x", "\n", 1);
	assert_true(config_variable("X", &value, &source, &arena, &err));
	assert_string_equal(value, "");
}

static void
scripts_get_their_variables(void **state)
{
	const char *value;
	struct names names;

	(void)state;
	assert_false(config_script_variable("app_password", false, &value, &arena, &err));
	assert_string_equal(err.what, "neither ENTRYPOINT_VAR_APP_PASSWORD nor "
	                              "ENTRYPOINT_VAR_APP_PASSWORD_FILE is set");
	assert_true(config_script_variable("app_password", true, &value, &arena, &err));
	assert_null(value);
	set("ENTRYPOINT_VAR_APP_PASSWORD", "given");
	set("ENTRYPOINT_VAR_B_FILE", "/dev/null");
	assert_true(config_script_variable("app_password", false, &value, &arena, &err));
	assert_string_equal(value, "given");
	assert_true(config_script_variable("b", false, &value, &arena, &err));
	assert_string_equal(value, "");
	names = config_script_variables(&arena);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.at[0], "ENTRYPOINT_VAR_APP_PASSWORD");
	assert_string_equal(names.at[1], "ENTRYPOINT_VAR_B");
	set("ENTRYPOINT_VAR_B", "");
	assert_int_equal(config_script_variables(&arena).count, 2);
	set("ENTRYPOINT_VAR_APP_PASSWORD_FILE", "/dev/null");
	assert_false(config_script_variable("app_password", true, &value, &arena, &err));
}

static void
the_application_gets_its_own_and_not_ours(void **state)
{
	(void)state;
	put_file("url", "postgresql://h/d\n", 17);
	set("DATABASE_URL_FILE", "./url");
	set("ENTRYPOINT_ADMIN_URL_FILE", "./url");
	set("ENTRYPOINT_VAR_X", "1");
	set("ENTRYPOINT_SERVICE_HOST", "1");
	set("POSTGRES_PASSWORD_FILE", "/x");
	set("PGHOST", "h");
	assert_true(config_hand_over(&(struct config){ .scrub = false }, &arena, &err));
	assert_string_equal(getenv("DATABASE_URL"), "postgresql://h/d");
	assert_null(getenv("DATABASE_URL_FILE"));
	assert_non_null(getenv("ENTRYPOINT_VAR_X"));
	assert_true(config_hand_over(&(struct config){ .scrub = true }, &arena, &err));
	assert_string_equal(getenv("DATABASE_URL"), "postgresql://h/d");
	assert_null(getenv("ENTRYPOINT_ADMIN_URL_FILE"));
	assert_null(getenv("ENTRYPOINT_VAR_X"));
	assert_null(getenv("ENTRYPOINT_SERVICE_HOST"));
	assert_string_equal(getenv("POSTGRES_PASSWORD_FILE"), "/x");
	assert_string_equal(getenv("PGHOST"), "h");
	set("DATABASE_URL_FILE", "/nowhere");
	assert_false(config_hand_over(&(struct config){ .scrub = true }, &arena, &err));
}

static void
the_table_describes_all_settings(void **state)
{
	struct text page = text_new(&arena);

	(void)state;
	config_describe(&page);
	assert_non_null(strstr(page.at, "| `wait_timeout` | `ENTRYPOINT_WAIT_TIMEOUT` | `60s` | "));
	assert_non_null(strstr(page.at, "| `user` | `ENTRYPOINT_USER` |  | "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_anything_the_defaults_hold),
		TEST(a_limit_says_how_to_have_none),
		TEST(option_variable_file_default_in_this_order),
		TEST(the_option_names_the_ini_file),
		TEST(a_secret_comes_from_a_file),
		TEST(bad_files_are_told),
		TEST(help_works_in_any_environment),
		TEST(what_will_be_handed_over_is_read_at_once),
		TEST(an_ini_file_is_read),
		TEST(a_wrong_ini_file_is_told_with_its_line),
		TEST(typos_of_variables_are_errors),
		TEST(strangers_are_warned_of_once),
		TEST(other_peoples_variables_are_left_alone),
		TEST(variables_follow_the_official_images_rule),
		TEST(scripts_get_their_variables),
		TEST(the_application_gets_its_own_and_not_ours),
		TEST(the_table_describes_all_settings),
	};

	return cmocka_run_group_tests(tests, make_place, drop_place);
}
