/* See pack.h. */
#include "../stream.h"

#include "../stream/members.h"
#include "../stream/tar.h"
#include "pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../scoped.h"
#include "../signals.h"
#include "../sort.h"

#define PIECE ((size_t)1 << 18)
#define BLOCK 512 /* bytes, of st_blocks */

/* A file with several names, as it was when it was taken, and under which of them. */
struct twin {
	struct stat status;
	const char *name;
};

struct run {
	const struct packing *packing;
	struct packed *packed;
	struct tar *tar;
	void *twins; /* tsearch's */
	struct arena arena;
	char *piece;
};

static void
keep_twin(void *twin)
{
	(void)twin; /* the arena's */
}

static void
run_end(struct run *run)
{
	tdestroy(run->twins, keep_twin);
	arena_drop(&run->arena);
}

static bool
cannot(const struct run *run, const char *name, struct err *err)
{
	return err_errno(err, FAULT_NO_SOURCE, "%s: %s", run->packing->label, name);
}

static int
compare_twins(const void *left, const void *right)
{
	const struct stat *one = &((const struct twin *)left)->status;
	const struct stat *other = &((const struct twin *)right)->status;

	if (one->st_dev != other->st_dev)
		return one->st_dev < other->st_dev ? -1 : 1;
	return one->st_ino == other->st_ino ? 0 : one->st_ino < other->st_ino ? -1 : 1;
}

static bool
is_same_time(const struct timespec *one, const struct timespec *other)
{
	return one->tv_sec == other->tv_sec && one->tv_nsec == other->tv_nsec;
}

static bool
is_unchanged(const struct stat *before, const struct stat *now)
{
	return now->st_size == before->st_size && is_same_time(&now->st_mtim, &before->st_mtim);
}

/*
 * The name that it was taken under before, or NULL; then this is it. The number of one that was removed meanwhile may be
 * another's by now: a new file has another st_ctim.
 */
static const char *
find_twin(struct run *run, const struct stat *status, const char *name)
{
	const struct twin wanted = { .status = *status };
	void *found = tfind(&wanted, &run->twins, compare_twins);
	struct twin *twin = found ? *(struct twin **)found : NULL;

	if (twin && is_unchanged(&twin->status, status) &&
	    is_same_time(&twin->status.st_ctim, &status->st_ctim))
		return twin->name;
	if (!twin)
		twin = arena_alloc(&run->arena, sizeof *twin);
	*twin = (struct twin){ *status, arena_copy(&run->arena, name) };
	/* Where there is no memory for it, the next name is a file of its own. */
	(void)tsearch(twin, &run->twins, compare_twins);
	return NULL;
}

static struct member
member_of(const struct stat *status, const char *name, enum member_kind kind)
{
	return (struct member){ .name = name,
		                .kind = kind,
		                .size = (int64_t)status->st_size,
		                .mode = status->st_mode & 07777,
		                .user = status->st_uid,
		                .group = status->st_gid,
		                .changed = status->st_mtim };
}

/* Where its holes are not. A file system that does not tell gives all of it as one. */
static struct extent *
find_extents(int file, int64_t size, size_t *count, struct arena *arena)
{
	struct extent *extents = NULL;
	off_t at = 0, end;
	bool is_told;

	*count = 0;
	while ((at = lseek(file, at, SEEK_DATA)) >= 0 && at < size) {
		end = lseek(file, at, SEEK_HOLE);
		if (end < 0 || end > size)
			end = size;
		extents = arena_grow(arena, extents, *count, sizeof *extents);
		extents[(*count)++] = (struct extent){ at, end - at };
		at = end;
	}
	is_told = at >= 0 || errno == ENXIO;
	/* One that is a hole only; or all of it. */
	if (!*count || !is_told) {
		extents = arena_grow(arena, extents, 0, sizeof *extents);
		extents[0] = (struct extent){ 0, is_told ? 0 : size };
		*count = 1;
	}
	return extents;
}

static void
note(struct named *named, const char *name)
{
	if (named->count++ == 0)
		(void)snprintf(named->first, sizeof named->first, "%s", name);
}

/* By errno: was it there when its folder was listed, and is gone? */
static bool
note_vanished(struct run *run, const char *name, struct err *err)
{
	if (errno != ENOENT)
		return cannot(run, name, err);
	note(&run->packed->vanished, name);
	return true;
}

/* As many bytes as were promised. *is_short: there were less. */
static bool
add_bytes(struct run *run, int file, int64_t left, const char *name, bool *is_short,
          struct err *err)
{
	*is_short = false;
	while (left) {
		const size_t most = left < (int64_t)PIECE ? (size_t)left : PIECE;
		ssize_t got = *is_short ? 0 : read(file, run->piece, most);

		if (got < 0)
			return cannot(run, name, err);
		if (got == 0) {
			*is_short = true;
			memset(run->piece, 0, most);
			got = (ssize_t)most;
		}
		if (!signals_check(err) || !tar_add(run->tar, run->piece, (size_t)got, err))
			return false;
		left -= got;
	}
	return true;
}

