/* help and version: what they print is made from the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "boot.h"
#include "config.h"
#include "err.h"
#include "help.h"
#include "log.h"
#include "scoped.h"

static const struct help_row commands[] = { { "boot", "boots" },
	                                    { "plan", "plans" },
	                                    { "plan twice", "plans again" },
	                                    { "planning", "is another" },
	                                    { NULL, NULL } };
static const struct help_row steps[] = { { "wait", "waits" }, { NULL, NULL } };
static struct err err;
static int file = -1;

static int
open_file(void **state)
{
	char name[] = "/tmp/help-test-XXXXXX";

	(void)state;
	file = mkstemp(name);
	return file >= 0 && unlink(name) == 0 ? 0 : -1;
}

/* What `help` or `version` prints; "" when it fails. */
static const char *
printed(struct request *request)
{
	struct boot boot = { .request = request };
	static char page[32768];
	SCOPED(descriptor_close) int before = dup(STDOUT_FILENO);
	bool is_done;
	ssize_t length;

	assert_true(before >= 0 && ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
	assert_true(dup2(file, STDOUT_FILENO) >= 0);
	is_done = strcmp(request->command, "help") == 0 ? help_run(request, commands, steps, &err)
	                                                : help_version(&boot, &err);
	assert_true(dup2(before, STDOUT_FILENO) >= 0);
	length = pread(file, page, sizeof page - 1, 0);
	assert_true(length >= 0);
	page[length] = '\0';
	assert_int_equal(is_done, *page != '\0');
	return page;
}

static void
help_shows_the_tables(void **state)
{
	const char *const page =
		printed(&(struct request){ .command = "help", .operands = (char *[]){ NULL } });

	(void)state;
	assert_int_equal(strncmp(page, "usage: pg-entrypoint ", 21), 0);
	assert_non_null(strstr(page, "\n  boot              boots\n  plan              plans\n"));
	assert_non_null(strstr(page, "\n  wait              waits\n"));
	assert_non_null(strstr(page, "\n  78  "));
	assert_non_null(strstr(page, "\n  128 + n: ended by signal n\n"));
	assert_non_null(strstr(page, "help settings"));
}

static void
help_settings_shows_the_settings(void **state)
{
	char topic[] = "settings";
	const char *const page = printed(
		&(struct request){ .command = "help", .operands = (char *[]){ topic, NULL } });

	(void)state;
	assert_non_null(strstr(page, "| `schema` | `ENTRYPOINT_SCHEMA` | `entrypoint` |"));
	assert_non_null(strstr(page, "--wait-timeout=30s"));
	assert_null(strstr(page, "usage:"));
}

static void
other_topics_are_wrong_usage(void **state)
{
	char other[] = "colours";

	(void)state;
	assert_string_equal(printed(&(struct request){ .command = "help",
	                                               .operands = (char *[]){ other, NULL } }),
	                    "");
	assert_int_equal(err.fault, FAULT_USAGE);
	assert_string_equal(err.what, "help knows no topic colours");
	assert_non_null(strstr(err.hint, "-- help"));
}

static void
help_of_a_command_is_its_lines(void **state)
{
	char topic[] = "plan", beginning[] = "pla";

	(void)state;
	assert_string_equal(printed(&(struct request){ .command = "help",
	                                               .operands = (char *[]){ topic, NULL } }),
	                    "  plan              plans\n  plan twice        plans again\n");
	assert_string_equal(printed(&(struct request){ .command = "help",
	                                               .operands = (char *[]){ beginning, NULL } }),
	                    "");
}

static void
version_has_three_forms(void **state)
{
	struct request request = { .command = "version" };
	const char *page;

	(void)state;
	assert_string_equal(printed(&request), "pg-entrypoint " TOOL_VERSION "\n");
	request.json = true;
	assert_string_equal(printed(&request), "{\"version\":\"" TOOL_VERSION "\"}\n");
	request.all = true;
	page = printed(&request);
	assert_int_equal(
		strncmp(page, "{\"version\":\"" TOOL_VERSION "\",\"parts\":[{\"name\":\"", 30), 0);
	assert_non_null(strstr(page, "\"licence\":\"PostgreSQL\"}"));
	assert_non_null(strstr(page, "\"}]}\n"));
	request.json = false;
	page = printed(&request);
	assert_non_null(strstr(page, "\n  postgresql "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_shows_the_tables),
		cmocka_unit_test(help_settings_shows_the_settings),
		cmocka_unit_test(other_topics_are_wrong_usage),
		cmocka_unit_test(help_of_a_command_is_its_lines),
		cmocka_unit_test(version_has_three_forms),
	};

	return cmocka_run_group_tests(tests, open_file, NULL);
}
