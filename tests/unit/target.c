/* Where the environment says that the database is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "log.h"
#include "scoped.h"
#include "shown.h"
#include "target.h"

/* NAME=value pairs that end with NULL are the whole environment. */
static void
set_environment(const char *const *pairs)
{
	assert_int_equal(clearenv(), 0);
	for (; *pairs; pairs++) {
		char name[64] = "";
		const char *const equals = strchr(*pairs, '=');

		memcpy(name, *pairs, (size_t)(equals - *pairs));
		assert_int_equal(setenv(name, equals + 1, 1), 0);
	}
}

static char secret_file[] = "/tmp/target-test-XXXXXX";

static int
make_secret(void **state)
{
	const int file = mkstemp(secret_file);
	static const char content[] = "from file\n\n";
	const bool is_written = file >= 0 && write(file, content, strlen(content)) > 0;

	(void)state;
	return is_written && close(file) == 0 ? 0 : -1;
}

static int
drop_secret(void **state)
{
	(void)state;
	return unlink(secret_file);
}

#define MOST_PAIRS 8
#define FILE_OF(name) name "_FILE=" /* completed with the file's path */

static const struct {
	const char *pairs[MOST_PAIRS];
	const char *keywords, *from;
} environments[] = {
	{ { "DATABASE_URL=postgresql://h/d", "PGHOST=other", NULL },
	  "host=h|dbname=d",
	  "DATABASE_URL" },
	{ { "PGHOST=h", "PGPORT=1", "PGUSER=u", "PGPASSWORD=p", "PGDATABASE=d", "POSTGRES_HOST=no",
	    NULL },
	  "host=h|user=u|dbname=d|port=1|password=p",
	  "PGHOST" },
	{ { "PGUSER=u", NULL }, "user=u", "PGUSER" },
	{ { "PGHOSTADDR=::1", NULL }, "hostaddr=::1", "PGHOSTADDR" },
	{ { "PGDATABASE=d", NULL }, "dbname=d", "PGDATABASE" },
	{ { "PGSERVICE=s", "PGHOST=h", FILE_OF("PGUSER"), NULL },
	  "service=s|user=from file",
	  "PGSERVICE" },
	{ { "PGHOST=h", FILE_OF("PGPASSWORD"), NULL }, "host=h|password=from file", "PGHOST" },
	{ { "PGHOST=", "DB_HOST=h", NULL }, "host=h", "DB_HOST" },
	{ { "POSTGRES_HOST=h", NULL }, "host=h|user=postgres|dbname=postgres", "POSTGRES_HOST" },
	{ { "POSTGRES_HOST=h", "POSTGRES_PORT=1", "POSTGRES_USER=u", "POSTGRES_PASSWORD=p",
	    "POSTGRES_DB=d", NULL },
	  "host=h|port=1|user=u|password=p|dbname=d",
	  "POSTGRES_HOST" },
	{ { "POSTGRES_HOST=h", "POSTGRES_USER=u", FILE_OF("POSTGRES_PASSWORD"), NULL },
	  "host=h|user=u|password=from file|dbname=u",
	  "POSTGRES_HOST" },
	{ { "POSTGRES_HOST=h", "POSTGRES_PORT=tcp://10.0.0.1:5432", "DB_HOST=no", NULL },
	  "host=h|user=postgres|dbname=postgres",
	  "POSTGRES_HOST" },
	{ { "POSTGRES_PASSWORD=x", "DB_HOST=h", "DB_PORT=tcp://x", "DB_NAME=d", "DB_USER=u",
	    "DB_PASSWORD=p", NULL },
	  "host=h|user=u|password=p|dbname=d",
	  "DB_HOST" },
	{ { "POSTGRES_PORT=tcp://10.0.0.1:5432", "DB_HOST=/run/pg", "DB_USER=u", NULL },
	  "host=/run/pg|user=u|dbname=u",
	  "DB_HOST" },
	{ { "POSTGRES_HOST=h", "PGPASSWORD=p", "PGPORT=1", NULL },
	  "host=h|user=postgres|dbname=postgres",
	  "POSTGRES_HOST" },
};

/* The pairs, with the path of the secret's file behind each _FILE=. */
static void
set_with_file(const char *const *pairs, struct arena *arena)
{
	const char *whole[MOST_PAIRS] = { NULL };

	for (size_t i = 0; pairs[i]; i++)
		whole[i] = strstr(pairs[i], "_FILE=")
		                 ? arena_print(arena, "%s%s", pairs[i], secret_file)
		                 : pairs[i];
	set_environment(whole);
}

static void
the_environment_is_searched_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof environments / sizeof *environments; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct target target;
		struct err err = { 0 };

		set_with_file(environments[i].pairs, &arena);
		if (!target_find(&target, NULL, NULL, &arena, &err))
			fail_msg("row %zu: %s", i, err.what);
		assert_string_equal(shown(&target, &arena), environments[i].keywords);
		assert_string_equal(target.from, environments[i].from);
		assert_non_null(target.safe);
	}
}

