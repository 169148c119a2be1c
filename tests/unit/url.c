/* Every dialect of a connection URL, and of libpq's keyword string. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "scoped.h"
#include "shown.h"
#include "target.h"

static const struct {
	const char *url, *keywords;
} urls[] = {
	/* the plain ones */
	{ "postgresql://u:p@h:5432/d", "user=u|password=p|host=h|port=5432|dbname=d" },
	{ "postgres://u:p@h/d", "user=u|password=p|host=h|dbname=d" },
	{ "POSTGRES://h/d", "host=h|dbname=d" },
	{ "postgresql://h", "host=h" },
	{ "postgresql://h/", "host=h" },
	{ "postgresql://h:/d", "host=h|dbname=d" },
	{ "postgresql://u@h/d", "user=u|host=h|dbname=d" },
	{ "postgresql://u:@h/d", "user=u|host=h|dbname=d" },
	{ "postgresql://:p@h/d", "password=p|host=h|dbname=d" },
	{ "postgresql://@h/d", "host=h|dbname=d" },
	{ "postgresql://", "" },
	{ "postgresql:///d", "dbname=d" },
	{ "postgresql://:5433/d", "port=5433|dbname=d" },
	{ "postgresql://u@/d", "user=u|dbname=d" },
	{ "  \t\npostgresql://h/d", "host=h|dbname=d" },
	{ "postgresql://h/d\n", "host=h|dbname=d" },
	{ "postgresql://h \t\r\n", "host=h" },
	{ "postgresql://h/d?sslmode=require ", "host=h|dbname=d|sslmode=require" },
	{ "postgresql://h/d%20 ", "host=h|dbname=d " },
	{ "postgresql://a-b_c.d/d", "host=a-b_c.d|dbname=d" },
	{ "postgresql://h/d/e#f", "host=h|dbname=d/e#f" },
	/* the query */
	{ "postgresql://h/d?sslmode=require", "host=h|dbname=d|sslmode=require" },
	{ "postgresql://h?sslmode=require", "host=h|sslmode=require" },
	{ "postgresql://h/d?", "host=h|dbname=d" },
	{ "postgresql://h/d?&sslmode=require&", "host=h|dbname=d|sslmode=require" },
	{ "postgresql://h/d?sslmode=", "host=h|dbname=d" },
	{ "postgresql://h/d?application_name=", "host=h|dbname=d" },
	{ "postgresql://h/d?connect_timeout=7", "host=h|dbname=d|connect_timeout=7" },
	{ "postgresql://h/d?options=-c%20x%3Dy", "host=h|dbname=d|options=-c x=y" },
	{ "postgresql://h/d?options=-c x=a@b", "host=h|dbname=d|options=-c x=a@b" },
	{ "postgresql://u:p@h/d?options=a@b&application_name=c@d/e?f",
	  "user=u|password=p|host=h|dbname=d|options=a@b|application_name=c@d/e?f" },
	{ "postgresql://h/d?password=p@x&user=u", "host=h|dbname=d|password=p@x|user=u" },
	{ "postgresql://h/d?dbname=e", "host=h|dbname=e" },
	{ "postgresql://h/d?ss%6Cmode=allow", "host=h|dbname=d|sslmode=allow" },
	/* sockets */
	{ "postgresql:///d?host=/run/postgresql", "dbname=d|host=/run/postgresql" },
	{ "postgresql://u:p@/d?host=/run/postgresql&port=1",
	  "user=u|password=p|dbname=d|host=/run/postgresql|port=1" },
	{ "postgresql://%2Frun%2Fpostgresql/d", "host=/run/postgresql|dbname=d" },
	{ "postgresql://%2frun%2Fpg:5433/d", "host=/run/pg|port=5433|dbname=d" },
	{ "postgresql://%40abstract/d", "host=@abstract|dbname=d" },
	/* several hosts, addresses */
	{ "postgresql://h1:1,h2:2/d", "host=h1,h2|port=1,2|dbname=d" },
	{ "postgresql://h1,h2:2,h3/d", "host=h1,h2,h3|port=,2,|dbname=d" },
	{ "postgresql://h1,h2/d", "host=h1,h2|dbname=d" },
	{ "postgresql://h1,/d", "host=h1,|dbname=d" },
	{ "postgresql://u:p@[::1]/d", "user=u|password=p|host=::1|dbname=d" },
	{ "postgresql://[::1]:5433/d", "host=::1|port=5433|dbname=d" },
	{ "postgresql://[fe80::1%eth0]:1,h:2/d", "host=fe80::1%eth0,h|port=1,2|dbname=d" },
	{ "postgresql+psycopg2://u@/d?host=h1:1&host=h2:2", "user=u|dbname=d|host=h1,h2|port=1,2" },
	{ "postgresql://u@/d?port=1&host=h1&port=2&host=h2",
	  "user=u|dbname=d|port=1,2|host=h1,h2" },
	{ "postgresql://h:1/d?port=2&port=3", "host=h|port=3|dbname=d" },
	{ "postgresql://u@/d?host=h1&host=h2:2&host=h3", "user=u|dbname=d|host=h1,h2,h3|port=,2," },
	{ "postgresql:///d?host=h1&host=h2&port=1&port=2", "dbname=d|host=h1,h2|port=1,2" },
	{ "postgresql:///d?host=h1&port=1&host=h2&port=2", "dbname=d|host=h1,h2|port=1,2" },
	{ "postgresql:///d?host=h1,h2&port=1,2", "dbname=d|host=h1,h2|port=1,2" },
	{ "postgresql:///d?host=h:1", "dbname=d|host=h|port=1" },
	{ "postgresql:///d?host=::1&host=/run:1", "dbname=d|host=::1,/run:1" },
	{ "postgresql://h:5/d?host=/run", "host=/run|port=5|dbname=d" },
	{ "postgresql:///d?host=h:", "dbname=d|host=h:" },
	/* percent signs */
	{ "postgresql://u%40x:p%3A%2F%3F%23%25@h/d%20e",
	  "user=u@x|password=p:/?#%|host=h|dbname=d e" },
	{ "postgresql://u:100%@h/d", "user=u|password=100%|host=h|dbname=d" },
	{ "postgresql://u:%zz%4@h/d", "user=u|password=%zz%4|host=h|dbname=d" },
	{ "postgresql://u:%c3%A4@h/d", "user=u|password=\xC3\xA4|host=h|dbname=d" },
	{ "postgresql://u:a+b@h/d", "user=u|password=a+b|host=h|dbname=d" },
	/* raw passwords */
	{ "postgres://u:p@ss/w?o#rd@host:5432/db?sslmode=require",
	  "user=u|password=p@ss/w?o#rd|host=host|port=5432|dbname=db|sslmode=require" },
	{ "postgresql://u:p@ss@h/d", "user=u|password=p@ss|host=h|dbname=d" },
	{ "postgresql://u:@@@h/d", "user=u|password=@@|host=h|dbname=d" },
	{ "postgresql://u:a/b@h/d", "user=u|password=a/b|host=h|dbname=d" },
	{ "postgresql://u:a?b@h/d", "user=u|password=a?b|host=h|dbname=d" },
	{ "postgresql://u:a?b=c@h/d", "user=u|password=a?b=c|host=h|dbname=d" },
	{ "postgresql://u:a#b@h/d", "user=u|password=a#b|host=h|dbname=d" },
	{ "postgresql://u:a:b@h/d", "user=u|password=a:b|host=h|dbname=d" },
	{ "postgresql://u:5/x@h/d", "user=u|password=5/x|host=h|dbname=d" },
	{ "postgresql://u:5?@h/d", "user=u|password=5?|host=h|dbname=d" },
	{ "postgresql://u:x@y/z@h/d", "user=u|password=x@y/z|host=h|dbname=d" },
	{ "postgresql://u:a@b?c=d@h/d", "user=u|password=a@b?c=d|host=h|dbname=d" },
	{ "postgresql://u:a@b?c@h/d", "user=u|password=a@b?c|host=h|dbname=d" },
	{ "postgresql://u:a,b[c]@h/d", "user=u|password=a,b[c]|host=h|dbname=d" },
	{ "postgresql://u:a b\"'\\$@h/d", "user=u|password=a b\"'\\$|host=h|dbname=d" },
	{ "postgresql://u:a&b=c@h/d?sslmode=allow",
	  "user=u|password=a&b=c|host=h|dbname=d|sslmode=allow" },
	{ "postgresql://u:p@ss/w@h1:1,h2:2/d?options=x@y",
	  "user=u|password=p@ss/w|host=h1,h2|port=1,2|dbname=d|options=x@y" },
	{ "postgresql://user@server:pw@h/d", "user=user@server|password=pw|host=h|dbname=d" },
	{ "postgresql://u:://@h/d", "user=u|password=://|host=h|dbname=d" },
	/* other dialects */
	{ "postgresql+asyncpg://u:p@h/d", "user=u|password=p|host=h|dbname=d" },
	{ "postgresql+psycopg2://u:p@/d?host=/s", "user=u|password=p|dbname=d|host=/s" },
	{ "postgres+pg8000://h/d", "host=h|dbname=d" },
	{ "postgresql+asyncpg://h/d?ssl=require", "host=h|dbname=d|sslmode=require" },
	{ "postgresql+asyncpg://h/d?ssl=verify-full", "host=h|dbname=d|sslmode=verify-full" },
	{ "postgis://h/d", "host=h|dbname=d" },
	{ "pgsql://h/d", "host=h|dbname=d" },
	{ "jdbc:postgresql://h:1/d?user=u&password=p@x",
	  "host=h|port=1|dbname=d|user=u|password=p@x" },
	{ "jdbc:postgresql://h/d?password=a+b%2Bc", "host=h|dbname=d|password=a b+c" },
	{ "jdbc:postgresql://h/d?ssl=true", "host=h|dbname=d|sslmode=require" },
	{ "jdbc:postgresql://h/d?ssl", "host=h|dbname=d|sslmode=require" },
	{ "jdbc:postgresql://h/d?ssl=false", "host=h|dbname=d|sslmode=disable" },
	{ "jdbc:postgresql://h/d?ApplicationName=x&connectTimeout=3",
	  "host=h|dbname=d|application_name=x|connect_timeout=3" },
	{ "jdbc:postgresql://h,i/d?loadBalanceHosts=true",
	  "host=h,i|dbname=d|load_balance_hosts=random" },
	{ "jdbc:postgresql://h/d?loadBalanceHosts=false",
	  "host=h|dbname=d|load_balance_hosts=disable" },
	{ "jdbc:postgresql://h/d?loadBalanceHosts", "host=h|dbname=d|load_balance_hosts=disable" },
	{ "postgresql://h/d?load_balance_hosts=random",
	  "host=h|dbname=d|load_balance_hosts=random" },
	{ "postgresql://h/d?sslMode=require&sslRootCert=/ca",
	  "host=h|dbname=d|sslmode=require|sslrootcert=/ca" },
	{ "postgresql://h/d?ssl-mode=true&channelBinding=require",
	  "host=h|dbname=d|sslmode=require|channel_binding=require" },
	{ "postgresql://h/d?sslmode=no-verify", "host=h|dbname=d|sslmode=require" },
	{ "postgresql://h/d?schema=s&connection_limit=5&pgbouncer=true&pool_timeout=0"
	  "&sslaccept=strict&connect_timeout=3",
	  "host=h|dbname=d|connect_timeout=3" },
	/* libpq's other form */
	{ "host=h dbname=d", "host=h|dbname=d" },
	{ "  host = h\n port= 1 ", "host=h|port=1" },
	{ "password='a b' user=u", "password=a b|user=u" },
	{ "password='a\\'b\\\\c'", "password=a'b\\c" },
	{ "password=a\\ b\\", "password=a b\\" },
	{ "password='' host=h", "host=h" },
	{ "host=h password=x\\ ", "host=h|password=x " },
	{ "host=h password=x://y", "host=h|password=x://y" },
	{ "host=h sslmode=verify-full", "host=h|sslmode=verify-full" },
};

