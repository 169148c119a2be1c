/* See keep.h. */
#include "keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../log.h"
#include "../restore/manifest.h"
#include "../scoped.h"
#include "name.h"

#define PART ".part"
#define SUM ".sha256"
/* How many seconds ahead a name may lie: so many backups may begin at once. */
#define MOST_AHEAD 60

bool
keep_check(const char *folder, const char *setting, struct err *err)
{
	const char *before = setting ? setting : "", *between = setting ? " " : "";
	struct stat status;

	if (stat(folder, &status) != 0)
		return err_errno(err, FAULT_CONFIG, "%s%s%s", before, between, folder);
	if (!S_ISDIR(status.st_mode))
		return err_set(err, FAULT_CONFIG, "%s%s%s is no folder", before, between, folder);
	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
		return true;
	err_errno_(err, FAULT_CANNOT_WRITE, "%s%s%s", before, between, folder);
	return errno == EROFS ? false
	                      : err_hint(err, "mode %04o, owner %u:%u, we are %u:%u",
	                                 status.st_mode & 07777U, status.st_uid, status.st_gid,
	                                 geteuid(), getegid());
}

/*
 * Whoever writes a hidden file holds its lock, so that what a killed run has left is told from what is being written: the
 * lock of a file without a writer can be had.
 */
static void
remove_if_left(int folder, const char *hidden)
{
	SCOPED(descriptor_close) int file = openat(folder, hidden, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0 && unlinkat(folder, hidden, 0) == 0)
		log_info("removed %s, which a run that was killed has left", hidden);
}

/* Of a database, or of a volume: .media_backup_prod_20240618_101112.tar.gz.part; or what belongs to it. */
static bool
is_hidden_backup(const char *name)
{
	static const char *const endings[] = { PART, SUM PART, MANIFEST PART };
	const bool is_of_kind =
		strncmp(name, "." BACKUP_BEFORE "_", sizeof "." BACKUP_BEFORE) == 0 ||
		strncmp(name, ".backup_", 8) == 0 || (*name == '.' && strstr(name, "_backup_"));

	for (size_t i = 0; is_of_kind && i < sizeof endings / sizeof *endings; i++)
		if (folder_name_ends(name, endings[i]) &&
		    backup_name_is(name, strlen(name) - strlen(endings[i])))
			return true;
	return false;
}

static void
sweep(const struct keep *keep)
{
	DIR *stream = opendir(keep->folder_path);
	const struct dirent *entry;

	/* A folder that may not be listed is written to all the same. */
	if (!stream)
		return;
	/* cppcheck-suppress readdirCalled ; readdir_r is the one that is deprecated */
	while ((entry = readdir(stream)))
		if (is_hidden_backup(entry->d_name))
			remove_if_left(keep->folder, entry->d_name);
	(void)closedir(stream); /* read only */
}

