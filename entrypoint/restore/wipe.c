/* See wipe.h. */
#include "wipe.h"

#include <string.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../empty.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "remain.h"
#include "victim.h"

/* Objects of a transaction: each locks itself, its indexes, what hangs on it; a server has room for 6,400 locks by default. */
#define MOST 500
/* Rounds of mending: schemas, owners, privileges, and an answer that says nothing is left. */
#define ROUNDS 5

struct wiping {
	struct boot *boot;
	const struct wipe *wipe;
	const char *schemas;
	size_t most; /* of a transaction */
	size_t dropped;
};

/* The statements of an answer's first column as one text, or of those rows whose third one says that we may. */
static const char *
joined(const struct answer *answer, bool only_ours, struct arena *arena)
{
	struct text sql = text_new(arena);

	for (int row = 0; row < answer->rows; row++) {
		if (only_ours && !answer_is_true(answer, row, 2))
			continue;
		text_add(&sql, answer_at(answer, row, 0));
		text_add(&sql, ";\n");
	}
	return sql.at;
}

/* What the drops say of each other is of no interest. */
static bool
begin(const struct wiping *wiping, struct arena *arena, struct err *err)
{
	return db_run(wiping->boot->db,
	              arena_print(arena, "%sset local client_min_messages = warning;\n%s",
	                          transaction_begin_sql(wiping->boot, arena),
	                          wiping->wipe->opening),
	              err);
}

static bool
drop_some(const struct wiping *wiping, size_t *count, struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer victims = { 0 };

	if (!db_ask(wiping->boot->db,
	            ASK(SHAPE_ROWS, victim_sql(wiping->boot->db, arena), wiping->wipe->list,
	                wiping->schemas, arena_print(arena, "%zu", wiping->most)),
	            &victims, err))
		return false;
	*count = (size_t)victims.rows;
	return !victims.rows || db_run(wiping->boot->db, joined(&victims, false, arena), err);
}

static bool
mend(const struct wiping *wiping, struct arena *arena, struct err *err)
{
	const char *before = "", *now;

	for (int round = 0; round < ROUNDS; round++, before = now) {
		SCOPED(answer_free) struct answer steps = { 0 };

		if (!db_ask(wiping->boot->db,
		            ASK(SHAPE_ROWS, remain_mend_sql(arena), wiping->wipe->list,
		                wiping->schemas),
		            &steps, err))
			return false;
		if (!steps.rows)
			return true;
		log_debug("%s", answer_at(&steps, 0, 0));
		now = joined(&steps, false, arena);
		/* What the server only warns of is still to be done. */
		if (strcmp(now, before) == 0)
			break;
		if (!db_run(wiping->boot->db, now, err))
			return false;
	}
	(void)err_set(err, FAULT_CONFIG,
	              "the schemas' privileges cannot be brought back to what they were: %.*s",
	              (int)strcspn(before, ";"), before); /* false below */
	return err_hint(err,
	                "%s has to own the database, and before PostgreSQL 15 the schema public",
	                db_user(wiping->boot->db));
}

/* One transaction. *is_done: it was the last. */
static bool
run_once(struct wiping *wiping, bool *is_done, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	size_t dropped = 0, count;

	if (!begin(wiping, &arena, err))
		return false;
	do {
		if (!drop_some(wiping, &count, &arena, err))
			return false;
		dropped += count;
	} while (count && dropped < wiping->most);
	*is_done = count == 0;
	if (*is_done &&
	    (!mend(wiping, &arena, err) || !db_run(wiping->boot->db, wiping->wipe->closing, err)))
		return false;
	if (!db_run(wiping->boot->db, "commit", err))
		return false;
	wiping->dropped += dropped;
	return true;
}

/* Out of shared memory (53200): more locks than the server has room for. Fewer objects may do. */
static bool
takes_less(struct wiping *wiping, struct err *err)
{
	if (strcmp(err->sqlstate, "53200") != 0 || wiping->most == 1)
		return false;
	transaction_abandon(wiping->boot->db);
	wiping->most = wiping->most / 4 + 1;
	log_debug("%s: going on with %zu objects at a time", err->what, wiping->most);
	err_clear(err);
	return true;
}

bool
wipe_run(struct boot *boot, const struct wipe *wipe, size_t *dropped, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct wiping wiping = { .boot = boot,
		                 .wipe = wipe,
		                 .schemas = empty_schemas(boot->config, &arena),
		                 .most = MOST };
	struct patience patience = patience_new(boot->config);
	bool is_done = false;

	while (!is_done)
		if (!run_once(&wiping, &is_done, err) && !takes_less(&wiping, err) &&
		    !patience_retries(&patience, boot->db, err))
			return false;
	*dropped = wiping.dropped;
	return true;
}

bool
wipe_obstacles(struct boot *boot, const char *list, const char **words, struct arena *arena,
               struct err *err)
{
	static const char sql[] =
		"\n"
		"select string_agg(type || ' ' || identity, ', ' order by classid, objid)\n"
		"from (select * from found where not may\n"
		"    and rank not in (1, 2, 3, 8, 9)\n"
		"    order by classid, objid limit 3) as foreign_one,\n"
		"    pg_identify_object(classid, objid, 0)";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db,
	            ASK(SHAPE_ROWS, arena_join(arena, victim_found_sql(boot->db, arena), sql, ""),
	                list, empty_schemas(boot->config, arena)),
	            &answer, err))
		return false;
	*words = answer_at(&answer, 0, 0) ? arena_copy(arena, answer_at(&answer, 0, 0)) : NULL;
	return true;
}

/* How many of them are named. */
#define NAMED 5

/* Those that we may drop, or those that we may not; NULL: none. */
static const char *
names(const struct answer *victims, bool ours, struct arena *arena)
{
	struct text words = text_new(arena);
	int count = 0;

	for (int row = 0; row < victims->rows; row++)
		if (answer_is_true(victims, row, 2) == ours && count++ < NAMED)
			text_print(&words, "%s%s", count > 1 ? ", " : "",
			           answer_at(victims, row, 1));
	if (count > NAMED)
		text_print(&words, " and %d more", count - NAMED);
	return count ? words.at : NULL;
}

bool
wipe_leftovers(struct boot *boot, const char **words, const char **kept, struct arena *arena,
               struct err *err)
{
	const char *schemas = empty_schemas(boot->config, arena);
	SCOPED(answer_free) struct answer list = { 0 }, victims = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_VALUE, remain_setup_sql(boot->db, arena), "[]", schemas),
	            &list, err) ||
	    !db_ask(boot->db,
	            ASK(SHAPE_ROWS, victim_sql(boot->db, arena), answer_at(&list, 0, 0), schemas,
	                NULL),
	            &victims, err))
		return false;
	*words = names(&victims, true, arena);
	*kept = names(&victims, false, arena);
	return !*words || db_run(boot->db, joined(&victims, true, arena), err);
}
