/* See files.h. */
#include "../stream.h"

#include "../restore/kind.h"
#include "../restore/prove.h"
#include "../stream/tar.h"
#include "../volume/pack.h"
#include "../volume/survey.h"
#include "files.h"
#include "keep.h"
#include "name.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../err.h"
#include "../gzip.h"
#include "../log.h"
#include "../restore/candidate.h"
#include "../restore/selection.h"
#include "../restore/shipment.h"
#include "../scoped.h"
#include "../volume.h"

struct bundle {
	struct volume volume;
	struct keep keep;
	struct packed packed;
	const char *origin; /* of the volume, before the dump */
	const char *hash;
	bool is_due, is_finished;
};

struct files {
	const struct volume_settings *settings;
	struct bundle *at; /* one for each setting */
	struct arena *arena;
};

/* Would a restore find it, and take it for no dump? Words like test, dev and full say something else there. */
static bool
can_be_found(const struct files *files, size_t index, const char *environment, struct err *err)
{
	const char *name = files->settings->at[index].name;
	const char *dump = backup_name(arena_join(files->arena, "backup_", environment, ""),
	                               time(NULL), files->arena);
	const char *archive = backup_archive_name(name, dump, files->arena);
	struct candidate candidate;

	if (candidate_read(&candidate, archive, files->arena) &&
	    (candidate.kind == BACKUP_VOLUME || candidate.kind == BACKUP_UNKNOWN) &&
	    shipment_belongs(archive, dump, files->settings, files->arena) == index)
		return true;
	(void)err_set(err, FAULT_CONFIG,
	              "volume %s: by that name a restore would not find its archive", name);
	return err_hint(err, "it is also a word for an environment or a kind of backup, or another "
	                     "volume's name stands in it: call it otherwise");
}

static bool
is_being_restored(const struct volume *volume)
{
	return volume->seen.has_tree || volume->seen.is_ready;
}

/* As a start does, so that the newest backup is none without the files. */
static bool
refuse_lost(const struct volume *volume, struct err *err)
{
	if (!volume->is_critical || volume_judge(&volume->seen) != VOLUME_NEW)
		return true;
	(void)err_set(err, FAULT_WRONG, "volume %s: %s is empty and was never seen before",
	              volume->name, volume->path); /* false below */
	return err_hint(err, "is the right one mounted? where it may be empty, start once without "
	                     ":critical");
}

static bool
open_one(struct files *files, size_t index, const struct boot *boot, struct err *err)
{
	struct bundle *bundle = &files->at[index];
	struct volume *volume = &bundle->volume;

	if (!volume_open(volume, &files->settings->at[index], files->arena, err) ||
	    !can_be_found(files, index, boot->config->environment, err))
		return false;
	bundle->is_due = true;
	bundle->origin = volume_origin(volume);
	if (!is_being_restored(volume))
		return refuse_lost(volume, err);
	(void)err_set(err, FAULT_WRONG, "volume %s: a restore of it is under way, or was cut off",
	              volume->name); /* false below */
	return err_hint(err, "the next start finishes it, or does away with it");
}

bool
files_open(struct files **files, const struct boot *boot, const struct selection *selection,
           struct arena *arena, struct err *err)
{
	const struct volume_settings *settings = &boot->config->volumes;

	*files = arena_alloc(arena, sizeof **files);
	**files = (struct files){ .settings = settings, .arena = arena };
	(*files)->at = arena_alloc(arena, (settings->count + 1) * sizeof *(*files)->at);
	for (size_t i = 0; i < settings->count; i++)
		(*files)->at[i].keep = (struct keep){ .folder = -1, .file = -1 };
	for (size_t i = 0; i < settings->count; i++)
		if (selection_has(selection, settings->at[i].name) &&
		    !open_one(*files, i, boot, err))
			return false;
	return true;
}

/* A stream_take. */
static bool
add(void *to, const char *bytes, size_t length, struct err *err)
{
	return gzip_add(to, bytes, length, err);
}

static bool
pack(struct bundle *bundle, struct arena *arena, struct err *err)
{
	static const char *const spared[] = { VOLUME_HIDDEN, "lost+found", NULL };
	const struct packing packing = { bundle->volume.name, bundle->volume.path, spared };
	const struct keep *keep = &bundle->keep;
	SCOPED(gzip_close) struct gzip *gzip = gzip_open(keep->file, keep->path, arena, err);
	SCOPED(tar_close)
	struct tar *tar = gzip ? tar_open(keep->path, add, gzip, arena, err) : NULL;

	if (!tar || !pack_folder(&bundle->packed, tar, bundle->volume.folder, &packing, err) ||
	    !tar_finish(tar, err) || !gzip_finish(gzip, err))
		return false;
	bundle->hash = gzip_hash(gzip);
	return true;
}

