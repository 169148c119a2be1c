/* What no start may pass over, as the policies say. See migration.h. */
#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../format.h"
#include "../ledger.h"
#include "../log.h"
#include "../migration.h"
#include "../scoped.h"
#include "../script.h"

/* Warns once, or fails, as the policy says. Under the boot lock all is judged again. */
static bool
hold(enum policy policy, bool *is_told, struct err *err)
{
	if (policy == POLICY_ERROR)
		return false;
	if (policy == POLICY_WARN && !*is_told)
		log_warning(err);
	*is_told = true;
	err_clear(err);
	return true;
}

/* By what is done; what comes behind may be edited (begun.h). */
static bool
refuse_unfinished(const struct migration *migration, const struct config *config, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct entry *entry = migration->entry;

	(void)err_set(err, FAULT_WRONG,
	              "%s was changed while it was half applied, %zu statement%s in%s",
	              migration->script->source.path, entry->statements,
	              entry->statements == 1 ? "" : "s",
	              migration->begun > entry->statements ? ", and 1 more was begun" : "");
	return err_hint(err,
	                "%s (checksum of the file then: %.8s); or undo by hand what it did, and: "
	                "%s",
	                ledger_put_back(migration->begun, &arena), entry->checksum,
	                ledger_forget_by_hand(config, entry->version, &arena));
}

/* Nothing can go on with it. */
static bool
refuse_orphan(const struct entry *orphan, const struct config *config, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	(void)err_set(err, FAULT_WRONG,
	              "%s was begun at %s and is half %s, %zu statement%s in, but there is no such "
	              "file",
	              orphan->name, orphan->started_at,
	              ledger_is_undoing(orphan) ? "undone" : "applied", orphan->statements,
	              orphan->statements == 1 ? "" : "s");
	return err_hint(err,
	                "start an image that has it: it %s; or undo by hand what it did, and: %s",
	                version_digits(orphan->version) ? "goes on where it stopped"
	                                                : "begins anew",
	                ledger_forget_by_hand(config, orphan->version, &arena));
}

static bool
judge_edited(struct migration *migration, const struct config *config, struct err *err)
{
	(void)err_set(
		err, FAULT_WRONG,
		"%s was changed after it was applied at %s: checksum %s in the ledger, %s now",
		migration->script->source.path, migration->entry->started_at,
		migration->entry->checksum, migration->checksum);
	(void)err_hint(
		err,
		"take the change back and write a new migration; or, where the file is right "
		"as it is now: pg-entrypoint migrate accept %s",
		migration->version); /* hold() decides */
	return hold(config->on_edited, &migration->is_told, err);
}

static bool
judge_one(struct migration *migration, const char *newest, const struct config *config,
          struct err *err)
{
	const char *path = migration->script->source.path;

	switch (migration->verdict) {
	case VERDICT_EDITED:
		return judge_edited(migration, config, err);
	case VERDICT_OUT_OF_ORDER:
		(void)err_set(err, FAULT_WRONG, "%s is not applied, but the newer %s is", path,
		              newest);
		if (config->on_out_of_order == POLICY_ERROR)
			return err_hint(err, "give it a version above that, or set on_out_of_order "
			                     "to warn or ignore");
		return hold(config->on_out_of_order, &migration->is_told, err);
	case VERDICT_UNFINISHED:
		return refuse_unfinished(migration, config, err);
	case VERDICT_UNDOING:
		(void)err_set(err, FAULT_WRONG,
		              "%s is half undone, %zu statement%s of its down file in", path,
		              migration->entry->statements,
		              migration->entry->statements == 1 ? "" : "s");
		return err_hint(err, "`pg-entrypoint migrate down` goes on where it stopped");
	case VERDICT_DONE:
	case VERDICT_APPLY:
	case VERDICT_REPEAT:
	case VERDICT_RESUME:
	case VERDICT_LATER:
	case VERDICT_COVERED:
	case VERDICT_NEWER:
		break;
	}
	return true;
}

bool
migrations_tell_times(const struct migrations *migrations)
{
	for (size_t i = 0; i < migrations->count; i++)
		if (migrations->at[i].verdict == VERDICT_EDITED)
			return true;
	return migrations->orphan != NULL;
}

