/* See volumes.h. */
#include "volumes.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "../account.h"
#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "../unpack.h"
#include "../volume.h"
#include "../volume/survey.h"
#include "candidate.h"
#include "kind.h"
#include "prove.h"
#include "selection.h"
#include "set.h"
#include "shipment.h"
#include "supply.h"

/* A volume that is to be restored, or why it is not. */
struct load {
	struct volume volume;
	struct shipment shipment;
	struct survey survey;
	bool is_due, is_unpacked;
	bool is_replaced; /* it is full */
};

struct volumes {
	const struct volume_settings *settings;
	const char *source;          /* what is restored, by its name */
	bool has_database;           /* the database, too */
	bool drops_old;              /* of those that are replaced */
	const char *oid;             /* of the database that takes the place of another, or NULL */
	struct load *at;             /* one for each setting */
	const struct account *owner; /* NULL: as in the archive */
	struct arena *arena;
};

static bool
find_owner(struct volumes *volumes, const struct config *config, struct err *err)
{
	struct account *account = arena_alloc(volumes->arena, sizeof *account);

	if (strcmp(config->volume_owner, "kept") == 0)
		return true;
	if (!account_find(account, config->volume_owner, volumes->arena, err))
		return err_within(err, "volume_owner");
	/* Who is not root can give nothing away: then it is counted as what could not be kept. */
	if (geteuid() == 0 || account->user == geteuid())
		volumes->owner = account;
	return true;
}

/* All volumes that are set, opened. */
static bool
open_all(struct volumes **made, const struct boot *boot, const char *source, struct arena *arena,
         struct err *err)
{
	struct volumes *volumes = arena_alloc(arena, sizeof *volumes);
	const struct volume_settings *settings = &boot->config->volumes;

	*volumes = (struct volumes){ .settings = settings,
		                     .source = source,
		                     .drops_old = boot->request->no_safety_copy,
		                     .arena = arena };
	volumes->at = arena_alloc(arena, (settings->count + 1) * sizeof *volumes->at);
	*made = volumes;
	for (size_t i = 0; i < settings->count; i++)
		if (!volume_open(&volumes->at[i].volume, &settings->at[i], arena, err))
			return false;
	return find_owner(volumes, boot->config, err);
}

/* What is full stays; if it must be restored, that is an error, unless there was but the end to do. */
static bool
judge_full(struct volume *volume, bool must, struct err *err)
{
	if (!must) {
		log_info("volume %s: %s is not empty (%s): left as it is", volume->name,
		         volume->path, volume->entry);
		return true;
	}
	if (!volume_lock(volume, err))
		return false;
	if (volume->seen.is_replacing && *volume->awaited) {
		(void)err_set(err, FAULT_WRONG, "volume %s: restore --replace was cut off in it",
		              volume->name); /* false below */
		return err_hint(err, "the next start finishes it, or does away with it");
	}
	if (volume->seen.is_ready)
		return volume_place(volume, NULL, err);
	(void)err_set(err, FAULT_WRONG, "volume %s: %s is not empty: the first in it is %s",
	              volume->name, volume->path, volume->entry); /* false below */
	return err_hint(err, "--replace puts what the backup has in its place");
}

/* What a killed run has left of one that is replaced is done first: it is part of what it is now. */
static bool
choose_replaced(struct load *load, struct boot *boot, struct arena *arena, struct err *err)
{
	struct volume *volume = &load->volume;

	if (!boot->request->plan &&
	    (!volumes_settle_one(volume, boot, arena, err) ||
	     (volume->seen.has_mark && !volume_lock(volume, err)))) /* and look anew */
		return false;
	load->is_due = true;
	load->is_replaced = volume->entry != NULL;
	return true;
}

