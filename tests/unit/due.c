/* Which steps have something to do, and whether an empty database may be one, by what the look has seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boot.h"
#include "config.h"
#include "err.h"
#include "look.h"

static struct config config;
static struct request request;
static struct boot boot;

static int
begin(void **state)
{
	(void)state;
	config = (struct config){ .on_empty = ON_EMPTY_RESTORE, .schema = "entrypoint" };
	request = (struct request){ .command = "boot" };
	boot = (struct boot){ .config = &config, .request = &request };
	return 0;
}

static void
an_empty_database_is_restored_once(void **state)
{
	(void)state;
	assert_false(restore_is_due(&boot)); /* it is not empty */
	boot.facts.is_empty = true;
	assert_true(restore_is_due(&boot));
	boot.facts.restored = "backup.sql"; /* which had nothing in it */
	assert_false(restore_is_due(&boot));
	boot.facts.restored = NULL;
	boot.facts.had_relations = true; /* they were dropped */
	assert_false(restore_is_due(&boot));
}

static void
only_where_settings_want_it(void **state)
{
	const char *step = "restore";

	(void)state;
	boot.facts.is_empty = true;
	config.on_empty = ON_EMPTY_INIT;
	assert_false(restore_is_due(&boot));
	config.on_empty = ON_EMPTY_FAIL;
	assert_false(restore_is_due(&boot));
	config.on_empty = ON_EMPTY_RESTORE;
	config.expect_schema = true;
	assert_false(restore_is_due(&boot));
	config.expect_schema = false;
	config.skip = (struct names){ &step, 1 };
	assert_false(restore_is_due(&boot));
}

static void
one_that_was_cut_off_is_due_again(void **state)
{
	struct err err = { 0 };

	(void)state;
	boot.facts.partial = "restore";
	assert_true(restore_is_due(&boot));
	boot.facts.partial = "reset";
	assert_false(restore_is_due(&boot));
	assert_false(look_refuse_partial(&boot, &err));
	assert_string_equal(err.hint, "`pg-entrypoint reset` again ends it");
	request.command = "reset";
	assert_true(look_refuse_partial(&boot, &err));
}

static void
initdb_is_for_what_no_backup_has_filled(void **state)
{
	(void)state;
	config.initdb_dir = "/initdb.d";
	assert_true(initdb_is_due(&boot));
	boot.facts.restored = "backup.sql";
	assert_false(initdb_is_due(&boot));
	boot.facts.restored = NULL;
	boot.facts.is_empty = true;
	assert_false(initdb_is_due(&boot)); /* a restore is */
	config.on_empty = ON_EMPTY_INIT;
	assert_true(initdb_is_due(&boot));
	boot.facts.initdb_done = true;
	assert_false(initdb_is_due(&boot));
}

static void
a_void_is_refused_where_something_was(void **state)
{
	struct err err = { 0 };

	(void)state;
	boot.facts.is_empty = true;
	assert_true(look_refuse_void(&boot, &err));
	assert_false(boot.facts.is_refused_void);
	boot.facts.had_relations = true;
	assert_false(look_refuse_void(&boot, &err));
	assert_true(boot.facts.is_refused_void);
	assert_int_equal(err.fault, FAULT_WRONG);
	assert_non_null(strstr(err.what, "migrations were applied"));
	boot.facts.restored = "backup.sql";
	assert_false(look_refuse_void(&boot, &err));
	assert_non_null(strstr(err.what, "a restore was finished"));
	boot.facts.is_empty = false;
	assert_true(look_refuse_void(&boot, &err));
	assert_false(boot.facts.is_refused_void);
	config.on_empty = ON_EMPTY_FAIL;
	assert_true(look_refuse_void(&boot, &err));
	boot.facts = (struct facts){ .is_empty = true };
	assert_false(look_refuse_void(&boot, &err));
	assert_string_equal(err.what, "the database is empty, and on_empty = fail");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_empty_database_is_restored_once, begin),
		cmocka_unit_test_setup(only_where_settings_want_it, begin),
		cmocka_unit_test_setup(one_that_was_cut_off_is_due_again, begin),
		cmocka_unit_test_setup(initdb_is_for_what_no_backup_has_filled, begin),
		cmocka_unit_test_setup(a_void_is_refused_where_something_was, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
