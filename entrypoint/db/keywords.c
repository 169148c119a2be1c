/* What libpq knows of connection strings. See db.h. */
#include <ctype.h>
#include <libpq-fe.h>
#include <string.h>

#include "../db.h"
#include "../spelling.h"

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
db_near_keyword(const char *word)
{
	const size_t length = strlen(word);
	PQconninfoOption *options;
	const char *nearest = NULL;
	/* In a short word two letters make another word. */
	size_t most = length > 4 ? 2 : 1;
	char small[SPELLING_LONGEST + 1] = "";

	if (length < 2 || length > SPELLING_LONGEST)
		return NULL;
	for (size_t i = 0; i < length; i++)
		small[i] = (char)tolower((unsigned char)word[i]);
	options = PQconninfoParse("", NULL);
	for (const PQconninfoOption *at = options; at && at->keyword; at++) {
		const size_t off_by = spelling_distance(small, at->keyword);

		if (off_by <= most && (!nearest || off_by < most)) {
			nearest = at->keyword; /* libpq's own constant */
			most = off_by;
		}
	}
	PQconninfoFree(options);
	return nearest;
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
