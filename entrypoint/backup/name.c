/* See name.h. */
#include "name.h"

#include <string.h>

#include "../arena.h"
#include "../words.h"

#define ENDING ".sql.gz"

const char *
backup_name(const char *kind, time_t when, struct arena *arena)
{
	char stamp[32];
	struct tm parts;

	(void)gmtime_r(&when, &parts); /* fails for years that do not fit an int */
	(void)strftime(stamp, sizeof stamp, "%Y%m%d_%H%M%S", &parts);
	return arena_print(arena, "%s_%s" ENDING, kind, stamp);
}

const char *
backup_archive_name(const char *volume, const char *dump, struct arena *arena)
{
	return arena_print(arena, "%s_%.*s.tar.gz", volume,
	                   (int)(strlen(dump) - (sizeof ENDING - 1)), dump);
}

const char *
backup_time(time_t when, struct arena *arena)
{
	char stamp[32];
	struct tm parts;

	(void)gmtime_r(&when, &parts); /* fails for years that do not fit an int */
	(void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &parts);
	return arena_copy(arena, stamp);
}

static bool
has_form(const char *name, const char *form)
{
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? name[i] < '0' || name[i] > '9' : name[i] != form[i])
			return false;
	return true;
}

static bool
is_of_kind(const char *name, const char *kind)
{
	static const char form[] = "_dddddddd_dddddd" ENDING;
	const size_t length = strlen(kind);

	return strncmp(name, kind, length) == 0 && strlen(name + length) == sizeof form - 1 &&
	       has_form(name + length, form);
}

bool
backup_name_is(const char *name, size_t length)
{
	static const char *const forms[] = { "_dddddddd_dddddd" ENDING, "_dddddddd_dddddd.tar.gz" };

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (length > strlen(forms[i]) &&
		    has_form(name + length - strlen(forms[i]), forms[i]))
			return true;
	return false;
}

const char *
backup_name_newest(const char *const *names, size_t count, const char *kind)
{
	while (count--)
		if (is_of_kind(names[count], kind))
			return names[count];
	return NULL;
}

const char *
backup_restore_words(const char *path, struct arena *arena)
{
	/* One that begins with a dash would be an option. */
	return arena_join(arena, "pg-entrypoint restore ", *path == '-' ? "./" : "",
	                  words_quoted(path, arena));
}
