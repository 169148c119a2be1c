/* Rows of the ledger that are written together with others. See ledger.h. */
#include "../ledger.h"

#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../names.h"
#include "../scoped.h"

void
ledger_add_version(struct text *versions, struct db *db, const char *version)
{
	text_print(versions, "%s%s", versions->length ? ", " : "",
	           db_literal(db, version, versions->arena));
}

const char *
ledger_stale_sql(const struct config *config, const char *versions, struct arena *arena)
{
	return arena_print(arena, ";\nupdate %s.migration set checksum = '' where version in (%s)",
	                   name_quoted(config->schema, arena), versions);
}

void
ledger_add_row(struct text *rows, struct db *db, const char *version, const char *name,
               const char *checksum)
{
	struct arena *arena = rows->arena;

	text_print(rows, "%s(%s, %s, %s)", rows->length ? ",\n    " : "",
	           db_literal(db, version, arena), db_literal(db, name, arena),
	           db_literal(db, checksum, arena));
}

const char *
ledger_record_sql(struct db *db, const struct config *config, const char *rows, struct arena *arena)
{
	static const char sql[] =
		"insert into %s.migration (version, name, checksum, started_at, finished_at, duration,\n"
		"    statements, tool_version, image, role)\n"
		"select version, name, checksum, now(), clock_timestamp(), clock_timestamp() - now(),\n"
		"    0, %s, %s, current_user\n"
		"from (values\n"
		"    %s) as covered (version, name, checksum)";

	return arena_print(arena, sql, name_quoted(config->schema, arena),
	                   db_literal(db, TOOL_VERSION, arena),
	                   config->image ? db_literal(db, config->image, arena) : "null", rows);
}

bool
ledger_filled_late(struct db *db, const struct config *config, struct err *err)
{
	static const char sql[] = "select 1 from %s.migration where version not like '@%%' limit 1";
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	struct err refused = { 0 };

	if (!*err->sqlstate ||
	    !db_ask(db,
	            ASK(SHAPE_ROWS, arena_print(&arena, sql, name_quoted(config->schema, &arena))),
	            &answer, &refused) ||
	    answer.rows == 0)
		return false;
	err_clear(err);
	return true;
}
