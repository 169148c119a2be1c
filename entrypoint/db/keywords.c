/* What libpq knows of connection strings. See db.h. */
#include <libpq-fe.h>
#include <string.h>

#include "../db.h"

/* The row of libpq's table, or NULL. PQconndefaults would read the environment and /etc/passwd too. */
static const PQconninfoOption *
find(const PQconninfoOption *options, const char *keyword)
{
	for (; options && options->keyword; options++)
		if (strcmp(options->keyword, keyword) == 0)
			return options;
	return NULL;
}

bool
db_known_keyword(const char *keyword)
{
	PQconninfoOption *options = PQconninfoParse("", NULL);
	const bool is_known = find(options, keyword) != NULL;

	PQconninfoFree(options);
	return is_known;
}

const char *
db_variable_of(const char *keyword)
{
	PQconninfoOption *options = PQconninfoParse("", NULL);
	const PQconninfoOption *option = find(options, keyword);
	const char *variable = option ? option->envvar : NULL; /* libpq's own constant */

	PQconninfoFree(options);
	return variable;
}
