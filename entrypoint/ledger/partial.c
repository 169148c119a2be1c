/* Marks: the database holds a part of something, or all of a backup; a run is not at its end. See ledger.h. */
#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../names.h"
#include "../scoped.h"

/* A row that is no migration. */
static const char *
mark_sql(struct db *db, const struct config *config, const char *mark, const char *name,
         struct arena *arena)
{
	static const char sql[] =
		"insert into %s.migration (version, name, checksum, started_at, finished_at, statements,\n"
		"    tool_version, role)\n"
		"values ('%s', %s, '', clock_timestamp(), clock_timestamp(), 0, %s, current_user)\n"
		"on conflict (version) do ";

	return arena_print(arena, sql, name_quoted(config->schema, arena), mark,
	                   db_literal(db, name, arena), db_literal(db, TOOL_VERSION, arena));
}

/* One that says all by being there. */
static const char *
set_sql(struct db *db, const struct config *config, const char *mark, struct arena *arena)
{
	return arena_join(arena, mark_sql(db, config, mark, "", arena), "nothing", "");
}

/* One that says something by its name. */
static const char *
name_sql(struct db *db, const struct config *config, const char *mark, const char *name,
         struct arena *arena)
{
	return arena_join(arena, mark_sql(db, config, mark, name, arena),
	                  "update set name = excluded.name", "");
}

static const char *
unset_sql(const struct config *config, const char *mark, struct arena *arena)
{
	return arena_print(arena, "delete from %s.migration where version = '%s'",
	                   name_quoted(config->schema, arena), mark);
}

const char *
ledger_partial_sql(struct db *db, const struct config *config, const char *what,
                   struct arena *arena)
{
	return name_sql(db, config, LEDGER_PARTIAL, what, arena);
}

const char *
ledger_redo_sql(struct db *db, const struct config *config, const char *version,
                struct arena *arena)
{
	return name_sql(db, config, LEDGER_REDO, version, arena);
}

const char *
ledger_redone_sql(const struct config *config, struct arena *arena)
{
	return unset_sql(config, LEDGER_REDO, arena);
}

const char *
ledger_changing_sql(struct db *db, const struct config *config, struct arena *arena)
{
	return set_sql(db, config, LEDGER_CHANGING, arena);
}

const char *
ledger_whole_sql(const struct config *config, struct arena *arena)
{
	return unset_sql(config, LEDGER_PARTIAL, arena);
}

const char *
ledger_empty_sql(const struct config *config, struct arena *arena)
{
	return arena_print(arena,
	                   "delete from %1$s.migration where version <> '" LEDGER_PARTIAL "';\n"
	                   "delete from %1$s.seed",
	                   name_quoted(config->schema, arena));
}

const char *
ledger_restored_sql(struct db *db, const struct config *config, const char *name,
                    const char *relation, struct arena *arena)
{
	static const char sql[] =
		"insert into %s.migration (version, name, checksum, started_at, finished_at, statements,\n"
		"    tool_version, role, relation)\n"
		"values ('" LEDGER_RESTORED
		"', %s, '', clock_timestamp(), clock_timestamp(), 0, %s, current_user, (%s))\n"
		"on conflict (version) do update\n"
		"set name = excluded.name, started_at = excluded.started_at,\n"
		"    finished_at = excluded.finished_at, tool_version = excluded.tool_version,\n"
		"    role = excluded.role, relation = excluded.relation";

	return arena_print(arena, sql, name_quoted(config->schema, arena),
	                   db_literal(db, name, arena), db_literal(db, TOOL_VERSION, arena),
	                   relation);
}

const char *
ledger_owe_sql(struct db *db, const struct config *config, struct arena *arena)
{
	return set_sql(db, config, LEDGER_OWED, arena);
}

const char *
ledger_paid_sql(const struct config *config, struct arena *arena)
{
	return unset_sql(config, LEDGER_OWED, arena);
}

const char *
ledger_new_sql(struct db *db, const struct config *config, struct arena *arena)
{
	return set_sql(db, config, LEDGER_NEW, arena);
}

const char *
ledger_not_new_sql(const struct config *config, struct arena *arena)
{
	return unset_sql(config, LEDGER_NEW, arena);
}

static const char *
kept(const char *mark, struct arena *arena)
{
	return mark ? arena_copy(arena, mark) : NULL;
}

bool
ledger_read_marks(struct db *db, const struct config *config, struct ledger *marks,
                  struct arena *arena, struct err *err)
{
	static const char sql[] =
		"select max(name) filter (where version = '" LEDGER_PARTIAL "'),\n"
		"    max(name) filter (where version = '" LEDGER_RESTORED "')\n"
		"from %s.migration";
	SCOPED(answer_free) struct answer answer = { 0 };
	const char *question = arena_print(arena, sql, name_quoted(config->schema, arena));

	*marks = (struct ledger){ 0 };
	if (!db_ask(db, ASK(SHAPE_ROWS, question), &answer, err)) {
		if (!err_is_absence(err))
			return false;
		err_clear(err);
		return true;
	}
	marks->partial = kept(answer_at(&answer, 0, 0), arena);
	marks->restored = kept(answer_at(&answer, 0, 1), arena);
	return true;
}