static bool
choose(struct volumes *volumes, struct boot *boot, const struct selection *selection, bool must,
       struct err *err)
{
	for (size_t i = 0; i < volumes->settings->count; i++) {
		struct load *load = &volumes->at[i];

		if (!selection_has(selection, load->volume.name)) {
			/* Behind the next swap nobody could tell to which database its files belong. */
			if (boot->request->replace && boot->db && !boot->request->plan &&
			    !volumes_settle_one(&load->volume, boot, volumes->arena, err))
				return false;
			continue;
		}
		if (boot->request->replace) {
			if (!choose_replaced(load, boot, volumes->arena, err))
				return false;
			continue;
		}
		load->is_due = !load->volume.entry;
		if (!load->is_due && !judge_full(&load->volume, must, err))
			return false;
	}
	return true;
}

static struct shipment *
gather(const struct volume_settings *settings, struct arena *arena)
{
	return arena_alloc(arena, (settings->count + 1) * sizeof(struct shipment));
}

static bool
refuse_missing(const struct volume *volume, const char *source, struct err *err)
{
	(void)err_set(err, FAULT_WRONG, "volume %s: no archive of it is in or beside %s",
	              volume->name, source); /* false below */
	return err_hint(err,
	                "named like it, %s_backup_*.tar.gz, and with the same time; or --only db",
	                volume->name);
}

/* Each archive to its volume. */
static bool
assign(struct volumes *volumes, const struct shipment *shipments, bool must, struct err *err)
{
	for (size_t i = 0; i < volumes->settings->count; i++) {
		struct load *load = &volumes->at[i];
		const struct volume *volume = &load->volume;

		load->shipment = shipments[i];
		if (!load->is_due || load->shipment.file)
			continue;
		/* The old files beside the new database would be neither. */
		if (must || volume->is_critical || load->is_replaced)
			return refuse_missing(volume, volumes->source, err);
		load->is_due = false;
		log_warn("volume %s: no archive of it is in or beside %s: it stays empty",
		         volume->name, volumes->source);
	}
	return true;
}

/* Those before it on the same disk take their part of the room. */
static bool
has_room(const struct volumes *volumes, size_t index, struct err *err)
{
	const struct load *load = &volumes->at[index];
	int64_t bytes = load->survey.room, files = load->survey.files + load->survey.folders;
	struct stat its, other;

	if (fstat(load->volume.folder, &its) != 0)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", load->volume.path);
	for (size_t i = 0; i < index; i++)
		if (volumes->at[i].is_due && fstat(volumes->at[i].volume.folder, &other) == 0 &&
		    other.st_dev == its.st_dev) {
			bytes += volumes->at[i].survey.room;
			files += volumes->at[i].survey.files + volumes->at[i].survey.folders;
		}
	return volume_has_room(&load->volume, bytes, files, err);
}

static bool
survey_all(struct volumes *volumes, struct err *err)
{
	for (size_t i = 0; i < volumes->settings->count; i++) {
		struct load *load = &volumes->at[i];

		if (!load->is_due)
			continue;
		if (!shipment_survey(&load->survey, &load->shipment, &load->volume, volumes->arena,
		                     err))
			return volume_blame(&load->volume, err);
		if (load->survey.passed)
			log_warn("volume %s: %s has other things beside its folder %s: all of it "
			         "is restored as it lies there",
			         load->volume.name, load->shipment.label, load->survey.passed);
		if (!has_room(volumes, i, err))
			return false;
	}
	return true;
}

/* Those beside a dump were not proven yet, as what lies in a bundle was with it. */
static bool
find_beside(struct shipment *shipments, const struct volumes *volumes, const struct set *set,
            struct err *err)
{
	for (size_t i = 0; i < volumes->settings->count; i++)
		if (volumes->at[i].is_due &&
		    !set_ship(&shipments[i], set, volumes->settings, i, volumes->arena, err))
			return volume_blame(&volumes->at[i].volume, err);
	return true;
}

