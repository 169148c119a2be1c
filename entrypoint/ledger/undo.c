/* The ledger's row of a migration that is undone. See ledger.h. */
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../ledger.h"
#include "../names.h"

/* In front of the checksum: no file can have such a one. */
#define UNDOING "down:"

bool
ledger_is_undoing(const struct entry *entry)
{
	return strncmp(entry->checksum, UNDOING, strlen(UNDOING)) == 0;
}

const char *
ledger_undoing_checksum(const char *checksum, struct arena *arena)
{
	return arena_join(arena, UNDOING, checksum, "");
}

/* Division by zero is the one way to fail without a function of our own. */
const char *
ledger_undo_sql(struct db *db, const struct config *config, const char *version,
                const char *checksum, const char *undoing, struct arena *arena)
{
	static const char sql[] =
		"with begun as (\n"
		"    update %s.migration set checksum = %s, statements = 0, finished_at = null\n"
		"    where version = %s and checksum = %s returning 1)\n"
		"select 1 / (select count(*) from begun)";

	return arena_print(arena, sql, name_quoted(config->schema, arena),
	                   db_literal(db, undoing, arena), db_literal(db, version, arena),
	                   db_literal(db, checksum, arena));
}

const char *
ledger_stay_sql(struct db *db, const struct config *config, const struct entry *entry,
                const char *kind, struct arena *arena)
{
	static const char sql[] =
		"with unbegun as (\n"
		"    delete from %1$s.journal where kind = %5$s and statements = 0 returning 1)\n"
		"update %1$s.migration set checksum = %3$s, statements = %4$zu,\n"
		"    finished_at = coalesce(started_at + duration, clock_timestamp())\n"
		"where version = %2$s and exists (select from unbegun)";

	return arena_print(arena, sql, name_quoted(config->schema, arena),
	                   db_literal(db, entry->version, arena),
	                   db_literal(db, entry->checksum, arena), entry->statements,
	                   db_literal(db, kind, arena));
}

const char *
ledger_remove_sql(struct db *db, const struct config *config, const char *version,
                  const char *checksum, struct arena *arena)
{
	static const char sql[] =
		"with gone as (\n"
		"    delete from %s.migration where version = %s and checksum = %s returning 1)\n"
		"select 1 / (select count(*) from gone)";

	return arena_print(arena, sql, name_quoted(config->schema, arena),
	                   db_literal(db, version, arena), db_literal(db, checksum, arena));
}