/* By the name that it has until it is finished. */
static bool
prove(const struct bundle *bundle, struct arena *arena, struct err *err)
{
	const struct keep *keep = &bundle->keep;
	const struct packed *packed = &bundle->packed;
	const char *hidden = arena_join(arena, keep->folder_path, "/", keep->hidden);
	const struct shipment shipment = { hidden, keep->path, 0 };
	struct survey survey;

	if (!prove_volume(hidden, NULL, arena, err) ||
	    !shipment_survey(&survey, &shipment, &bundle->volume, arena, err))
		return false;
	return (survey.files == packed->files && survey.folders == packed->folders &&
	        survey.bytes == packed->bytes) ||
	       err_set(err, FAULT_WRONG, "%s: holds %lld files of %lld bytes, not %lld of %lld",
	               keep->path, (long long)survey.files, (long long)survey.bytes,
	               (long long)packed->files, (long long)packed->bytes);
}

static void
tell(const struct bundle *bundle)
{
	const struct packed *packed = &bundle->packed;

	if (packed->changed.count)
		log_warn("volume %s: %lld files changed while they were read, %s is the first: of "
		         "them the archive may have neither the old nor the new",
		         bundle->volume.name, (long long)packed->changed.count,
		         packed->changed.first);
	if (packed->vanished.count)
		log_warn("volume %s: %lld files or folders vanished before they were read, %s is "
		         "the first: one that was renamed may be in the archive under neither name",
		         bundle->volume.name, (long long)packed->vanished.count,
		         packed->vanished.first);
	if (packed->strange)
		log_warn("volume %s: %lld devices, pipes and sockets are not taken",
		         bundle->volume.name, (long long)packed->strange);
	log_info("volume %s: %lld files and %lld folders packed, %lld kB", bundle->volume.name,
	         (long long)packed->files, (long long)packed->folders,
	         (long long)(packed->bytes + 999) / 1000);
}

static bool
write_one(struct bundle *bundle, const struct keep *dump, struct arena *arena, struct err *err)
{
	const char *name = backup_archive_name(bundle->volume.name, dump->name, arena);
	SCOPED(arena_drop) struct arena scratch = { 0 };

	if (!keep_begin(&bundle->keep, dump->folder_path, NULL, name, arena, err) ||
	    !pack(bundle, arena, err) || !keep_sync(&bundle->keep, err) ||
	    !prove(bundle, &scratch, err))
		return false;
	tell(bundle);
	return true;
}

/* Else its files, or some of them, belong to another database than the one that was dumped. */
static bool
is_as_before(const struct bundle *bundle, const struct volume_setting *setting, struct arena *arena,
             struct err *err)
{
	SCOPED(volume_close) struct volume volume = { 0 };

	if (!volume_open(&volume, setting, arena, err))
		return false;
	if (!is_being_restored(&volume) && strcmp(volume_origin(&volume), bundle->origin) == 0)
		return true;
	(void)err_set(err, FAULT_WRONG, "volume %s: it was restored while it was packed",
	              volume.name); /* false below */
	return err_hint(err, "back up again when the restore has ended");
}

bool
files_write(struct files *files, const struct keep *dump, struct err *err)
{
	for (size_t i = 0; i < files->settings->count; i++) {
		struct bundle *bundle = &files->at[i];

		if (bundle->is_due && !write_one(bundle, dump, files->arena, err))
			return volume_blame(&bundle->volume, err);
	}
	for (size_t i = 0; i < files->settings->count; i++)
		if (files->at[i].is_due &&
		    !is_as_before(&files->at[i], &files->settings->at[i], files->arena, err))
			return false;
	return true;
}

void
files_tell(const struct files *files, struct text *manifest)
{
	for (size_t i = 0; i < files->settings->count; i++) {
		const struct bundle *bundle = &files->at[i];

		if (bundle->is_due)
			text_print(
				manifest,
				"SHA256 (%s) = %s\nvolume %s %lld files %lld folders %lld bytes\n",
				bundle->keep.name, bundle->hash, bundle->volume.name,
				(long long)bundle->packed.files, (long long)bundle->packed.folders,
				(long long)bundle->packed.bytes);
	}
}

bool
files_finish(struct files *files, struct err *err)
{
	for (size_t i = 0; i < files->settings->count; i++) {
		struct bundle *bundle = &files->at[i];

		if (!bundle->is_due)
			continue;
		if (!keep_finish(&bundle->keep, bundle->hash, NULL, err)) {
			files_withdraw(files);
			return false;
		}
		bundle->is_finished = true;
	}
	return true;
}

void
files_withdraw(const struct files *files)
{
	for (size_t i = 0; i < files->settings->count; i++)
		if (files->at[i].is_finished)
			keep_withdraw(&files->at[i].keep);
}

void
files_close(struct files **files)
{
	for (size_t i = 0; *files && i < (*files)->settings->count; i++) {
		keep_close(&(*files)->at[i].keep);
		volume_close(&(*files)->at[i].volume);
	}
	*files = NULL;
}
