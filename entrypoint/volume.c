/* See volume.h. */
#include "volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "config.h"
#include "err.h"
#include "log.h"
#include "scoped.h"
#include "signals.h"
#include "tree.h"
#include "volume/shut.h"

/* In the hidden folder. */
#define TREE "tree"
#define READY "ready"
#define REPLACE "replace" /* holds the name that the old one gets, in the hidden folder */
#define DROPPED "dropped" /* is removed when all is done */
#define BEFORE "before_"  /* and the time: is kept */
#define MARK "mark"
#define SHUT "shut" /* what is to get its mode back when it is in its place (volume/shut.h) */

#define MOST_WORDS ((size_t)1 << 20)  /* of a file there, */
#define MOST_NAMES ((size_t)64 << 20) /* and of a list of all that lies at the top */
#define PAUSE 100                     /* ms between two tries to get the lock */

enum volume_state
volume_judge(const struct volume_seen *seen)
{
	return seen->is_ready  ? VOLUME_READY
	     : seen->has_entry ? VOLUME_FULL
	     : seen->has_tree  ? VOLUME_BEGUN
	     : seen->has_mark  ? VOLUME_KNOWN
	                       : VOLUME_NEW;
}

static bool
cannot(const struct volume *volume, struct err *err)
{
	return err_errno(err, FAULT_CANNOT_WRITE, "volume %s: %s", volume->name, volume->path);
}

