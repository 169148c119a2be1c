/* See snapshot.h. */
#include "snapshot.h"

#include <stddef.h>

#include "arena.h"
#include "boot.h"
#include "err.h"
#include "ledger.h"
#include "migration.h"
#include "script.h"

bool
snapshot_is_wanted(const struct migrations *migrations)
{
	return migrations->limit == migrations->count ||
	       !migrations_cover(migrations, migrations->at[migrations->limit].version);
}

void
snapshot_cover(struct migrations *migrations, bool is_due)
{
	migrations->pending = 0;
	for (size_t i = 0; i < migrations->count; i++) {
		struct migration *migration = &migrations->at[i];

		if (migration->verdict == VERDICT_COVERED)
			migration->verdict = VERDICT_APPLY;
		if (is_due && migration->verdict == VERDICT_APPLY &&
		    migrations_cover(migrations, migration->version))
			migration->verdict = VERDICT_COVERED;
		migrations->pending += migration_is_pending(migration);
	}
}

static bool
has_file(const struct migrations *migrations, const char *version)
{
	for (size_t i = 0; i < migrations->count; i++)
		if (version_compare(migrations->at[i].version, version) == 0)
			return true;
	return false;
}

bool
snapshot_judge(const struct migrations *migrations, bool is_due, struct err *err)
{
	const struct script *script = migrations->snapshot;
	const char *newest = migrations->newest;

	if (!script || is_due || (newest && version_compare(newest, script->snapshot) >= 0) ||
	    has_file(migrations, script->snapshot))
		return true;
	(void)err_set(err, FAULT_WRONG,
	              "%s stands for all up to %s in an empty database; this one is at version %s, "
	              "and there is no file for %s",
	              script->source.path, script->snapshot, newest ? newest : "none",
	              script->snapshot);
	return err_hint(err,
	                "first start an image that still has the files up to %s, or put them "
	                "back",
	                script->snapshot);
}

const char *
snapshot_record_sql(const struct boot *boot, struct arena *arena)
{
	const struct migrations *migrations = boot->migrations;
	const struct script *script = migrations->snapshot;
	struct text rows = text_new(arena);
	bool has_own = false;

	for (size_t i = 0; i < migrations->count; i++) {
		const struct migration *migration = &migrations->at[i];

		if (migration->verdict != VERDICT_COVERED)
			continue;
		ledger_add_row(&rows, boot->db, migration->version, migration->name,
		               migration->checksum);
		has_own |= version_compare(migration->version, script->snapshot) == 0;
	}
	/* Without a checksum: a file that has it is right, should one come. */
	if (!has_own)
		ledger_add_row(&rows, boot->db, script->snapshot, "schema", "");
	return ledger_record_sql(boot->db, boot->config, rows.at, arena);
}
