/* See unpack.h. */
#include "stream.h"

#include "stream/members.h"
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"
#include "folder.h"
#include "scoped.h"
#include "signals.h"
#include "sort.h"

#define BLOCK ((size_t)4096) /* of zeros, that becomes a hole */

/* What a folder will be when all that is in it is there. */
struct later {
	const char *name;
	struct member as;
	bool is_implied; /* it has no member, as far as is known */
};

struct run {
	struct unpacked *unpacked;
	const struct unpacking *unpacking;
	struct members *members;
	const char *path; /* of the archive */
	int folder;
	struct later *later;
	size_t later_count;
	struct arena arena;   /* of later */
	struct arena scratch; /* of one member */
	/* The folder of the member before, which is that of the next one too most of the time. */
	int parent; /* -1: none */
	const char *parent_name;
	struct arena above; /* of that */
};

static bool
cannot(const struct run *run, const char *name, struct err *err)
{
	return err_errno(err, FAULT_CANNOT_WRITE, "%s: %s cannot be unpacked", run->path,
	                 *name ? name : ".");
}

/* No link is followed: ELOOP or ENOTDIR is one, where a folder should be. */
static bool
blame_step(const struct run *run, const char *name, struct err *err)
{
	if (errno != ELOOP && errno != ENOTDIR)
		return cannot(run, name, err);
	return err_set(err, FAULT_WRONG, "%s: %s lies behind a link or a file, not in a folder",
	               run->path, name);
}

static void
add_later(struct run *run, struct later later, const char *name, size_t length)
{
	later.name = arena_copy_n(&run->arena, name, length);
	run->later = arena_grow(&run->arena, run->later, run->later_count, sizeof later);
	run->later[run->later_count++] = later;
}

/* Made on the way: it is like the mold, unless it has a member too. */
static void
imply_folder(struct run *run, const char *name, size_t length)
{
	const struct stat *mold = run->unpacking->mold;
	struct later later = { .as.kind = MEMBER_FOLDER, .is_implied = true };

	if (!mold)
		return;
	later.as.mode = mold->st_mode;
	later.as.user = mold->st_uid;
	later.as.group = mold->st_gid;
	add_later(run, later, name, length);
}

