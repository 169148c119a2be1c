/* See chosen.h. */
#include "chosen.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../arena.h"
#include "../boot.h"
#include "../clock.h"
#include "../config.h"
#include "../err.h"
#include "../folder.h"
#include "../log.h"
#include "../look.h"
#include "../names.h"
#include "../scoped.h"
#include "../words.h"
#include "candidate.h"
#include "moment.h"
#include "offer.h"

/* As many are named in the log of a start. */
#define MOST ((size_t)20)

/* The setting that names it; NULL: none. */
static const char *
source(const struct config *config, const char **path)
{
	*path = config->restore_from ? config->restore_from : config->backup_dir;
	return config->restore_from ? "restore_from" : config->backup_dir ? "backup_dir" : NULL;
}

bool
chosen_check(const struct boot *boot, struct err *err)
{
	const char *path;
	const char *setting = source(boot->config, &path);

	if (!restore_is_wanted(boot) || (setting && strcmp(path, "-") != 0))
		return true;
	return setting ? err_set(err, FAULT_CONFIG,
	                         "%s: a start does not restore from standard input, which is the "
	                         "application's",
	                         setting)
	               : err_set(err, FAULT_CONFIG,
	                         "on_empty = restore, but neither restore_from nor backup_dir says "
	                         "from what");
}

static void
tell_offer(const struct offer *offer)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	log_lines(offer_words(offer, MOST, &arena));
}

/* A backup that would be taken if the environment were another; perhaps that is spelled wrong. */
static const struct candidate *
find_other(const struct offer *offer)
{
	for (size_t i = 0; i < offer->count; i++)
		if (offer->candidates[i].choice == CHOICE_OTHER_ENVIRONMENT &&
		    offer->candidates[i].when)
			return &offer->candidates[i];
	return NULL;
}

static bool
refuse_folder(const struct offer *offer, const char *setting, const struct boot *boot,
              struct err *err)
{
	const struct candidate *other = find_other(offer);

	if (!offer->count)
		(void)err_set(
			err, FAULT_NO_SOURCE,
			"%s: no backup lies in %s (%zu name%s looked at), and the database is empty",
			setting, offer->folder, offer->looked_at,
			offer->looked_at == 1 ? " was" : "s were");
	else
		(void)err_set(
			err, FAULT_NO_SOURCE,
			"%s: of the %zu in %s no backup is restored by itself for %s, and the "
			"database is empty",
			setting, offer->count, offer->folder, boot->config->environment);
	if (other)
		return err_hint(
			err,
			"%s is of %s, and environment is %s; restore_from = FILE names one; "
			"on_empty = init starts with a new database",
			other->name, other->environment, boot->config->environment);
	return err_hint(err, "%son_empty = init starts with a new database",
	                offer->count ? "restore_from = FILE names one; " : "");
}

static bool
judge_age(const struct candidate *candidate, const char *path, const struct boot *boot,
          struct arena *arena, struct err *err)
{
	const int64_t most = boot->config->restore_max_age;

	if (candidate_is_young(candidate, most, (int64_t)time(NULL)))
		return true;
	(void)err_set(err, FAULT_WRONG, "%s is %s%s, and restore_max_age is %s", path,
	              candidate->when ? "of " : "without a date",
	              candidate->when ? moment_words(candidate->when, arena) : "",
	              clock_shown(most, arena));
	return err_hint(err,
	                "if it is right: pg-entrypoint --restore-max-age=none, or restore it by "
	                "hand: pg-entrypoint restore %s",
	                path);
}

static bool
find_in_folder(struct chosen *chosen, const char *folder, const char *setting,
               const struct boot *boot, struct arena *arena, struct err *err)
{
	struct offer *offer = arena_alloc(arena, sizeof *offer);

	if (!offer_read(offer, folder, boot->config->environment, arena, err))
		return err_within(err, "%s", setting);
	if (!offer->taken) {
		tell_offer(offer);
		return refuse_folder(offer, setting, boot, err);
	}
	*chosen = (struct chosen){ offer_path(offer, offer->taken, arena), offer };
	return judge_age(offer->taken, chosen->path, boot, arena, err);
}

bool
chosen_find(struct chosen *chosen, const struct boot *boot, struct arena *arena, struct err *err)
{
	struct candidate candidate = { 0 };
	const char *path;
	const char *setting = source(boot->config, &path);
	struct stat status;

	if (offer_is_folder(path))
		return find_in_folder(chosen, path, setting, boot, arena, err);
	if (stat(path, &status) != 0) {
		(void)err_errno(err, FAULT_NO_SOURCE, "%s: %s", setting, path);
		return err_hint(err,
		                "the database is empty, and this was to fill it; on_empty = init "
		                "starts with a new one");
	}
	(void)offer_read_one(&candidate, path, arena); /* it has no date, then */
	*chosen = (struct chosen){ .path = path };
	return judge_age(&candidate, path, boot, arena, err);
}

void
chosen_tell(const struct chosen *chosen)
{
	if (chosen->offer)
		tell_offer(chosen->offer);
}

bool
chosen_advise_older(const struct chosen *chosen, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct offer *offer = chosen->offer;

	if (err->fault != FAULT_WRONG || *err->hint || !offer)
		return false;
	for (size_t i = 0; i < offer->count; i++)
		if (offer->candidates[i].choice == CHOICE_OLDER)
			return err_hint(err, "the one before it: pg-entrypoint restore %s",
			                words_quoted(offer_path(offer, &offer->candidates[i],
			                                        &arena),
			                             &arena));
	return false;
}

bool
chosen_advise(const struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct err refused = { 0 };
	struct chosen chosen;
	const char *path;

	if (!source(boot->config, &path))
		return *err->hint
		             ? false
		             : err_hint(err, "restore a backup: pg-entrypoint restore FILE; or, if "
		                             "it is to be empty, on_empty = init");
	if (!chosen_find(&chosen, boot, &arena, &refused))
		return err_detail(err, "no backup to name: %s", refused.what);
	chosen_tell(&chosen);
	return err_hint(err, "restore it: pg-entrypoint restore %s; or start anew: %s", chosen.path,
	                boot->facts.had_relations
	                        ? arena_print(&arena, "drop schema %s cascade;",
	                                      name_quoted(boot->config->schema, &arena))
	                        : "on_empty = init");
}
