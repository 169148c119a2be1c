/* See entry.h. */
#include "entry.h"

#include <string.h>

/* Behind the identifier, quoted or not, if it is this one; else NULL. */
static const char *
behind_name(const char *at, const char *name)
{
	const bool is_quoted = *at == '"';

	for (at += is_quoted; *name; name++, at++) {
		if (*at != *name)
			return NULL;
		if (is_quoted && *name == '"' && *++at != '"')
			return NULL;
	}
	return !is_quoted ? at : *at == '"' ? at + 1 : NULL;
}

bool
entry_copies_into(const char *copy, const char *schema, const char *name)
{
	static const char before[] = "COPY ";
	const char *at = strncmp(copy, before, strlen(before)) == 0 ? copy + strlen(before) : NULL;

	if (at && *schema)
		at = behind_name(at, schema);
	if (at && *schema)
		at = *at == '.' ? at + 1 : NULL;
	if (at)
		at = behind_name(at, name);
	return at && *at == ' ';
}

bool
entry_makes_index(const char *kind, const char *definition)
{
	static const char index[] = "CREATE ", key[] = "ALTER TABLE ONLY ";
	const char *end = strstr(definition, ";\n");

	if (!end || end[strlen(";\n")])
		return false;
	if (strcmp(kind, "INDEX") == 0)
		return strncmp(definition, index, strlen(index)) == 0;
	return strcmp(kind, "CONSTRAINT") == 0 && strncmp(definition, key, strlen(key)) == 0 &&
	       (strstr(definition, " PRIMARY KEY ") || strstr(definition, " UNIQUE ") ||
	        strstr(definition, " EXCLUDE "));
}

bool
entry_is_slow(const char *definition)
{
	return strstr(definition, " USING gin ") || strstr(definition, " USING gist ") ||
	       strstr(definition, " USING spgist ");
}
