/* See snapshot.h. */
#include "snapshot.h"

#include <stddef.h>

#include "arena.h"
#include "boot.h"
#include "ledger.h"
#include "migration.h"
#include "script.h"

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
