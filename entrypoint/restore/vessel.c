/* See vessel.h. */
#include "vessel.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../scoped.h"
#include "../tree.h"
#include "../unpack.h"

#define HIDDEN ".pg-entrypoint-restore"
#define TREE "tree"
#define CONTROL "pg_control"
#define CONTROL_PLACE "global/pg_control"
#define SEAL "unpacked"
#define SEAL_DRAFT "unpacked.new"

static bool
cannot(const struct vessel *vessel, const char *what, struct err *err)
{
	return err_errno(err, FAULT_CANNOT_WRITE, "%s%s%s", vessel->path, *what ? "/" : "", what);
}

/* Is it in a volume, and not in the container's own layer, which goes with the container? */
static bool
is_mounted(const struct stat *status)
{
	struct stat root;

	return stat("/", &root) == 0 && root.st_dev != status->st_dev;
}

/* The folders of a path from its nearest one that is there, if that is in a volume. */
static bool
make_path(const char *path, struct arena *arena, struct err *err)
{
	char *step = arena_copy(arena, path);
	struct stat status;
	char *slash;

	if (stat(path, &status) == 0)
		return true;
	do {
		slash = strrchr(step, '/');
		if (!slash || slash == step)
			break;
		*slash = '\0';
	} while (stat(step, &status) != 0);
	if (!slash || slash == step || !is_mounted(&status)) {
		(void)err_set(err, FAULT_CANNOT_WRITE, "%s: no such directory", path);
		return err_hint(err,
		                "mount the volume there (-v pgdata:%s), or say where it is: "
		                "--pgdata=DIRECTORY",
		                path);
	}
	for (size_t at = strlen(step); path[at];) {
		at += 1 + strcspn(path + at + 1, "/");
		if (mkdir(arena_copy_n(arena, path, at), 0755) != 0 && errno != EEXIST)
			return err_errno(err, FAULT_CANNOT_WRITE, "%.*s", (int)at, path);
	}
	return true;
}

