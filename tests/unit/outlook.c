/* Every class of the classifier of failed connections: db_outlook. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db.h"

/* As libpq says it, verbosity VERBOSE. */
#define AT "connection to server at \"db\" (10.0.0.2), port 5432 failed: "

static const struct {
	const char *text;
	const char *sqlstate;
	enum outlook outlook;
} rows[] = {
	{ AT "Connection refused\n\tIs the server running?\n", "", OUTLOOK_NOT_THERE },
	{ AT "Network is unreachable\n", "", OUTLOOK_NOT_THERE },
	{ AT "server closed the connection unexpectedly\n", "", OUTLOOK_NOT_THERE },
	{ "", "", OUTLOOK_NOT_THERE },
	{ AT "FATAL:  57P03: the database system is starting up\n", "57P03", OUTLOOK_COMING },
	{ AT "FATAL:  57P01: terminating connection\n", "57P01", OUTLOOK_COMING },
	{ AT "FATAL:  53300: sorry, too many clients already\n", "53300", OUTLOOK_COMING },
	{ AT "FATAL:  08P01: server login has been failing\n", "08P01", OUTLOOK_COMING },
	{ AT "FATAL:  08P01: password authentication failed\n", "08P01", OUTLOOK_MAYBE_CONFIG },
	{ AT "FATAL:  08P01: \"trust\" authentication failed\n", "08P01", OUTLOOK_MAYBE_CONFIG },
	{ AT "FATAL:  08P01: no such database: nexus\n", "08P01", OUTLOOK_MAYBE_CONFIG },
	{ AT "FATAL:  XX000: could not open relation\n", "XX000", OUTLOOK_COMING },
	{ AT "FATAL:  28P01: password authentication failed for user \"u\"\n", "28P01",
	  OUTLOOK_MAYBE_CONFIG },
	{ AT "SCHWERWIEGEND:  28000: kein Eintrag\n", "28000", OUTLOOK_MAYBE_CONFIG },
	{ AT "FATAL:  3D000: database \"nexus\" does not exist\n", "3D000", OUTLOOK_MAYBE_CONFIG },
	{ AT "FATAL:  42501: permission denied for database \"nexus\"\n", "42501",
	  OUTLOOK_MAYBE_CONFIG },
	{ AT "FATAL:  0A000: unsupported frontend protocol\n", "0A000", OUTLOOK_CONFIG },
	{ AT "fe_sendauth: no password supplied\n", "", OUTLOOK_MAYBE_CONFIG },
	{ AT "server does not support SSL, but SSL was required\n", "", OUTLOOK_MAYBE_CONFIG },
	{ AT "SSL error: certificate verify failed\n", "", OUTLOOK_CONFIG },
	{ AT "server certificate for \"a\" does not match host name \"b\"\n", "", OUTLOOK_CONFIG },
	{ AT "channel binding required, but not supported by server\n", "", OUTLOOK_CONFIG },
	{ AT "expected authentication request from server, but received H\n", "", OUTLOOK_CONFIG },
	{ AT "FATAL:  42704: unrecognized configuration parameter \"foo\"\n", "42704",
	  OUTLOOK_CONFIG },
	{ AT "FATAL:  22023: invalid value for parameter \"work_mem\": \"x\"\n", "22023",
	  OUTLOOK_CONFIG },
	{ AT "FATAL:  22023: role \"late\" does not exist\n", "22023", OUTLOOK_MAYBE_CONFIG },
	{ AT "FATAL:  42601: -c foo requires a value\n", "42601", OUTLOOK_CONFIG },
	{ AT "FATAL:  55P02: parameter \"port\" cannot be changed\n", "55P02", OUTLOOK_CONFIG },
	{ "private key file \"k\" has group or world access; file must\n", "", OUTLOOK_CONFIG },
	{ AT "could not stat private key file \"k\": No such file or directory\n", "",
	  OUTLOOK_CONFIG },
	{ "weak sslmode \"prefer\" may not be used with sslnegotiation=direct\n", "",
	  OUTLOOK_CONFIG },
	{ "service file \"s\" not found\n", "", OUTLOOK_CONFIG },
	{ "syntax error in service file \"s\", line 1\n", "", OUTLOOK_CONFIG },
	{ "could not parse network address \"x\": Name does not resolve\n", "", OUTLOOK_CONFIG },
	/* The name of a host holds words that mean something elsewhere. */
	{ "connection to server at \"certificate\" (10.0.0.2), port 5432 failed: Connection "
	  "refused\n",
	  "", OUTLOOK_NOT_THERE },
	{ "connection to server on socket \"/run/certificate/.s.PGSQL.1\" failed: No such file or "
	  "directory\n\tIs the server running?\n",
	  "", OUTLOOK_NOT_THERE },
	{ "could not translate host name \"certificate\" to address: Try again\n", "",
	  OUTLOOK_NOT_THERE },
	{ AT "SSL error: certificate verify failed\n" AT "Connection refused\n", "",
	  OUTLOOK_CONFIG },
	{ "invalid sslmode value: \"x\"\n", "", OUTLOOK_CONFIG },
	/* A code that only looks like one. */
	{ AT "odd text:  12AB: no code\n", "", OUTLOOK_NOT_THERE },
};

static void
classifies(void **state)
{
	char sqlstate[6];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		print_message("%s", rows[i].text);
		assert_int_equal(db_outlook(rows[i].text, sqlstate), rows[i].outlook);
		assert_string_equal(sqlstate, rows[i].sqlstate);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(classifies) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