/* Archives that are of no volume. */
static void
tell_strange(const struct supply *supply, const struct set *set, const struct shipment *shipments,
             const struct volume_settings *settings)
{
	size_t taken = 0;

	for (size_t i = 0; i < settings->count; i++)
		taken += shipments[i].file != NULL;
	if (supply->bundle)
		supply_tell_left(supply, taken);
	else
		set_tell_strange(set, settings);
}

bool
volumes_find(struct volumes **volumes, struct boot *boot, const struct supply *supply,
             const struct selection *selection, struct arena *arena, struct err *err)
{
	const struct volume_settings *settings = &boot->config->volumes;
	struct shipment *shipments = gather(settings, arena);
	struct set set = { 0 };

	*volumes = NULL;
	if (!supply->bundle && (!selection->text || selection_has_any(selection, settings)) &&
	    !set_read(&set, supply->path, settings, arena, err))
		return false;
	if (settings->count) {
		if (!open_all(volumes, boot, candidate_name(supply->path), arena, err) ||
		    !choose(*volumes, boot, selection, false, err))
			return false;
		(*volumes)->has_database = true;
		if (!(supply->bundle ? shipment_find_in(shipments, supply->bundle,
		                                        supply->bundle_label, settings, arena, err)
		                     : find_beside(shipments, *volumes, &set, err)))
			return false;
	}
	if (!selection->text)
		tell_strange(supply, &set, shipments, settings);
	return !settings->count ||
	       (assign(*volumes, shipments, false, err) && survey_all(*volumes, err));
}

bool
volumes_find_named(struct volumes **volumes, struct boot *boot, const char *word,
                   const struct selection *selection, struct arena *arena, struct err *err)
{
	const struct volume_settings *settings = &boot->config->volumes;
	const char *file;
	size_t owner = selection_split(&file, word, settings);
	struct shipment *shipments = gather(settings, arena);
	struct found found;
	struct set set;

	*volumes = NULL;
	if (!prove_source(&found, file, arena, err) ||
	    !open_all(volumes, boot, candidate_name(file), arena, err) ||
	    !choose(*volumes, boot, selection, true, err))
		return false;
	if (found.kind == KIND_BUNDLE || kind_is_dump(found.kind))
		return (found.kind == KIND_BUNDLE
		                ? shipment_find_in(shipments, file, file, settings, arena, err)
		                : set_read(&set, file, settings, arena, err) &&
		                          find_beside(shipments, *volumes, &set, err)) &&
		       assign(*volumes, shipments, true, err) && survey_all(*volumes, err);
	if (found.kind != KIND_VOLUME)
		return err_set(err, FAULT_WRONG, "%s: %s, which holds no files of a volume", file,
		               kind_words(found.kind));
	if (owner == SIZE_MAX)
		owner = shipment_owner(file, settings);
	else if (shipment_owner(file, settings) != owner &&
	         shipment_owner(file, settings) != SIZE_MAX)
		log_warn("volume %s: %s has the name of another volume", settings->at[owner].name,
		         file);
	if (owner == SIZE_MAX) {
		(void)err_set(err, FAULT_WRONG, "%s: its name is that of no volume", file);
		return err_hint(err, "say whose it is: NAME=%s", file);
	}
	shipments[owner] = (struct shipment){ file, file, 0 };
	return assign(*volumes, shipments, true, err) && survey_all(*volumes, err);
}

void
volumes_tell(const struct volumes *volumes, struct text *page)
{
	for (size_t i = 0; volumes && i < volumes->settings->count; i++) {
		const struct load *load = &volumes->at[i];

		if (load->is_due)
			text_print(page, "volume %s: %lld files, %s, from %s %s %s\n",
			           load->volume.name, (long long)load->survey.files,
			           prove_size(load->survey.bytes, page->arena),
			           load->shipment.label,
			           load->is_replaced ? "instead of what is in" : "into",
			           load->volume.path);
	}
}

