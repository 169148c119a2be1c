/* See catalog.h. */
#include "catalog.h"

#include "../arena.h"
#include "../db.h"
#include "../scoped.h"
#include "act.h"
#include "scene.h"
#include "words.h"

static struct thing **
append(struct things *things, struct thing **list, size_t *count, struct thing *thing)
{
	list = arena_grow(things->arena, (void *)list, *count, sizeof *list);
	list[(*count)++] = thing;
	return list;
}

/* Each once: `type` marks what is on a list, until the answer comes. */
static bool
is_new(struct thing *thing)
{
	static const char asked[] = "";

	if (thing->type)
		return false;
	thing->type = asked;
	return true;
}

static void
want_relation(struct catalog *catalog, enum thing_kind kind, const struct name *relation,
              const char *object)
{
	struct thing *thing = things_put(catalog->things, kind, relation, object);

	if (is_new(thing))
		catalog->relations = append(catalog->things, catalog->relations,
		                            &catalog->relation_count, thing);
}

static void
want_function(struct catalog *catalog, const char *name)
{
	const struct name none = { 0 };
	struct thing *thing = things_put(catalog->things, THING_FUNCTION, &none, name);

	if (is_new(thing))
		catalog->functions = append(catalog->things, catalog->functions,
		                            &catalog->function_count, thing);
}

void
catalog_want(struct catalog *catalog, const struct scene *scene, const struct act *act)
{
	const bool is_perhaps = act->kind == ACT_CREATE && act->is_perhaps;

	switch (act->kind) {
	case ACT_CREATE:
	case ACT_COLUMN:
	case ACT_USE_VALUE:
	case ACT_NO_TIMEOUT:
	case ACT_LONG_NAME:
		if (!is_perhaps)
			return;
		break;
	default:
		break;
	}
	if (!is_perhaps && !scene_may_be_old(scene, &act->relation))
		return;
	want_relation(catalog, THING_RELATION, &act->relation, NULL);
	if (act->kind == ACT_SET_TYPE || act->kind == ACT_SET_NOT_NULL)
		want_relation(catalog, THING_COLUMN, &act->relation, act->object);
	for (size_t i = 0; act->functions && act->functions[i]; i++)
		want_function(catalog, act->functions[i]);
}

static const char *
relations_asked(const struct catalog *catalog, struct arena *arena)
{
	struct text json = text_new(arena);

	text_add_char(&json, '[');
	for (size_t i = 0; i < catalog->relation_count; i++) {
		const struct thing *thing = catalog->relations[i];

		text_add(&json, i ? ",{\"_\":0" : "{\"_\":0");
		if (thing->schema) {
			text_add(&json, ",\"schema\":");
			text_add_json(&json, thing->schema);
		}
		if (thing->name) {
			text_add(&json, ",\"relation\":");
			text_add_json(&json, thing->name);
		}
		if (thing->object) {
			text_add(&json, ",\"attribute\":");
			text_add_json(&json, thing->object);
		}
		text_add_char(&json, '}');
	}
	text_add_char(&json, ']');
	return json.at;
}

static const char *
functions_asked(const struct catalog *catalog, struct arena *arena)
{
	struct text json = text_new(arena);

	text_add_char(&json, '[');
	for (size_t i = 0; i < catalog->function_count; i++) {
		text_add(&json, i ? "," : "");
		text_add_json(&json, catalog->functions[i]->object);
	}
	text_add_char(&json, ']');
	return json.at;
}

/*
 * A name without a schema may be meant for any, since a file can set search_path; without a name: is
 * there any relation at all? From version 18 on a column may be NOT NULL and not validated. The sizes
 * take a lock for an instant: of what somebody keeps to himself, or waits for, they are not asked.
 */