/* Opens a folder below the folder, making what is missing on the way; -1 on failure. */
static int
open_folder(struct run *run, const char *name, struct err *err)
{
	const char *whole = name;
	int at = fcntl(run->folder, F_DUPFD_CLOEXEC, 0);
	char step[256];

	while (at >= 0 && *name) {
		const size_t length = strcspn(name, "/");
		int next;

		if (length >= sizeof step) {
			descriptor_close(&at);
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(step, name, length);
		step[length] = '\0';
		if (mkdirat(at, step, 0700) == 0) {
			run->unpacked->folders++;
			imply_folder(run, whole, (size_t)(name - whole) + length);
		}
		/* What is there already, and what is wrong with it, says the opening. */
		next = openat(at, step, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 && !blame_step(run, name, err)) {
			descriptor_close(&at);
			return -1;
		}
		descriptor_close(&at);
		at = next;
		name += length + (name[length] == '/');
	}
	if (at < 0)
		(void)cannot(run, name, err);
	return at;
}

/* The folder in which it lies, which stays open until another one is asked for. */
static bool
open_parent(struct run *run, const char *name, struct err *err)
{
	const char *slash = strrchr(name, '/');
	const size_t length = slash ? (size_t)(slash - name) : 0;

	if (run->parent >= 0 && strncmp(run->parent_name, name, length) == 0 &&
	    !run->parent_name[length])
		return true;
	descriptor_close(&run->parent);
	arena_clear(&run->above);
	run->parent_name = arena_copy_n(&run->above, name, length);
	run->parent = open_folder(run, run->parent_name, err);
	return run->parent >= 0;
}

/* Whose it will be; false: nobody is to be set. */
static bool
find_owner(const struct run *run, const struct member *member, uid_t *user, gid_t *group)
{
	*user = run->unpacking->user;
	*group = run->unpacking->group;
	if (run->unpacking->owners == OWNERS_KEPT) {
		*user = (uid_t)member->user;
		*group = (gid_t)member->group;
	}
	return run->unpacking->owners != OWNERS_OURS;
}

/* Of the result of chown. */
static bool
judge_owner(struct run *run, int result, const char *name, struct err *err)
{
	if (result == 0)
		return true;
	if (errno != EPERM || run->unpacking->owners != OWNERS_KEPT)
		return cannot(run, name, err);
	run->unpacked->strange++;
	return true;
}

/* Owner first: setting it takes bits of the mode away. */
static bool
dress(struct run *run, int file, const struct member *member, const char *name, struct err *err)
{
	const struct timespec times[] = { member->changed, member->changed };
	const mode_t kept = run->unpacking->modes |
	                    (member->kind == MEMBER_FOLDER ? run->unpacking->folder_bits : 0);
	uid_t user;
	gid_t group;

	if (find_owner(run, member, &user, &group) &&
	    !judge_owner(run, fchown(file, user, group), name, err))
		return false;
	return (fchmod(file, member->mode & kept) == 0 && futimens(file, times) == 0) ||
	       cannot(run, name, err);
}

static bool
write_all(const struct run *run, int file, const char *bytes, size_t length, const char *name,
          struct err *err)
{
	while (length) {
		const ssize_t written = write(file, bytes, length);

		if (written < 0 && errno != EINTR)
			return cannot(run, name, err);
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
	return true;
}

static bool
is_zero(const char *bytes, size_t length)
{
	return !bytes[0] && memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* Blocks of zeros become holes; the end is set behind the last of them. */
static bool
write_sparsely(const struct run *run, int file, const char *bytes, size_t length, const char *name,
               struct err *err)
{
	while (length) {
		const size_t most = length < BLOCK ? length : BLOCK;

		if (is_zero(bytes, most)) {
			if (lseek(file, (off_t)most, SEEK_CUR) < 0)
				return cannot(run, name, err);
		} else if (!write_all(run, file, bytes, most, name, err)) {
			return false;
		}
		bytes += most;
		length -= most;
	}
	return true;
}

static bool
end_sparsely(const struct run *run, int file, const char *name, struct err *err)
{
	const off_t end = lseek(file, 0, SEEK_CUR);

	return (end >= 0 && ftruncate(file, end) == 0) || cannot(run, name, err);
}

static bool
fill(struct run *run, int file, const struct member *member, const char *name, struct err *err)
{
	const char *bytes;
	size_t length;

	for (;;) {
		if (!signals_check(err) || !members_pull(run->members, &bytes, &length, err))
			return false;
		if (!length)
			return !member->has_holes || end_sparsely(run, file, name, err);
		if ((int64_t)length > run->unpacking->most - run->unpacked->bytes)
			return err_set(err, FAULT_WRONG,
			               "%s: holds more than %lld bytes, and %s is not all of it",
			               run->path, (long long)run->unpacking->most, name);
		run->unpacked->bytes += (int64_t)length;
		if (!(member->has_holes ? write_sparsely : write_all)(run, file, bytes, length,
		                                                      name, err))
			return false;
	}
}

static bool
blame_making(const struct run *run, const char *name, struct err *err)
{
	if (errno != EEXIST)
		return cannot(run, name, err);
	return err_set(err, FAULT_WRONG, "%s: %s is there twice", run->path, name);
}

static bool
make_file(struct run *run, const struct member *member, const char *name, struct err *err)
{
	SCOPED(descriptor_close)
	int file = openat(run->parent, folder_base_name(name),
	                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (file < 0)
		return blame_making(run, name, err);
	run->unpacked->files++;
	return fill(run, file, member, name, err) && dress(run, file, member, name, err);
}

static bool
make_link(struct run *run, const struct member *member, const struct placed *placed,
          struct err *err)
{
	const struct timespec times[] = { member->changed, member->changed };
	const char *name = folder_base_name(placed->name);
	uid_t user;
	gid_t group;

	if (symlinkat(placed->target, run->parent, name) != 0)
		return blame_making(run, placed->name, err);
	run->unpacked->links++;
	if (find_owner(run, member, &user, &group) &&
	    !judge_owner(run, fchownat(run->parent, name, user, group, AT_SYMLINK_NOFOLLOW),
	                 placed->name, err))
		return false;
	/* Not every file system has times of a link. */
	(void)utimensat(run->parent, name, times, AT_SYMLINK_NOFOLLOW);
	return true;
}

/* The file that it is one more name of has to be there, as a file. */
static bool
make_same(struct run *run, const struct placed *placed, struct err *err)
{
	SCOPED(descriptor_close) int from = -1;
	struct stat status;

	if (!open_parent(run, placed->target, err))
		return false;
	from = fcntl(run->parent, F_DUPFD_CLOEXEC, 0);
	if (from < 0)
		return cannot(run, placed->name, err);
	if (fstatat(from, folder_base_name(placed->target), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(status.st_mode))
		return err_set(err, FAULT_WRONG, "%s: %s is to be the file %s, which is none",
		               run->path, placed->name, placed->target);
	if (!open_parent(run, placed->name, err))
		return false;
	if (linkat(from, folder_base_name(placed->target), run->parent,
	           folder_base_name(placed->name), 0) != 0)
		return blame_making(run, placed->name, err);
	run->unpacked->files++;
	return true;
}

static bool
make_folder(struct run *run, const struct member *member, const char *name, struct err *err)
{
	SCOPED(descriptor_close) int made = open_folder(run, name, err);

	if (made < 0)
		return false;
	add_later(run, (struct later){ .as = *member }, name, strlen(name));
	return true;
}

static bool
make(struct run *run, const struct member *member, struct err *err)
{
	struct placed placed;

	if (!signals_check(err) ||
	    !unpack_judge(&placed, member, run->unpacking, run->path, &run->scratch, err))
		return false;
	if (!placed.name) {
		run->unpacked->beside += placed.is_beside;
		return true;
	}
	if (member->kind == MEMBER_FOLDER)
		return make_folder(run, member, placed.name, err);
	if (member->kind == MEMBER_SAME)
		return make_same(run, &placed, err);
	return open_parent(run, placed.name, err) &&
	       (member->kind == MEMBER_FILE ? make_file(run, member, placed.name, err)
	                                    : make_link(run, member, &placed, err));
}

/* What is deeper comes first: the mode of what is above it may shut us out. Of one folder its member has the last word. */
static int
deeper_first(const void *left, const void *right)
{
	const struct later *one = left, *other = right;
	const int order = strcmp(other->name, one->name);

	return order ? order : other->is_implied - one->is_implied;
}

/* Of one without a member no archive has said whose it is: whoever may not give it away keeps it. */
static bool
dress_folder(struct run *run, const struct later *later, struct err *err)
{
	const struct unpacking *unpacking = run->unpacking;
	SCOPED(descriptor_close) int folder = open_folder(run, later->name, err);
	uid_t user;
	gid_t group;

	if (folder < 0)
		return false;
	if (!later->is_implied)
		return dress(run, folder, &later->as, later->name, err);
	if (find_owner(run, &later->as, &user, &group) && fchown(folder, user, group) != 0 &&
	    unpacking->owners != OWNERS_KEPT)
		return cannot(run, later->name, err);
	return fchmod(folder, later->as.mode & (unpacking->modes | unpacking->folder_bits)) == 0 ||
	       cannot(run, later->name, err);
}

static bool
dress_folders(struct run *run, struct err *err)
{
	const struct later *later = run->later;

	pg_qsort(run->later, run->later_count, sizeof *later, deeper_first);
	for (size_t i = 0; i < run->later_count; i++, later++) {
		if (later->is_implied && i + 1 < run->later_count &&
		    strcmp(later[1].name, later->name) == 0)
			continue; /* it has a member */
		if (!dress_folder(run, later, err))
			return false;
	}
	return true;
}

static bool
make_all(struct run *run, struct err *err)
{
	struct member member;
	bool at_end;

	imply_folder(run, "", 0);
	for (;;) {
		if (!members_next(run->members, &member, &at_end, err))
			return false;
		if (at_end)
			break;
		if (!make(run, &member, err))
			return false;
		arena_drop(&run->scratch);
	}
	if (!dress_folders(run, err))
		return false;
	return syncfs(run->folder) == 0 || err_errno(err, FAULT_CANNOT_WRITE, "%s", run->path);
}

bool
unpack_run(struct unpacked *unpacked, int folder, struct members *members,
           const struct unpacking *unpacking, const char *path, struct err *err)
{
	struct run run = { .unpacked = unpacked,
		           .unpacking = unpacking,
		           .members = members,
		           .path = path,
		           .folder = folder,
		           .parent = -1 };
	bool was_done;

	*unpacked = (struct unpacked){ 0 };
	was_done = make_all(&run, err);
	descriptor_close(&run.parent);
	arena_drop(&run.above);
	arena_drop(&run.scratch);
	arena_drop(&run.arena);
	return was_done;
}
