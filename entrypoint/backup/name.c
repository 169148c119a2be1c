/* See name.h. */
#include "name.h"

#include <string.h>

#include "../arena.h"
#include "../target.h"

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

static bool
is_of_kind(const char *name, const char *kind)
{
	const size_t length = strlen(kind);
	static const char form[] = "_dddddddd_dddddd" ENDING;

	if (strncmp(name, kind, length) != 0 || strlen(name + length) != sizeof form - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? name[length + i] < '0' || name[length + i] > '9'
		                   : name[length + i] != form[i])
			return false;
	return true;
}

const char *
backup_name_newest(const char *const *names, size_t count, const char *kind)
{
	while (count--)
		if (is_of_kind(names[count], kind))
			return names[count];
	return NULL;
}

/* Within double quotes. */
static void
add_quoted(struct text *words, const char *text)
{
	for (; *text; text++) {
		if (strchr("\"\\$`", *text))
			text_add_char(words, '\\');
		text_add_char(words, *text);
	}
}

static bool
is_plain(const char *word)
{
	return word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	                         "_-./+,:@%=")] == '\0';
}

static void
add_word(struct text *words, const char *option, const char *word)
{
	const char *quote = is_plain(word) ? "" : "\"";

	text_print(words, "%s %s", option, quote);
	add_quoted(words, word);
	text_add(words, quote);
}

const char *
backup_restore_words(const char *path, const struct target *target, const char *database,
                     struct arena *arena)
{
	static const char *const options[][2] = { { "host", " -h" },
		                                  { "port", " -p" },
		                                  { "user", " -U" } };
	struct text words = text_new(arena);

	add_word(&words, "gunzip -c", path);
	text_add(&words, " | psql -X -1 -v ON_ERROR_STOP=1");
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		const char *value = target_value(target, options[i][0]);

		if (value)
			add_word(&words, options[i][1], value);
	}
	add_word(&words, " -d", database);
	return words.at;
}
