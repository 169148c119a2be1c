/* What a killed run has done after all: the server committed it after we looked. See ledger.h. */
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../names.h"
#include "../scoped.h"

/* Has it failed with that, as it does then? Then *answer has the rows of which `where` holds. What asking fails with is not told. */
static bool
was_asked(struct db *db, const struct config *config, const struct err *err, const char *sqlstate,
          struct question where, struct answer *answer)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct err refused = { 0 };

	where.sql = arena_print(&arena, "select statements from %s.migration where %s",
	                        name_quoted(config->schema, &arena), where.sql);
	return strcmp(err->sqlstate, sqlstate) == 0 && db_ask(db, &where, answer, &refused);
}

bool
ledger_came_late(struct db *db, const struct config *config, const char *version,
                 const char *checksum, bool may_be_unfinished, size_t *statements, struct err *err)
{
	static const char where[] = "version = $1 and checksum = $2\n"
				    "and (finished_at is not null or $3::boolean)";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!was_asked(db, config, err, "23505",
	               *ASK(SHAPE_ROWS, where, version, checksum,
	                    may_be_unfinished ? "true" : "false"),
	               &answer) ||
	    answer.rows == 0)
		return false;
	*statements = strtoul(answer_at(&answer, 0, 0), NULL, 10);
	err_clear(err);
	return true;
}

bool
ledger_counted_late(struct db *db, const struct config *config, const char *version,
                    size_t statements, bool is_finished, struct err *err)
{
	static const char where[] = "version = $1 and (finished_at is not null) = $2::boolean";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!was_asked(db, config, err, "22012",
	               *ASK(SHAPE_ROWS, where, version, is_finished ? "true" : "false"), &answer) ||
	    answer.rows == 0 || strtoul(answer_at(&answer, 0, 0), NULL, 10) != statements)
		return false;
	err_clear(err);
	return true;
}

bool
ledger_went_late(struct db *db, const struct config *config, const char *version, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!was_asked(db, config, err, "22012", *ASK(SHAPE_ROWS, "version = $1", version),
	               &answer) ||
	    answer.rows)
		return false;
	err_clear(err);
	return true;
}
