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

/* Of the files that it stands for: one before its own version, where a version can be before it. */
static bool
has_older_file(const struct migrations *migrations)
{
	const char *version = migrations->snapshot->snapshot;

	for (size_t i = 0; i < migrations->count; i++)
		if (!migrations->at[i].is_repeatable &&
		    version_compare(migrations->at[i].version, version) < 0)
			return true;
	return version_compare(version, "1") <= 0;
}

/* Nobody could tell which of the files below it are gone. */
static bool
refuse_below(const struct migrations *migrations, struct err *err)
{
	const struct script *script = migrations->snapshot;

	(void)err_set(err, FAULT_WRONG,
	              "%s stands for all up to %s in an empty database, and this run is to end at "
	              "%s: the files up to there need not be all",
	              script->source.path, script->snapshot,
	              migrations->at[migrations->limit - 1].version);
	return err_hint(err,
	                "go as far as %s at least; or, where no file was deleted, take %s out of "
	                "the folder for this run",
	                script->snapshot, script->name);
}

/* In a database that is neither new nor has come anywhere by migrations. */
static bool
refuse_rest(const struct script *script, struct err *err)
{
	(void)err_set(err, FAULT_WRONG,
	              "%s stands for all up to %s in an empty database; this one is not empty, at "
	              "version none, and there is no file for what comes before %s",
	              script->source.path, script->snapshot, script->snapshot);
	return err_hint(err,
	                "first start an image that still has the files up to %s, or put them "
	                "back; where all that they do is there: pg-entrypoint migrate baseline %s",
	                script->snapshot, script->snapshot);
}

bool
snapshot_judge(const struct migrations *migrations, const struct facts *facts, struct err *err)
{
	const struct script *script = migrations->snapshot;
	const char *newest = migrations->newest;

	if (!script || facts->loads_snapshot ||
	    (newest && version_compare(newest, script->snapshot) >= 0))
		return true;
	if (facts->skips_snapshot)
		return refuse_below(migrations, err);
	if (has_file(migrations, script->snapshot))
		return newest || has_older_file(migrations) || refuse_rest(script, err);
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
	return arena_join(arena, ledger_record_sql(boot->db, boot->config, rows.at, arena), ";\n",
	                  ledger_not_new_sql(boot->config, arena));
}
