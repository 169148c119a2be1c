/* Rows of the ledger for what others have applied. See ledger.h. */
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../ledger.h"
#include "../names.h"
#include "../scoped.h"

static const char *
table(const struct config *config, struct arena *arena)
{
	return arena_print(arena, "%s.migration", name_quoted(config->schema, arena));
}

const char *
ledger_believe_sql(struct db *db, const struct config *config, const struct entry *entries,
                   size_t count, struct arena *arena)
{
	struct text sql = text_new(arena);

	text_print(&sql,
	           "insert into %s as ledger (version, name, checksum, started_at, finished_at,\n"
	           "    statements, tool_version, image, role) values\n",
	           table(config, arena));
	for (size_t i = 0; i < count; i++) {
		const struct entry *entry = &entries[i];
		const char *at = entry->started_at && *entry->started_at
		                       ? db_literal(db, entry->started_at, arena)
		                       : "clock_timestamp()";

		text_print(&sql, "%s    (%s, %s, %s, %s, %s, 0, %s, %s, current_user)",
		           i ? ",\n" : "", db_literal(db, entry->version, arena),
		           db_literal(db, entry->name, arena),
		           db_literal(db, entry->checksum, arena), at, at,
		           db_literal(db, TOOL_VERSION, arena),
		           config->image ? db_literal(db, config->image, arena) : "null");
	}
	text_add(&sql, "\non conflict (version) do update\n"
	               "set name = excluded.name, checksum = excluded.checksum,\n"
	               "    finished_at = coalesce(ledger.finished_at, excluded.finished_at)");
	return sql.at;
}

const char *
ledger_forget_sql(struct db *db, const struct config *config, const struct entry *entries,
                  size_t count, struct arena *arena)
{
	struct text sql = text_new(arena);

	text_print(&sql, "delete from %s where version in (", table(config, arena));
	for (size_t i = 0; i < count; i++)
		text_print(&sql, "%s%s", i ? ", " : "", db_literal(db, entries[i].version, arena));
	text_add(&sql, ")");
	return sql.at;
}

const char *
ledger_put_back(size_t count, struct arena *arena)
{
	if (!count)
		return "put its text back exactly as it was";
	return count == 1 ? "the first statement was begun or is done: put its text back exactly; "
	                    "later ones may be edited"
	                  : arena_print(arena,
	                                "the first %zu statements were begun or are done: put "
	                                "their text back exactly; later ones may be edited",
	                                count);
}

const char *
ledger_forget_by_hand(const struct config *config, const char *version, struct arena *arena)
{
	return arena_print(arena, "delete from %s where version = %s;", table(config, arena),
	                   name_literal(version, arena));
}

const char *
ledger_unbegin_sql(struct db *db, const struct config *config, const char *version,
                   const char *kind, struct arena *arena)
{
	static const char sql[] =
		"with unbegun as (\n"
		"    delete from %1$s.journal where kind = %3$s and statements = 0 returning 1)\n"
		"delete from %1$s.migration where version = %2$s and exists (select from unbegun)";

	return arena_print(arena, sql, name_quoted(config->schema, arena),
	                   db_literal(db, version, arena), db_literal(db, kind, arena));
}

bool
ledger_again_sql(struct db *db, const struct config *config, const char *version, const char *kind,
                 const char **sql, struct arena *arena, struct err *err)
{
	/* The server writes down what stands there, in a form that needs no other types. */
	static const char question[] =
		"select format('with unbegun as (\n"
		"    delete from %%1$I.journal where kind = %%2$L and statements = 0 returning 1)\n"
		"update %%1$I.migration set name = %%3$L, checksum = %%4$L, started_at = %%5$L,\n"
		"    finished_at = %%6$L, duration = %%7$L, statements = %%8$L, tool_version = %%9$L,\n"
		"    image = %%10$L, host = %%11$L, role = %%12$L\n"
		"where version = %%13$L and exists (select from unbegun)', $3::text, $2::text, name, checksum,\n"
		"    started_at, finished_at, duration, statements, tool_version, image, host, role,\n"
		"    version)\n"
		"from %s where version = $1 and finished_at is not null";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(db,
	            ASK(SHAPE_ROWS, arena_print(arena, question, table(config, arena)), version,
	                kind, config->schema),
	            &answer, err))
		return false;
	if (answer.rows)
		*sql = arena_copy(arena, answer_at(&answer, 0, 0));
	return true;
}
