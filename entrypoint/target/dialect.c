/* See dialect.h. */
#include "dialect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../db.h"

static const struct {
	const char *key, *keyword;
} other_names[] = {
	{ "ssl", "sslmode" },                      /* asyncpg, jdbc, node-postgres */
	{ "currentSchema", "search_path" },        /* jdbc */
	{ "schema", "search_path" },               /* Prisma */
	{ "ApplicationName", "application_name" }, /* jdbc */
	{ "connectTimeout", "connect_timeout" },   /* jdbc */
};

/* Of a yes or no, and of node-postgres. */
static const struct {
	const char *value, *mode;
} ssl_modes[] = {
	{ "true", "require" },  { "1", "require" }, { "on", "require" },
	{ "yes", "require" },   { "", "require" },  { "no-verify", "require" },
	{ "false", "disable" }, { "0", "disable" }, { "off", "disable" },
	{ "no", "disable" },
};

const char *
dialect_keyword(const char *key)
{
	for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
		if (strcmp(other_names[i].key, key) == 0)
			return other_names[i].keyword;
	return db_known_keyword(key) ? key : NULL;
}

const char *
dialect_value(const char *key, const char *value)
{
	/* An empty one is libpq's default; jdbc's and asyncpg's bare `ssl` is not. */
	if (strcmp(key, "ssl") != 0 && (strcmp(key, "sslmode") != 0 || !*value))
		return value;
	for (size_t i = 0; i < sizeof ssl_modes / sizeof *ssl_modes; i++)
		if (strcasecmp(ssl_modes[i].value, value) == 0)
			return ssl_modes[i].mode;
	return value;
}
