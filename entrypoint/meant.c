/* See meant.h. */
#include "meant.h"

#include <stddef.h>
#include <string.h>

#include "err.h"
#include "spelling.h"

/* A verb of this command, or another command; first NULL: any of one word. */
static bool
is_meant(const char *name, const char *first, const char *word)
{
	const char *const second = strchr(name, ' ');

	if (!first)
		return !second && spelling_is_near(word, name);
	if (!second)
		return strcmp(word, name) == 0;
	return strlen(first) == (size_t)(second - name) &&
	       strncmp(name, first, strlen(first)) == 0 && spelling_is_near(word, second + 1);
}

static const char *
find(const char *const *names, const char *first, const char *word)
{
	while (*names && !is_meant(*names, first, word))
		names++;
	return *names;
}

bool
meant_refuse(const char *command, const char *takes, const char *word, const char *const *names,
             struct err *err)
{
	const bool has_verb = strchr(command, ' ');
	const char *const near = has_verb ? NULL : find(names, command, word);

	(void)err_set(err, FAULT_USAGE, "%s does not take \"%s\"", command, word);
	if (near)
		return err_hint(err, "did you mean %s?", near);
	if (takes)
		return err_hint(err, "%s %s", command, takes);
	return has_verb
	             ? err_hint(err, "see `help`")
	             : err_hint(err, "see `help`; to run a program of that name: -- %s", command);
}

/* A verb whose command was left out: as it is written, since most programs have short names. */
static const char *
find_verb(const char *const *names, const char *word)
{
	for (; *names; names++) {
		const char *const second = strchr(*names, ' ');

		if (second && strcmp(second + 1, word) == 0)
			return *names;
	}
	return NULL;
}

bool
meant_program(const char *word, const char *const *names, struct err *err)
{
	const char *near = word ? find(names, NULL, word) : NULL;

	if (word && !near)
		near = find_verb(names, word);
	return near ? err_hint(err, "did you mean %s?", near) : false;
}
