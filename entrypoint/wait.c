/* Step: try until the server accepts a real login and answers, or the deadline passes. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "log.h"
#include "names.h"
#include "phase.h"
#include "reach.h"
#include "scoped.h"
#include "signals.h"
#include "target.h"

#define REPORT_EVERY 5000

/* What has been seen and said so far. */
struct watch {
	struct backoff backoff;
	int64_t since, grace, next_report;
	char last[512];
	const struct err *
		reason; /* why there is no session any more; NULL: there was none, or more was learned since */
	struct err cause; /* the last failure that was more than silence */
};

/* At once, on every change, and every few seconds. */
static void
say(struct watch *watch, const char *words)
{
	if (strncmp(watch->last, words, sizeof watch->last - 1) == 0 &&
	    clock_now() < watch->next_report)
		return;
	log_info("%s (%.1f s)", words, (double)(clock_now() - watch->since) / 1000);
	(void)memccpy(watch->last, words, 0, sizeof watch->last - 1); /* a longer one is cut */
	watch->next_report = clock_ahead(REPORT_EVERY);
}

static bool
create_database(const struct boot *boot, enum outlook *outlook, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(db_close) struct db *db = NULL;
	const char *name = db_database_of(boot->target, &arena);
	const struct target beside = target_with(boot->target, "dbname", "postgres", &arena);

	if (!name)
		return err_hint(err, "create_database: which one a service of the URL names is not "
		                     "seen here; name it in the URL, or set PGSERVICE");
	db = db_open(&beside, boot->deadline, NULL, outlook, err);
	if (!db) {
		if (strcmp(err->sqlstate, "3D000") == 0)
			(void)err_hint(err,
			               "create %s: create_database does it from the database "
			               "postgres, which is not there",
			               name); /* false below */
		return err_within(err, "create_database: database postgres");
	}
	if (!db_run(db, arena_print(&arena, "create database %s", name_quoted(name, &arena)),
	            err)) {
		/* A rival was faster: 42P04 duplicate_database, 23505 on pg_database's own index. */
		if (strcmp(err->sqlstate, "42P04") == 0 || strcmp(err->sqlstate, "23505") == 0)
			return true;
		*outlook = OUTLOOK_CONFIG;
		err->fault = FAULT_CONFIG;
		if (strcmp(err->sqlstate, "42501") == 0)
			(void)err_hint(
				err, "alter role %s createdb; or set admin_url to a role that may",
				name_quoted(db_user(db), &arena));
		return err_within(err, "create database %s", name);
	}
	log_info("database %s was created", name);
	return true;
}

static bool
do_meanwhile(void *told, struct err *err)
{
	struct boot *boot = told;

	return !boot->meanwhile || boot->meanwhile(boot, err);
}

/* The time is over: what is told is the last that was learned, and its class is the exit code. */
static bool
give_up(const struct boot *boot, const struct watch *watch, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	*err = watch->reason ? *watch->reason : watch->cause;
	if (watch->reason || err->fault != FAULT_NO_SERVER)
		return false;
	return err_within(err, "not reachable within wait_timeout (%s): %s",
	                  clock_shown(boot->config->wait_timeout, &arena), boot->target->safe);
}

static void
note_cause(struct watch *watch, enum outlook outlook, const struct err *err)
{
	if (outlook != OUTLOOK_SILENT)
		watch->reason = NULL;
	if (outlook != OUTLOOK_SILENT || !watch->cause.fault)
		watch->cause = *err;
}

/* May a refusal still be one of a server that is being set up? */
static bool
is_in_grace(const struct boot *boot, struct watch *watch, enum outlook outlook)
{
	if (outlook != OUTLOOK_MAYBE_CONFIG)
		watch->grace = 0;
	else if (!watch->grace)
		watch->grace = clock_ahead(boot->config->wait_auth_grace);
	return !watch->grace || !clock_passed(watch->grace);
}

/* After a failed attempt: true to try again, when the pause is over. */
static bool
goes_on(struct boot *boot, struct watch *watch, enum outlook outlook, struct err *err)
{
	const bool is_missing =
		strcmp(err->sqlstate, "3D000") == 0 && boot->config->create_database;

	if (is_missing && boot->may_create && create_database(boot, &outlook, err))
		return true;
	if (err->fault >= FAULT_SIGNAL || outlook == OUTLOOK_CONFIG ||
	    !is_in_grace(boot, watch, outlook))
		return false;
	note_cause(watch, outlook, err);
	if (clock_passed(boot->deadline))
		return give_up(boot, watch, err);
	say(watch, err->what);
	phase_catch_up(boot->phase);
	err_clear(err);
	if (!do_meanwhile(boot, err))
		return false;
	if (outlook == OUTLOOK_COMING && watch->backoff.next > 250)
		watch->backoff.next = 250;
	if (!signals_pause(backoff_pause_until(&watch->backoff, boot->deadline), err))
		return false;
	/* An attempt would be cut off at once. */
	return !clock_passed(boot->deadline) || give_up(boot, watch, err);
}

static bool
advise(const struct boot *boot, struct err *err)
{
	if (strcmp(err->sqlstate, "3D000") == 0 && !*err->hint)
		return err_hint(err, !boot->config->create_database
		                             ? "create it, or set create_database"
		                     : !boot->may_create
		                             ? "a start makes it (create_database), this does not"
		                             : "create it");
	return target_advise(boot->target, err);
}

bool
wait_again(struct boot *boot, const struct err *reason, struct err *err)
{
	const struct db_meanwhile meanwhile = { do_meanwhile, boot };
	struct watch watch = { .backoff = { 50, 2000 }, .since = clock_now(), .reason = reason };
	enum outlook outlook = OUTLOOK_NOT_THERE;

	for (;;) {
		boot->db = db_open(boot->target, boot->deadline, &meanwhile, &outlook, err);
		if (boot->db)
			return true;
		if (!goes_on(boot, &watch, outlook, err))
			return advise(boot, err);
	}
}

bool
wait_run(struct boot *boot, struct err *err)
{
	boot->deadline = clock_ahead(boot->config->wait_timeout);
	log_info("%s (from %s)", boot->target->safe, boot->target->from);
	if (boot->config->wait_for.count) {
		if (!do_meanwhile(boot, err))
			return false;
		phase_catch_up(boot->phase);
	}
	return reach_all(&boot->config->wait_for, boot->deadline, err) &&
	       wait_again(boot, NULL, err);
}

bool
wait_find_target(struct boot *boot, struct err *err)
{
	const struct config *config = boot->config;
	const char *url = config->admin_url ? config->admin_url : config->url;
	const char *from = config->admin_url ? config->admin_url_from : config->url_from;

	return target_find(boot->target, url, from, boot->arena, err);
}
