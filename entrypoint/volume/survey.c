/* See survey.h. */
#include "../stream.h"

#include "../stream/members.h"
#include "../unpack.h"
#include "survey.h"

#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../scoped.h"
#include "../signals.h"

#define BLOCK 4096

struct survey
survey_new(void)
{
	return (struct survey){ .below = "", .last = "" };
}

/* Is the path the folder, or does it lie in it? */
static bool
lies_in(const char *path, const char *folder)
{
	const size_t length = strlen(folder);

	return !length ||
	       (strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]));
}

static bool
is_one_of(const char *part, size_t length, const char *const names[2])
{
	return (strlen(names[0]) == length && memcmp(part, names[0], length) == 0) ||
	       (strlen(names[1]) == length && memcmp(part, names[1], length) == 0);
}

/* The path as far as the first folder in it that has one of the names; "": there is none. */
static const char *
find_named(const char *path, bool is_folder, const char *const names[2], struct arena *arena)
{
	const char *part = path;

	while (*part) {
		const size_t length = strcspn(part, "/");

		if ((is_folder || part[length] == '/') && is_one_of(part, length, names))
			return arena_copy_n(arena, path, (size_t)(part - path) + length);
		part += length + (part[length] == '/');
	}
	return "";
}

static void
find_below(struct survey *survey, const char *path, bool is_folder, const char *const names[2],
           struct arena *arena)
{
	if (*survey->below) {
		survey->has_others |= !lies_in(path, survey->below) &&
		                      !(is_folder && lies_in(survey->below, path));
		return;
	}
	survey->below = find_named(path, is_folder, names, arena);
	if (*survey->below)
		survey->has_others |= !lies_in(survey->below, survey->last);
	else if (is_folder && lies_in(path, survey->last))
		survey->last = arena_copy(arena, path);
	else
		survey->has_others = true;
}

void
survey_add(struct survey *survey, const struct member *member, const char *place,
           const char *const names[2], struct arena *arena)
{
	const bool is_folder = member->kind == MEMBER_FOLDER;

	find_below(survey, place, is_folder, names, arena);
	survey->folders += is_folder;
	survey->files += !is_folder;
	survey->room += BLOCK;
	if (member->kind == MEMBER_FILE && member->size > 0) {
		survey->bytes += member->size;
		survey->room += (member->size + BLOCK - 1) / BLOCK * BLOCK;
	}
}

/* Of a zip the size may stand behind the data only. */
static bool
count(struct survey *survey, struct members *members, const struct member *member, struct err *err)
{
	const char *bytes;
	size_t length;
	int64_t size = 0;

	if (member->kind != MEMBER_FILE)
		return true;
	do {
		if (!signals_check(err) || !members_pull(members, &bytes, &length, err))
			return false;
		size += (int64_t)length;
	} while (length);
	if (member->size < 0) {
		survey->bytes += size;
		survey->room += (size + BLOCK - 1) / BLOCK * BLOCK;
	}
	return true;
}

bool
survey_run(struct survey *survey, struct members *members, const char *const names[2],
           const char *path, struct arena *arena, struct err *err)
{
	const struct unpacking all = { .below = "" };
	struct member member;
	bool at_end;

	*survey = survey_new();
	for (;;) {
		SCOPED(arena_drop) struct arena scratch = { 0 };
		struct placed placed;

		if (!members_next(members, &member, &at_end, err))
			return false;
		if (at_end)
			break;
		if (!unpack_judge(&placed, &member, &all, path, &scratch, err))
			return false;
		survey_add(survey, &member, placed.name, names, arena);
		if (!count(survey, members, &member, err))
			return false;
	}
	if (survey->has_others && *survey->below) {
		survey->passed = survey->below;
		survey->below = "";
	}
	return true;
}