static const char relation_sql[] =
	"with kept as materialized (\n"
	"    select relation as oid from pg_locks\n"
	"    where mode = 'AccessExclusiveLock' and locktype = 'relation'\n"
	"    and database = (select oid from pg_database where datname = current_database())\n"
	")\n"
	"select found.oid is not null,\n"
	"    found.relkind,\n"
	"    case when found.oid in (select oid from kept) then false\n"
	"        when relkind = 'p' then (\n"
	"            select coalesce(sum(pg_relation_size(relid)), 0)\n"
	"            from pg_partition_tree(found.oid) where isleaf) = 0\n"
	"        else pg_relation_size(found.oid) = 0 and not relhassubclass end,\n"
	"    case when found.oid in (select oid from kept) then null\n"
	"        else pg_size_pretty(pg_table_size(found.oid)) end,\n"
	"    relispopulated,\n"
	"    exists (\n"
	"        select from pg_constraint\n"
	"        where conrelid = found.oid and contype = 'c' and convalidated),\n"
	"    format_type(atttypid, atttypmod),\n"
	"    attnotnull and not exists (\n"
	"        select from pg_constraint\n"
	"        where conrelid = found.oid and contype = 'n' and not convalidated\n"
	"        and conkey = array[attnum])\n"
	"    or case when found.oid in (select oid from kept) then false else exists (\n"
	"        select from pg_constraint\n"
	"        where conrelid = found.oid and contype = 'c' and convalidated\n"
	"        and pg_get_expr(conbin, conrelid)\n"
	"            = '(' || quote_ident(attribute) || ' IS NOT NULL)') end\n"
	"from rows from (\n"
	"    jsonb_to_recordset($1::jsonb) as (schema text, relation text, attribute text)\n"
	") with ordinality as asked (schema, relation, attribute, place)\n"
	"left join lateral (\n"
	"    select pg_class.*\n"
	"    from pg_class join pg_namespace on pg_namespace.oid = relnamespace\n"
	"    where (relname = relation or relation is null and relkind in ('r', 'p', 'm'))\n"
	"    and (nspname = schema or schema is null\n"
	"        and nspname not in ('pg_catalog', 'information_schema', $2)\n"
	"        and nspname not like 'pg\\_t%')\n"
	"    order by pg_table_is_visible(pg_class.oid) desc, pg_class.oid limit 1\n"
	") as found on true\n"
	"left join pg_attribute on attrelid = found.oid and attname = attribute\n"
	"    and not attisdropped\n"
	"order by place";

static const char function_sql[] =
	"select coalesce(bool_and(provolatile <> 'v'), false)\n"
	"from jsonb_array_elements_text($1::jsonb) with ordinality as asked (name, place)\n"
	"left join pg_proc on proname = name\n"
	"group by place\n"
	"order by place";

static const char *
copied(const char *value, struct arena *arena)
{
	return value ? arena_copy(arena, value) : NULL;
}

static void
take_relation(struct thing *thing, const struct answer *answer, int row, struct arena *arena)
{
	const char *kind = answer_at(answer, row, 1);

	thing->exists = answer_is_true(answer, row, 0);
	thing->relation_kind = kind ? *kind : '\0';
	thing->is_empty = answer_is_true(answer, row, 2);
	thing->size = copied(answer_at(answer, row, 3), arena);
	thing->is_populated = answer_is_true(answer, row, 4);
	thing->has_check = answer_is_true(answer, row, 5);
	thing->type = copied(answer_at(answer, row, 6), arena);
	thing->is_not_null = answer_is_true(answer, row, 7);
}

bool
catalog_ask(struct catalog *catalog, struct db *db, const char *schema, struct arena *arena,
            struct err *err)
{
	SCOPED(answer_free) struct answer relations = { 0 };
	SCOPED(answer_free) struct answer functions = { 0 };

	if (!catalog->relation_count)
		return true;
	if (!db_ask(db, ASK(SHAPE_ROWS, relation_sql, relations_asked(catalog, arena), schema),
	            &relations, err))
		return false;
	for (size_t i = 0; i < catalog->relation_count; i++)
		take_relation(catalog->relations[i], &relations, (int)i, catalog->things->arena);
	if (!catalog->function_count)
		return true;
	if (!db_ask(db, ASK(SHAPE_ROWS, function_sql, functions_asked(catalog, arena)), &functions,
	            err))
		return false;
	for (size_t i = 0; i < catalog->function_count; i++)
		catalog->functions[i]->is_stable = answer_is_true(&functions, (int)i, 0);
	return true;
}