static bool
take_open(struct run *run, int file, const char *name, const struct stat *status, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct member member = member_of(status, name, MEMBER_FILE);
	struct extent *extents = NULL;
	struct stat after;
	size_t count = 0;
	bool is_short;

	if (status->st_size > 0 && (int64_t)status->st_blocks * BLOCK < status->st_size)
		extents = find_extents(file, status->st_size, &count, &arena);
	if (lseek(file, 0, SEEK_SET) != 0)
		return cannot(run, name, err);
	run->packed->files++;
	run->packed->bytes += member.size;
	if (!tar_begin(run->tar, &member, extents, count, err) ||
	    !add_bytes(run, file, member.size, name, &is_short, err))
		return false;
	if (is_short || fstat(file, &after) != 0 || !is_unchanged(status, &after))
		note(&run->packed->changed, name);
	return true;
}

static bool
take_file(struct run *run, int folder, const char *entry, const char *name, struct err *err)
{
	SCOPED(descriptor_close)
	int file = openat(folder, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct member member;
	struct stat status;

	if (file < 0)
		return note_vanished(run, name, err);
	/* What the entry was before it was opened may have been another. */
	if (fstat(file, &status) != 0)
		return cannot(run, name, err);
	member = member_of(&status, name, MEMBER_SAME);
	member.target = status.st_nlink > 1 ? find_twin(run, &status, name) : NULL;
	if (!member.target)
		return take_open(run, file, name, &status, err);
	run->packed->files++;
	return tar_begin(run->tar, &member, NULL, 0, err);
}

static bool
take_link(struct run *run, int folder, const char *entry, const char *name,
          const struct stat *status, struct err *err)
{
	char target[4096];
	const ssize_t length = readlinkat(folder, entry, target, sizeof target - 1);
	struct member member = member_of(status, name, MEMBER_LINK);

	if (length < 0)
		return note_vanished(run, name, err);
	target[length] = '\0';
	member.target = target;
	run->packed->files++;
	return tar_begin(run->tar, &member, NULL, 0, err);
}

static bool take_folder(struct run *run, int folder, const char *name, struct err *err);

static bool
take_below(struct run *run, int folder, const char *entry, const char *name, struct err *err)
{
	SCOPED(descriptor_close)
	int below = openat(folder, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (below < 0)
		return note_vanished(run, name, err);
	return take_folder(run, below, name, err);
}

static bool
take(struct run *run, int folder, const char *entry, const char *name, struct err *err)
{
	struct stat status;

	if (fstatat(folder, entry, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return note_vanished(run, name, err);
	if (S_ISDIR(status.st_mode))
		return take_below(run, folder, entry, name, err);
	if (S_ISREG(status.st_mode))
		return take_file(run, folder, entry, name, err);
	if (S_ISLNK(status.st_mode))
		return take_link(run, folder, entry, name, &status, err);
	run->packed->strange++;
	return true;
}

static int
compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Those of a folder, sorted. */
static bool
list(const struct run *run, int folder, const char *name, const char ***names, size_t *count,
     struct arena *arena, struct err *err)
{
	const int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SCOPED(listing_close) DIR *listing = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;

	*names = NULL;
	*count = 0;
	errno = own < 0 ? errno : 0;
	/* cppcheck-suppress readdirCalled ; readdir_r is the one that is deprecated */
	while (listing && (entry = readdir(listing)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			*names = arena_grow(arena, *names, *count, sizeof **names);
			(*names)[(*count)++] = arena_copy(arena, entry->d_name);
			errno = 0;
		}
	if (!listing || errno)
		return cannot(run, name, err);
	pg_qsort(*names, *count, sizeof **names, compare_names);
	return true;
}

/* At the top only. */
static bool
is_spared(const struct run *run, const char *entry, const char *folder)
{
	for (const char *const *name = run->packing->spared; *name; name++)
		if (strcmp(*name, entry) == 0 && strcmp(folder, run->packing->front) == 0)
			return true;
	return false;
}

static bool
take_folder(struct run *run, int folder, const char *name, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct stat status;
	struct member member;
	const char **names;
	size_t count;

	if (!signals_check(err))
		return false;
	if (fstat(folder, &status) != 0)
		return cannot(run, name, err);
	member = member_of(&status, arena_join(&arena, name, "/", ""), MEMBER_FOLDER);
	run->packed->folders++;
	if (!tar_begin(run->tar, &member, NULL, 0, err) ||
	    !list(run, folder, name, &names, &count, &arena, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_spared(run, names[i], name) &&
		    !take(run, folder, names[i], arena_join(&arena, name, "/", names[i]), err))
			return false;
	return true;
}

bool
pack_folder(struct packed *packed, struct tar *tar, int folder, const struct packing *packing,
            struct err *err)
{
	SCOPED(run_end) struct run run = { .packing = packing, .packed = packed, .tar = tar };

	*packed = (struct packed){ 0 };
	run.piece = arena_alloc(&run.arena, PIECE);
	return take_folder(&run, folder, packing->front, err);
}
