/* See backup.h. */
#include "backup.h"
#include "restore/headway.h"

#include "restore/filled.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "backup/census.h"
#include "backup/dump.h"
#include "backup/files.h"
#include "backup/keep.h"
#include "backup/name.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "folder.h"
#include "gzip.h"
#include "ledger.h"
#include "log.h"
#include "look.h"
#include "restore/manifest.h"
#include "restore/selection.h"
#include "scoped.h"
#include "target.h"

static bool
check_folder(const struct config *config, struct err *err)
{
	if (config->backup_dir)
		return keep_check(config->backup_dir, "backup_dir", err);
	(void)err_set(err, FAULT_CONFIG, "backup_before_migrate is set, backup_dir is not");
	return err_hint(err, "set it to a folder on a volume that outlives the container");
}

bool
backup_check(const struct boot *boot, struct err *err)
{
	const struct config *config = boot->config;

	return !config->backup_before_migrate || config->expect_schema ||
	       !config_wants(config, "migrate") || check_folder(config, err);
}

/*
 * Does it hold something, and all of it? A backup of nothing, or of a part, would be the newest one, and hide those that are
 * good. In this order: where there is something and then no mark, no restore has begun in between.
 */
static bool
prove_full(struct boot *boot, struct arena *arena, struct err *err)
{
	struct ledger marks;
	const char *relation;

	if (!look_for_relation(boot, &relation, arena, err))
		return false;
	if (!relation)
		return err_set(err, FAULT_WRONG, "the database is empty");
	if (!ledger_read_marks(boot->db, boot->config, &marks, boot->arena, err))
		return false;
	boot->facts.partial = marks.partial;
	return look_refuse_partial(boot, err);
}

/* Asked behind it too: one that was emptied or filled meanwhile is in it as a part. */
static bool
dump_into(struct boot *boot, struct gzip *gzip, struct arena *arena, struct err *err)
{
	return dump_run(boot, gzip, arena, err) && prove_full(boot, arena, err) &&
	       gzip_finish(gzip, err);
}

static const char *
manifest_of(const struct boot *boot, const struct keep *keep, const struct files *files,
            const char *hash, const struct fillings *fillings)
{
	struct text text = text_new(keep->arena);

	text_print(&text, "ENVIRONMENT=%s\nBACKUP_DATE=%s\nBACKUP_TYPE=%s\n",
	           boot->config->environment, backup_time(keep->when, keep->arena),
	           files ? "full" : "database");
	text_print(&text, "SHA256 (%s) = %s\n", keep->name, hash);
	if (files)
		files_tell(files, &text);
	manifest_add_rows(&text, fillings);
	return text.at;
}

/* The archives of volumes first: what has the dump's name has all that belongs to it. */
static bool
finish(const struct boot *boot, struct keep *keep, struct files *files, struct gzip *gzip,
       const struct fillings *fillings, struct err *err)
{
	const char *hash = gzip_hash(gzip);
	const char *manifest = manifest_of(boot, keep, files, hash, fillings);

	if (files && !files_finish(files, err))
		return false;
	if (keep_finish(keep, hash, manifest, err))
		return true;
	if (files && keep->hidden) /* else there is a dump that they belong to */
		files_withdraw(files);
	return false;
}

/* Written, synced, read back, renamed. files: NULL, the database alone. */
static bool
write_file(struct boot *boot, struct keep *keep, struct files *files, struct err *err)
{
	const int64_t since = clock_now();
	struct arena *arena = keep->arena;
	struct fillings fillings = { .arena = arena };
	SCOPED(gzip_close) struct gzip *gzip = gzip_open(keep->file, keep->path, arena, err);

	if (!gzip || !dump_into(boot, gzip, arena, err) || !keep_sync(keep, err) ||
	    !census_take(&fillings, keep->file, keep->path, gzip_added(gzip), err) ||
	    (files && !files_write(files, keep, err)) ||
	    !finish(boot, keep, files, gzip, &fillings, err))
		return false;
	log_info("%s written: %lld kB, of %lld kB of SQL, in %lld ms", keep->path,
	         (long long)(gzip_written(gzip) + 1023) / 1024,
	         (long long)(gzip_added(gzip) + 1023) / 1024, (long long)(clock_now() - since));
	return true;
}

bool
backup_before_migrate(struct boot *boot, struct err *err)
{
	const struct config *config = boot->config;
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(keep_close) struct keep keep = { .folder = -1, .file = -1 };
	const char *relation;

	if (!config->backup_before_migrate || boot->backup)
		return true;
	/* A pooler has to be known for one. */
	if (!check_folder(config, err) || !look_know_server(boot, err) ||
	    !look_for_relation(boot, &relation, &arena, err))
		return false;
	if (!relation) {
		log_info("no backup: the database is empty");
		return true;
	}
	if (!keep_begin(&keep, config->backup_dir, BACKUP_BEFORE, NULL, &arena, err) ||
	    !write_file(boot, &keep, NULL, err))
		return err->fault < FAULT_SIGNAL ? err_within(err, "backup_before_migrate") : false;
	boot->backup = arena_copy(boot->arena, keep.path);
	return true;
}

static bool
advise(const struct boot *boot, const char *what, const char *path, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	(void)err_detail(err, "%s: %s", what, path); /* false below */
	/* The dump drops nothing, and what is there now may be wanted yet. */
	return err_detail(
		err,
		"to go back to it, rename database %s, make an empty one of that name, and "
		"with these settings: %s",
		db_name(boot->db), backup_restore_words(path, &arena));
}

bool
backup_advise(const struct boot *boot, struct err *err)
{
	return boot->backup && err->fault < FAULT_SIGNAL
	             ? advise(boot, "the database as it was before", boot->backup, err)
	             : false;
}

