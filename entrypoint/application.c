/* See application.h. */
#include "application.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "identity.h"
#include "ledger.h"
#include "log.h"
#include "scoped.h"
#include "signals.h"
#include "target.h"

/* A pooler may have to learn of a role that was just made, and a standby of what we have just done. */
#define LOGIN_WAIT 10000
/* Before anything is done: one try. */
#define EARLY_WAIT 2000

/* Beside the look, whose answer is not to be kept waiting for long. */
#define GLANCE 250
/* How long what was seen then counts. */
#define YOUNG 500

/* The application's session, while it is looked at. */
struct application {
	struct target target;
	struct db *db;
	int64_t deadline;
};

static bool
is_same(const struct target *one, const struct target *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++) {
		const char *value = target_value(other, one->keywords[i]);

		if (!value || strcmp(value, one->values[i]) != 0)
			return false;
	}
	return true;
}

/* What is not there yet may be soon; a login that is refused will stay so, nothing else is to come. */
static bool
log_in(struct application *application, struct err *err)
{
	struct backoff backoff = { 100, 1000 };
	struct err cause = { 0 }; /* the last that was more than silence */
	enum outlook outlook;

	for (;;) {
		application->db =
			db_open(&application->target, application->deadline, NULL, &outlook, err);
		if (application->db)
			return true;
		if (outlook > OUTLOOK_NOT_THERE || err->fault >= FAULT_SIGNAL)
			return false;
		if (outlook != OUTLOOK_SILENT || !cause.fault)
			cause = *err;
		err_clear(err);
		if (!signals_pause(backoff_pause_until(&backoff, application->deadline), err))
			return false;
		if (clock_passed(application->deadline)) {
			*err = cause;
			return false;
		}
	}
}

static bool
ask_identity(struct db *db, struct identity *identity, struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(db, ASK(SHAPE_ROWS, arena_join(arena, "select ", identity_columns, "")),
	            &answer, err))
		return false;
	*identity = identity_take(&answer, 0, arena);
	return true;
}

static bool
refuse(const struct boot *boot, const struct application *application, const char *why,
       struct err *err)
{
	(void)err_set(
		err, FAULT_CONFIG,
		"the application would not come to the database that was proven: %s (from %s) "
		"and %s (from %s) %s",
		application->target.safe, application->target.from, boot->target->safe,
		boot->target->from, why); /* false below */
	return err_hint(err,
	                "url and admin_url have to lead to one database of one server, or url to a "
	                "physical standby of it");
}

/* False on a failure that is more than the server's no. */
static bool
is_told(struct err *refused, struct err *err)
{
	if (refused->fault == FAULT_NONE || refused->fault == FAULT_WRONG)
		return true;
	*err = *refused;
	return false;
}

/* The cluster's own identifier, or NULL where it may not be read. */
static bool
ask_cluster(struct db *db, const char **cluster, struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	struct err refused = { 0 };

	*cluster = NULL;
	if (db_ask(db, ASK(SHAPE_VALUE, "select system_identifier from pg_control_system()"),
	           &answer, &refused))
		*cluster = arena_copy(arena, answer_at(&answer, 0, 0));
	return is_told(&refused, err);
}

enum replay {
	REPLAY_DONE,
	REPLAY_BEHIND,
	REPLAY_UNKNOWN,
};

/* Is the application's ledger the one that was proven? To the microsecond, which no other cluster's is. */
static bool
ask_replay(const struct boot *boot, const struct application *application, enum replay *replay,
           struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer ours = { 0 }, theirs = { 0 };
	const struct question question = ledger_digest_question(boot->config, arena);
	struct err refused = { 0 };

	*replay = REPLAY_UNKNOWN;
	db_limit(application->db,
	         clock_ahead(LOGIN_WAIT)); /* the last one is not to be cut short */
	if (!db_ask(boot->db, &question, &ours, &refused))
		return is_told(&refused, err); /* there is none */
	if (!db_ask(application->db, &question, &theirs, &refused)) {
		/* Without the right to read it is not to be learned; without the table it is still to come. */
		if (strcmp(refused.sqlstate, "42501") != 0)
			*replay = REPLAY_BEHIND;
		return is_told(&refused, err);
	}
	*replay = strcmp(answer_at(&ours, 0, 0), answer_at(&theirs, 0, 0)) == 0 ? REPLAY_DONE
	                                                                        : REPLAY_BEHIND;
	return true;
}