static bool
open_folder(struct vessel *vessel, struct arena *arena, struct err *err)
{
	if (!make_path(vessel->path, arena, err))
		return false;
	vessel->folder = open(vessel->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (vessel->folder < 0)
		return cannot(vessel, "", err);
	if (flock(vessel->folder, LOCK_EX | LOCK_NB) == 0)
		return true;
	return errno == EWOULDBLOCK
	             ? err_set(err, FAULT_BUSY, "%s: another restore is at it", vessel->path)
	             : cannot(vessel, "", err);
}

/* What the seal of an earlier run says, or NULL. */
static const char *
read_seal(const struct vessel *vessel, struct arena *arena)
{
	SCOPED(descriptor_close)
	int seal = openat(vessel->hidden, SEAL, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[1024];
	const ssize_t length = seal < 0 ? -1 : read(seal, text, sizeof text);

	return length < 0 ? NULL : arena_copy_n(arena, text, (size_t)length);
}

static bool
is_there(int folder, const char *name)
{
	struct stat status;

	return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool
refuse_other(const struct vessel *vessel, const char *seal, struct err *err)
{
	(void)err_set(err, FAULT_WRONG, "%s: the restore of %.*s was cut off here", vessel->path,
	              (int)strcspn(seal, " "), seal);
	return err_hint(err, "finish it with that archive, or empty the volume");
}

static bool
judge_content(struct vessel *vessel, struct arena *arena, struct err *err)
{
	const char *entry;

	if (!tree_find_entry(vessel->folder, HIDDEN, &entry, vessel->path, arena, err))
		return false;
	if (!entry)
		return true;
	(void)err_set(err, FAULT_WRONG, "%s is not empty: it has %s", vessel->path, entry);
	return err_hint(err, "a data directory is restored into an empty volume only; nothing was "
	                     "changed");
}

bool
vessel_open(struct vessel *vessel, const char *path, const char *source, struct arena *arena,
            struct err *err)
{
	const char *seal;

	vessel->path = path;
	vessel->source = source;
	if (!open_folder(vessel, arena, err))
		return false;
	vessel->hidden =
		openat(vessel->folder, HIDDEN, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	seal = vessel->hidden < 0 ? NULL : read_seal(vessel, arena);
	/* Once pg_control is in its place, a server may have started: nothing of it is ours any more. */
	if (!seal || (is_there(vessel->folder, CONTROL_PLACE) &&
	              !is_there(vessel->hidden, CONTROL) && strcmp(seal, source) != 0))
		return judge_content(vessel, arena, err);
	if (strcmp(seal, source) != 0)
		return refuse_other(vessel, seal, err);
	vessel->is_sealed = true;
	return true;
}

void
vessel_close(struct vessel *vessel)
{
	descriptor_close(&vessel->tree);
	descriptor_close(&vessel->hidden);
	descriptor_close(&vessel->folder);
	vessel->folder = vessel->hidden = vessel->tree = -1;
}

void
vessel_choose_owner(struct vessel *vessel, uid_t ours, int64_t user, int64_t group)
{
	struct stat status;

	vessel->owners = ours == 0 ? OWNERS_GIVEN : OWNERS_OURS;
	vessel->user = (uid_t)user;
	vessel->group = (gid_t)group;
	if (fstat(vessel->folder, &status) == 0 && status.st_uid != 0) {
		vessel->user = status.st_uid;
		vessel->group = status.st_gid;
	}
}

bool
vessel_clear(struct vessel *vessel, struct err *err)
{
	descriptor_close(&vessel->tree);
	vessel->tree = -1;
	/* The seal goes last: without it what is left would be started over, in a directory that is full. */
	if (vessel->hidden >= 0 && !tree_remove(vessel->hidden, TREE, vessel->path, err))
		return false;
	descriptor_close(&vessel->hidden);
	vessel->hidden = -1;
	return tree_remove(vessel->folder, HIDDEN, vessel->path, err);
}

bool
vessel_begin(struct vessel *vessel, struct err *err)
{
	if (!vessel_clear(vessel, err))
		return false;
	if (mkdirat(vessel->folder, HIDDEN, 0700) != 0)
		return cannot(vessel, HIDDEN, err);
	vessel->hidden = openat(vessel->folder, HIDDEN, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (vessel->hidden < 0 || mkdirat(vessel->hidden, TREE, 0700) != 0)
		return cannot(vessel, HIDDEN, err);
	vessel->tree = openat(vessel->hidden, TREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return vessel->tree >= 0 || cannot(vessel, HIDDEN, err);
}

static bool
write_seal(const struct vessel *vessel, struct err *err)
{
	SCOPED(descriptor_close)
	int seal =
		openat(vessel->hidden, SEAL_DRAFT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const ssize_t length = (ssize_t)strlen(vessel->source);

	return (seal >= 0 && write(seal, vessel->source, (size_t)length) == length &&
	        fsync(seal) == 0) ||
	       cannot(vessel, HIDDEN, err);
}

bool
vessel_seal(struct vessel *vessel, struct err *err)
{
	if (!write_seal(vessel, err))
		return false;
	return (renameat(vessel->tree, CONTROL_PLACE, vessel->hidden, CONTROL) == 0 &&
	        syncfs(vessel->folder) == 0 &&
	        renameat(vessel->hidden, SEAL_DRAFT, vessel->hidden, SEAL) == 0 &&
	        fsync(vessel->hidden) == 0 && fsync(vessel->folder) == 0) ||
	       cannot(vessel, HIDDEN, err);
}

/* The server wants a directory of its own that nobody else can enter. */
static bool
dress(const struct vessel *vessel, struct err *err)
{
	if (vessel->owners == OWNERS_GIVEN &&
	    fchown(vessel->folder, vessel->user, vessel->group) != 0)
		return cannot(vessel, "", err);
	return fchmod(vessel->folder, 0700) == 0 || cannot(vessel, "", err);
}

/* After this a server would start. */
static bool
place_control(const struct vessel *vessel, struct err *err)
{
	SCOPED(descriptor_close)
	int global =
		openat(vessel->folder, "global", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (!is_there(vessel->hidden, CONTROL))
		return true; /* an earlier run came so far */
	return (global >= 0 && renameat(vessel->hidden, CONTROL, global, CONTROL) == 0 &&
	        fsync(global) == 0 && fsync(vessel->hidden) == 0) ||
	       cannot(vessel, CONTROL_PLACE, err);
}

bool
vessel_place(struct vessel *vessel, struct err *err)
{
	if (vessel->tree < 0)
		vessel->tree = openat(vessel->hidden, TREE,
		                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* It is gone when an earlier run came so far. */
	if (vessel->tree < 0 && errno != ENOENT)
		return cannot(vessel, HIDDEN, err);
	if (vessel->tree >= 0 && !tree_move(vessel->tree, vessel->folder, NULL, vessel->path, err))
		return false;
	if (!dress(vessel, err) || !place_control(vessel, err) || !vessel_clear(vessel, err))
		return false;
	return fsync(vessel->folder) == 0 || cannot(vessel, "", err);
}
