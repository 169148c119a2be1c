/* Another migrator: what the answer of its check means, and the URL that it gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "err.h"
#include "migrator.h"
#include "scoped.h"
#include "target.h"

static void
a_check_proves_with_what_is_true(void **state)
{
	static const char *const true_ones[] = { "t", "true", "1", "b2", "17", "00", " " };
	static const char *const others[] = { NULL, "", "f", "F", "false", "0" };

	(void)state;
	for (size_t i = 0; i < sizeof true_ones / sizeof *true_ones; i++)
		assert_true(migrator_proves(true_ones[i]));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(migrator_proves(others[i]));
}

static void
it_is_due_unless_a_check_said_otherwise(void **state)
{
	struct config config = { 0 };
	struct boot boot = { .config = &config };

	(void)state;
	assert_false(migrator_is_due(&boot));
	config.migrate_command.text = "alembic upgrade head";
	assert_true(migrator_is_due(&boot));
	boot.facts.command_is_done = true;
	assert_false(migrator_is_due(&boot));
}

/* What is made of keywords is read as the same keywords, and written as wanted. */
static void
makes(const char *from, const char *wanted)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct target target, again;
	struct err err = { 0 };
	const char *url;

	assert_true(target_parse(&target, from, "TEST", &arena, &err));
	url = target_url(&target, &arena);
	assert_string_equal(url, wanted);
	assert_true(target_parse(&again, url, "TEST", &arena, &err));
	assert_int_equal(again.count, target.count);
	for (size_t i = 0; i < target.count; i++)
		assert_string_equal(target_value(&again, target.keywords[i]), target.values[i]);
}

static void
a_url_is_made_of_keywords(void **state)
{
	(void)state;
	makes("host=h user=u dbname=d", "postgresql://u@h/d");
	makes("host=h port=5433 user=u password=p dbname=d", "postgresql://u:p@h:5433/d");
	makes("host=h user='u @:' password='p%/?#@ \xc3\xa9' dbname='d/e?'",
	      "postgresql://u%20%40%3A:p%25%2F%3F%23%40%20%C3%A9@h/d%2Fe%3F");
	makes("host=/run/pg port=1 user=u dbname=d", "postgresql://u@/d?host=%2Frun%2Fpg&port=1");
	makes("host=a,b port=1,2 user=u dbname=d", "postgresql://u@/d?host=a%2Cb&port=1%2C2");
	makes("host=::1 port=1 dbname=d", "postgresql://[::1]:1/d");
	makes("host=h dbname=d sslmode=require options='-c a=b'",
	      "postgresql://h/d?sslmode=require&options=-c%20a%3Db");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_check_proves_with_what_is_true),
		cmocka_unit_test(it_is_due_unless_a_check_said_otherwise),
		cmocka_unit_test(a_url_is_made_of_keywords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
