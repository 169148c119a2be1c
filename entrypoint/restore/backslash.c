/* See backslash.h. */
#include "backslash.h"

#include <ctype.h>
#include <string.h>

#include "../arena.h"
#include "../err.h"

#define LONGEST_NAME 20 /* that is shown */

/* What stands behind the command's name and blanks; NULL: it is another command. */
static const char *
argument_of(const char *line, const char *name)
{
	const size_t length = strlen(name);

	if (strncmp(line, name, length) != 0 || (line[length] && line[length] != ' '))
		return NULL;
	line += length;
	return line + strspn(line, " ");
}

/* A backslash and a word, or one other character; what stands behind may be a secret. */
static int
length_of_name(const char *line)
{
	int length = 1;

	while (length < LONGEST_NAME && isalpha((unsigned char)line[length]))
		length++;
	return length > 1 || !ispunct((unsigned char)line[1]) ? length : 2;
}

static bool
restrict_from(const char *given, char key[RESTRICT_SIZE], struct err *err)
{
	if (!*given || strlen(given) >= RESTRICT_SIZE)
		return err_set(err, FAULT_WRONG, "\\restrict without a key");
	(void)memcpy(key, given, strlen(given) + 1);
	return true;
}

static bool
tampered(struct err *err, const char *what)
{
	(void)err_set(err, FAULT_WRONG, "%s", what);
	return err_hint(err, "pg_dump does not write that between \\restrict and \\unrestrict: "
	                     "someone has changed this dump");
}

/* Up to the quote that ends it; doubled it stands for itself, as does what a backslash stands before. */
static const char *
unquote(const char **at, char quote, bool backslashes, struct arena *arena)
{
	struct text word = text_new(arena);

	for (++*at; **at; ++*at) {
		if (**at == quote && (*at)[1] != quote)
			break;
		if ((**at == quote || (backslashes && **at == '\\')) && (*at)[1])
			++*at;
		text_add_char(&word, **at);
	}
	if (!**at)
		return NULL;
	++*at;
	return word.at;
}

/* NAME, "NAME", or -reuse-previous=on "dbname='NAME'" (string_utils.c, appendPsqlMetaConnect). */
static const char *
database_of(const char *words, struct arena *arena)
{
	static const char REUSE[] = "-reuse-previous=on ", DBNAME[] = "dbname='";
	const bool is_conninfo = strncmp(words, REUSE, sizeof REUSE - 1) == 0;
	const char *name;

	if (is_conninfo)
		words += sizeof REUSE - 1;
	if (*words != '"')
		return !is_conninfo && *words && !strpbrk(words, " '\"`:\\") ? words : NULL;
	name = unquote(&words, '"', false, arena);
	if (!name || *words || !*name)
		return NULL;
	if (!is_conninfo)
		return name;
	if (strncmp(name, DBNAME, sizeof DBNAME - 1) != 0)
		return NULL;
	name += sizeof DBNAME - 2; /* on the quote */
	words = unquote(&name, '\'', true, arena);
	return words && !*name && *words ? words : NULL;
}

bool
backslash_read(const char *line, size_t length, char key[RESTRICT_SIZE], const char **database,
               struct arena *arena, struct err *err)
{
	char *words = arena_copy_n(arena, line, length);
	const char *argument;

	while (length && (words[length - 1] == ' ' || words[length - 1] == '\r'))
		words[--length] = '\0';
	*database = NULL;
	if (*key) {
		if (!(argument = argument_of(words, "\\unrestrict")))
			return tampered(err, "a meta-command in a restricted dump");
		if (strcmp(argument, key) != 0)
			return tampered(err, "\\unrestrict with another key than \\restrict");
		*key = '\0';
		return true;
	}
	if ((argument = argument_of(words, "\\restrict")))
		return restrict_from(argument, key, err);
	if (argument_of(words, "\\encoding"))
		return true; /* for the name in the \connect behind it; the server needs no word of it */
	if ((argument = argument_of(words, "\\connect")) &&
	    (*database = database_of(argument, arena)))
		return true;
	(void)err_set(err, FAULT_WRONG, "a meta-command that pg_dump does not write: %.*s",
	              length_of_name(words), words);
	return err_hint(err, "it would need psql, which is never run on a backup");
}