/* Repeatables have no place in the order. */
static void
raise_to(const char **newest, const struct migrations *migrations, const char *version)
{
	if (version_digits(version) &&
	    (!*newest || format_compare(migrations->format, version, *newest) > 0))
		*newest = version;
}

const char *
migrations_newest(const struct migrations *migrations, bool with_pending)
{
	const char *newest = migrations->newest_finished;

	if (with_pending && migrations->snapshot && migrations->is_first)
		raise_to(&newest, migrations, migrations->snapshot->snapshot);
	for (size_t i = 0; i < migrations->count && with_pending; i++)
		if (migration_is_pending(&migrations->at[i]))
			raise_to(&newest, migrations, migrations->at[i].version);
	return newest;
}

/* By a file, too. Of a container that does not migrate they are all missing. */
static const char *
version_meant(const struct migrations *migrations, const char *word)
{
	const struct migration *there = migrations_find(migrations, word);
	const struct entry *gone = there ? NULL : migrations_find_missing(migrations, word);

	return there ? there->version : gone ? gone->version : word;
}

bool
migrations_judge_least(const struct migrations *migrations, const char *least, bool with_pending,
                       struct err *err)
{
	const char *wanted = version_meant(migrations, least);
	const char *now = migrations_newest(migrations, false),
		   *reached = migrations_newest(migrations, with_pending);
	bool rises;

	if (reached && format_compare(migrations->format, reached, wanted) >= 0)
		return true;
	rises = reached && (!now || format_compare(migrations->format, reached, now) > 0);
	(void)err_set(err, FAULT_WRONG, "min_version is %s, but the database is at version %s%s%s",
	              least, now ? now : "none", rises ? ", and what is pending ends at " : "",
	              rises ? reached : "");
	return err_hint(err, with_pending ? "an image that is older than min_version?"
	                                  : "let a container that migrates start first");
}

/* What nobody will bring back is retired by its name; a version may be that of a newer image. */
static bool
judge_missing(struct migrations *migrations, const struct config *config, struct err *err)
{
	const struct entry *first = migrations->missing[0];

	(void)err_set(err, FAULT_WRONG, "%zu applied migration%s not in %s, the first is %s",
	              migrations->missing_count, migrations->missing_count > 1 ? "s are" : " is",
	              config->migrations_dir ? config->migrations_dir : "migrations_dir",
	              first->name);
	/* Repeatables come last. */
	if (!version_digits(first->version) &&
	    !(migrations->format && migrations->format->read_stem))
		(void)err_hint(err,
		               "if it was removed for good, let it be forgotten: pg-entrypoint "
		               "migrate accept %s",
		               first->name); /* hold() decides */
	else if (!config->migrations_dir)
		(void)err_hint(err, "migrations_dir is not set, and its default is not there: does "
		                    "the image lack its files?"); /* hold() decides */
	else
		(void)err_hint(err, "an older image on a newer database? on_missing says whether "
		                    "that matters"); /* hold() decides */
	return hold(config->on_missing, &migrations->is_missing_told, err);
}

/* Those of a newer image, which runs beside this one, or did before somebody went back. */
static void
tell_newer(struct migrations *migrations, const struct config *config)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct migration *first = NULL;
	struct err warning = { 0 };
	size_t count = 0;

	for (size_t i = migrations->count; i-- > 0;)
		if (migrations->at[i].verdict == VERDICT_NEWER) {
			first = &migrations->at[i];
			count++;
		}
	if (!first || migrations->is_newer_told)
		return;
	(void)err_set(&warning, FAULT_WRONG,
	              "%zu repeatable%s left as a newer image has run %s, the first is %s", count,
	              count > 1 ? "s are" : " is", count > 1 ? "them" : "it", first->script->name);
	if (!first->peer) /* else it is not our ledger that decides */
		(void)err_hint(&warning, "to run this image's text all the same: %s",
		               ledger_forget_by_hand(config, first->entry->version, &arena));
	log_warning(&warning);
	migrations->is_newer_told = true;
}

bool
migrations_judge(struct migrations *migrations, const struct config *config, struct err *err)
{
	for (size_t i = 0; i < migrations->count; i++)
		if (!judge_one(&migrations->at[i], migrations->newest, config, err))
			return false;
	if (migrations->orphan)
		return refuse_orphan(migrations->orphan, config, err);
	tell_newer(migrations, config);
	return !migrations->missing_count || judge_missing(migrations, config, err);
}
