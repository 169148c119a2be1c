/* See scene.h. */
#include "scene.h"

#include <string.h>

#include "../arena.h"
#include "act.h"
#include "words.h"

/* By name and object alone: the schema may be missing. */
static size_t
bucket_of(const char *name, const char *object)
{
	size_t hash = 5381;

	for (const char *c = name ? name : ""; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	for (const char *c = object ? object : ""; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	return hash % SCENE_BUCKETS;
}

static bool
is_same(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

static bool
is_thing(const struct thing *thing, enum thing_kind kind, const struct name *relation,
         const char *object)
{
	return thing->kind == kind && is_same(thing->name, relation->name) &&
	       is_same(thing->object, object);
}

struct thing *
things_find(const struct things *things, enum thing_kind kind, const struct name *relation,
            const char *object)
{
	struct thing *thing = things->buckets[bucket_of(relation->name, object)];

	while (thing && !(is_thing(thing, kind, relation, object) &&
	                  (!thing->schema || !relation->schema ||
	                   strcmp(thing->schema, relation->schema) == 0)))
		thing = thing->next;
	return thing;
}

struct thing *
things_put(struct things *things, enum thing_kind kind, const struct name *relation,
           const char *object)
{
	struct thing **bucket = &things->buckets[bucket_of(relation->name, object)];
	struct thing *thing = *bucket;

	while (thing && !(is_thing(thing, kind, relation, object) &&
	                  is_same(thing->schema, relation->schema)))
		thing = thing->next;
	if (thing)
		return thing;
	thing = arena_alloc(things->arena, sizeof *thing);
	*thing = (struct thing){ .kind = kind,
		                 .schema = relation->schema,
		                 .name = relation->name,
		                 .object = object,
		                 .next = *bucket };
	*bucket = thing;
	return thing;
}

/* Of the catalog the very name is asked for. */
static const struct thing *
find_exactly(const struct things *things, enum thing_kind kind, const struct name *relation,
             const char *object)
{
	const struct thing *thing = things->buckets[bucket_of(relation->name, object)];

	while (thing && !(is_thing(thing, kind, relation, object) &&
	                  is_same(thing->schema, relation->schema)))
		thing = thing->next;
	return thing;
}

const struct thing *
scene_fact(const struct scene *scene, const struct name *relation)
{
	const struct thing *fact =
		scene->catalog ? find_exactly(scene->catalog, THING_RELATION, relation, NULL)
			       : NULL;

	return fact && fact->exists ? fact : NULL;
}

/* What made it in this set, or NULL. */
static const struct thing *
made_now(const struct scene *scene, const struct name *relation)
{
	const struct thing *made =
		relation->name ? things_find(&scene->things, THING_RELATION, relation, NULL) : NULL;

	return made && made->set == scene->set ? made : NULL;
}

bool
scene_may_be_old(const struct scene *scene, const struct name *relation)
{
	const struct thing *made = made_now(scene, relation);

	return !made || made->is_perhaps;
}

bool
scene_is_old(const struct scene *scene, const struct name *relation)
{
	const struct thing *made = made_now(scene, relation);

	if (made && (!made->is_perhaps || !scene->catalog))
		return false;
	return !scene->catalog || scene_fact(scene, relation);
}

bool
scene_has_rows(const struct scene *scene, const struct name *relation)
{
	const struct thing *fact = scene_fact(scene, relation);

	return scene_is_old(scene, relation) && !(fact && fact->is_empty);
}

const char *
scene_type(const struct scene *scene, const struct name *relation, const char *column)
{
	const struct thing *thing = things_find(&scene->things, THING_COLUMN, relation, column);

	if (!thing && scene->catalog)
		thing = find_exactly(scene->catalog, THING_COLUMN, relation, column);
	return thing ? thing->type : NULL;
}

bool
scene_is_not_null(const struct scene *scene, const struct name *relation, const char *column)
{
	const struct thing *fact =
		scene->catalog ? find_exactly(scene->catalog, THING_COLUMN, relation, column)
			       : NULL;

	return things_find(&scene->things, THING_NOT_NULL, relation, column) ||
	       (fact && fact->is_not_null);
}

static void
note_check(struct scene *scene, const struct act *act)
{
	struct thing *constraint;

	if (act->object) {
		constraint =
			things_put(&scene->things, THING_CONSTRAINT, &act->relation, act->object);
		constraint->column = act->column;
		constraint->transaction = act->transaction;
		constraint->is_unproven = act->is_unproven;
	}
	if (act->is_unproven || act->kind != ACT_ADD_CHECK)
		return;
	(void)things_put(&scene->things, THING_CHECK, &act->relation, NULL);
	if (act->column)
		(void)things_put(&scene->things, THING_NOT_NULL, &act->relation, act->column);
}

static void
note_validated(struct scene *scene, const struct act *act)
{
	const struct thing *constraint =
		things_find(&scene->things, THING_CONSTRAINT, &act->relation, act->object);

	(void)things_put(&scene->things, THING_CHECK, &act->relation, NULL);
	if (constraint && constraint->column)
		(void)things_put(&scene->things, THING_NOT_NULL, &act->relation,
		                 constraint->column);
}

static void
note_made(struct scene *scene, const struct name *relation, bool is_perhaps)
{
	struct thing *made = things_put(&scene->things, THING_RELATION, relation, NULL);

	made->set = scene->set;
	made->is_perhaps = is_perhaps;
}

static void
note_column(struct scene *scene, const struct act *act)
{
	struct thing *column =
		things_put(&scene->things, THING_COLUMN, &act->relation, act->object);

	column->type = act->type;
	if (act->kind != ACT_SET_TYPE)
		column->set = scene->set;
}

/* A table that was made in this set keeps being new under its new name. */
static void
note_renamed(struct scene *scene, const struct act *act)
{
	const struct name renamed = { act->relation.schema, act->object };

	if (act->object && !scene_is_old(scene, &act->relation))
		note_made(scene, &renamed, false);
}

static void
note_lock(struct scene *scene, const struct act *act)
{
	if (!act->relation.name || !scene_is_old(scene, &act->relation))
		return;
	if (scene->no_timeout && !scene->unhurried)
		scene->unhurried = act;
	if (!scene->locking)
		scene->locking = act;
	else if (!scene->several && scene->locking->statement != act->statement &&
	         strcmp(scene->locking->relation.name, act->relation.name) != 0)
		scene->several = act;
}

void
scene_enter(struct scene *scene, const struct act *act)
{
	scene->set += act->begins_set;
	if (scene->locking && scene->locking->transaction != act->transaction)
		scene->locking = scene->several = NULL;
	if (scene->changing && scene->changing->transaction != act->transaction)
		scene->changing = NULL;
	if (scene->no_timeout && scene->no_timeout->file != act->file)
		scene->no_timeout = scene->unhurried = NULL;
}

void
scene_note(struct scene *scene, const struct act *act)
{
	switch (act->kind) {
	case ACT_CREATE:
		note_made(scene, &act->relation, act->is_perhaps);
		break;
	case ACT_CREATE_INDEX:
		if (act->object)
			note_made(scene, &(struct name){ act->relation.schema, act->object },
			          act->is_perhaps);
		break;
	case ACT_COLUMN:
	case ACT_ADD_COLUMN:
	case ACT_SET_TYPE:
		note_column(scene, act);
		break;
	case ACT_ADD_CHECK:
	case ACT_ADD_FOREIGN_KEY:
		note_check(scene, act);
		break;
	case ACT_VALIDATE:
		note_validated(scene, act);
		break;
	case ACT_RENAME_TABLE:
		note_renamed(scene, act);
		break;
	case ACT_CHANGE_ALL:
		scene->changing = act;
		break;
	case ACT_NO_TIMEOUT:
		scene->no_timeout = act;
		break;
	default:
		break;
	}
	if (act_locks(act))
		note_lock(scene, act);
}