static bool
is_there(int folder, const char *name)
{
	struct stat status;

	return folder >= 0 && fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Ours alone: a link that somebody has put there is none. */
static int
open_hidden(int folder)
{
	return openat(folder, VOLUME_HIDDEN, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* What stands in it; "": nothing, or there is none. */
static const char *
read_words(const struct volume *volume, const char *name, size_t most)
{
	struct text text = text_new(volume->arena);
	char piece[1024];
	ssize_t length;
	SCOPED(descriptor_close)
	int file = openat(volume->hidden, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	while (file >= 0 && text.length < most && (length = read(file, piece, sizeof piece)) > 0)
		text_add_n(&text, piece, (size_t)length);
	return text.at;
}

static bool
look(struct volume *volume, struct err *err)
{
	const char *entry;

	if (!tree_find_entry(volume->folder, VOLUME_HIDDEN, &entry, volume->path, volume->arena,
	                     err))
		return err_within(err, "volume %s", volume->name);
	volume->entry = entry;
	volume->seen = (struct volume_seen){ .has_entry = entry != NULL,
		                             .has_mark = is_there(volume->hidden, MARK),
		                             .has_tree = is_there(volume->hidden, TREE),
		                             .is_ready = is_there(volume->hidden, READY),
		                             .is_replacing = is_there(volume->hidden, REPLACE) };
	volume->awaited = volume->seen.is_ready ? read_words(volume, READY, MOST_WORDS) : "";
	return true;
}

bool
volume_open(struct volume *volume, const struct volume_setting *setting, struct arena *arena,
            struct err *err)
{
	*volume = (struct volume){ .name = setting->name,
		                   .path = setting->path,
		                   .is_critical = setting->is_critical,
		                   .arena = arena,
		                   .hidden = -1,
		                   .tree = -1 };
	volume->folder = open(volume->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (volume->folder < 0) {
		err_errno_(err, FAULT_CONFIG, "volume %s: %s", volume->name, volume->path);
		return err_hint(err, "mount it there, or take it out of volumes");
	}
	volume->hidden = open_hidden(volume->folder);
	return look(volume, err);
}

static bool
make_hidden(struct volume *volume, struct err *err)
{
	if (volume->hidden >= 0)
		return true;
	if (mkdirat(volume->folder, VOLUME_HIDDEN, 0700) != 0 && errno != EEXIST)
		return cannot(volume, err);
	volume->hidden = open_hidden(volume->folder);
	return volume->hidden >= 0 || cannot(volume, err);
}

/* Where the file system has no locks, the boot lock has to do. */
static bool
await_lock(const struct volume *volume, struct err *err)
{
	bool is_told = false;

	while (flock(volume->hidden, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		if (!is_told)
			log_info("volume %s: another run is restoring it: waiting", volume->name);
		is_told = true;
		if (!signals_pause(PAUSE, err))
			return false;
	}
	return true;
}

bool
volume_lock(struct volume *volume, struct err *err)
{
	return make_hidden(volume, err) && await_lock(volume, err) && look(volume, err);
}

static bool
clear(struct volume *volume, struct err *err)
{
	descriptor_close(&volume->tree);
	volume->tree = -1;
	/* First what says that the tree is whole. */
	return ((unlinkat(volume->hidden, READY, 0) == 0 || errno == ENOENT) &&
	        fsync(volume->hidden) == 0) ||
	       cannot(volume, err);
}

static bool
open_tree(struct volume *volume, struct err *err)
{
	volume->tree =
		openat(volume->hidden, TREE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return volume->tree >= 0 || cannot(volume, err);
}

static bool
make_tree(struct volume *volume, struct err *err)
{
	if (!clear(volume, err) || !tree_remove(volume->hidden, TREE, volume->path, err) ||
	    !tree_remove(volume->hidden, REPLACE, volume->path, err) ||
	    !tree_remove(volume->hidden, SHUT, volume->path, err) ||
	    !tree_remove(volume->hidden, DROPPED, volume->path, err))
		return false;
	return (mkdirat(volume->hidden, TREE, 0700) == 0 || cannot(volume, err)) &&
	       open_tree(volume, err);
}

bool
volume_begin(struct volume *volume, struct err *err)
{
	return volume->entry ? err_set(err, FAULT_WRONG, "volume %s: %s is not empty any more: %s",
	                               volume->name, volume->path, volume->entry)
	                     : make_tree(volume, err);
}

/* Who may not do that to a mount point leaves it as it is. */
static bool
dress(const struct volume *volume, int file, const struct stat *wanted, struct err *err)
{
	const struct timespec times[] = { wanted->st_atim, wanted->st_mtim };
	struct stat is;

	if (fstat(file, &is) != 0)
		return cannot(volume, err);
	if ((wanted->st_uid != is.st_uid || wanted->st_gid != is.st_gid) &&
	    fchown(file, wanted->st_uid, wanted->st_gid) != 0 && errno != EPERM)
		return cannot(volume, err);
	return ((fchmod(file, wanted->st_mode & 07777) == 0 || errno == EPERM) &&
	        (futimens(file, times) == 0 || errno == EPERM)) ||
	       cannot(volume, err);
}

/* Under another name first: what has its name is whole. like: whose owner, mode and times it gets; NULL: ours. */
static bool
write_file(const struct volume *volume, const char *name, const char *words,
           const struct stat *like, struct err *err)
{
	const size_t length = strlen(words);
	SCOPED(descriptor_close) int file = -1;

	/* One that may not be written any more can be left by a killed run. */
	(void)unlinkat(volume->hidden, "new", 0);
	file = openat(volume->hidden, "new", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	              0644);
	if (file < 0 || write(file, words, length) != (ssize_t)length)
		return cannot(volume, err);
	/* Writing sets the time, and takes a setgid bit away. */
	if (like && !dress(volume, file, like, err))
		return false;
	return (fsync(file) == 0 && renameat(volume->hidden, "new", volume->hidden, name) == 0 &&
	        fsync(volume->hidden) == 0) ||
	       cannot(volume, err);
}

/* A second that a run just before this one has taken for what it kept is waited out. */
static bool
choose_kept(const struct volume *volume, char kept[32], struct err *err)
{
	do {
		struct tm parts;

		(void)gmtime_r(&(time_t){ time(NULL) }, &parts); /* fails for far years */
		(void)strftime(kept, 32, BEFORE "%Y%m%d_%H%M%S", &parts);
	} while (is_there(volume->hidden, kept) && signals_pause(100, err));
	return err->fault == FAULT_NONE;
}

bool
volume_begin_replacing(struct volume *volume, bool drops_old, struct err *err)
{
	char kept[32] = DROPPED;

	if (!drops_old && !choose_kept(volume, kept, err))
		return false;
	volume->seen.is_replacing =
		tree_can_move(volume->folder, VOLUME_HIDDEN, volume->path, err) &&
		make_tree(volume, err) && write_file(volume, REPLACE, kept, NULL, err);
	return volume->seen.is_replacing;
}

/* "restored from full_backup_x.tar.gz, 2026-11-27T18:00:00Z" */
static const char *
mark_words(const char *what, const char *of, struct arena *arena)
{
	struct tm parts;
	char stamp[32];

	(void)gmtime_r(&(time_t){ time(NULL) }, &parts); /* fails for far years */
	(void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &parts);
	return arena_print(arena, "%s%s, %s\n", what, of, stamp);
}

/* It keeps what the folder in the archive was like: the tree itself changes while it is moved. */
bool
volume_be_ready(struct volume *volume, const char *awaited, struct err *err)
{
	struct stat root;

	volume->seen.is_ready = (fstat(volume->tree, &root) == 0 || cannot(volume, err)) &&
	                        write_file(volume, READY, awaited, &root, err);
	return volume->seen.is_ready;
}

/* Of a run that was cut off here the list is there, and what it names is open, or moved. */
static bool
open_shut(const struct volume *volume, const char **list, struct err *err)
{
	const bool is_known = is_there(volume->hidden, SHUT);

	*list = is_known ? read_words(volume, SHUT, MOST_NAMES)
	                 : shut_list(volume->tree, volume->path, volume->arena, err);
	if (!*list)
		return false;
	return !**list || ((is_known || write_file(volume, SHUT, *list, NULL, err)) &&
	                   shut_open(volume->tree, *list, volume->path, err));
}

static bool
move(const struct volume *volume, struct err *err)
{
	const char *shut;
	struct stat wanted;

	if (fstatat(volume->hidden, READY, &wanted, AT_SYMLINK_NOFOLLOW) != 0)
		return cannot(volume, err);
	/* Else only root could take something out of one that may not be written. */
	(void)fchmod(volume->tree, 0700);
	return open_shut(volume, &shut, err) &&
	       tree_move(volume->tree, volume->folder, NULL, volume->path, err) &&
	       shut_again(volume->folder, shut, volume->path, err) &&
	       dress(volume, volume->folder, &wanted, err);
}

/* Whatever is found there by then is the old one. */
static bool
move_old(const struct volume *volume, int kept, struct err *err)
{
	struct stat was;

	return (fstat(volume->folder, &was) == 0 || cannot(volume, err)) &&
	       tree_move(volume->folder, kept, VOLUME_HIDDEN, volume->path, err) &&
	       dress(volume, kept, &was, err);
}

/* First it waits for nothing any more: what is begun here is finished, whatever becomes of the database. */
static bool
commit(struct volume *volume, struct err *err)
{
	struct stat root;

	if (fstatat(volume->hidden, READY, &root, AT_SYMLINK_NOFOLLOW) != 0)
		return cannot(volume, err);
	volume->awaited = "";
	return write_file(volume, READY, "", &root, err);
}

/* Who may write into the volume may have written it, and we may be root: no other folder than ours is made or changed by it. */
static bool
judge_kept(const struct volume *volume, const char *name, struct err *err)
{
	if (strcmp(name, DROPPED) == 0 ||
	    (strncmp(name, BEFORE, strlen(BEFORE)) == 0 && !strchr(name, '/')))
		return true;
	(void)err_set(err, FAULT_WRONG,
	              "volume %s: what stands in %s/" VOLUME_HIDDEN "/" REPLACE " is not ours",
	              volume->name, volume->path); /* false below */
	return err_hint(err, "restore --replace wrote " DROPPED " there, or " BEFORE
	                     " and the time: who has changed it?");
}

static bool
put_aside(struct volume *volume, struct err *err)
{
	const char *name = read_words(volume, REPLACE, MOST_WORDS);
	SCOPED(descriptor_close) int kept = -1;

	if (!judge_kept(volume, name, err) || !commit(volume, err))
		return false;
	if (mkdirat(volume->hidden, name, 0700) != 0 && errno != EEXIST)
		return cannot(volume, err);
	kept = openat(volume->hidden, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (kept < 0)
		return cannot(volume, err);
	if (!move_old(volume, kept, err))
		return false;
	if (unlinkat(volume->hidden, REPLACE, 0) != 0 || fsync(volume->hidden) != 0)
		return cannot(volume, err);
	volume->seen.is_replacing = false;
	if (strcmp(name, DROPPED) != 0)
		log_info("volume %s: the old files are kept in %s/" VOLUME_HIDDEN "/%s, until you "
		         "remove them",
		         volume->name, volume->path, name);
	return true;
}

/* All but the mark. What takes longest goes while it still says that it is to be finished. */
static bool
forget(struct volume *volume, struct err *err)
{
	if (!tree_remove(volume->hidden, DROPPED, volume->path, err) ||
	    !tree_remove(volume->hidden, SHUT, volume->path, err) || !clear(volume, err) ||
	    !tree_remove(volume->hidden, TREE, volume->path, err) ||
	    !tree_remove(volume->hidden, REPLACE, volume->path, err))
		return false;
	/* Whoever lists all that the application has should not stumble over it. */
	return fchmod(volume->hidden, 0755) == 0 || cannot(volume, err);
}

bool
volume_place(struct volume *volume, const char *source, struct err *err)
{
	const char *words = source ? mark_words("restored from ", source, volume->arena)
	                           : mark_words("restored", "", volume->arena);

	/* It is gone where all but the end had been done. */
	if (volume->tree < 0 && is_there(volume->hidden, TREE) && !open_tree(volume, err))
		return false;
	if ((volume->seen.is_replacing && !put_aside(volume, err)) ||
	    (*volume->awaited && !commit(volume, err)) ||
	    (volume->tree >= 0 && !move(volume, err)) ||
	    !write_file(volume, MARK, words, NULL, err) || !forget(volume, err))
		return false;
	volume->seen = (struct volume_seen){ .has_entry = true, .has_mark = true };
	log_info("volume %s: %s", volume->name,
	         source ? "restored" : "a restore that was cut off is finished");
	return true;
}

bool
volume_abandon(struct volume *volume, struct err *err)
{
	const bool was_done = forget(volume, err);

	/* Unless it holds the mark of an earlier time. */
	if (was_done && !is_there(volume->hidden, MARK) &&
	    unlinkat(volume->folder, VOLUME_HIDDEN, AT_REMOVEDIR) == 0) {
		descriptor_close(&volume->hidden);
		volume->hidden = -1;
	}
	volume->seen.has_tree = volume->seen.is_ready = volume->seen.is_replacing = false;
	return was_done;
}

bool
volume_mark(struct volume *volume, struct err *err)
{
	return volume->seen.has_mark ||
	       (make_hidden(volume, err) &&
	        write_file(volume, MARK, mark_words("seen", "", volume->arena), NULL, err) &&
	        (fchmod(volume->hidden, 0755) == 0 || cannot(volume, err)));
}

const char *
volume_origin(const struct volume *volume)
{
	const char *words = read_words(volume, MARK, MOST_WORDS);

	return strncmp(words, "restored", strlen("restored")) == 0 ? words : "";
}

bool
volume_blame(const struct volume *volume, struct err *err)
{
	return err->fault < FAULT_SIGNAL ? err_within(err, "volume %s", volume->name) : false;
}

void
volume_close(struct volume *volume)
{
	if (!volume->name)
		return;
	descriptor_close(&volume->tree);
	descriptor_close(&volume->hidden);
	descriptor_close(&volume->folder);
	volume->name = NULL;
}
