/* Is the database empty, may it be, and what does that mean? See look.h. */
#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../empty.h"
#include "../err.h"
#include "../look.h"
#include "../migration.h"
#include "../names.h"
#include "../scoped.h"

bool
look_for_relation(struct boot *boot, const char **relation, struct arena *arena, struct err *err)
{
	return empty_find(boot->db, boot->config, relation, arena, err);
}

bool
look_is_new(struct boot *boot, bool *is_new, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *relation;

	*is_new = false;
	if (!boot->migrations->is_first)
		return true;
	if (boot->facts.was_new) {
		*is_new = true;
		return true;
	}
	if (!look_for_relation(boot, &relation, &arena, err))
		return false;
	*is_new = !relation;
	return true;
}

/* Would it make a difference to a start? */
static bool
matters(const struct boot *boot)
{
	return boot->config->on_empty == ON_EMPTY_FAIL || restore_is_set(boot);
}

bool
look_asks_emptiness(const struct boot *boot)
{
	/* Where there are migrations their ledger tells, without a question that has to be planned. */
	return matters(boot) && !boot->migrations->count && !boot->migrations->snapshot;
}

bool
look_at_emptiness(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct facts *facts = &boot->facts;
	const char *relation;

	if (facts->relation_is_there || facts->partial || facts->emptiness_is_known ||
	    (!facts->had_relations && !matters(boot)))
		return true;
	if (!look_for_relation(boot, &relation, &arena, err))
		return false;
	facts->is_empty = !relation;
	facts->emptiness_is_known = true;
	return true;
}

/* Someone dropped what the ledger says is there: to go on would fill the void with seeds. */
static bool
refuse_lost(const struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	(void)err_set(err, FAULT_WRONG, "%s, but the database holds no table or other relation",
	              boot->facts.restored ? "a restore was finished here"
	                                   : "the ledger says that migrations were applied");
	return err_hint(err, "restore a backup; or start anew with: drop schema %s cascade;",
	                name_quoted(boot->config->schema, &arena));
}

bool
look_refuse_void(struct boot *boot, struct err *err)
{
	struct facts *facts = &boot->facts;

	facts->is_refused_void = facts->is_empty &&
	                         (facts->had_relations || boot->config->on_empty == ON_EMPTY_FAIL);
	if (!facts->is_refused_void)
		return true;
	return facts->had_relations
	             ? refuse_lost(boot, err)
	             : err_set(err, FAULT_WRONG, "the database is empty, and on_empty = fail");
}
