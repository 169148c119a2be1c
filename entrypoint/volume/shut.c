/* See shut.h. */
#include "shut.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../scoped.h"

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool
is_folder(int folder, const char *name, struct stat *status)
{
	return fstatat(folder, name, status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status->st_mode);
}

const char *
shut_list(int folder, const char *path, struct arena *arena, struct err *err)
{
	const int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SCOPED(listing_close) DIR *listing = own < 0 ? NULL : fdopendir(own);
	struct text list = text_new(arena);
	const struct dirent *entry;
	struct stat status;

	errno = own < 0 ? errno : 0;
	/* cppcheck-suppress readdirCalled ; readdir_r is the one that is deprecated */
	while (listing && (entry = readdir(listing))) {
		if (!is_dots(entry->d_name) && is_folder(folder, entry->d_name, &status) &&
		    faccessat(folder, entry->d_name, W_OK, AT_EACCESS) != 0)
			text_print(&list, "%o/%s/", status.st_mode & 07777U, entry->d_name);
		errno = 0;
	}
	if (listing && !errno)
		return list.at;
	err_errno_(err, FAULT_CANNOT_WRITE, "%s", path);
	return NULL;
}

/* No link is followed. */
static bool
set_mode(int folder, const char *name, mode_t mode, const char *path, struct err *err)
{
	struct stat status;

	if (!*name || is_dots(name) || !is_folder(folder, name, &status))
		return true;
	return fchmodat(folder, name, mode, AT_SYMLINK_NOFOLLOW) == 0 ||
	       err_errno(err, FAULT_CANNOT_WRITE, "%s: %s", path, name);
}

static bool
set_all(int folder, const char *list, mode_t more, const char *path, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	char *rest = arena_copy(&arena, list);
	const char *mode, *name;

	while ((mode = strsep(&rest, "/")) && (name = strsep(&rest, "/")))
		if (!set_mode(folder, name, ((mode_t)strtoul(mode, NULL, 8) & 07777) | more, path,
		              err))
			return false;
	return true;
}

bool
shut_open(int folder, const char *list, const char *path, struct err *err)
{
	return set_all(folder, list, S_IRWXU, path, err);
}

bool
shut_again(int folder, const char *list, const char *path, struct err *err)
{
	if (!*list)
		return true;
	return set_all(folder, list, 0, path, err) &&
	       (syncfs(folder) == 0 || err_errno(err, FAULT_CANNOT_WRITE, "%s", path));
}
