/* See down.h. */
#include "down.h"

#include <string.h>

#include "adopt.h"
#include "arena.h"
#include "backup.h"
#include "boot.h"
#include "config.h"
#include "confirm.h"
#include "db.h"
#include "err.h"
#include "ledger.h"
#include "log.h"
#include "migration.h"
#include "note.h"
#include "scoped.h"
#include "undo.h"

/* What is to be undone, once it is known that it may be. */
static bool
choose(struct undos *undos, struct boot *boot, const char *word, const char *verb,
       struct arena *arena, struct err *err)
{
	return adopt_before(boot, err) && undos_choose(undos, boot, word, arena, err) &&
	       undos_judge(undos, boot, err) &&
	       (!undos->count ||
	        confirm_ask(boot, verb,
	                    arena_print(arena, "it undoes %s", undos_names(undos, arena)), err));
}

bool
down_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct undos undos;

	if (!choose(&undos, boot, *boot->request->operands, "DOWN", &arena, err))
		return false;
	if (undos.count && (!backup_before_migrate(boot, err) || !note_begin(boot, err) ||
	                    !db_run(boot->db, ledger_redone_sql(boot->config, &arena), err)))
		return false;
	for (size_t i = 0; i < undos.count; i++)
		if (!undo_apply(boot, &undos.at[i], err))
			return note_failure(boot, err) || backup_advise(boot, err);
	log_info("%zu undone", undos.count);
	return !undos.count || note_result(boot, err);
}

/* As if nothing else were pending. */
static struct migrations *
only_this(const struct boot *boot, const struct migration *migration)
{
	struct migrations *only = arena_alloc(boot->arena, sizeof *only);

	*only = *boot->migrations;
	only->at = arena_alloc(boot->arena, sizeof *only->at);
	*only->at = *migration;
	only->at->verdict = VERDICT_APPLY;
	only->at->entry = NULL;
	only->count = only->limit = only->pending = 1;
	/* It may be ahead, with files that are none of this. */
	only->snapshot = NULL;
	return only;
}

/* Else one that failed, said again, would undo another one, with its rows. */
static bool
refuse_again(const struct boot *boot, struct arena *arena, struct err *err)
{
	struct ledger ledger = { 0 };

	if (boot->ledger)
		ledger_take(&ledger, boot->ledger, arena);
	if (!ledger.redo)
		return true;
	for (size_t i = 0; i < ledger.count; i++)
		if (strcmp(ledger.entries[i].version, ledger.redo) == 0)
			return true;
	(void)err_set(err, FAULT_WRONG, "version %s was undone by a redo that failed",
	              ledger.redo); /* false below */
	return err_hint(err, "`migrate up` applies it; `migrate down` undoes the one before");
}

bool
redo_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct undos undos;
	struct migrations *only;

	if (!refuse_again(boot, &arena, err) || !choose(&undos, boot, NULL, "REDO", &arena, err))
		return false;
	/* What cannot be applied again is not undone. */
	only = only_this(boot, undos.at->migration);
	if (!migrations_proofread(only, err) || !backup_before_migrate(boot, err) ||
	    !note_begin(boot, err))
		return false;
	if (!db_run(boot->db,
	            ledger_redo_sql(boot->db, boot->config, undos.at->entry->version, &arena),
	            err) ||
	    !undo_apply(boot, undos.at, err))
		return note_failure(boot, err) || backup_advise(boot, err);
	boot->migrations = only;
	boot->facts.command_is_done = true;
	/* It may have refused the file before it began. */
	if (migrate_run(boot, err) || note_failure(boot, err))
		return db_run(boot->db, ledger_redone_sql(boot->config, &arena), err);
	return (err->fault == FAULT_WRONG || err->fault == FAULT_CANNOT_WRITE) &&
	       !only->at->runs_alone && err_detail(err, "it stays undone: `migrate up` applies it");
}
