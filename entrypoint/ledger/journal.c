/* Rows of the journal that belong together. See ledger.h. */
#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../names.h"

bool
journal_read_tree(struct db *db, const struct config *config, const char *kind,
                  struct answer *answer, struct arena *arena, struct err *err)
{
	static const char sql[] =
		"select kind, item, statements, finished_at\n"
		"from %s.journal\n"
		"where kind = $1 and finished_at is null or starts_with(kind, $1 || '/')";

	return db_ask(db,
	              ASK(SHAPE_ROWS, arena_print(arena, sql, name_quoted(config->schema, arena)),
	                  kind),
	              answer, err);
}

bool
journal_ask(struct db *db, const struct config *config, const char *kind, struct answer *answer,
            struct arena *arena, struct err *err)
{
	static const char sql[] =
		"select item, started_at, finished_at from %s.journal where kind = $1";

	return db_ask(db,
	              ASK(SHAPE_ROWS, arena_print(arena, sql, name_quoted(config->schema, arena)),
	                  kind),
	              answer, err);
}

const char *
journal_forget_tree_sql(struct db *db, const struct config *config, const char *kind,
                        struct arena *arena)
{
	return arena_print(arena, "delete from %s.journal where starts_with(kind, %s || '/')",
	                   name_quoted(config->schema, arena), db_literal(db, kind, arena));
}
