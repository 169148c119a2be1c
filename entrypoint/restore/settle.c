/* Volumes at every start. See volumes.h. */
#include <stddef.h>
#include <string.h>

#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../empty.h"
#include "../err.h"
#include "../ledger.h"
#include "../log.h"
#include "../scoped.h"
#include "../volume.h"
#include "../words.h"
#include "chosen.h"
#include "volumes.h"

/* Asked once the lock is had: the run that we have waited for may have restored it. */
static bool
ask_restored(struct boot *boot, const char **restored, struct arena *arena, struct err *err)
{
	struct ledger marks;

	if (!ledger_read_marks(boot->db, boot->config, &marks, arena, err))
		return false;
	*restored = marks.restored ? marks.restored : "";
	return true;
}

/* Beside a database that was replaced: is ours another one than that which took its place? */
static bool
is_not(bool *is_so, const struct volume *volume, const char *oid, struct boot *boot,
       struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!boot->db) {
		(void)err_set(err, FAULT_WRONG,
		              "volume %s: restore --replace was cut off, and only the database can "
		              "tell whether its files are to be the old ones or the new",
		              volume->name); /* false below */
		return err_hint(err, "start once with the step `wait`");
	}
	if (!db_ask(boot->db,
	            ASK(SHAPE_VALUE,
	                "select oid::text from pg_database where datname = current_database()"),
	            &answer, err))
		return volume_blame(volume, err);
	*is_so = strcmp(answer_at(&answer, 0, 0), oid) != 0;
	return true;
}

/* The restore was cut off before its database was there, and another one is by now. What is begun to be moved awaits none. */
static bool
is_of_another(bool *is_so, const struct volume *volume, struct boot *boot, struct arena *arena,
              struct err *err)
{
	const char *restored, *oid = strchr(volume->awaited, '\n');

	*is_so = false;
	if (!*volume->awaited)
		return true;
	if (oid)
		return is_not(is_so, volume, oid + 1, boot, err);
	if (!boot->db)
		return true;
	if (!ask_restored(boot, &restored, arena, err))
		return volume_blame(volume, err);
	*is_so = strcmp(restored, volume->awaited) != 0;
	return true;
}

static bool
settle_ready(struct volume *volume, struct boot *boot, struct arena *arena, struct err *err)
{
	bool is_other;

	if (!is_of_another(&is_other, volume, boot, arena, err))
		return false;
	if (!is_other)
		return volume_place(volume, NULL, err);
	log_warn("volume %s: the database was not made from %.*s, whose files are removed",
	         volume->name, (int)strcspn(volume->awaited, "\n"), volume->awaited);
	return volume_abandon(volume, err);
}

bool
volumes_settle_one(struct volume *volume, struct boot *boot, struct arena *arena, struct err *err)
{
	if (!volume->seen.has_tree && !volume->seen.is_ready)
		return true;
	if (!volume_lock(volume, err))
		return false;
	if (volume->seen.is_ready)
		return settle_ready(volume, boot, arena, err);
	if (!volume->seen.has_tree)
		return true;
	log_info("volume %s: what a restore that was cut off has left is removed", volume->name);
	return volume_abandon(volume, err);
}

/* It is known from now on. Whether we may write there matters only for one that could seem lost. */
static bool
mark(struct volume *volume, struct err *err)
{
	if (volume_mark(volume, err))
		return true;
	if (volume->is_critical && !volume->entry)
		return false;
	err_clear(err);
	return true;
}

/* The backup that a restore of the volume would take; the candidates are told. */
static const char *
find_backup(const struct boot *boot, struct arena *arena)
{
	const struct config *config = boot->config;
	struct chosen chosen;
	struct err ignored = { 0 };

	if ((!config->restore_from && !config->backup_dir) ||
	    !chosen_find(&chosen, boot, arena, &ignored))
		return "FILE";
	chosen_tell(&chosen);
	return words_quoted(chosen.path, arena);
}

static bool
refuse_lost(const struct boot *boot, const struct volume *volume, const char *words,
            struct arena *arena, struct err *err)
{
	(void)err_set(err, FAULT_WRONG,
	              "volume %s: %s is empty and was never seen before, beside a database that is "
	              "not empty: %s",
	              volume->name, volume->path, words); /* false below */
	return err_hint(err,
	                "is the right one mounted? pg-entrypoint restore --only volume:%s %s fills "
	                "it; where it may be empty, start once without :critical",
	                volume->name, find_backup(boot, arena));
}

static bool
prove_kept(struct boot *boot, const struct volume *volume, struct arena *arena, struct err *err)
{
	const char *words = NULL;

	if (!volume->is_critical || !boot->db || volume_judge(&volume->seen) != VOLUME_NEW)
		return true;
	return empty_describe(boot->db, boot->config, &words, arena, err) &&
	       (!words || refuse_lost(boot, volume, words, arena, err));
}

bool
volumes_are_due(const struct boot *boot)
{
	return boot->config->volumes.count && config_wants(boot->config, "volumes");
}

static bool
go_through(struct boot *boot, bool may_write, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct volume_settings *settings = &boot->config->volumes;

	for (size_t i = 0; i < settings->count; i++) {
		SCOPED(volume_close) struct volume volume = { 0 };

		if (!volume_open(&volume, &settings->at[i], &arena, err))
			return false;
		if (!may_write)
			volume.seen.has_tree = false; /* a start would remove it first */
		else if (!volumes_settle_one(&volume, boot, &arena, err))
			return false;
		if (!prove_kept(boot, &volume, &arena, err) || (may_write && !mark(&volume, err)))
			return false;
	}
	return true;
}

bool
volumes_settle(struct boot *boot, struct err *err)
{
	return go_through(boot, true, err);
}

void
volumes_unsettled(struct text *names, const struct boot *boot)
{
	const struct volume_settings *settings = &boot->config->volumes;

	for (size_t i = 0; volumes_are_due(boot) && i < settings->count; i++) {
		SCOPED(volume_close) struct volume volume = { 0 };
		struct err ignored = { 0 }; /* a start tells it */

		if (volume_open(&volume, &settings->at[i], names->arena, &ignored) &&
		    (volume.seen.has_tree || volume.seen.is_ready))
			text_print(names, "%s%s", names->length ? ", " : "", volume.name);
	}
}

bool
volumes_prove(struct boot *boot, struct err *err)
{
	return go_through(boot, false, err);
}