/* Until the standby has replayed what this boot, or another one just now, has done. */
static bool
await_replay(const struct boot *boot, const struct application *application, bool is_related,
             struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct backoff backoff = { 50, 500 };
	enum replay replay;

	for (;;) {
		if (!ask_replay(boot, application, &replay, &arena, err))
			return false;
		if (replay == REPLAY_UNKNOWN)
			log_warn("%s is a standby, and it could not be told whether it has come as "
			         "far as %s%s",
			         application->target.safe, boot->target->safe,
			         is_related ? "" : ", nor whether it belongs to it");
		if (replay != REPLAY_BEHIND)
			return true;
		if (clock_passed(application->deadline))
			return err_set(
				err, FAULT_NO_SERVER,
				"its ledger is not that of %s: %s has not come as far within "
				"%d s%s",
				boot->target->safe, application->target.safe, LOGIN_WAIT / 1000,
				is_related ? "" : ", or belongs to another cluster");
		if (!signals_pause(backoff_pause_until(&backoff, application->deadline), err))
			return false;
	}
}

/* Early, it has nothing to have come as far as. */
static bool
compare_standby(const struct boot *boot, const struct application *application, bool is_early,
                struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *ours, *theirs;

	if (!ask_cluster(boot->db, &ours, &arena, err) ||
	    !ask_cluster(application->db, &theirs, &arena, err))
		return false;
	if (ours && theirs && strcmp(ours, theirs) != 0)
		return refuse(boot, application, "belong to different clusters", err);
	return is_early || await_replay(boot, application, ours && theirs, err);
}

static bool
compare(const struct boot *boot, struct application *application, bool is_early, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct identity *seen = boot->facts.identity;
	struct identity ours, theirs;
	enum kinship kinship;

	db_limit(application->db, application->deadline);
	if (!ask_identity(application->db, &theirs, &arena, err))
		return false;
	kinship = seen ? identity_compare(seen, &theirs) : KINSHIP_OTHER_SERVER;
	/* Behind a pooler it may have been started anew since the look. */
	if (kinship == KINSHIP_OTHER_SERVER) {
		if (!ask_identity(boot->db, &ours, &arena, err))
			return false;
		kinship = identity_compare(&ours, &theirs);
	}
	switch (kinship) {
	case KINSHIP_SAME:
		return true;
	case KINSHIP_PERHAPS:
		return compare_standby(boot, application, is_early, err);
	case KINSHIP_OTHER_DATABASE:
		return refuse(boot, application, "are two databases", err);
	case KINSHIP_OTHER_SERVER:
		break;
	}
	return refuse(boot, application, "are databases of two servers", err);
}

/* Has it a connection of its own? Without a url the variables of its environment count, which need not be whole. */
static bool
find_target(const struct boot *boot, struct target *target, bool *is_own, struct err *err)
{
	const struct config *config = boot->config;

	*is_own = false;
	if (!config->admin_url)
		return true;
	if (boot->own) {
		*target = *boot->own;
		*is_own = true;
		return true;
	}
	if (target_find(target, config->url, config->url_from, boot->arena, err)) {
		*is_own = !is_same(target, boot->target);
		return true;
	}
	if (config->url)
		return false;
	log_debug("the application's login is not proven: %s", err->what);
	err_clear(err);
	return true;
}

