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
create_database(const struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(db_close) struct db *db = NULL;
	const char *name = target_value(boot->target, "dbname");
	const struct target beside = target_with(boot->target, "dbname", "postgres", &arena);
	enum outlook outlook;

	if (!name)
		return false; /* the user's own name: err has what the server said */
	db = db_open(&beside, boot->deadline, NULL, &outlook, err);
	if (!db)
		return err_within(err, "create_database: database postgres");
	if (!db_run(db, arena_print(&arena, "create database %s", name_quoted(name, &arena)),
	            err)) {
		/* A rival was faster: 42P04 duplicate_database, 23505 on pg_database's own index. */
		if (strcmp(err->sqlstate, "42P04") == 0 || strcmp(err->sqlstate, "23505") == 0)
			return true;
		err->fault = FAULT_CONFIG;
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

/* After a failed attempt: true to try again, when the pause is over. */
static bool
goes_on(struct boot *boot, struct watch *watch, enum outlook outlook, struct err *err)
{
	const struct err refusal = *err;

	if (err->fault >= FAULT_SIGNAL || outlook == OUTLOOK_CONFIG)
		return false;
	if (boot->config->create_database && strcmp(refusal.sqlstate, "3D000") == 0)
		return create_database(boot, err);
	if (outlook == OUTLOOK_MAYBE_CONFIG) {
		if (!watch->grace)
			watch->grace = clock_ahead(boot->config->wait_auth_grace);
		if (clock_passed(watch->grace))
			return false;
	} else {
		watch->grace = 0;
	}
	if (clock_passed(boot->deadline))
		return err_within(err, "not reachable within %lld s: %s",
		                  (long long)(clock_now() - watch->since + 500) / 1000,
		                  boot->target->safe);
	say(watch, refusal.what);
	err_clear(err);
	if (!do_meanwhile(boot, err))
		return false;
	if (outlook == OUTLOOK_COMING && watch->backoff.next > 250)
		watch->backoff.next = 250;
	return signals_pause(backoff_pause(&watch->backoff), err);
}

bool
wait_again(struct boot *boot, struct err *err)
{
	const struct db_meanwhile meanwhile = { do_meanwhile, boot };
	struct watch watch = { .backoff = { 50, 2000 }, .since = clock_now() };
	enum outlook outlook = OUTLOOK_NOT_THERE;

	for (;;) {
		boot->db = db_open(boot->target, boot->deadline, &meanwhile, &outlook, err);
		if (boot->db)
			return true;
		if (!goes_on(boot, &watch, outlook, err))
			return false;
	}
}

bool
wait_run(struct boot *boot, struct err *err)
{
	boot->deadline = clock_ahead(boot->config->wait_timeout);
	log_info("%s (from %s)", boot->target->safe, boot->target->from);
	if (boot->config->wait_for.count && !do_meanwhile(boot, err))
		return false;
	return reach_all(&boot->config->wait_for, boot->deadline, err) && wait_again(boot, err);
}