/* 0, or errno; EEXIST: somebody else has it. */
static int
make_locked(int folder, const char *hidden, int *made)
{
	const int file =
		openat(folder, hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat status;

	if (file < 0)
		return errno;
	/* Where the file system has no locks, nothing is ever swept away. */
	(void)flock(file, LOCK_EX | LOCK_NB);
	/* One that sweeps was between our two calls. */
	if (fstat(file, &status) != 0 || status.st_nlink == 0) {
		(void)close(file); /* empty */
		return EEXIST;
	}
	*made = file;
	return 0;
}

static int
try_hidden(struct keep *keep, const char *hidden)
{
	const int error = make_locked(keep->folder, hidden, &keep->file);

	if (!error)
		keep->hidden = hidden;
	return error;
}

/* 0 or errno. */
static int
make_stamped(struct keep *keep, const char *kind)
{
	const time_t now = time(NULL);
	int error = EEXIST;

	for (int ahead = 0; error == EEXIST && ahead < MOST_AHEAD; ahead++) {
		keep->when = now + ahead;
		keep->name = backup_name(kind, keep->when, keep->arena);
		if (faccessat(keep->folder, keep->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		error = try_hidden(keep, arena_join(keep->arena, ".", keep->name, PART));
	}
	return error;
}

static int
make_named(struct keep *keep, const char *name)
{
	const char *hidden = arena_join(keep->arena, ".", name, PART);
	int error;

	keep->name = name;
	keep->when = time(NULL);
	error = try_hidden(keep, hidden);
	if (error != EEXIST)
		return error;
	remove_if_left(keep->folder, hidden);
	return try_hidden(keep, hidden);
}

static bool
refuse_busy(const struct keep *keep, struct err *err)
{
	(void)err_set(err, FAULT_BUSY, "%s: another run is writing it",
	              keep->path); /* false below */
	return err_hint(err, "if none is, remove .%s" PART " beside it", keep->name);
}

bool
keep_begin(struct keep *keep, const char *folder, const char *kind, const char *name,
           struct arena *arena, struct err *err)
{
	int error;

	*keep = (struct keep){ .arena = arena, .folder_path = folder, .folder = -1, .file = -1 };
	if (!keep_check(folder, NULL, err))
		return false;
	keep->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (keep->folder < 0)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", folder);
	sweep(keep);
	error = kind ? make_stamped(keep, kind) : make_named(keep, name);
	keep->path =
		arena_join(arena, folder, folder[strlen(folder) - 1] == '/' ? "" : "/", keep->name);
	if (error == EEXIST && !kind)
		return refuse_busy(keep, err);
	errno = error;
	return !error || err_errno(err, FAULT_CANNOT_WRITE, "%s", keep->path);
}

bool
keep_sync(struct keep *keep, struct err *err)
{
	if (fsync(keep->file) != 0)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", keep->path);
	/* Advice: what is read then comes from the disk. */
	(void)posix_fadvise(keep->file, 0, 0, POSIX_FADV_DONTNEED);
	return true;
}

/* A short file that belongs to it: hidden, then with its name, which is the file's and an ending. */
struct companion {
	const char *name, *hidden; /* hidden: NULL where it has its name, or is not there */
	int file;                  /* holds the lock of the hidden one */
};

static void
companion_close(struct companion *companion)
{
	descriptor_close(&companion->file);
}

static bool
write_all(int file, const char *words)
{
	for (size_t left = strlen(words); left;) {
		const ssize_t written = write(file, words, left);

		if (written < 0 && errno != EINTR)
			return false;
		words += written > 0 ? written : 0;
		left -= written > 0 ? (size_t)written : 0;
	}
	return true;
}

static bool
write_companion(struct companion *companion, const struct keep *keep, const char *ending,
                const char *words, struct err *err)
{
	companion->name = arena_join(keep->arena, keep->name, ending, "");
	companion->hidden = arena_join(keep->arena, ".", companion->name, PART);
	/* Left by a run that was killed: whoever has the backup's own hidden file is alone here. */
	(void)unlinkat(keep->folder, companion->hidden, 0);
	errno = make_locked(keep->folder, companion->hidden, &companion->file);
	return (!errno && write_all(companion->file, words) && fsync(companion->file) == 0) ||
	       err_errno(err, FAULT_CANNOT_WRITE, "%s%s", keep->path, ending);
}

/* Some file systems have no syncing of folders. */
static bool
sync_folder(const struct keep *keep)
{
	return fsync(keep->folder) == 0 || errno == EINVAL || errno == ENOTSUP;
}

static bool
remove_old(const struct keep *keep, const char *ending)
{
	return unlinkat(keep->folder, arena_join(keep->arena, keep->name, ending, ""), 0) == 0 ||
	       errno == ENOENT;
}

/* Whatever a restore would read of the file that had the name before (restore/sums.h, restore/offer.h). */
static bool
remove_all_old(const struct keep *keep)
{
	static const char *const endings[] = { SUM,     ".md5",  MANIFEST,
		                               ".meta", ".json", (MANIFEST ".json") };

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (!remove_old(keep, endings[i]))
			return false;
	return true;
}

static bool
give_name(const struct keep *keep, struct companion *companion)
{
	if (companion->hidden &&
	    renameat(keep->folder, companion->hidden, keep->folder, companion->name) != 0)
		return false;
	companion->hidden = NULL;
	return true;
}

/* In this order: at no time does a sum or a manifest stand beside a file that it is not of. */
static bool
give_names(struct keep *keep, struct companion *manifest, struct companion *sum)
{
	if (!remove_all_old(keep) ||
	    renameat(keep->folder, keep->hidden, keep->folder, keep->name) != 0)
		return false;
	keep->hidden = NULL;
	return give_name(keep, manifest) && give_name(keep, sum) && sync_folder(keep);
}

static void
forget(const struct keep *keep, const struct companion *companion)
{
	if (companion->hidden)
		(void)unlinkat(keep->folder, companion->hidden, 0); /* may not exist */
}

bool
keep_finish(struct keep *keep, const char *hash, const char *manifest, struct err *err)
{
	SCOPED(companion_close) struct companion said = { .file = -1 }, sum = { .file = -1 };
	const char *line = arena_print(keep->arena, "%s  %s\n", hash, keep->name);
	bool was_done = (!manifest || write_companion(&said, keep, MANIFEST, manifest, err)) &&
	                write_companion(&sum, keep, SUM, line, err);

	if (was_done && !give_names(keep, &said, &sum)) {
		err_errno_(err, FAULT_CANNOT_WRITE, "%s", keep->path);
		was_done = false;
	}
	forget(keep, &said);
	forget(keep, &sum);
	return was_done;
}

void
keep_withdraw(const struct keep *keep)
{
	(void)unlinkat(keep->folder, keep->name, 0); /* another failure is under way */
	(void)remove_old(keep, SUM);
}

void
keep_close(struct keep *keep)
{
	if (keep->hidden)
		(void)unlinkat(keep->folder, keep->hidden,
		               0); /* then the next run sweeps it away */
	keep->hidden = NULL;
	descriptor_close(&keep->file);
	descriptor_close(&keep->folder);
	keep->file = keep->folder = -1;
}
