/* See include.h. */
#include "include.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../script.h"
#include "meta.h"

#define DEEPEST 16

/* The folder part of a path with its slash; empty: it has none. */
static const char *
folder_of(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');

	return arena_copy_n(arena, path, slash ? (size_t)(slash + 1 - path) : 0);
}

static const struct include *
outermost(const struct include *include)
{
	while (include->outer)
		include = include->outer;
	return include;
}

static bool
climbs(const char *file)
{
	const char *at = file;

	for (;;) {
		const size_t length = strcspn(at, "/");

		if (length == 2 && memcmp(at, "..", 2) == 0)
			return true;
		if (!at[length])
			return *file == '/';
		at += length + 1;
	}
}

static bool
resolve(const char *path, char real[PATH_MAX], struct err *err)
{
	return realpath(path, real) || err_errno(err, FAULT_NO_SOURCE, "%s", path);
}

static const char *
chain_of(const struct include *include, const char *path, struct arena *arena)
{
	const char *inner = path;

	for (; include; include = include->outer)
		inner = arena_print(arena, "%s > %s", include->source->path, inner);
	return inner;
}

static bool
is_being_read(const char *real, const struct include *include)
{
	char other[PATH_MAX];

	for (; include; include = include->outer)
		if (realpath(include->source->path, other) && strcmp(other, real) == 0)
			return true;
	return false;
}

static bool
is_too_deep(const struct include *include)
{
	size_t depth = 0;

	for (; include; include = include->outer)
		depth++;
	return depth > DEEPEST;
}

bool
include_read(struct source *source, const struct include *outer, const struct meta *meta,
             struct arena *arena, struct err *err)
{
	const char *root = folder_of(outermost(outer)->source->path, arena);
	const char *base = meta->is_relative ? folder_of(outer->source->path, arena) : root;
	const char *path = arena_print(arena, "%s%s", base, meta->file);
	char real[PATH_MAX], real_root[PATH_MAX];

	if (climbs(meta->file))
		return err_set(err, FAULT_WRONG,
		               "%s: a file is read from the folder of the script only", meta->file);
	if (!resolve(*root ? root : ".", real_root, err) || !resolve(path, real, err))
		return false;
	if (!folder_holds(real_root, real))
		return err_set(err, FAULT_WRONG, "%s: a link that leaves the folder of the script",
		               path);
	if (is_being_read(real, outer))
		return err_set(err, FAULT_WRONG, "a file reads itself: %s",
		               chain_of(outer, path, arena));
	if (is_too_deep(outer))
		return err_set(err, FAULT_WRONG, "files are nested deeper than %d: %s", DEEPEST,
		               chain_of(outer, path, arena));
	return source_read(source, AT_FDCWD, path, path, arena, err);
}