static void
tell_unpacked(const struct load *load, const struct unpacked *unpacked)
{
	log_info("volume %s: %lld files and %lld folders unpacked, %lld kB", load->volume.name,
	         (long long)unpacked->files + unpacked->links, (long long)unpacked->folders,
	         (long long)(unpacked->bytes + 999) / 1000);
	if (unpacked->strange)
		log_warn("volume %s: %lld of them belong to us (%u:%u) now, since we may give "
		         "nothing away",
		         load->volume.name, (long long)unpacked->strange, geteuid(), getegid());
}

static bool
unpack(const struct volumes *volumes, struct load *load, struct err *err)
{
	struct unpacked unpacked;

	if (!volume_lock(&load->volume, err))
		return false;
	/* Something of it; what a killed run was about to put into its place is not ours. */
	load->is_unpacked = load->is_replaced || !load->volume.entry;
	if (!(load->is_replaced ? volume_begin_replacing(&load->volume, volumes->drops_old, err)
	                        : volume_begin(&load->volume, err)))
		return false;
	if (!shipment_unpack(&unpacked, &load->shipment, &load->survey, &load->volume,
	                     volumes->owner, err))
		return volume_blame(&load->volume, err);
	tell_unpacked(load, &unpacked);
	return true;
}

static bool
be_ready(const struct volumes *volumes, struct volume *volume, struct err *err)
{
	const char *awaited =
		!volumes->has_database ? ""
		: volumes->oid ? arena_join(volumes->arena, volumes->source, "\n", volumes->oid)
			       : volumes->source;

	return volume_be_ready(volume, awaited, err);
}

const char *
volumes_replaced(const struct volumes *volumes)
{
	struct text names;

	if (!volumes)
		return "";
	names = text_new(volumes->arena);
	for (size_t i = 0; i < volumes->settings->count; i++)
		if (volumes->at[i].is_due && volumes->at[i].is_replaced)
			text_print(&names, "%s%s", names.length ? " " : "",
			           volumes->at[i].volume.name);
	return names.at;
}

void
volumes_await(struct volumes *volumes, const char *oid)
{
	if (volumes)
		volumes->oid = arena_copy(volumes->arena, oid);
}

bool
volumes_unpack(struct volumes *volumes, struct err *err)
{
	bool was_done = true;

	for (size_t i = 0; volumes && i < volumes->settings->count && was_done; i++)
		was_done = !volumes->at[i].is_due || unpack(volumes, &volumes->at[i], err);
	for (size_t i = 0; volumes && i < volumes->settings->count && was_done; i++)
		was_done = !volumes->at[i].is_due || be_ready(volumes, &volumes->at[i].volume, err);
	if (!was_done)
		volumes_abandon(volumes, err);
	return was_done;
}

bool
volumes_place(struct volumes *volumes, struct err *err)
{
	for (size_t i = 0; volumes && i < volumes->settings->count; i++) {
		struct load *load = &volumes->at[i];

		if (!load->is_unpacked)
			continue;
		if (!volume_place(&load->volume, volumes->source, err))
			return false;
		load->is_unpacked = false;
	}
	return true;
}

void
volumes_abandon(struct volumes *volumes, const struct err *reason)
{
	/* A broken connection leaves open whether the database was restored: the next start knows. */
	const bool stays = reason->fault >= FAULT_SIGNAL || reason->fault == FAULT_NO_SERVER;

	for (size_t i = 0; volumes && i < volumes->settings->count && !stays; i++) {
		struct load *load = &volumes->at[i];
		struct err err = { 0 };

		if (load->is_unpacked && !volume_abandon(&load->volume, &err))
			log_warning(&err);
		load->is_unpacked = false;
	}
}

void
volumes_close(struct volumes **volumes)
{
	for (size_t i = 0; *volumes && i < (*volumes)->settings->count; i++)
		volume_close(&(*volumes)->at[i].volume);
	*volumes = NULL;
}
