/* Our schema and its tables, made as far as they are missing. See ledger.h. */
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../names.h"
#include "../scoped.h"

/* No default, no expression: every start that reads these tables would load them. */
static const char tables_sql[] =
	"create table if not exists %1$s.migration (\n"
	"    version text primary key,\n"
	"    name text not null,\n"
	"    checksum text not null,\n"
	"    started_at timestamptz not null,\n"
	"    finished_at timestamptz,\n"
	"    duration interval,\n"
	"    statements integer not null,\n"
	"    tool_version text not null,\n"
	"    image text,\n"
	"    host text,\n"
	"    role text not null,\n"
	"    relation regclass\n"
	");\n"
	"create table if not exists %1$s.journal (\n"
	"    kind text primary key,\n"
	"    item text not null,\n"
	"    statements integer not null,\n"
	"    started_at timestamptz not null,\n"
	"    finished_at timestamptz,\n"
	"    tool_version text not null,\n"
	"    host text,\n"
	"    role text not null\n"
	");\n"
	"create table if not exists %1$s.seed (\n"
	"    name text primary key,\n"
	"    checksum text not null,\n"
	"    finished_at timestamptz not null default clock_timestamp(),\n"
	"    tool_version text not null\n"
	");\n"
	"grant select on %1$s.migration, %1$s.journal, %1$s.seed to public";

/* What of it is there. By names: a schema without usage could not be looked into. */
static const char standing_sql[] =
	"select (select has_schema_privilege(oid, 'usage with grant option') from pg_namespace\n"
	"    where nspname = $1),\n"
	"    (select count(*) = 3 from pg_class join pg_namespace on pg_namespace.oid = relnamespace\n"
	"    where nspname = $1 and relname in ('migration', 'journal', 'seed'))";

struct standing {
	bool has_schema;
	bool may_grant; /* its use to everybody */
	bool is_whole;  /* nothing is missing */
};

static bool
ask_standing(struct standing *standing, struct db *db, const struct config *config, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(db, ASK(SHAPE_ROWS, standing_sql, config->schema), &answer, err))
		return false;
	*standing = (struct standing){ .has_schema = answer_at(&answer, 0, 0) != NULL,
		                       .may_grant = answer_is_true(&answer, 0, 0),
		                       .is_whole = answer_is_true(&answer, 0, 1) };
	return true;
}

/* Made by somebody else, for a role that may make no schema: "if not exists" would ask for that right all the same. */
static const char *
missing_sql(const struct standing *standing, const char *schema, struct arena *arena)
{
	struct text sql = text_new(arena);

	if (standing->is_whole)
		return "";
	if (!standing->has_schema)
		text_print(&sql, "create schema if not exists %s;\n", schema);
	if (!standing->has_schema || standing->may_grant)
		text_print(&sql, "grant usage on schema %s to public;\n", schema);
	text_print(&sql, tables_sql, schema);
	return sql.at;
}

static bool
blame(const struct standing *standing, struct db *db, const char *schema, struct arena *arena,
      struct err *err)
{
	const char *role = name_quoted(db_user(db), arena);

	if (strcmp(err->sqlstate, "42501") != 0)
		return err_within(err, "our schema %s", schema);
	err->fault = FAULT_CONFIG;
	if (standing->has_schema)
		(void)err_hint(err, "grant usage, create on schema %s to %s;", schema, role);
	else
		(void)err_hint(err, "grant create on database %s to %s;",
		               name_quoted(db_name(db), arena), role);
	return err_within(err, "our schema %s", schema);
}

static bool
create(struct db *db, const char *begin, const char *commit, const struct config *config,
       struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *schema = name_quoted(config->schema, &arena), *sql;
	struct err later = { 0 };
	struct standing standing;

	if (!ask_standing(&standing, db, config, err))
		return err_within(err, "our schema %s", schema);
	sql = missing_sql(&standing, schema, &arena);
	if (!*sql || db_run(db, arena_join(&arena, begin, sql, commit), err))
		return true;
	if (*begin)
		(void)db_run(db, "rollback", &later); /* the first failure is the one to tell */
	return blame(&standing, db, schema, &arena, err);
}

bool
ledger_create(struct db *db, const struct config *config, struct err *err)
{
	return create(db, "begin;\n", ";\ncommit", config, err);
}

bool
ledger_create_within(struct db *db, const struct config *config, struct err *err)
{
	return create(db, "", "", config, err);
}