static void
a_setting_counts_more_than_the_environment(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct target target;
	struct err err = { 0 };

	(void)state;
	set_environment((const char *const[]){ "DATABASE_URL=postgresql://no/no", NULL });
	assert_true(target_find(&target, "postgresql://h/d", "ENTRYPOINT_URL", &arena, &err));
	assert_string_equal(shown(&target, &arena), "host=h|dbname=d");
	assert_string_equal(target.from, "ENTRYPOINT_URL");
	assert_false(target_find(&target, "mysql://h/d", "ENTRYPOINT_URL", &arena, &err));
}

static void
what_is_left_out_is_told_in_a_debug_line(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(descriptor_close) int before = dup(STDERR_FILENO);
	struct target target;
	struct err err = { 0 };
	char said[256] = "";
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	log_open(LOG_DEBUG, false);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	assert_true(target_find(&target, "postgresql://h/d?pgbouncer=true", "URL", &arena, &err));
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	log_open(LOG_INFO, false);
	assert_true(read(ends[0], said, sizeof said - 1) > 0);
	assert_string_equal(said, "pg-entrypoint: debug: URL: left out, libpq does not know: "
	                          "pgbouncer\n");
	assert_int_equal(close(ends[0]) + close(ends[1]), 0);
}

static void
what_is_missing_or_wrong_is_named(void **state)
{
	static const struct {
		const char *pairs[MOST_PAIRS];
		const char *what;
	} rows[] = {
		{ { NULL }, "nothing says where the database is" },
		{ { "POSTGRES_PORT=tcp://10.0.0.1:5432", NULL },
		  "nothing says where the database is" },
		{ { "POSTGRES_DB=d", NULL }, "POSTGRES_DB is set, POSTGRES_HOST is not" },
		{ { FILE_OF("POSTGRES_PASSWORD"), NULL },
		  "POSTGRES_PASSWORD_FILE is set, POSTGRES_HOST is not" },
		{ { "DB_NAME=d", NULL }, "DB_NAME is set, DB_HOST is not" },
		{ { "POSTGRES_HOST=h", "POSTGRES_PORT=x", NULL },
		  "POSTGRES_PORT is not a port, a number from 1 to 65535" },
		{ { "DB_HOST=h", "DB_PORT=70000", NULL },
		  "DB_PORT is not a port, a number from 1 to 65535" },
		{ { "DB_HOST=h", "DB_PORT=0", NULL },
		  "DB_PORT is not a port, a number from 1 to 65535" },
		{ { "PGHOST=h", FILE_OF("PGHOST"), NULL }, "PGHOST and PGHOST_FILE are both set" },
		{ { "DB_HOST=h", "DB_USER=x", FILE_OF("DB_USER"), NULL },
		  "DB_USER and DB_USER_FILE are both set" },
		{ { "DATABASE_URL=x", FILE_OF("DATABASE_URL"), NULL },
		  "DATABASE_URL and DATABASE_URL_FILE are both set" },
		{ { "POSTGRES_HOST=h", "POSTGRES_DB=postgresql://u:p@h/d", NULL },
		  "POSTGRES_DB holds a URL" },
		{ { "PGDATABASE=postgresql://u:p@h/d", NULL }, "PGDATABASE holds a URL" },
		{ { "DB_HOST=postgresql://u:p@h/d", NULL }, "DB_HOST holds a URL" },
		{ { "DATABASE_URL=host=h dbname=x://y", NULL },
		  "DATABASE_URL: dbname holds a URL" },
		{ { "DATABASE_URL=postgresql://u@/d?host=x://y", NULL },
		  "DATABASE_URL: host holds a URL" },
		{ { "DATABASE_URL=mysql://h", NULL },
		  "DATABASE_URL: not a URL that begins with postgresql://" },
		{ { FILE_OF("DATABASE_URL"), NULL },
		  "DATABASE_URL_FILE: neither a URL nor pairs of keyword=value" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct target target;
		struct err err = { 0 };

		set_with_file(rows[i].pairs, &arena);
		assert_false(target_find(&target, NULL, NULL, &arena, &err));
		assert_string_equal(err.what, rows[i].what);
		assert_int_equal(err.fault, FAULT_CONFIG);
		if (strstr(err.what, "nothing"))
			assert_non_null(strstr(err.hint, "DATABASE_URL"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment_is_searched_in_order),
		cmocka_unit_test(a_setting_counts_more_than_the_environment),
		cmocka_unit_test(what_is_left_out_is_told_in_a_debug_line),
		cmocka_unit_test(what_is_missing_or_wrong_is_named),
	};

	return cmocka_run_group_tests(tests, make_secret, drop_secret);
}
