/* See standing.h. */
#include "standing.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "db.h"
#include "err.h"
#include "format.h"
#include "scoped.h"

/* Is it there, and where does it stand: null is nowhere. The second question is asked where the first says true. */
static const struct {
	const char *name, *tables;
	const char *is_there;
	const char *point;
	const char *half; /* what is begun and not ended there, or NULL: it has no such state */
	const char *words;
} tools[] = {
	{ "alembic", "alembic_version", "to_regclass('alembic_version') is not null",
	  "select string_agg(version_num, ',' order by version_num) from alembic_version", NULL,
	  "revisions of Alembic: its own files are not run here; export newer ones with "
	  "`alembic upgrade REVISION:head --sql`" },
	{ "django", "django_migrations", "to_regclass('django_migrations') is not null",
	  "select string_agg(app || '.' || name, ',' order by app) from (\n"
	  "    select distinct on (app) app, name from django_migrations order by app, id desc) as last",
	  NULL, "the last migration of each of Django's applications" },
	{ "prisma", "_prisma_migrations", "to_regclass('_prisma_migrations') is not null",
	  "select max(migration_name) from _prisma_migrations\n"
	  "where finished_at is not null and rolled_back_at is null",
	  "select max(migration_name) from _prisma_migrations\n"
	  "where finished_at is null and rolled_back_at is null",
	  "the last migration of Prisma" },
	{ "rails", "schema_migrations with ar_internal_metadata",
	  "to_regclass('schema_migrations') is not null and\n"
	  "    to_regclass('ar_internal_metadata') is not null",
	  "select (select max(version::numeric)::text from schema_migrations) || coalesce('@' || (\n"
	  "    select value from ar_internal_metadata where key = 'environment'), '')",
	  NULL, "the newest version of Rails, and the environment that its database says it is" },
};

#define TOOLS (sizeof tools / sizeof *tools)

/* The index of the one that is there, or TOOLS. */
static bool
find_tool(struct boot *boot, size_t *found, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	struct text sql = text_new(&arena);

	for (size_t i = 0; i < TOOLS; i++)
		text_print(&sql, "%s %s", i ? "," : "select", tools[i].is_there);
	if (!db_ask(boot->db, ASK(SHAPE_ROWS, sql.at), &answer, err))
		return false;
	*found = TOOLS;
	for (size_t i = 0; i < TOOLS; i++) {
		if (!answer_is_true(&answer, 0, (int)i))
			continue;
		if (*found < TOOLS) {
			(void)err_set(err, FAULT_WRONG,
			              "two tools have left their history: %s (%s) and %s (%s)",
			              tools[*found].name, tools[*found].tables, tools[i].name,
			              tools[i].tables);
			return err_hint(err, "drop the table of the one that is no longer used, or "
			                     "move it to a schema outside of the search path");
		}
		*found = i;
	}
	return true;
}

static bool
ask_text(struct boot *boot, const char *sql, const char **text, struct arena *arena,
         struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	*text = NULL;
	if (!sql)
		return true;
	if (!db_ask(boot->db, ASK(SHAPE_VALUE, sql), &answer, err))
		return false;
	if (answer_at(&answer, 0, 0))
		*text = arena_copy(arena, answer_at(&answer, 0, 0));
	return true;
}

bool
standing_find(struct boot *boot, const char **standing, const char **words, struct arena *arena,
              struct err *err)
{
	const char *point, *half;
	size_t tool;

	*standing = *words = NULL;
	if (!find_tool(boot, &tool, err))
		return false;
	if (tool == TOOLS)
		return true;
	if (!ask_text(boot, tools[tool].half, &half, arena, err) ||
	    !ask_text(boot, tools[tool].point, &point, arena, err))
		return err_within(err, "the history of %s", tools[tool].name);
	if (half) {
		(void)err_set(err, FAULT_WRONG, "%s says that %s failed or is still running",
		              tools[tool].tables, half);
		return err_hint(err,
		                "mark it with `prisma migrate resolve` as applied or as rolled "
		                "back");
	}
	if (!point)
		return err_set(err, FAULT_WRONG, "%s has no row: %s has applied nothing",
		               tools[tool].tables, tools[tool].name);
	*standing = arena_join(arena, tools[tool].name, ":", point);
	*words = tools[tool].words;
	return true;
}

const char *
standing_tables(struct arena *arena)
{
	struct text list = text_new(arena);

	for (size_t i = 0; i < TOOLS; i++)
		text_print(&list, "%s%s", i ? ", " : "", tools[i].tables);
	for (size_t i = 0; i < formats_count; i++)
		if (formats[i].table)
			text_print(&list, ", %s (%s)", formats[i].table, formats[i].name);
	return list.at;
}
