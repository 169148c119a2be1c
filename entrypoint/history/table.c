/* See table.h. */
#include "table.h"

#include <string.h>

#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../format.h"
#include "../history.h"
#include "../ledger.h"
#include "../names.h"
#include "../scoped.h"

struct history_table
table_wanted(const struct format *format, const struct config *config, struct arena *arena)
{
	struct history_table table = { .schema = format->schema, .name = format->table };
	const char *given = config->migrations_table;
	const char *dot = given ? strchr(given, '.') : NULL;

	if (given) {
		table.schema =
			dot ? arena_copy_n(arena, given, (size_t)(dot - given)) : format->schema;
		table.name = dot ? dot + 1 : given;
	}
	table.quoted = name_quoted(table.name, arena);
	if (table.schema)
		table.quoted =
			arena_join(arena, name_quoted(table.schema, arena), ".", table.quoted);
	return table;
}

static struct err *
problem_new(struct history *history, struct arena *arena)
{
	struct err *problem = arena_alloc(arena, sizeof *problem);

	history->problem = problem;
	return problem;
}

/* Three tools and more call theirs schema_migrations. */
static const char *
owner_of(const char *columns, bool is_rails)
{
	if (strcmp(columns, "inserted_at,version") == 0)
		return "Ecto";
	if (is_rails && strcmp(columns, "version") == 0)
		return "Rails";
	for (size_t i = 0; i < formats_count; i++)
		if (formats[i].columns && strcmp(formats[i].columns, columns) == 0)
			return formats[i].name;
	return NULL;
}

static void
check_columns(struct history *history, const char *columns, bool is_rails, struct arena *arena)
{
	const struct format *format = history->format;
	const char *owner = owner_of(columns, is_rails);
	struct err *problem;

	if (owner && strcmp(owner, format->name) == 0)
		return;
	problem = problem_new(history, arena);
	if (owner)
		(void)err_set(problem, FAULT_WRONG, "%s is a table of %s, but the files are %s's",
		              history->table->quoted, owner, format->name);
	else
		(void)err_set(problem, FAULT_WRONG,
		              "%s is no history of %s: its columns are %s, not %s",
		              history->table->quoted, format->name, columns, format->columns);
	(void)err_hint(problem,
	               "name the right table in migrations_table, or say whose files these are in "
	               "migrations_format");
}

/*
 * Without a schema: in the one where the tools would make it, though one of that name may be behind it in the path. The first
 * of the path may be what the first file makes.
 */
bool
table_look(struct boot *boot, struct history *history, struct err *err)
{
	static const char sql[] =
		"select current_database(), schema, relname,\n"
		"    (select string_agg(attname::text, ',' order by attname) from pg_attribute\n"
		"        where attrelid = pg_class.oid and attnum > 0 and not attisdropped),\n"
		"    to_regclass(quote_ident(nspname) || '.ar_internal_metadata') is not null,\n"
		"    to_regnamespace(coalesce($1, quote_ident(schema))) is not null\n"
		"from (select to_regclass(\n"
		"    coalesce($1, quote_ident(current_schema())) || '.' || $2) as found) as asked\n"
		"left join pg_class on pg_class.oid = found\n"
		"left join pg_namespace on pg_namespace.oid = relnamespace,\n"
		"regexp_match(current_setting('search_path'),\n"
		"    '^(?:\\s*\"?\\$user\"?\\s*,)?\\s*(?:\"([^\"]+)\"|([^\",\\s]+))') as first,\n"
		"lateral (select coalesce(nspname, current_schema(),\n"
		"    nullif(coalesce(first[1], lower(first[2])), '$user'), 'public') as schema) as place";
	SCOPED(answer_free) struct answer answer = { 0 };
	struct history_table *table = arena_alloc(boot->arena, sizeof *table);

	*table = table_wanted(history->format, boot->config, boot->arena);
	if (!db_ask(boot->db,
	            ASK(SHAPE_ROWS, sql,
	                table->schema ? name_quoted(table->schema, boot->arena) : NULL,
	                name_quoted(table->name, boot->arena)),
	            &answer, err))
		return false;
	history->exists = answer_at(&answer, 0, 2) != NULL;
	table->has_schema = answer_is_true(&answer, 0, 5);
	table->database = arena_copy(boot->arena, answer_at(&answer, 0, 0));
	if (history->exists || !table->schema)
		table->schema = arena_copy(boot->arena, answer_at(&answer, 0, 1));
	table->quoted = arena_join(boot->arena, name_quoted(table->schema, boot->arena), ".",
	                           name_quoted(table->name, boot->arena));
	history->table = table;
	if (history->exists)
		check_columns(history, answer_at(&answer, 0, 3), answer_is_true(&answer, 0, 4),
		              boot->arena);
	return true;
}

static void
refuse_failed(struct history *history, struct arena *arena)
{
	const struct format *format = history->format;
	const struct past *failed = history->failed;
	const char *table = history->table ? history->table->quoted : format->table;
	struct err *problem = problem_new(history, arena);

	(void)err_set(problem, FAULT_WRONG,
	              "%s says that version %s failed (%s): %s stopped in the middle of it, or was "
	              "stopped",
	              table, failed->version,
	              format->keeps_newest_only ? "it is dirty" : "success is false", format->name);
	if (format->keeps_newest_only && strcmp(failed->version, "-1") == 0)
		(void)err_hint(
			problem,
			"it was taking back the first one. Finish that by hand and: truncate "
			"%s; or do that one again by hand and: update %s set version = (the "
			"first one), dirty = false;",
			table, table);
	else if (format->keeps_newest_only)
		(void)err_hint(
			problem,
			"see what it did. Finish it by hand and: update %s set dirty = false; "
			"or undo it by hand and: update %s set version = (the one before it), "
			"dirty = false;",
			table, table);
	else
		(void)err_hint(
			problem,
			"see what it did. Finish it by hand and: update %s set %s where version = "
			"'%s'; or undo it by hand and: delete from %s where version = '%s';",
			table, format->mend, failed->version, table, failed->version);
}

void
history_check(struct history *history, struct arena *arena)
{
	struct err *problem;

	if (history->problem)
		return;
	if (history->failed)
		refuse_failed(history, arena);
	if (history->exists || !history->gone_count)
		return;
	problem = problem_new(history, arena);
	(void)err_set(
		problem, FAULT_WRONG,
		"%s does not exist, but the ledger says that %zu migration%s applied, the last "
		"is %s",
		history->table->quoted, history->gone_count,
		history->gone_count > 1 ? "s were" : " was",
		history->gone[history->gone_count - 1].name);
	/* Of which tool it was the ledger does not say. */
	(void)err_hint(problem,
	               "if it was a file of %s: write that history anew from the ledger with "
	               "`migrate adopt`, or restore a backup; if not: set migrations_format",
	               history->format->name);
}
