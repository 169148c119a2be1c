/* See selection.h. */
#include "selection.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"

#define BETWEEN ", "
#define VOLUME "volume:"

static bool
is_word(const char *at, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(at, word, length) == 0;
}

static bool
names_volume(const char *at, size_t length, const char *name)
{
	const size_t front = sizeof VOLUME - 1;

	return length > front && strncmp(at, VOLUME, front) == 0 &&
	       is_word(at + front, length - front, name);
}

static bool
is_known(const char *at, size_t length, const struct config *config)
{
	for (size_t i = 0; i < config->volumes.count; i++)
		if (names_volume(at, length, config->volumes.at[i].name))
			return true;
	return is_word(at, length, "db");
}

static bool
refuse(const char *word, const struct config *config, struct arena *arena, struct err *err)
{
	struct text known = text_new(arena);

	for (size_t i = 0; i < config->volumes.count; i++)
		text_print(&known, ", " VOLUME "%s", config->volumes.at[i].name);
	(void)err_set(err, FAULT_USAGE, "--only: \"%s\" is no part of a backup", word); /* below */
	return err_hint(err, "there are: db%s%s", known.at,
	                config->volumes.count ? "" : "; the setting `volumes` names others");
}

bool
selection_read(struct selection *selection, const char *text, const struct config *config,
               struct arena *arena, struct err *err)
{
	const char *at = text ? text + strspn(text, BETWEEN) : "";

	*selection = (struct selection){ .text = text, .has_database = !text };
	while (*at) {
		const size_t length = strcspn(at, BETWEEN);

		if (!is_known(at, length, config))
			return refuse(arena_copy_n(arena, at, length), config, arena, err);
		selection->has_database |= is_word(at, length, "db");
		at += length;
		at += strspn(at, BETWEEN);
	}
	return true;
}

bool
selection_has(const struct selection *selection, const char *name)
{
	const char *at = selection->text;

	if (!at)
		return true;
	for (at += strspn(at, BETWEEN); *at; at += strspn(at, BETWEEN)) {
		const size_t length = strcspn(at, BETWEEN);

		if (names_volume(at, length, name))
			return true;
		at += length;
	}
	return false;
}

bool
selection_has_any(const struct selection *selection, const struct volume_settings *volumes)
{
	for (size_t i = 0; i < volumes->count; i++)
		if (selection_has(selection, volumes->at[i].name))
			return true;
	return false;
}

size_t
selection_split(const char **file, const char *word, const struct volume_settings *volumes)
{
	const char *equals = strchr(word, '=');

	for (size_t i = 0; equals && i < volumes->count; i++)
		if (is_word(word, (size_t)(equals - word), volumes->at[i].name)) {
			*file = equals + 1;
			return i;
		}
	*file = word;
	return SIZE_MAX;
}