bool
backup_advise_newest(const struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(folder_close) struct folder folder = { .descriptor = -1 };
	const char *path = boot->config->backup_dir, *name;
	struct err ignored = { 0 };

	if (!path || !folder_open(&folder, path, &arena, &ignored))
		return false;
	name = backup_name_newest(folder.names, folder.count, BACKUP_BEFORE);
	return name ? advise(boot, "the newest backup before a migration",
	                     arena_join(&arena, path, "/", name), err)
	            : false;
}

/* To standard output; a receiver tells a whole one by gzip's trailer and by our exit code. */
static bool
stream(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(gzip_close)
	struct gzip *gzip = gzip_open(STDOUT_FILENO, "standard output", &arena, err);

	return gzip && dump_into(boot, gzip, &arena, err);
}

static bool
is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Where it goes: NULL as the file means a name of its own in the folder. */
struct place {
	const char *folder, *file;
};

static bool
find_place(const struct boot *boot, struct place *place, struct arena *arena, struct err *err)
{
	const char *word =
		*boot->request->operands ? *boot->request->operands : boot->config->backup_dir;
	const char *slash;

	if (!word) {
		(void)err_set(err, FAULT_USAGE, "nothing says where the backup goes");
		return err_hint(err, "backup FILE, or set backup_dir");
	}
	if (!*boot->request->operands || is_folder(word)) {
		*place = (struct place){ word, NULL };
		return keep_check(word, *boot->request->operands ? NULL : "backup_dir", err);
	}
	if (folder_name_ends(word, "/"))
		return keep_check(word, NULL, err); /* it is not there */
	if (!folder_name_ends(word, ".gz")) {
		(void)err_set(err, FAULT_USAGE, "%s is no folder, and no name for a backup", word);
		return err_hint(err, "a backup is a gzip file: NAME.sql.gz");
	}
	slash = strrchr(word, '/');
	place->folder = !slash        ? "."
	              : slash == word ? "/"
	                              : arena_copy_n(arena, word, (size_t)(slash - word));
	place->file = slash ? slash + 1 : word;
	return keep_check(place->folder, NULL, err);
}

static bool
write_to(struct boot *boot, const struct place *place, struct files *files, struct arena *arena,
         struct err *err)
{
	SCOPED(keep_close) struct keep keep = { .folder = -1, .file = -1 };
	const char *kind = arena_join(arena, "backup", "_", boot->config->environment);

	return keep_begin(&keep, place->folder, place->file ? NULL : kind, place->file, arena,
	                  err) &&
	       write_file(boot, &keep, files, err) &&
	       log_answer(arena_join(arena, keep.path, "\n", ""), err);
}

static bool
open_full(struct boot *boot, struct arena *arena, struct err *err)
{
	return wait_run(boot, err) && look_await_answer(boot, err) && prove_full(boot, arena, err);
}

static bool
refuse_alone(const char *what, struct err *err)
{
	(void)err_set(err, FAULT_USAGE, "%s", what); /* false below */
	return err_hint(err,
	                "--only db for the database without `volumes`; or backup FOLDER, for an "
	                "archive of each beside the dump");
}

/* Each backup would hold those before it. */
static bool
check_apart(const struct volume_setting *volume, const char *folder, struct err *err)
{
	char outer[PATH_MAX], inner[PATH_MAX];

	/* What cannot be told by now is told when it is opened. */
	if (!realpath(volume->path, outer) || !realpath(folder, inner) ||
	    (strcmp(outer, inner) != 0 && !folder_holds(outer, inner)))
		return true;
	(void)err_set(err, FAULT_CONFIG, "volume %s: the backup would go into it, %s", volume->name,
	              folder);
	return err_hint(err, "each would hold those before it: take a folder elsewhere");
}

/* Which volumes belong to it: *files, NULL if none. What has no name of its own has none beside it. */
static bool
choose_files(struct files **files, const struct boot *boot, const struct place *place,
             struct arena *arena, struct err *err)
{
	const struct volume_settings *volumes = &boot->config->volumes;
	struct selection selection;

	if (!selection_read(&selection, boot->request->parts, boot->config, arena, err))
		return false;
	if (!selection.has_database)
		return refuse_alone("no backup without the database", err);
	if (!selection_has_any(&selection, volumes))
		return true;
	if (!place->folder || place->file)
		return refuse_alone("only the database goes into one file or a stream, and volumes "
		                    "are set",
		                    err);
	for (size_t i = 0; i < volumes->count; i++)
		if (selection_has(&selection, volumes->at[i].name) &&
		    !check_apart(&volumes->at[i], place->folder, err))
			return false;
	return files_open(files, boot, &selection, arena, err);
}

/* By its name nobody would find it again. */
static void
tell_environment(const struct config *config, struct arena *arena)
{
	struct err unknown = { 0 };

	if (!config_check_environment(config, arena, &unknown))
		log_warning(&unknown);
}

bool
backup_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(files_close) struct files *files = NULL;
	const char *word = *boot->request->operands;
	const bool is_stream = word && strcmp(word, "-") == 0;
	struct place place = { 0 };

	(void)log_step("backup");
	tell_environment(boot->config, &arena);
	if (is_stream && isatty(STDOUT_FILENO))
		return err_set(err, FAULT_USAGE, "standard output is a terminal");
	if ((!is_stream && !find_place(boot, &place, &arena, err)) ||
	    !choose_files(&files, boot, &place, &arena, err) || !open_full(boot, &arena, err))
		return false;
	return is_stream ? stream(boot, err) : write_to(boot, &place, files, &arena, err);
}
