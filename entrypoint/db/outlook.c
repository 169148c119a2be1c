/* What a failed attempt to connect means: the table of classes, pure (DESIGN.md 2.1). */
#include <ctype.h>
#include <string.h>

#include "../db.h"

/* By SQLSTATE, a prefix of it; the first row that fits. libpq gives the code in verbose texts only. */
static const struct {
	const char *prefix;
	enum outlook outlook;
} by_state[] = {
	{ "57P", OUTLOOK_COMING }, /* starting up, shutting down, crashed: 57P01 to 57P03 */
	{ "53", OUTLOOK_COMING },  /* too many connections, out of memory */
	{ "08",
	  OUTLOOK_COMING }, /* PgBouncer's own errors: its server is not there (but see below) */
	{ "XX", OUTLOOK_COMING }, /* an internal error, such as a catalog that is just replaced */
	{ "0A", OUTLOOK_CONFIG }, /* unsupported protocol */
	/* The options of the connection: a setting that nobody knows, its value, their syntax, one of the whole server. */
	{ "42704", OUTLOOK_CONFIG },
	{ "22023", OUTLOOK_CONFIG },
	{ "42601", OUTLOOK_CONFIG },
	{ "55P02", OUTLOOK_CONFIG },
	{ "", OUTLOOK_MAYBE_CONFIG },
};

/* By words. PgBouncer sends what PostgreSQL calls 28P01 and 3D000 as 08P01 too. */
static const struct {
	const char *words;
	enum outlook outlook;
} by_words[] = {
	{ "could not translate host name", OUTLOOK_NOT_THERE },
	{ "authentication failed",
	  OUTLOOK_MAYBE_CONFIG }, /* of a password, SASL, PgBouncer's "trust" */
	{ "auth failed", OUTLOOK_MAYBE_CONFIG },
	{ "no such user", OUTLOOK_MAYBE_CONFIG },
	{ "no such database", OUTLOOK_MAYBE_CONFIG },
	{ "no password supplied", OUTLOOK_MAYBE_CONFIG },
	{ "unsupported startup parameter", OUTLOOK_CONFIG },
	{ "server does not support SSL", OUTLOOK_MAYBE_CONFIG }, /* some say so while they start */
	{ "could not connect to server", OUTLOOK_NOT_THERE },
	{ "unexpected eof", OUTLOOK_NOT_THERE }, /* within TLS: a proxy without its server */
	{ "certificate", OUTLOOK_CONFIG },
	{ "SSL error", OUTLOOK_CONFIG },
	{ "channel binding", OUTLOOK_CONFIG },
	{ "authentication method requirement", OUTLOOK_CONFIG },
	{ "authentication method", OUTLOOK_CONFIG },
	{ "expected authentication request", OUTLOOK_CONFIG }, /* that is no PostgreSQL */
	{ "received invalid response", OUTLOOK_CONFIG },
	{ "invalid ", OUTLOOK_CONFIG }, /* libpq on a value of the connection string */
	{ "definition of service", OUTLOOK_CONFIG },
	{ "could not look up local user", OUTLOOK_CONFIG },
	/* libpq on our own files and settings. */
	{ "service file", OUTLOOK_CONFIG },
	{ "private key file", OUTLOOK_CONFIG },
	{ "weak sslmode", OUTLOOK_CONFIG },
	{ "require_auth method", OUTLOOK_CONFIG },
	{ "could not parse network address", OUTLOOK_CONFIG },
	{ "Unix-domain socket path", OUTLOOK_CONFIG }, /* is too long */
	{ "out of range", OUTLOOK_CONFIG },
};

/* Finds "SEVERITY:  CODE: " (verbosity VERBOSE); the severity may be translated. */
static bool
find_state(const char *text, char sqlstate[6])
{
	for (const char *at = strstr(text, ":  "); at; at = strstr(at + 1, ":  ")) {
		size_t length = 0;

		while (length < 5 && (isdigit((unsigned char)at[3 + length]) ||
		                      isupper((unsigned char)at[3 + length])))
			length++;
		if (length == 5 && at[8] == ':') {
			memcpy(sqlstate, at + 3, 5);
			sqlstate[5] = '\0';
			return true;
		}
	}
	sqlstate[0] = '\0';
	return false;
}

/* Do the texts of libpq's attempts have these words, but for where each went? The name of a host may hold any. */
static bool
says(const char *text, const char *words)
{
	static const char to[] = "connection to ", failed[] = "failed: ";

	while (*text) {
		const char *const end = text + strcspn(text, "\n");
		const char *reason = NULL;

		if (strncmp(text, to, strlen(to)) == 0)
			reason = memmem(text, (size_t)(end - text), failed, strlen(failed));
		reason = reason ? reason + strlen(failed) : text;
		if (memmem(reason, (size_t)(end - reason), words, strlen(words)))
			return true;
		text = end + (*end == '\n');
	}
	return false;
}

enum outlook
db_outlook(const char *libpq_text, char sqlstate[6])
{
	const bool has_state = find_state(libpq_text, sqlstate);
	size_t i = 0;

	if (!has_state || strncmp(sqlstate, "08", 2) == 0) {
		for (i = 0; i < sizeof by_words / sizeof *by_words; i++)
			if (says(libpq_text, by_words[i].words))
				return by_words[i].outlook;
	}
	if (!has_state)
		return OUTLOOK_NOT_THERE;
	/* A role of `options` that is still to be made, as a login may be. */
	if (strcmp(sqlstate, "22023") == 0 && says(libpq_text, "role \""))
		return OUTLOOK_MAYBE_CONFIG;
	for (i = 0; strncmp(sqlstate, by_state[i].prefix, strlen(by_state[i].prefix)) != 0; i++)
		continue;
	return by_state[i].outlook;
}
