/* Step: apply what is pending, one transaction a file, each with its row of the ledger. */
#include <string.h>

#include "alone.h"
#include "arena.h"
#include "attempt.h"
#include "backup.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "history.h"
#include "ledger.h"
#include "log.h"
#include "migration.h"
#include "migrator.h"
#include "note.h"
#include "pooled.h"
#include "progress.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"

/* The whole file in the transaction that begins with its ledger row, which fences out a second runner. */
static bool
apply_once(struct boot *boot, const struct migration *migration, const struct batch *batch,
           struct arena *arena, struct err *err)
{
	const char *before =
		arena_print(arena, "%s%s;\n", transaction_begin_sql(boot, arena),
	                    ledger_begin_sql(boot->db, boot->config, migration->version,
	                                     migration->name, migration->checksum, arena));
	/*
	 * The file may have taken another role, which need not be able to write to the ledger. What it
	 * has set or made there must not stay: behind a pooler the application gets this very server session.
	 */
	const char *after =
		arena_print(arena,
	                    "reset session authorization; reset role;\n%s%s%s;\ncommit; reset all",
	                    pooled_clean_sql(batch, arena), history_add_sql(boot, migration, arena),
	                    ledger_finish_sql(boot->db, boot->config, migration->version,
	                                      batch->count, true, arena));

	return send_batch(boot, migration->script, batch, before, after, arena, err);
}

static bool
was_applied_meanwhile(struct boot *boot, const struct migration *migration, struct err *err)
{
	size_t statements;

	/* A repeatable's row is never a duplicate. */
	if (migration->is_repeatable ||
	    !ledger_came_late(boot->db, boot->config, migration->version, migration->checksum,
	                      false, &statements, err))
		return false;
	log_info("%s was applied by a run that was interrupted", migration->script->name);
	return true;
}

static bool
apply_in_transaction(struct boot *boot, const struct migration *migration,
                     const struct batch *batch, struct arena *arena, struct err *err)
{
	struct patience patience = patience_new(boot->config);

	while (!apply_once(boot, migration, batch, arena, err)) {
		if (patience_retries(&patience, boot->db, err))
			continue;
		return was_applied_meanwhile(boot, migration, err);
	}
	return true;
}

static bool
apply(struct boot *boot, const struct migration *migration, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const int64_t since = clock_now();
	struct batch batch;

	progress_file(boot, migration->script->name);
	if (!script_split(&batch, migration->script, config_script_variable, &arena, err))
		return false;
	if (migration->script->no_transaction || batch.has_alone) {
		if (!alone_apply(boot, migration, &batch, err))
			return false;
	} else if (!apply_in_transaction(boot, migration, &batch, &arena, err)) {
		return false;
	}
	log_info("%s applied in %lld ms", migration->script->name,
	         (long long)(clock_now() - since));
	return true;
}

/* Another migrator's turn is between the versioned files, which it may need, and the repeatables, which may need it. */
static bool
command_is_next(const struct boot *boot, size_t at)
{
	return migrator_is_due(boot) &&
	       (at == boot->migrations->count || boot->migrations->at[at].is_repeatable);
}

static bool
apply_all(struct boot *boot, struct err *err)
{
	size_t applied = 0;

	if (!note_begin(boot, err) || !history_sync(boot, err))
		return false;
	for (size_t i = 0; i < boot->migrations->count; i++) {
		const struct migration *migration = &boot->migrations->at[i];

		if (command_is_next(boot, i)) {
			progress_file(boot, NULL);
			if (!migrator_run(boot, err))
				return false;
		}
		if (!migration_is_pending(migration))
			continue;
		if (!apply(boot, migration, err))
			return false;
		applied++;
	}
	progress_file(boot, NULL);
	if (command_is_next(boot, boot->migrations->count) && !migrator_run(boot, err))
		return false;
	if (applied)
		log_info("%zu applied", applied);
	return note_result(boot, err);
}

bool
migrate_run(struct boot *boot, struct err *err)
{
	if (!backup_before_migrate(boot, err))
		return false;
	return apply_all(boot, err) || note_failure(boot, err) || backup_advise(boot, err);
}
