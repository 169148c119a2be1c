/* See empty.h. */
#include "empty.h"

#include <string.h>

#include "arena.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "names.h"
#include "scoped.h"

/* For words a table is looked into, and no word is worth waiting for (ms). */
#define LOOK_WAIT "500"

/* What counts, around the schemas that do not. Objects below 16384 are initdb's own (access/transam.h, FirstNormalObjectId). */
#define OCCUPANTS_BUT                                                                              \
	"from pg_class as relation join pg_namespace on pg_namespace.oid = relnamespace\n"         \
	"where relation.oid >= 16384 and relkind in ('r', 'p', 'v', 'm', 'S', 'f')\n"              \
	"and nspname <> all ("
#define OCCUPANTS_END                                                                              \
	"::text[]) and nspname not like 'pg\\_t%'\n"                                               \
	"and not exists (\n"                                                                       \
	"    select from pg_depend\n"                                                              \
	"    where classid = 'pg_class'::regclass and objid = relation.oid and deptype = 'e')\n"
#define OCCUPANTS OCCUPANTS_BUT "$1" OCCUPANTS_END

/* One of them, or 0 for a large object, around the schemas. */
#define FIRST_BUT "select coalesce((\n    select relation.oid\n" OCCUPANTS_BUT
#define FIRST_END                                                                                  \
	OCCUPANTS_END "    order by relation.oid limit 1), (\n"                                    \
		      "    select 0 from pg_largeobject_metadata limit 1))"

const char *
empty_schemas(const struct config *config, struct arena *arena)
{
	struct text list = text_new(arena);

	name_add_element(&list, config->schema);
	for (size_t i = 0; i < config->foreign_schemas.count; i++)
		name_add_element(&list, config->foreign_schemas.at[i]);
	text_add(&list, "}");
	return list.at;
}

struct question
empty_question(const struct config *config, struct arena *arena)
{
	const char **values = arena_alloc(arena, sizeof *values);

	*values = empty_schemas(config, arena);
	return (struct question){ FIRST_BUT "$1" FIRST_END, SHAPE_VALUE, values, 1 };
}

const char *
empty_relation_sql(struct db *db, const struct config *config, struct arena *arena)
{
	return arena_join(arena, FIRST_BUT, db_literal(db, empty_schemas(config, arena), arena),
	                  FIRST_END);
}

bool
empty_find(struct db *db, const struct config *config, const char **relation, struct arena *arena,
           struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	const struct question question = empty_question(config, arena);

	if (!db_ask(db, &question, &answer, err))
		return false;
	*relation = answer_at(&answer, 0, 0) ? arena_copy(arena, answer_at(&answer, 0, 0)) : NULL;
	return true;
}

/* The first of the tables in which a row is found, by a query that the server has composed; NULL: none, or it could not be told. */
static const char *
first_with_rows(struct db *db, const char *query, struct arena *arena)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	struct err refused = { 0 };
	const char *name = NULL;

	if (!query)
		return NULL;
	if (db_run_last(db,
	                arena_print(arena,
	                            "begin read only;\n"
	                            "set local lock_timeout = " LOOK_WAIT ";\n"
	                            "set local statement_timeout = " LOOK_WAIT ";\n%s limit 1",
	                            query),
	                &answer, &refused) &&
	    answer.rows)
		name = arena_copy(arena, answer_at(&answer, 0, 0));
	(void)db_run(db, "rollback", &refused); /* what is said goes without it */
	return name;
}

bool
empty_describe(struct db *db, const struct config *config, const char **words, struct arena *arena,
               struct err *err)
{
	static const char sql[] =
		"with occupant as materialized (\n"
		"    select relation.oid, nspname, relname, relkind, relnamespace,\n"
		"        relispopulated\n" OCCUPANTS "), candidate as (\n"
		"    select format('%I.%I', nspname, relname) as name from occupant\n"
		"    where relkind in ('r', 'm') and relispopulated\n"
		"    and has_schema_privilege(relnamespace, 'usage')\n"
		"    and has_table_privilege(oid, 'select')\n"
		"    order by name limit 100\n"
		"), counted (place, what, amount) as (\n"
		"    select position(replace(relkind::text, 'p', 'r') in 'rvmSf'),\n"
		"        case relkind when 'v' then 'view' when 'm' then 'materialized view'\n"
		"        when 'S' then 'sequence' when 'f' then 'foreign table' else 'table' end,\n"
		"        count(*)\n"
		"    from occupant group by 1, 2\n"
		"    union all\n"
		"    select 9, 'large object', count(*) from pg_largeobject_metadata\n"
		")\n"
		"select string_agg(format('%s %s%s', amount, what, case when amount > 1 then 's' end),\n"
		"    ', ' order by place), (\n"
		"    select string_agg(format('select %L where exists (select from %s)', name, name),\n"
		"        ' union all ' order by name) from candidate)\n"
		"from counted where amount > 0";
	SCOPED(answer_free) struct answer answer = { 0 };
	const char *counts, *first;

	if (!db_ask(db, ASK(SHAPE_ROWS, sql, empty_schemas(config, arena)), &answer, err))
		return false;
	counts = answer_at(&answer, 0, 0);
	first = first_with_rows(db, answer_at(&answer, 0, 1), arena);
	*words = !counts ? NULL
	                 : arena_join(arena, counts, first ? ", first with rows " : "",
	                              first ? first : "");
	return true;
}
