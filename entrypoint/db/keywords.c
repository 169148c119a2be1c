/* What libpq knows of connection strings. See db.h. */
#include <ctype.h>
#include <libpq-fe.h>
#include <string.h>

#include "../db.h"
#include "../spelling.h"

/*
 * libpq's table, made once: a start asks five times, and each would be two mappings of memory. PQconndefaults would read the
 * environment and /etc/passwd too. NULL: no memory.
 */
static const PQconninfoOption *
table(void)
{
	static const PQconninfoOption *options;

	if (!options)
		options = PQconninfoParse("", NULL);
	return options;
}

static const PQconninfoOption *
find(const char *keyword)
{
	for (const PQconninfoOption *at = table(); at && at->keyword; at++)
		if (strcmp(at->keyword, keyword) == 0)
			return at;
	return NULL;
}

bool
db_known_keyword(const char *keyword)
{
	return find(keyword) != NULL;
}

const char *
db_near_keyword(const char *word)
{
	const size_t length = strlen(word);
	const char *nearest = NULL;
	/* In a short word two letters make another word. */
	size_t most = length > 4 ? 2 : 1;
	char small[SPELLING_LONGEST + 1] = "";

	if (length < 2 || length > SPELLING_LONGEST)
		return NULL;
	for (size_t i = 0; i < length; i++)
		small[i] = (char)tolower((unsigned char)word[i]);
	for (const PQconninfoOption *at = table(); at && at->keyword; at++) {
		const size_t off_by = spelling_distance(small, at->keyword);

		if (off_by <= most && (!nearest || off_by < most)) {
			nearest = at->keyword; /* libpq's own constant */
			most = off_by;
		}
	}
	return nearest;
}

const char *
db_variable_of(const char *keyword)
{
	const PQconninfoOption *option = find(keyword);

	return option ? option->envvar : NULL; /* libpq's own constant */
}
