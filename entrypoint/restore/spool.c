/* See spool.h. */
#include "spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "../tree.h"

#define PREFIX ".pg-entrypoint-spool-"
#define KB 1000

static const char *
find_place(void)
{
	const char *place = config_raw_variable("TMPDIR");

	return place && *place ? place : "/tmp";
}

static bool
refuse(const char *place, struct err *err)
{
	err_errno_(err, FAULT_CANNOT_WRITE, "unpacking into %s", place);
	return err_hint(err, "set TMPDIR to a folder that can be written and has room for it");
}

/* A file system that does not count says 0 of all. */
static bool
has_room(const char *place, int64_t needed, struct err *err)
{
	struct statvfs system;
	unsigned long long room;

	if (statvfs(place, &system) != 0)
		return refuse(place, err);
	room = (unsigned long long)system.f_bavail * system.f_frsize;
	if (needed <= 0 || !system.f_blocks || room >= (unsigned long long)needed)
		return true;
	(void)err_set(err, FAULT_CANNOT_WRITE,
	              "%s has room for %llu kB, and %llu kB are to be unpacked", place, room / KB,
	              ((unsigned long long)needed + KB - 1) / KB); /* false below */
	return err_hint(err, "set TMPDIR to a folder that has room for it");
}

/* overlayfs has known O_TMPFILE since Linux 6.1 only, NFS does not. */
static int
open_nameless(const char *place, struct arena *arena)
{
	int file = open(place, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *name;

	if (file >= 0)
		return file;
	name = arena_join(arena, place, "/", PREFIX "XXXXXX");
	file = mkostemp(name, O_CLOEXEC);
	if (file >= 0)
		(void)unlink(name); /* at the worst it stays, and is empty for a moment more */
	return file;
}

bool
spool_make_file(struct spool *spool, int64_t needed, struct arena *arena, struct err *err)
{
	const char *place = find_place();
	int file;

	if (!has_room(place, needed, err))
		return false;
	file = open_nameless(place, arena);
	if (file < 0)
		return refuse(place, err);
	*spool = (struct spool){ .descriptor = file,
		                 .path = arena_print(arena, "/proc/self/fd/%d", file),
		                 .place = place };
	return true;
}

static void
remove_folder(const char *place, const char *name)
{
	SCOPED(descriptor_close)
	int parent = open(place, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	struct err refused = { 0 };

	if (parent < 0)
		(void)err_errno(&refused, FAULT_CANNOT_WRITE, "%s: %s stays behind", place, name);
	if (parent < 0 || !tree_remove(parent, name, place, &refused))
		log_warning(&refused);
}

/* Whoever uses a folder holds its lock: one without is of a run that was killed. */
static void
remove_if_left(int parent, const char *place, const char *name)
{
	SCOPED(descriptor_close)
	int folder = openat(parent, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
	struct stat status;

	if (folder < 0 || fstat(folder, &status) != 0 || status.st_uid != geteuid() ||
	    flock(folder, LOCK_EX | LOCK_NB) != 0)
		return;
	log_info("removed %s/%s, which a run that was killed has left", place, name);
	remove_folder(place, name);
}

static void
sweep(const char *place)
{
	SCOPED(listing_close) DIR *listing = opendir(place);
	const struct dirent *entry;

	/* A folder that may not be listed is written to all the same. */
	if (!listing)
		return;
	/* cppcheck-suppress readdirCalled ; readdir_r is the one that is deprecated */
	while ((entry = readdir(listing)))
		if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) == 0)
			remove_if_left(dirfd(listing), place, entry->d_name);
}

/* A new one, with its lock; -1 with errno. */
static int
open_locked(char *path)
{
	struct stat status;
	int folder;

	if (!mkdtemp(path))
		return -1;
	folder = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
	/* One that sweeps may have been between our calls; its next start finds what we leave. */
	if (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) == 0 && fstat(folder, &status) == 0 &&
	    status.st_nlink > 0)
		return folder;
	descriptor_close(&folder);
	(void)rmdir(path); /* it was removed, or is by the next one */
	errno = EBUSY;
	return -1;
}

bool
spool_make_folder(struct spool *spool, int64_t needed, struct arena *arena, struct err *err)
{
	const char *place = find_place();
	char *path = arena_join(arena, place, "/", PREFIX "XXXXXX");
	int folder;

	sweep(place);
	if (!has_room(place, needed, err))
		return false;
	folder = open_locked(path);
	if (folder < 0)
		return refuse(place, err);
	*spool = (struct spool){ .descriptor = folder,
		                 .path = path,
		                 .is_folder = true,
		                 .name = path + strlen(place) + 1,
		                 .place = place };
	return true;
}

static bool
write_all(int file, const char *bytes, size_t length)
{
	while (length) {
		const ssize_t put = write(file, bytes, length);

		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0) {
			bytes += put;
			length -= (size_t)put;
		}
	}
	return true;
}

static bool
pour(int file, const char *place, spool_source *pull, void *from, struct err *err)
{
	const char *bytes;
	size_t length;

	do {
		if (!pull(from, &bytes, &length, err))
			return false;
		if (!write_all(file, bytes, length))
			return refuse(place, err);
	} while (length);
	return true;
}

bool
spool_fill(const struct spool *spool, spool_source *pull, void *from, struct err *err)
{
	return pour(spool->descriptor, spool->place, pull, from, err);
}

bool
spool_add(const struct spool *spool, const char *name, spool_source *pull, void *from,
          struct err *err)
{
	SCOPED(descriptor_close)
	int file = openat(spool->descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (file < 0 && errno == EEXIST)
		return err_set(err, FAULT_WRONG, "%s is there twice", name);
	if (file < 0)
		return refuse(spool->place, err);
	return pour(file, spool->place, pull, from, err);
}

bool
spool_link(const struct spool *spool, const char *name, const char *second, struct err *err)
{
	return symlinkat(name, spool->descriptor, second) == 0 || errno == EEXIST ||
	       refuse(spool->place, err);
}

void
spool_close(struct spool *spool)
{
	if (!spool->path)
		return;
	if (spool->is_folder)
		remove_folder(spool->place, spool->name);
	descriptor_close(&spool->descriptor);
	spool->path = NULL;
}
