/* The command line: options, commands, programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "config.h"
#include "err.h"
#include "log.h"
#include "reading.h"

static void
what_follows_the_program_is_the_programs(void **state)
{
	char **const argv =
		ARGV(W("--create-database"), W("python"), W("--help"), W("--"), W("plan"), NULL);

	(void)state;
	read_well(argv);
	assert_string_equal(request.command, "boot");
	assert_true(config.create_database);
	assert_string_equal(request.operands[0], "python");
	assert_string_equal(request.operands[1], "--help");
	assert_string_equal(request.operands[2], "--");
	assert_string_equal(request.operands[3], "plan");
	assert_null(request.operands[4]);
	assert_ptr_equal(request.operands[0], argv[2]);
}

static void
commands_and_programs_are_told_apart(void **state)
{
	static const struct {
		const char *words[5], *command, *first;
	} rows[] = {
		{ { "migrate" }, "migrate", NULL },
		{ { "migrate", "up" }, "migrate", "up" },
		{ { "./migrate" }, "boot", "./migrate" },
		{ { "/bin/migrate", "up" }, "boot", "/bin/migrate" },
		{ { "Migrate" }, "boot", "Migrate" },
		{ { "--", "migrate" }, "boot", "migrate" },
		{ { "--", "--x" }, "boot", "--x" },
		{ { "--" }, "boot", NULL },
		{ { "boot" }, "boot", NULL },
		{ { "boot", "migrate", "--json" }, "boot", "migrate" },
		{ { "boot", "--scrub=no", "--", "migrate" }, "boot", "migrate" },
		{ { "-" }, "boot", "-" },
		{ { "migrate", "--json", "status" }, "migrate", "status" },
		{ { "migrate", "down", "1", "--confirm", "x" }, "migrate", "down" },
		{ { "migrate", "adopt", "--check" }, "migrate", "adopt" },
		{ { "migrate", "--", "--json" }, "migrate", "--json" },
		{ { "--help" }, "help", NULL },
		{ { "-h" }, "help", NULL },
		{ { "migrate", "up", "--json", "--help", "x" }, "help", "migrate" },
		{ { "plan", "--help" }, "help", "plan" },
		{ { "plan", "--version" }, "version", NULL },
		{ { "--version" }, "version", NULL },
		{ { "version", "--all", "--json" }, "version", NULL },
		{ { "help", "settings" }, "help", "settings" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *argv[7] = { W("pg-entrypoint") };

		for (size_t j = 0; j < 5 && rows[i].words[j]; j++)
			argv[j + 1] = arena_copy(&arena, rows[i].words[j]);
		read_well(argv);
		assert_string_equal(request.command, rows[i].command);
		if (rows[i].first)
			assert_string_equal(request.operands[0], rows[i].first);
		else
			assert_null(request.operands[0]);
	}
}

static void
flags_belong_to_their_commands(void **state)
{
	(void)state;
	read_well(ARGV(W("--json"), W("plan"), NULL));
	assert_true(request.json);
	assert_false(request.diff);
	read_well(ARGV(W("seed"), W("--diff"), NULL));
	assert_true(request.diff);
	assert_false(request.json);
	read_well(ARGV(W("version"), W("--all"), NULL));
	assert_true(request.all);
	read_well(ARGV(W("migrate"), W("lint"), W("--server-version=15"), NULL));
	assert_string_equal(request.server_version, "15");
	read_badly(ARGV(W("--server-version=15"), W("app"), NULL), FAULT_USAGE,
	           "boot takes no --server-version", "--server-version is for: migrate lint");
	read_badly(ARGV(W("--json"), W("app"), NULL), FAULT_USAGE, "boot takes no --json",
	           "--json is for: plan, status, migrate status, migrate lint, migrate rehearse, "
	           "migrate verify, version, health; --log=json: the log as JSON");
	read_badly(ARGV(W("migrate"), W("--diff"), NULL), FAULT_USAGE, "migrate takes no --diff",
	           "--diff is for: seed");
	read_badly(ARGV(W("plan"), W("--all"), NULL), FAULT_USAGE, "plan takes no --all",
	           "--all is for: version");
}

/* One that asks only to look must not change anything. */
static void
flags_belong_to_the_verb(void **state)
{
	static const struct {
		const char *words[3], *what;
	} rows[] = {
		{ { "migrate", "--check" }, "migrate takes no --check" },
		{ { "migrate", "up", "--check" }, "migrate up takes no --check" },
		{ { "--check", "migrate", "up" }, "migrate up takes no --check" },
		{ { "migrate", "up", "--json" }, "migrate up takes no --json" },
		{ { "migrate", "--json" }, "migrate takes no --json" },
		{ { "migrate", "down", "--json" }, "migrate down takes no --json" },
		{ { "migrate", "down", "--check" }, "migrate down takes no --check" },
		{ { "--json", "migrate", "up" }, "migrate up takes no --json" },
		{ { "migrate", "--confirm=x" }, "migrate takes no --confirm" },
		{ { "migrate", "verify", "--confirm=x" }, "migrate verify takes no --confirm" },
		{ { "migrate", "up", "--server-version=15" },
		  "migrate up takes no --server-version" },
		{ { "migrate", "sideways", "--check" }, "migrate takes no --check" },
		{ { "seed", "--json" }, "seed takes no --json" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *argv[5] = { W("pg-entrypoint") };

		for (size_t j = 0; j < 3 && rows[i].words[j]; j++)
			argv[j + 1] = arena_copy(&arena, rows[i].words[j]);

		assert_false(read_settings(argv));
		assert_string_equal(err.what, rows[i].what);
		assert_int_equal(err.fault, FAULT_USAGE);
	}
	read_well(ARGV(W("migrate"), W("--check"), W("adopt"), NULL));
	assert_true(request.check);
	read_well(ARGV(W("migrate"), W("down"), W("--confirm"), W("DOWN x"), NULL));
	assert_string_equal(request.confirm, "DOWN x");
	read_well(ARGV(W("migrate"), W("status"), W("--json"), NULL));
	assert_true(request.json);
	/* A word with a blank in it is no command, but the name of a program. */
	read_well(ARGV(W("migrate up"), NULL));
	assert_string_equal(request.command, "boot");
}

static void
options_take_values_in_two_forms(void **state)
{
	(void)state;
	read_well(ARGV(W("--wait-timeout"), W("5m"), W("--schema=a=b"), W("--scrub=off"),
	               W("--expect-schema"), W("no"), NULL));
	assert_int_equal(config.wait_timeout, 300000);
	assert_string_equal(config.schema, "a=b");
	assert_false(config.scrub);
	assert_true(config.expect_schema);
	assert_string_equal(request.operands[0], "no"); /* a bare yes-or-no takes no next word */
	read_well(ARGV(W("plan"), W("--log"), W("json"), W("--log_level=debug"), NULL));
	assert_true(config.log_json);
	assert_int_equal(config.log_level, LOG_DEBUG);
}

static void
wrong_options_are_told(void **state)
{
	(void)state;
	read_badly(ARGV(W("--migratoins-dir=s3cret"), NULL), FAULT_USAGE,
	           "unknown option --migratoins-dir", "did you mean --migrations-dir?");
	read_badly(ARGV(W("migrate"), W("--dry-run"), NULL), FAULT_USAGE,
	           "unknown option --dry-run", "`plan` says what would be done, without doing it");
	read_badly(ARGV(W("seed"), W("--dif"), NULL), FAULT_USAGE, "unknown option --dif",
	           "did you mean --diff?");
	read_badly(ARGV(W("migrate"), W("--chekc"), NULL), FAULT_USAGE, "unknown option --chekc",
	           "did you mean --check?");
	read_badly(ARGV(W("plan"), W("--confi=x"), NULL), FAULT_USAGE, "unknown option --confi",
	           "did you mean --config?");
	read_badly(ARGV(W("--frobnicate"), NULL), FAULT_USAGE, "unknown option --frobnicate",
	           "the options of a program stand behind its name; `help settings` lists ours");
	read_badly(ARGV(W("-c"), W("ls"), NULL), FAULT_USAGE, "unknown option -c",
	           "the options of a program stand behind its name; `help settings` lists ours");
	read_badly(ARGV(W("-xhelp"), NULL), FAULT_USAGE, "unknown option -x",
	           "the options of a program stand behind its name; `help settings` lists ours");
	read_badly(ARGV(W("--user"), NULL), FAULT_USAGE, "--user needs a value", "");
	read_badly(ARGV(W("--user"), W("--scrub"), NULL), FAULT_USAGE, "--user needs a value", "");
	read_badly(ARGV(W("--user="), NULL), FAULT_USAGE, "--user: the value is empty", "");
	read_badly(ARGV(W("--user"), W(""), NULL), FAULT_USAGE, "--user: the value is empty", "");
	read_badly(ARGV(W("--log"), NULL), FAULT_USAGE, "--log needs a value", "");
}

static void
an_empty_argv_is_survived(void **state)
{
	(void)state;
	read_well((char *[]){ NULL });
	assert_string_equal(request.command, "boot");
}

static void
a_failure_leaves_the_results_untouched(void **state)
{
	(void)state;
	config.schema = "before";
	request.command = "before";
	read_badly(ARGV(W("--schema=pg_x"), NULL), FAULT_CONFIG,
	           "--schema: \"pg_x\" begins with pg_, which the server keeps for itself", "");
	assert_string_equal(config.schema, "before");
	assert_string_equal(request.command, "before");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_follows_the_program_is_the_programs),
		TEST(commands_and_programs_are_told_apart),
		TEST(flags_belong_to_their_commands),
		TEST(flags_belong_to_the_verb),
		TEST(options_take_values_in_two_forms),
		TEST(wrong_options_are_told),
		TEST(an_empty_argv_is_survived),
		TEST(a_failure_leaves_the_results_untouched),
	};

	return cmocka_run_group_tests(tests, make_place, drop_place);
}
