/* The setting `volumes`: media:/app/media:critical static:/app/staticfiles */
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "setting.h"

#define CRITICAL ":critical"

/* A name goes into messages, options and the names of archives. */
static bool
is_name(const char *name)
{
	const size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                                   "0123456789_-");

	return length && !name[length] && *name != '-';
}

static const char *
without_slashes(char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	return path;
}

/* NULL, or what is wrong with the word. */
static const char *
read_volume(const char *word, struct volume_setting *volume, struct arena *arena)
{
	const size_t length = strlen(word), end = sizeof CRITICAL - 1;
	const bool is_critical = length > end && strcmp(word + length - end, CRITICAL) == 0;
	const char *colon = strchr(word, ':');

	if (!colon || colon[1] != '/')
		return "is none of name:/path and name:/path" CRITICAL;
	volume->name = arena_copy_n(arena, word, (size_t)(colon - word));
	volume->path = without_slashes(arena_copy_n(
		arena, colon + 1, length - (size_t)(colon + 1 - word) - (is_critical ? end : 0)));
	volume->is_critical = is_critical;
	if (!is_name(volume->name))
		return "has a name that is not of letters, digits, _ and -";
	if (strcmp(volume->name, "db") == 0)
		return "has the name of the database";
	return volume->path[1] ? NULL : "is all of the container";
}

static bool
is_below(const char *path, const char *folder)
{
	const size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static const char *
find_twin(const struct volume_settings *volumes, const struct volume_setting *volume)
{
	for (size_t i = 0; i < volumes->count; i++)
		if (strcmp(volumes->at[i].name, volume->name) == 0 ||
		    strcmp(volumes->at[i].path, volume->path) == 0)
			return "is there twice, by its name or by its path";
	for (size_t i = 0; i < volumes->count; i++)
		if (is_below(volume->path, volumes->at[i].path) ||
		    is_below(volumes->at[i].path, volume->path))
			return "lies in another, or another in it";
	return NULL;
}

bool
setting_store_volumes(const struct setting *setting, const struct given *given, void *member,
                      struct arena *arena, struct err *err)
{
	static const char between[] = ", \t\r\n";
	struct volume_settings volumes = { 0 };
	const char *at = given->value + strspn(given->value, between);

	(void)setting; /* the form of all stores */
	while (*at) {
		const size_t length = strcspn(at, between);
		const char *word = arena_copy_n(arena, at, length), *why;
		struct volume_setting volume;

		why = read_volume(word, &volume, arena);
		if (!why)
			why = find_twin(&volumes, &volume);
		if (why)
			return err_set(err, FAULT_CONFIG, "%s: %s %s", given->source, word, why);
		volumes.at = arena_grow(arena, volumes.at, volumes.count, sizeof volume);
		volumes.at[volumes.count++] = volume;
		at += length;
		at += strspn(at, between);
	}
	*(struct volume_settings *)member = volumes;
	return true;
}