bool
application_role(const char **role, const struct boot *boot, struct err *err)
{
	struct target target;
	bool is_own;

	*role = NULL;
	if (!find_target(boot, &target, &is_own, err))
		return false;
	if (is_own)
		*role = target_value(&target, "user");
	return true;
}

static bool
leave_untold(struct err *err)
{
	if (err->fault)
		log_debug("not yet told whether the application comes to the same database: %s",
		          err->what);
	err_clear(err);
	return true;
}

bool
application_glance(struct boot *boot, struct err *err)
{
	struct application application = { .deadline = clock_ahead(GLANCE) };
	struct identity *identity = arena_alloc(boot->arena, sizeof *identity);
	struct facts *facts = &boot->facts;
	struct target *own;
	enum outlook outlook;
	bool is_own;

	if (!find_target(boot, &application.target, &is_own, err)) {
		err_clear(err); /* told when it is its turn */
		return true;
	}
	if (!is_own)
		return true;
	own = arena_alloc(boot->arena, sizeof *own);
	*own = application.target;
	boot->own = own;
	facts->application = NULL;
	application.db = db_open(&application.target, application.deadline, NULL, &outlook, err);
	facts->application_was_refused = !application.db && outlook > OUTLOOK_NOT_THERE;
	if (application.db) {
		db_limit(application.db, application.deadline);
		if (ask_identity(application.db, identity, boot->arena, err))
			facts->application = identity;
		db_close(&application.db);
	}
	facts->glanced_at = clock_now();
	return err->fault < FAULT_SIGNAL && leave_untold(err);
}

/* What the glance has seen may be taken for what is: nothing was waited for since. */
static bool
is_young(const struct boot *boot)
{
	return boot->facts.glanced_at && clock_now() - boot->facts.glanced_at < YOUNG;
}

/* It came to the same database, a moment ago. */
static bool
was_seen(const struct boot *boot)
{
	const struct facts *facts = &boot->facts;

	return is_young(boot) && facts->application && facts->identity &&
	       identity_compare(facts->identity, facts->application) == KINSHIP_SAME;
}

static bool
look_ahead(const struct boot *boot, struct err *err)
{
	struct application application = { 0 };
	enum outlook outlook;
	bool is_own, was_open, is_proven;

	if (!find_target(boot, &application.target, &is_own, err))
		return false;
	/* What was refused a moment ago is not tried again. */
	if (!is_own || was_seen(boot) || (is_young(boot) && boot->facts.application_was_refused))
		return true;
	application.deadline = clock_ahead(EARLY_WAIT);
	application.db = db_open(&application.target, application.deadline, NULL, &outlook, err);
	was_open = application.db != NULL;
	is_proven = was_open && compare(boot, &application, true, err);
	db_close(&application.db);
	if (is_proven || (was_open && err->fault == FAULT_CONFIG) || err->fault >= FAULT_SIGNAL)
		return is_proven;
	return leave_untold(err);
}

bool
application_look_ahead(const struct boot *boot, struct err *err)
{
	const char *step;

	if (!config_wants(boot->config, "check"))
		return true;
	step = log_step("check"); /* it is that which fails, only earlier */
	if (!look_ahead(boot, err))
		return false;
	(void)log_step(step);
	return true;
}

bool
application_prove(const struct boot *boot, struct err *err)
{
	struct application application = { 0 };
	bool is_own, is_proven;

	if (!find_target(boot, &application.target, &is_own, err))
		return false;
	if (!is_own)
		return true;
	/* Without the lock nothing was done since. */
	is_proven = !boot->lock && was_seen(boot);
	if (!is_proven) {
		application.deadline = clock_ahead(LOGIN_WAIT);
		if (!log_in(&application, err))
			return err->fault < FAULT_SIGNAL
			             ? err_within(err, "the application cannot log in")
			             : false;
		is_proven = compare(boot, &application, false, err);
		db_close(&application.db);
	}
	if (is_proven)
		log_debug("the application comes to the same database: %s",
		          application.target.safe);
	return is_proven;
}
