/* See reset.h. */
#include "reset.h"

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "confirm.h"
#include "db.h"
#include "empty.h"
#include "err.h"
#include "ledger.h"
#include "log.h"
#include "names.h"
#include "restore/remain.h"
#include "restore/wipe.h"
#include "scoped.h"

/* The list of what remains, as the server makes it. */
static bool
ask_list(struct boot *boot, const char **list, struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_VALUE, remain_new_sql()), &answer, err))
		return false;
	*list = arena_copy(arena, answer_at(&answer, 0, 0));
	return true;
}

static bool
refuse_foreign(struct boot *boot, const char *list, struct arena *arena, struct err *err)
{
	const char *words;

	if (!wipe_obstacles(boot, list, &words, arena, err))
		return false;
	if (!words)
		return true;
	(void)err_set(err, FAULT_CONFIG, "%s may not drop what belongs to others: %s",
	              db_user(boot->db), words);
	return err_hint(err, "run it as their owner (admin_url), or name their schemas in "
	                     "foreign_schemas");
}

/* A slot that nobody reads keeps the publisher's WAL, and only there can it be dropped. */
static bool
tell_slots(struct boot *boot, struct err *err)
{
	static const char sql[] =
		"select subname, subslotname from pg_subscription where subslotname is not null\n"
		"and subdbid = (select oid from pg_database where datname = current_database())";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_ROWS, sql), &answer, err))
		return false;
	for (int row = 0; row < answer.rows; row++)
		log_warn("the slot %s of subscription %s stays on its publisher, if it is there: "
		         "drop it there",
		         answer_at(&answer, row, 1), answer_at(&answer, row, 0));
	return true;
}

static bool
consent(struct boot *boot, struct arena *arena, struct err *err)
{
	const char *words;

	if (!empty_describe(boot->db, boot->config, &words, arena, err))
		return false;
	return confirm_ask(boot, "RESET",
	                   arena_print(arena, "it drops %s", words ? words : "what is left"), err);
}

bool
reset_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct wipe wipe = { 0 };
	size_t dropped;

	if (!consent(boot, &arena, err) || !ask_list(boot, &wipe.list, &arena, err) ||
	    !refuse_foreign(boot, wipe.list, &arena, err) || !tell_slots(boot, err) ||
	    !ledger_create(boot->db, boot->config, err))
		return false;
	wipe.opening = ledger_partial_sql(boot->db, boot->config, "reset", &arena);
	wipe.closing = arena_print(&arena, "drop schema %s cascade",
	                           name_quoted(boot->config->schema, &arena));
	if (!wipe_run(boot, &wipe, &dropped, err))
		return false;
	log_info("%s is as new: %zu objects dropped, with all that hung on them", db_name(boot->db),
	         dropped);
	return true;
}
