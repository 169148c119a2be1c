/* See replace.h. */
#include "replace.h"

#include <stddef.h>

#include "../application.h"
#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../clock.h"
#include "../config.h"
#include "../confirm.h"
#include "../db.h"
#include "../empty.h"
#include "../err.h"
#include "../log.h"
#include "../names.h"
#include "../scoped.h"
#include "../target.h"
#include "successor.h"
#include "volumes.h"

static bool
consent(struct boot *boot, const struct volumes *volumes, struct arena *arena, struct err *err)
{
	const char *words, *names = volumes_replaced(volumes);

	if (!empty_describe(boot->db, boot->config, &words, arena, err))
		return false;
	return confirm_insist(boot, "REPLACE",
	                      arena_print(arena, "%s is replaced, which has %s%s%s",
	                                  db_name(boot->db), words ? words : "nothing in it",
	                                  *names ? ", with the files of its volumes: " : "", names),
	                      err);
}

/* What takes its place. */
struct replacement {
	const struct supply *supply;
	struct volumes *volumes;
	replace_fill *fill;
};

/* The same boot, in the new database. */
static bool
fill_next(const struct successor *successor, struct boot *boot, const struct replacement *by,
          struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	SCOPED(db_close) struct db *db = successor_open(successor, boot, err);
	struct target target =
		target_with(boot->target, "dbname", successor->next, successor->arena);
	struct boot inner = *boot;

	if (!db)
		return false;
	inner.db = db;
	inner.target = &target;
	inner.facts = (struct facts){ 0 };
	if (!db_ask(db,
	            ASK(SHAPE_VALUE,
	                "select oid::text from pg_database where datname = current_database()"),
	            &answer, err))
		return false;
	volumes_await(by->volumes, answer_at(&answer, 0, 0));
	return session_may_idle(boot->db, err) && by->fill(&inner, by->supply, by->volumes, err);
}

/* Until the swap nothing has happened to the old database. */
static bool
prepare(struct successor *successor, struct boot *boot, const struct replacement *by,
        struct err *err)
{
	if (!successor_make(successor, boot, err))
		return false;
	log_info("%s is restored beside %s", successor->next, successor->name);
	return successor_dress(successor, boot, true, err) && fill_next(successor, boot, by, err) &&
	       successor_dress(successor, boot, false, err);
}

static bool
drop_old(const struct successor *successor, struct db *keeper, struct err *err)
{
	if (!db_run(keeper,
	            arena_print(successor->arena, "drop database %s",
	                        name_quoted(successor->kept, successor->arena)),
	            err))
		return err_within(err, "%s is replaced, but the old one is still there",
		                  successor->name);
	log_info("the old one is dropped (--no-safety-copy)");
	return true;
}

static bool
swap(struct successor *successor, struct boot *boot, const struct replacement *by, struct err *err)
{
	SCOPED(db_close) struct db *keeper = successor_keeper(successor, boot, err);
	const char *words;

	if (!keeper)
		return false;
	if (!prepare(successor, boot, by, err) ||
	    !successor_swap(successor, boot, keeper, &words, err)) {
		volumes_abandon(by->volumes, err);
		/* Where the connection broke, the commit may have been done. */
		if (err->fault >= FAULT_SIGNAL || err->fault == FAULT_NO_SERVER)
			return false;
		successor_drop(successor, keeper);
		return err_detail(err, "%s is as it was", successor->name);
	}
	log_info("%s is replaced; disconnected: %s; restart what uses it, so that it begins on the "
	         "new database: docker compose restart backend",
	         successor->name, words ? words : "nobody");
	if (!volumes_place(by->volumes, err)) {
		(void)err_within(err, "%s is replaced", successor->name);
		return err_hint(err, "the next start goes on with the volumes");
	}
	return !boot->request->no_safety_copy || drop_old(successor, keeper, err);
}

static void
tell_kept(const struct successor *successor, const char *volumes)
{
	struct arena *arena = successor->arena;

	log_info("the old one is kept as %s, until you say: drop database %s", successor->kept,
	         name_quoted(successor->kept, arena));
	log_info("the way back, with nobody connected: alter database %s rename to %s; alter "
	         "database %s rename to %s",
	         name_quoted(successor->name, arena),
	         name_quoted(arena_join(arena, successor->name, "__restored", ""), arena),
	         name_quoted(successor->kept, arena), name_quoted(successor->name, arena));
	if (*volumes)
		log_info(
			"then the old files of %s are wanted again too: in each volume they are "
			"in .pg-entrypoint/before_* (of that time); move what is there aside, and them up",
			volumes);
}

/* Our sessions were ended with the others; that we can log in again is the application's login too, unless it has its own. */
static bool
log_in_again(struct boot *boot, struct err *err)
{
	db_close(&boot->lock);
	db_close(&boot->db);
	boot->deadline = clock_ahead(boot->config->wait_timeout);
	boot->facts.application = NULL; /* of the old one */
	return wait_again(boot, NULL, err) && application_prove(boot, err);
}

bool
replace_run(struct boot *boot, const struct supply *supply, struct volumes *volumes,
            replace_fill *fill, struct err *err)
{
	const struct replacement by = { supply, volumes, fill };
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct successor successor;

	if (!consent(boot, volumes, &arena, err) ||
	    !successor_choose(&successor, boot, &arena, err) || !swap(&successor, boot, &by, err))
		return false;
	if (!boot->request->no_safety_copy)
		tell_kept(&successor, volumes_replaced(volumes));
	return log_in_again(boot, err) ||
	       err_within(err, "%s is replaced, but the application cannot use it", successor.name);
}
