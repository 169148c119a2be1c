/* See watch.h. pg_dump makes keys and triggers behind the rows; those of an extension's own tables come with it. */
#include "watch.h"

#include <stddef.h>

#include "../db.h"
#include "../scoped.h"

static bool
is_true(struct db *db, const struct question *question, bool *answered, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(db, question, &answer, err))
		return false;
	*answered = answer_is_true(&answer, 0, 0);
	return true;
}

/* TRIGGER_TYPE_INSERT is 4 (pg_trigger.h). */
#define INSERTS "tgtype & 4 <> 0 and tgenabled <> 'D'"

bool
watch_ask(struct watch *watch, struct db *db, const char *table, bool *is_watched, struct err *err)
{
	*is_watched = false;
	if (watch->state == WATCH_UNKNOWN) {
		if (!is_true(db,
		             ASK(SHAPE_VALUE,
		                 "select exists (select from pg_catalog.pg_trigger where " INSERTS
		                 ")"),
		             is_watched, err))
			return false;
		watch->state = *is_watched ? WATCH_SOME : WATCH_NONE;
	}
	return watch->state == WATCH_NONE ||
	       is_true(db,
	               ASK(SHAPE_VALUE,
	                   "select exists (select from pg_catalog.pg_trigger where " INSERTS "\n"
	                   "and (tgrelid = pg_catalog.to_regclass($1) or tgrelid in (\n"
	                   "    select relid\n"
	                   "    from pg_catalog.pg_partition_tree(pg_catalog.to_regclass($1)))))",
	                   table),
	               is_watched, err);
}
