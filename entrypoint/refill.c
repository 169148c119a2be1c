/*
 * Step: an empty database is made from a backup, before anything else is done to it. One that is not empty is only told of, and only
 * where the start has something to do anyway.
 */
#include "arena.h"
#include "boot.h"
#include "config.h"
#include "empty.h"
#include "err.h"
#include "group.h"
#include "history.h"
#include "log.h"
#include "look.h"
#include "migration.h"
#include "restore.h"
#include "restore/chosen.h"
#include "scoped.h"
#include "summary.h"

static bool
tell_skipped(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *words;

	summary_note(boot->summary, -1, "skipped (database not empty)");
	if (!empty_describe(boot->db, boot->config, &words, &arena, err))
		return false;
	if (words)
		log_info("database is not empty: %s; restore skipped", words);
	else
		log_info("restore skipped: the database was made from %s, which left it empty",
		         boot->facts.restored ? boot->facts.restored : "migrations");
	return true;
}

/* What the backup has brought decides over all that follows: its ledger, its tables, its tool's history. */
static bool
look_anew(struct boot *boot, struct err *err)
{
	return history_find_table(boot, err) && look_ask(boot, err) && look_judge(boot, err) &&
	       (!migrate_is_due(boot) || group_proofread(boot, err));
}

bool
refill_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct chosen chosen;

	if (!restore_is_due(boot))
		return tell_skipped(boot, err);
	if (!chosen_find(&chosen, boot, &arena, err))
		return false;
	chosen_tell(&chosen);
	log_info("the database is %s: restoring %s",
	         boot->facts.partial ? "part of a restore that was cut off" : "empty", chosen.path);
	return restore_source(boot, chosen.path, err) ? look_anew(boot, err)
	                                              : chosen_advise_older(&chosen, err);
}
