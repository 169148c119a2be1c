/* See down.h. */
#include "down.h"

#include "adopt.h"
#include "arena.h"
#include "backup.h"
#include "boot.h"
#include "config.h"
#include "confirm.h"
#include "err.h"
#include "log.h"
#include "migration.h"
#include "note.h"
#include "scoped.h"
#include "script.h"
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
	if (undos.count && (!backup_before_migrate(boot, err) || !note_begin(boot, err)))
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

/* It may be what an earlier redo has undone, and could not apply again: then another one would be undone now. */
static bool
refuse_newer(const struct boot *boot, const struct migration *chosen, struct err *err)
{
	const struct migrations *migrations = boot->migrations;

	for (const struct migration *at = chosen + 1; at < migrations->at + migrations->count;
	     at++) {
		if (at->is_repeatable || !migration_is_pending(at))
			continue;
		(void)err_set(err, FAULT_WRONG,
		              "%s is pending, and newer than %s, which is the newest applied",
		              at->script->source.path, chosen->script->name); /* false below */
		return err_hint(err, "`migrate up` first; or `migrate down`, which undoes %s",
		                chosen->script->name);
	}
	return true;
}

bool
redo_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct undos undos;
	struct migrations *only;

	if (!choose(&undos, boot, NULL, "REDO", &arena, err) ||
	    !refuse_newer(boot, undos.at->migration, err))
		return false;
	/* What cannot be applied again is not undone. */
	only = only_this(boot, undos.at->migration);
	if (!migrations_proofread(only, err) || !backup_before_migrate(boot, err) ||
	    !note_begin(boot, err))
		return false;
	if (!undo_apply(boot, undos.at, err))
		return note_failure(boot, err) || backup_advise(boot, err);
	boot->migrations = only;
	boot->facts.command_is_done = true;
	/* It may have refused the file before it began. */
	if (migrate_run(boot, err) || note_failure(boot, err))
		return true;
	return err->fault == FAULT_WRONG && !only->at->runs_alone &&
	       err_detail(err, "it stays undone: `migrate up` applies it");
}