static void
urls_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct target target;
		struct err err = { 0 };

		if (!target_parse(&target, urls[i].url, "URL", &arena, &err))
			fail_msg("%s: %s", urls[i].url, err.what);
		if (strcmp(shown(&target, &arena), urls[i].keywords) != 0)
			fail_msg("%s: %s", urls[i].url, shown(&target, &arena));
		assert_string_equal(target_value(&target, "fallback_application_name"),
		                    "pg-entrypoint");
		assert_null(target.keywords[target.count]);
		assert_null(target.values[target.count]);
		assert_string_equal(target.from, "URL");
	}
}

static void
what_is_wrong_is_told_without_a_secret(void **state)
{
	static const struct {
		const char *url, *what;
	} rows[] = {
		{ "", "URL: empty" },
		{ "  ", "URL: empty" },
		{ "h0stname", "URL: neither a URL nor pairs of keyword=value" },
		{ "=s3cret", "URL: neither a URL nor pairs of keyword=value" },
		{ "password='s3cret", "URL: a quote is not closed" },
		{ "mysql://u:s3cret@h/d", "URL: not a URL that begins with postgresql://" },
		{ "http://s3cret", "URL: not a URL that begins with postgresql://" },
		{ "postgresq://u:s3cret@h/d", "URL: not a URL that begins with postgresql://" },
		{ "postgresqlx://s3cret@h/d", "URL: not a URL that begins with postgresql://" },
		{ "postgresql+a b://u:s3cret@h/d",
		  "URL: neither a URL nor pairs of keyword=value" },
		{ "postgresql:s3cret", "URL: neither a URL nor pairs of keyword=value" },
		{ "jdbc:postgresql:s3cret", "URL: neither a URL nor pairs of keyword=value" },
		{ "postgresql://u:s3cret@h:x/d", "URL: a port is not a number from 1 to 65535" },
		{ "postgresql://u:s3cret@h:0/d", "URL: a port is not a number from 1 to 65535" },
		{ "postgresql://u:s3cret@h:65536/d",
		  "URL: a port is not a number from 1 to 65535" },
		{ "postgresql://u:s3cret@h:99999999999999999999/d",
		  "URL: a port is not a number from 1 to 65535" },
		{ "postgresql://u:s3cret@h,g:x/d", "URL: a port is not a number from 1 to 65535" },
		{ "postgresql://u:s3cret@::1/d", "URL: a port is not a number from 1 to 65535" },
		{ "postgresql://u:s3cret@h!/d", "URL: a host's name holds what no name can hold" },
		{ "postgresql://u:s3cret@[::1/d",
		  "URL: an address in brackets is not closed, or is none" },
		{ "postgresql://u:s3cret@[]/d",
		  "URL: an address in brackets is not closed, or is none" },
		{ "postgresql://u:s3cret@[::1]x/d",
		  "URL: a host's name holds what no name can hold" },
		{ "postgresql://u:s3cret%00@h/d",
		  "URL: %00 stands for nothing that PostgreSQL could take" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct target target = { .from = "untouched" };
		struct err err = { 0 };

		if (target_parse(&target, rows[i].url, "URL", &arena, &err))
			fail_msg("%s: taken as %s", rows[i].url, shown(&target, &arena));
		assert_int_equal(err.fault, FAULT_CONFIG);
		assert_string_equal(err.what, rows[i].what);
		assert_null(strstr(err.hint, "s3cret"));
		assert_string_equal(target.from, "untouched");
	}
}

static void
the_form_for_messages_has_no_password(void **state)
{
	static const struct {
		const char *url, *safe;
	} rows[] = {
		{ "postgresql://u:pass@h:5432/d", "postgresql://u@h:5432/d" },
		{ "postgresql://h1:1,h2/d?password=pass", "postgresql://h1:1,h2/d" },
		{ "postgresql://h1,h2/d?port=7", "postgresql://h1:7,h2:7/d" },
		{ "postgresql://u:pass@[::1]:1/d", "postgresql://u@[::1]:1/d" },
		{ "postgresql:///d?host=/run/pg", "postgresql:///run/pg/d" },
		{ "hostaddr=10.0.0.1 port=1", "postgresql://10.0.0.1:1" },
		{ "service=s", "postgresql://?service=s" },
		{ "postgresql://", "postgresql://" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct target target;
		struct err err = { 0 };

		assert_true(target_parse(&target, rows[i].url, "URL", &arena, &err));
		assert_string_equal(target.safe, rows[i].safe);
	}
}

static void
the_search_path_is_kept_aside(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct target target;
	struct err err = { 0 };

	(void)state;
	assert_true(target_parse(&target, "postgresql://h/d?schema=a", "URL", &arena, &err));
	assert_string_equal(target.search_path, "\"a\"");
	assert_null(target_value(&target, "search_path"));
	assert_true(target_parse(&target, "jdbc:postgresql://h/d?currentSchema=a,b", "URL", &arena,
	                         &err));
	assert_string_equal(target.search_path, "\"a\", \"b\"");
	assert_true(target_parse(&target, "postgres://h/d?search_path=a,b", "URL", &arena, &err));
	assert_string_equal(target.search_path, "\"a\", \"b\"");
	assert_true(target_parse(
		&target,
		"jdbc:postgresql://h/d?currentSchema=App%20,%20%22My%20%22%22s,%22%22%22,public",
		"URL", &arena, &err));
	assert_string_equal(target.search_path, "\"app\", \"My \"\"s,\"\"\", \"public\"");
	assert_true(target_parse(&target, "postgresql://h/d?schema=A,b", "URL", &arena, &err));
	assert_string_equal(target.search_path, "\"A,b\"");
	assert_true(target_parse(&target, "postgresql://h/d", "URL", &arena, &err));
	assert_null(target.search_path);
}

static void
unknown_keys_are_left_out_and_named(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct target target;
	struct err err = { 0 };

	(void)state;
	assert_true(
		target_parse(&target, "postgresql://h/d?pgbouncer=true&a=b", "URL", &arena, &err));
	assert_string_equal(target.left_out, "pgbouncer, a");
	assert_true(target_parse(&target, "postgresql://h/d?x=y&options=a@b", "URL", &arena, &err));
	assert_string_equal(target.left_out, "some keys");
	assert_true(target_parse(&target, "host=h x=y", "URL", &arena, &err));
	assert_string_equal(target.left_out, "x");
	assert_true(target_parse(&target, "host=h", "URL", &arena, &err));
	assert_null(target.left_out);
}

static void
what_is_nearly_a_keyword_is_told_apart(void **state)
{
	static const struct {
		const char *url, *mistaken;
		bool is_unprotected;
	} rows[] = {
		{ "postgresql://h/d?sslmod=require", "sslmod (sslmode?)", true },
		{ "postgresql://h/d?SSLMODE=require", "SSLMODE (sslmode?)", true },
		{ "postgresql://h/d?require_aut=scram-sha-256", "require_aut (require_auth?)",
		  true },
		{ "postgresql://h/d?chanel_binding=require", "chanel_binding (channel_binding?)",
		  true },
		{ "postgresql://h/d?search_pth=app", "search_pth (search_path?)", false },
		{ "postgresql://h/d?schem=app", "schem (schema?)", false },
		{ "postgresql://h/d?conect_timeout=3", "conect_timeout (connect_timeout?)", false },
		{ "host=h usr=u hots=g", "usr (user?), hots (host?)", false },
		/* What other drivers know is not meant for libpq. */
		{ "postgresql://h/d?pgbouncer=true&connection_limit=5&pool_timeout=3&sslaccept=strict"
		  "&sslidentity=x&statement_cache_size=0&prepareThreshold=0&pool_max_conns=4&timeout=3"
		  "&sslfactory=x&socketTimeout=3&binary_parameters=yes&x-migrations-table=t&encoding=utf8",
		  NULL, false },
		/* It might be a piece of a password. */
		{ "postgresql://h/d?sslmod=y&options=a@b", "some keys", true },
	};
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct target target;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(target_parse(&target, rows[i].url, "URL", &arena, &err));
		if (rows[i].mistaken)
			assert_string_equal(target.mistaken, rows[i].mistaken);
		else
			assert_null(target.mistaken);
		assert_int_equal(target.is_unprotected, rows[i].is_unprotected);
	}
}

static void
a_copy_differs_in_one_keyword(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct target target, other;
	struct err err = { 0 };

	(void)state;
	assert_true(target_parse(&target, "postgresql://u@h/d", "URL", &arena, &err));
	other = target_with(&target, "dbname", "postgres", &arena);
	assert_string_equal(shown(&other, &arena), "user=u|host=h|dbname=postgres");
	assert_string_equal(other.safe, "postgresql://u@h/postgres");
	assert_string_equal(shown(&target, &arena), "user=u|host=h|dbname=d");
	assert_string_equal(target.safe, "postgresql://u@h/d");
	other = target_with(&other, "port", "1", &arena);
	assert_string_equal(target_value(&other, "port"), "1");
	assert_int_equal(other.count, target.count + 1);
	assert_null(other.keywords[other.count]);
	assert_null(target_value(&other, "user2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_understood),
		cmocka_unit_test(what_is_wrong_is_told_without_a_secret),
		cmocka_unit_test(the_form_for_messages_has_no_password),
		cmocka_unit_test(the_search_path_is_kept_aside),
		cmocka_unit_test(unknown_keys_are_left_out_and_named),
		cmocka_unit_test(what_is_nearly_a_keyword_is_told_apart),
		cmocka_unit_test(a_copy_differs_in_one_keyword),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
