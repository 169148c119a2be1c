/* How far a file without a transaction is, held against a run that was killed. See ledger.h. */
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../names.h"
#include "../scoped.h"

const char *
ledger_fence_sql(struct db *db, const struct config *config, const char *version, size_t statements,
                 struct arena *arena)
{
	/* Division by zero is the one way to fail without a function of our own. */
	return arena_print(
		arena,
		"with fenced as (\n"
		"    select statements from %s.migration where version = %s and finished_at is null\n"
		"    for update)\n"
		"select 1 / count(*) from fenced where statements = %zu",
		name_quoted(config->schema, arena), db_literal(db, version, arena), statements);
}

bool
ledger_counted_late(struct db *db, const struct config *config, const char *version,
                    size_t statements, bool is_finished, struct err *err)
{
	static const char sql[] = "select statements from %s.migration\n"
				  "where version = $1 and (finished_at is not null) = $2::boolean";
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	struct err refused = { 0 };

	if (strcmp(err->sqlstate, "22012") != 0 ||
	    !db_ask(db,
	            ASK(SHAPE_ROWS, arena_print(&arena, sql, name_quoted(config->schema, &arena)),
	                version, is_finished ? "true" : "false"),
	            &answer, &refused) ||
	    answer.rows == 0 || strtoul(answer_at(&answer, 0, 0), NULL, 10) != statements)
		return false;
	err_clear(err);
	return true;
}
