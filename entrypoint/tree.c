/* See tree.h. */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"
#include "scoped.h"

#define LOST "lost+found" /* every file system may have one at its top */

/* A listing of its own, from the beginning; the descriptor given stays as it is. */
static DIR *
list(int folder, const char *name)
{
	int own = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *listing = own < 0 ? NULL : fdopendir(own);

	if (!listing)
		descriptor_close(&own);
	return listing;
}

/* The next entry, or NULL with errno 0 at the end. */
static const char *
next(DIR *listing)
{
	const struct dirent *entry;

	do {
		errno = 0;
		/* cppcheck-suppress readdirCalled ; readdir_r is the one that is deprecated */
		entry = readdir(listing);
	} while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return entry ? entry->d_name : NULL;
}

static bool
counts(const char *name, const char *beside)
{
	static const char *const kept[] = { LOST, ".gitkeep", ".keep" };

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (strcmp(name, kept[i]) == 0)
			return false;
	return !beside || strcmp(name, beside) != 0;
}

bool
tree_find_entry(int folder, const char *beside, const char **entry, const char *path,
                struct arena *arena, struct err *err)
{
	SCOPED(listing_close) DIR *listing = list(folder, ".");
	const char *name = NULL;

	if (!listing)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", path);
	do {
		name = next(listing);
	} while (name && !counts(name, beside));
	if (!name && errno)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", path);
	*entry = name ? arena_copy(arena, name) : NULL;
	return true;
}

struct removal {
	const char *path;
	int top;        /* the folder that goes */
	unsigned count; /* names that were given */
};

/* The folders in one come up to the top, so that no tree is too deep; an empty one of that name is replaced. */
static bool
lift(struct removal *removal, int folder, const char *name)
{
	char fresh[16];

	/* Else one of ours that may not be written could not be moved. */
	(void)fchmodat(folder, name, 0700, 0);
	do {
		(void)snprintf(fresh, sizeof fresh, "%u", removal->count++);
		if (renameat(folder, name, removal->top, fresh) == 0)
			return true;
	} while (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR);
	return false;
}

/* All files in it go, all folders up. */
static bool
clear(struct removal *removal, const char *name)
{
	SCOPED(listing_close) DIR *listing = list(removal->top, name);
	const char *entry;

	if (!listing)
		return false;
	while ((entry = next(listing)))
		if (unlinkat(dirfd(listing), entry, 0) != 0 &&
		    ((errno != EISDIR && errno != EPERM) || !lift(removal, dirfd(listing), entry)))
			return false;
	return errno == 0 && unlinkat(removal->top, name, AT_REMOVEDIR) == 0;
}

/* One pass; *found: something was there. */
static bool
clear_top(struct removal *removal, bool *found)
{
	SCOPED(listing_close) DIR *listing = list(removal->top, ".");
	const char *entry;

	*found = false;
	if (!listing)
		return false;
	while ((entry = next(listing))) {
		*found = true;
		if (unlinkat(removal->top, entry, 0) == 0)
			continue;
		if (errno != EISDIR && errno != EPERM)
			return false;
		(void)fchmodat(removal->top, entry, 0700, 0);
		if (!clear(removal, entry))
			return false;
	}
	return errno == 0;
}

bool
tree_remove(int folder, const char *name, const char *path, struct err *err)
{
	SCOPED(descriptor_close) int top = -1;
	struct removal removal = { .path = path };
	bool found = true;

	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return true;
	(void)fchmodat(folder, name, 0700, 0);
	top = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	removal.top = top;
	while (top >= 0 && found)
		if (!clear_top(&removal, &found))
			return err_errno(err, FAULT_CANNOT_WRITE, "%s: %s cannot be removed", path,
			                 name);
	return (top >= 0 && unlinkat(folder, name, AT_REMOVEDIR) == 0) ||
	       err_errno(err, FAULT_CANNOT_WRITE, "%s: %s cannot be removed", path, name);
}

/* Of a folder whose entries are moved: `beside` (NULL: all go), and then what its file system may have there. */
static bool
stays(const char *name, const char *beside)
{
	return beside && (strcmp(name, beside) == 0 || strcmp(name, LOST) == 0);
}

bool
tree_can_move(int from, const char *beside, const char *path, struct err *err)
{
	SCOPED(listing_close) DIR *listing = list(from, ".");
	struct stat folder, status;
	const char *entry;

	if (!listing || fstat(from, &folder) != 0)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", path);
	while ((entry = next(listing))) {
		if (stays(entry, beside))
			continue;
		if (fstatat(from, entry, &status, AT_SYMLINK_NOFOLLOW) != 0)
			return err_errno(err, FAULT_CANNOT_WRITE, "%s: %s", path, entry);
		if (status.st_dev != folder.st_dev)
			return err_set(err, FAULT_CANNOT_WRITE,
			               "%s: %s is another file system, which cannot be moved aside",
			               path, entry);
		if (S_ISDIR(status.st_mode) && faccessat(from, entry, W_OK, AT_EACCESS) != 0)
			return err_errno(err, FAULT_CANNOT_WRITE, "%s: %s cannot be moved aside",
			                 path, entry);
	}
	return errno == 0 || err_errno(err, FAULT_CANNOT_WRITE, "%s", path);
}

bool
tree_move(int from, int to, const char *beside, const char *path, struct err *err)
{
	SCOPED(listing_close) DIR *listing = list(from, ".");
	struct stat status;
	const char *entry;

	if (!listing)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", path);
	while ((entry = next(listing))) {
		if (stays(entry, beside))
			continue;
		if (counts(entry, NULL) && fstatat(to, entry, &status, AT_SYMLINK_NOFOLLOW) == 0)
			return err_set(err, FAULT_CANNOT_WRITE, "%s: %s is there already", path,
			               entry);
		if (renameat(from, entry, to, entry) != 0)
			return err_errno(err, FAULT_CANNOT_WRITE, "%s: %s", path, entry);
	}
	if (errno || fsync(to) != 0 || fsync(from) != 0)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", path);
	return true;
}
