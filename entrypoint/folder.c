/* See folder.h. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"
#include "scoped.h"
#include "sort.h"

static int
compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Where a file itself may not even be looked at, it is a folder on the way to it that is closed. */
static bool
find_closed(int folder, const char *name, char *path, struct stat *status)
{
	char *end;

	if (fstatat(folder, name, status, 0) == 0) {
		*path = '\0';
		return true;
	}
	while ((end = strrchr(path, '/')) && end > path) {
		*end = '\0';
		if (stat(path, status) == 0)
			return true;
	}
	return false;
}

bool
folder_blame(int folder, const char *name, const char *path, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const bool is_denied = errno == EACCES;
	char *closed = arena_copy(&arena, path);
	struct stat status;

	err_errno_(err, FAULT_NO_SOURCE, "%s", path);
	if (is_denied && find_closed(folder, name, closed, &status))
		return err_hint(err, "%s%smode %04o, owner %u:%u, we are %u:%u", closed,
		                *closed ? ": " : "", status.st_mode & 07777U, status.st_uid,
		                status.st_gid, geteuid(), getegid());
	return false;
}

/* A link is what it points to: Kubernetes mounts the files of a ConfigMap as links. */
static bool
find_mode(const struct folder *folder, const struct dirent *entry, mode_t *mode, struct err *err)
{
	struct stat status;

	/* Most file systems say it in the listing: thousands of files are read at every start. */
	*mode = (mode_t)DTTOIF(entry->d_type);
	if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
		return true;
	if (fstatat(folder->descriptor, entry->d_name, &status, 0) != 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s/%s", folder->path, entry->d_name);
	*mode = status.st_mode;
	return true;
}

static bool
add(struct folder *folder, const struct dirent *entry, struct arena *arena, struct err *err)
{
	const char *name = arena_copy(arena, entry->d_name);
	mode_t mode;

	if (!find_mode(folder, entry, &mode, err))
		return false;
	if (S_ISREG(mode)) {
		folder->names = arena_grow(arena, folder->names, folder->count, sizeof name);
		folder->names[folder->count++] = name;
	} else {
		folder->ignored =
			arena_grow(arena, folder->ignored, folder->ignored_count, sizeof name);
		folder->ignored[folder->ignored_count++] = name;
	}
	return true;
}

static bool
list(struct folder *folder, DIR *stream, struct arena *arena, struct err *err)
{
	const struct dirent *entry;

	/* cppcheck-suppress readdirCalled ; readdir_r is the one that is deprecated */
	while (errno = 0, (entry = readdir(stream)))
		if (entry->d_name[0] != '.' && !add(folder, entry, arena, err))
			return false;
	if (errno)
		return err_errno(err, FAULT_NO_SOURCE, "%s", folder->path);
	pg_qsort(folder->names, folder->count, sizeof *folder->names, compare);
	pg_qsort(folder->ignored, folder->ignored_count, sizeof *folder->ignored, compare);
	return true;
}

bool
folder_open(struct folder *folder, const char *path, struct arena *arena, struct err *err)
{
	SCOPED(listing_close) DIR *stream = opendir(path);
	struct folder found = { .path = arena_copy(arena, path) };

	if (!stream)
		return folder_blame(AT_FDCWD, path, path, err);
	found.descriptor = dirfd(stream);
	if (!list(&found, stream, arena, err))
		return false;
	/* The stream closes its own; ours outlives it. */
	found.descriptor = fcntl(found.descriptor, F_DUPFD_CLOEXEC, 0);
	if (found.descriptor < 0)
		return err_errno(err, FAULT_SYSTEM, "%s", path);
	*folder = found;
	return true;
}

void
folder_close(struct folder *folder)
{
	if (folder->path)
		descriptor_close(&folder->descriptor);
	folder->descriptor = -1;
}

const char *
folder_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool
folder_name_ends(const char *name, const char *end)
{
	const size_t length = strlen(name), end_length = strlen(end);

	return length > end_length && strcmp(name + length - end_length, end) == 0;
}

bool
folder_holds(const char *real_folder, const char *real_path)
{
	const size_t length = strlen(real_folder);

	return strncmp(real_path, real_folder, length) == 0 &&
	       (real_path[length] == '/' || real_folder[length - 1] == '/');
}
