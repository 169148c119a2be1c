/* See dialect.h. */
#include "dialect.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../db.h"
#include "../names.h"
#include "../spelling.h"

static const struct {
	const char *key, *keyword;
} other_names[] = {
	{ "ssl", "sslmode" },                      /* asyncpg, jdbc, node-postgres */
	{ "currentSchema", "search_path" },        /* jdbc */
	{ "search_path", "search_path" },          /* pgx, lib/pq: dbmate, goose, golang-migrate */
	{ "schema", "search_path" },               /* Prisma */
	{ "ApplicationName", "application_name" }, /* jdbc */
	{ "connectTimeout", "connect_timeout" },   /* jdbc */
	{ "sslMode", "sslmode" },                  /* r2dbc, and the next four */
	{ "sslCert", "sslcert" },
	{ "sslKey", "sslkey" },
	{ "sslRootCert", "sslrootcert" },
	{ "sslPassword", "sslpassword" },
	{ "ssl-mode", "sslmode" }, /* sqlx, and the next three */
	{ "ssl-cert", "sslcert" },
	{ "ssl-key", "sslkey" },
	{ "ssl-root-cert", "sslrootcert" },
	{ "channelBinding", "channel_binding" }, /* jdbc, and the next two */
	{ "gssEncMode", "gssencmode" },
	{ "sslNegotiation", "sslnegotiation" },
	{ "loadBalanceHosts", "load_balance_hosts" }, /* jdbc */
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
dialect_near(const char *key)
{
	for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
		if (strcmp(other_names[i].keyword, "search_path") == 0 &&
		    spelling_is_near(key, other_names[i].key))
			return other_names[i].key;
	return db_near_keyword(key);
}

bool
dialect_protects(const char *keyword)
{
	return strncmp(keyword, "ssl", 3) == 0 || strncmp(keyword, "gss", 3) == 0 ||
	       strcmp(keyword, "channel_binding") == 0 || strcmp(keyword, "require_auth") == 0;
}

/* The next name of a list as search_path takes it: quoted, or folded to lower case. NULL: the end. */
static const char *
next_schema(const char **list, struct arena *arena)
{
	const char *at = *list + strspn(*list, " \t,");
	const bool is_quoted = *at == '"';
	struct text name = text_new(arena);

	if (!*at)
		return NULL;
	for (at += is_quoted; *at && (is_quoted || *at != ','); at++) {
		if (is_quoted && *at == '"' && *++at != '"')
			break;
		text_add_char(&name, is_quoted ? *at : (char)tolower((unsigned char)*at));
	}
	*list = at;
	while (!is_quoted && name.length && strchr(" \t", name.at[name.length - 1]))
		name.at[--name.length] = '\0';
	return name_quoted(name.at, arena);
}

/* Prisma's is one name, the others' the value of search_path. */
static const char *
schemas(const char *key, const char *value, struct arena *arena)
{
	struct text list = text_new(arena);
	const char *name;

	if (strcmp(key, "schema") == 0)
		return *value ? name_quoted(value, arena) : value;
	while ((name = next_schema(&value, arena)))
		text_print(&list, "%s%s", list.length ? ", " : "", name);
	return list.at;
}

const char *
dialect_value(const char *key, const char *value, struct arena *arena)
{
	const char *keyword = dialect_keyword(key);

	if (!keyword)
		return value;
	if (strcmp(keyword, "search_path") == 0)
		return schemas(key, value, arena);
	/* jdbc takes what is not true for false. */
	if (strcmp(key, "loadBalanceHosts") == 0)
		return strcasecmp(value, "true") == 0 ? "random" : "disable";
	/* An empty one is libpq's default; jdbc's and asyncpg's bare `ssl` is not. */
	if (strcmp(key, "ssl") != 0 && (strcmp(keyword, "sslmode") != 0 || !*value))
		return value;
	for (size_t i = 0; i < sizeof ssl_modes / sizeof *ssl_modes; i++)
		if (strcasecmp(ssl_modes[i].value, value) == 0)
			return ssl_modes[i].mode;
	return value;
}
