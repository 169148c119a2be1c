/* See decide.h. */
#include "decide.h"

#include <string.h>

#include "act.h"
#include "scene.h"
#include "type.h"

const struct act *
decide_old(const struct act *act, const struct scene *scene)
{
	return scene_is_old(scene, &act->relation) ? act : NULL;
}

const struct act *
decide_filled(const struct act *act, const struct scene *scene)
{
	return scene_has_rows(scene, &act->relation) ? act : NULL;
}

static bool
is_partitioned(const struct act *act, const struct scene *scene)
{
	const struct thing *fact = scene_fact(scene, &act->relation);

	return fact && (fact->relation_kind == 'p' || fact->relation_kind == 'I');
}

const struct act *
decide_blocking_index(const struct act *act, const struct scene *scene)
{
	/* ONLY is for partitioned tables: the index is made without looking at rows. */
	return act->is_concurrent || act->is_only || is_partitioned(act, scene)
	             ? NULL
	             : decide_filled(act, scene);
}

const struct act *
decide_blocking_partitioned_index(const struct act *act, const struct scene *scene)
{
	return act->is_only || !is_partitioned(act, scene) ? NULL : decide_filled(act, scene);
}

const struct act *
decide_not_concurrent(const struct act *act, const struct scene *scene)
{
	/* The index of a partitioned table knows no other way. */
	return act->is_concurrent || is_partitioned(act, scene) ? NULL : decide_old(act, scene);
}

const struct act *
decide_not_concurrent_detach(const struct act *act, const struct scene *scene)
{
	return act->is_concurrent ? NULL : decide_old(act, scene);
}

const struct act *
decide_not_concurrent_refresh(const struct act *act, const struct scene *scene)
{
	const struct thing *fact = scene_fact(scene, &act->relation);

	return act->is_concurrent || (fact && !fact->is_populated) ? NULL : decide_old(act, scene);
}

bool
decide_is_volatile(const char *function, const struct scene *scene)
{
	const struct name none = { 0 };
	const struct thing *fact =
		scene->catalog ? things_find(scene->catalog, THING_FUNCTION, &none, function)
			       : NULL;

	return !fact || !fact->is_stable;
}

const struct act *
decide_volatile_default(const struct act *act, const struct scene *scene)
{
	for (size_t i = 0; act->functions && act->functions[i]; i++)
		if (decide_is_volatile(act->functions[i], scene))
			return decide_filled(act, scene);
	return NULL;
}

const struct act *
decide_fills_rows(const struct act *act, const struct scene *scene)
{
	return act->fills_rows ? decide_filled(act, scene) : NULL;
}

const struct act *
decide_never_null(const struct act *act, const struct scene *scene)
{
	return act->is_not_null && !act->has_default && !act->fills_rows ? decide_filled(act, scene)
	                                                                 : NULL;
}

const struct act *
decide_rewriting_type(const struct act *act, const struct scene *scene)
{
	const char *from = scene_type(scene, &act->relation, act->object);

	if (!act->type || (!from && !act->is_converted))
		return NULL;
	return act->is_converted || !type_change_is_free(from, act->type)
	             ? decide_filled(act, scene)
	             : NULL;
}

const struct act *
decide_unknown_type(const struct act *act, const struct scene *scene)
{
	return act->type && !act->is_converted && !scene_type(scene, &act->relation, act->object)
	             ? decide_filled(act, scene)
	             : NULL;
}

const struct act *
decide_unproven_not_null(const struct act *act, const struct scene *scene)
{
	return act->object && scene_is_not_null(scene, &act->relation, act->object)
	             ? NULL
	             : decide_filled(act, scene);
}

const struct act *
decide_checked_at_once(const struct act *act, const struct scene *scene)
{
	return act->is_unproven ? NULL : decide_filled(act, scene);
}

const struct act *
decide_partitioned_checked_at_once(const struct act *act, const struct scene *scene)
{
	return is_partitioned(act, scene) ? decide_checked_at_once(act, scene) : NULL;
}

const struct act *
decide_plain_checked_at_once(const struct act *act, const struct scene *scene)
{
	return is_partitioned(act, scene) ? NULL : decide_checked_at_once(act, scene);
}

const struct act *
decide_validated_at_once(const struct act *act, const struct scene *scene)
{
	const struct thing *constraint = act->object ? things_find(&scene->things, THING_CONSTRAINT,
	                                                           &act->relation, act->object)
	                                             : NULL;

	return constraint && constraint->is_unproven && constraint->transaction == act->transaction
	             ? decide_filled(act, scene)
	             : NULL;
}

/* A column that this deployment made is known to no running program. */
const struct act *
decide_used_column(const struct act *act, const struct scene *scene)
{
	const struct thing *column =
		act->object ? things_find(&scene->things, THING_COLUMN, &act->relation, act->object)
			    : NULL;

	return column && column->set == scene->set ? NULL : decide_old(act, scene);
}

const struct act *
decide_rewritten(const struct act *act, const struct scene *scene)
{
	return is_partitioned(act, scene) ? NULL : decide_filled(act, scene);
}

const struct act *
decide_unchecked_partition(const struct act *act, const struct scene *scene)
{
	const struct thing *fact = scene_fact(scene, &act->relation);

	return things_find(&scene->things, THING_CHECK, &act->relation, NULL) ||
	                       (fact && fact->has_check)
	             ? NULL
	             : decide_filled(act, scene);
}

const struct act *
decide_always(const struct act *act, const struct scene *scene)
{
	(void)scene;
	return act;
}

/* Of these another rule speaks already. */
static bool
is_told(const struct act *act)
{
	return act->kind == ACT_DROP_TABLE || act->kind == ACT_TRUNCATE || act->kind == ACT_LOCK;
}

/* This act is the first of its transaction to lock a second table, by another statement. */
const struct act *
decide_second_table(const struct act *act, const struct scene *scene)
{
	const struct act *first = scene->locking;

	if (!first || scene->several || !act_locks(act) || is_told(act) || !act->relation.name ||
	    act->statement == first->statement ||
	    strcmp(first->relation.name, act->relation.name) == 0)
		return NULL;
	return decide_old(act, scene);
}

/* The change of all rows and the lock may come in either order: the change is blamed. */
const struct act *
decide_changed_under_lock(const struct act *act, const struct scene *scene)
{
	if (act->kind == ACT_CHANGE_ALL && scene->locking)
		return decide_filled(act, scene);
	return act_locks(act) && act->relation.name && scene->changing && !scene->locking &&
	                       decide_old(act, scene)
	             ? decide_filled(scene->changing, scene)
	             : NULL;
}

const struct act *
decide_unhurried(const struct act *act, const struct scene *scene)
{
	return scene->no_timeout && !scene->unhurried && act_locks(act) && act->relation.name &&
	                       decide_old(act, scene)
	             ? scene->no_timeout
	             : NULL;
}
