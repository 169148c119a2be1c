/* See look.h. Here: is what was seen a state to go on from, and what is worth waiting for? */
#include "look.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "check.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "group.h"
#include "history.h"
#include "log.h"
#include "migration.h"
#include "migrator.h"
#include "phase.h"
#include "scoped.h"
#include "script.h"
#include "seed.h"
#include "signals.h"
#include "snapshot.h"
#include "target.h"

bool
look_at_snapshot(struct boot *boot, struct err *err)
{
	const bool is_wanted = snapshot_is_wanted(boot->migrations);
	bool is_new;

	boot->facts.loads_snapshot = boot->facts.skips_snapshot = false;
	if (!boot->migrations->snapshot)
		return true;
	if (!look_is_new(boot, &is_new, err))
		return false;
	boot->facts.loads_snapshot = is_new && is_wanted;
	boot->facts.skips_snapshot = is_new && !is_wanted;
	snapshot_cover(boot->migrations, boot->facts.loads_snapshot);
	return true;
}

bool
look_refuse_partial(const struct boot *boot, struct err *err)
{
	const char *command = boot->facts.partial;

	/* The same command again is what ends it. */
	if (!command || strcmp(command, boot->request->command) == 0)
		return true;
	(void)err_set(err, FAULT_WRONG,
	              boot->lock ? "a %s of this database was cut off: what it holds is a part"
	                         : "a %s of this database was cut off, or is under way: what it "
	                           "holds is a part",
	              command);
	return err_hint(err, "`pg-entrypoint %s%s` again ends it", command,
	                strcmp(command, "restore") == 0 ? " SOURCE" : "");
}

/* Hardly ever is it told when a migration was started, so it is asked for only then. */
static bool
learn_times(struct boot *boot, struct err *err)
{
	if (boot->tells_times || !config_wants(boot->config, "migrate") ||
	    !migrations_tell_times(boot->migrations))
		return true;
	boot->tells_times = true;
	return look_ask(boot, err);
}

bool
look_judge_state(struct boot *boot, struct err *err)
{
	const struct config *config = boot->config;

	return (restore_is_due(boot) || look_refuse_partial(boot, err)) &&
	       look_refuse_void(boot, err) &&
	       (!config_wants(config, "migrate") ||
	        (history_judge(boot, err) &&
	         snapshot_judge(boot->migrations, &boot->facts, err))) &&
	       (!config->min_version || restore_is_due(boot) ||
	        migrations_judge_least(boot->migrations, config->min_version,
	                               config_wants(config, "migrate"), err));
}

bool
look_judge(struct boot *boot, struct err *err)
{
	return look_judge_state(boot, err) && learn_times(boot, err) &&
	       (!config_wants(boot->config, "migrate") ||
	        migrations_judge(boot->migrations, boot->config, err));
}

/* Without a check it can never be known. */
static bool
command_is_awaited(const struct boot *boot)
{
	return migrator_can_tell(boot->config) && migrator_is_due(boot);
}

static const char *
timeout_shown(const struct boot *boot)
{
	return arena_print(boot->arena, "wait_timeout (%s)",
	                   clock_shown(boot->config->wait_timeout, boot->arena));
}

/* What a look has failed with, last: what cuts it short when the time is over says less than what came before. */
static void
note_failed_look(const struct boot *boot, struct err *reason, const struct err *err)
{
	if (reason->fault && clock_passed(boot->deadline))
		return;
	*reason = *err;
	(void)err_within(reason, "the server takes logins, but did not answer within %s: %s",
	                 timeout_shown(boot), boot->target->safe);
}

/* A new session a little later, for what another server, or this one, will say then. When the time is over: the reason. */
static bool
reopen(struct boot *boot, struct backoff *backoff, const struct err *reason, struct err *err)
{
	db_close(&boot->db);
	phase_catch_up(boot->phase);
	if (!signals_pause(backoff_pause_until(backoff, boot->deadline), err))
		return false;
	if (clock_passed(boot->deadline)) {
		*err = *reason;
		return false;
	}
	return wait_again(boot, reason, err);
}

/* ms; who took our login just before wait_timeout is over has some time to answer. */
#define LEAST_ANSWER 1000

/* Until wait_timeout has passed: a session may be lost, as by a server that is started anew, or stay without an answer. */
static bool
patiently(struct boot *boot, bool (*ask)(struct boot *boot, struct err *err), struct err *err)
{
	struct backoff backoff = { 100, 1000 };
	struct err reason = { 0 };

	for (;;) {
		const int64_t least = clock_ahead(LEAST_ANSWER);

		db_limit(boot->db, least > boot->deadline ? least : boot->deadline);
		if (ask(boot, err)) {
			db_limit(boot->db, CLOCK_NEVER);
			return true;
		}
		if (err->fault != FAULT_NO_SERVER)
			return false;
		note_failed_look(boot, &reason, err);
		if (clock_passed(boot->deadline)) {
			*err = reason;
			return false;
		}
		log_info("%s; trying again", err->what);
		err_clear(err);
		if (!reopen(boot, &backoff, &reason, err))
			return false;
	}
}

bool
look_patiently(struct boot *boot, struct err *err)
{
	return patiently(boot, look_ask, err);
}

bool
look_await_answer(struct boot *boot, struct err *err)
{
	return patiently(boot, look_at_server, err);
}

/* "2 migrations, migrate_command"; "": nothing. */
static const char *
awaited(const struct boot *boot, struct arena *arena)
{
	const size_t pending = boot->migrations->pending;
	struct text list = text_new(arena);

	if (boot->facts.partial)
		return arena_print(arena, "the %s", boot->facts.partial);
	if (boot->facts.loads_snapshot)
		text_add(&list, boot->migrations->snapshot->name);
	if (pending)
		text_print(&list, "%s%zu migration%s", list.length ? ", " : "", pending,
		           pending == 1 ? "" : "s");
	if (command_is_awaited(boot))
		text_print(&list, "%smigrate_command", list.length ? ", " : "");
	if (!list.length && restore_is_awaited(boot))
		text_add(&list, "the restore");
	return list.at;
}

bool
look_awaits_schema(const struct boot *boot)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	return boot->config->expect_schema && config_wants(boot->config, "migrate") &&
	     *awaited(boot, &arena);
}

/* Another container migrates; until it has, this one waits. */
static bool
await_schema(struct boot *boot, struct err *err)
{
	struct backoff backoff = { 100, 2000 };
	bool was_told = false;

	for (;;) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		const char *what = awaited(boot, &arena);

		if (!*what)
			return true;
		if (clock_passed(boot->deadline))
			return err_set(err, FAULT_BUSY,
			               "expect_schema: another container has still not applied %s "
			               "after %s",
			               what, timeout_shown(boot));
		phase_tell(boot->phase, "waiting", "for the schema: %s", what);
		if (!was_told)
			log_info("waiting until another container has applied %s", what);
		was_told = true;
		if (!signals_pause(backoff_pause_until(&backoff, boot->deadline), err) ||
		    !look_patiently(boot, err))
			return false;
	}
}

bool
look_await_settled(struct boot *boot, struct err *err)
{
	struct backoff backoff = { 250, 500 };
	struct err reason = { 0 };

	while (db_is_socket(boot->db) && !boot->facts.is_settled) {
		if (!reason.fault) {
			log_info(
				"the server listens on no address: it may be the temporary one of an "
				"image that initialises");
			(void)err_set(
				&reason, FAULT_NO_SERVER,
				"the server listens on no address, and was started just before "
				"%s was over",
				timeout_shown(boot));
		}
		if (clock_passed(boot->deadline)) {
			*err = reason;
			return false;
		}
		if (!reopen(boot, &backoff, &reason, err) || !look_await_answer(boot, err))
			return false;
	}
	return true;
}

/* Something is to be written, and this server only reads: another may be promoted in time. */
static bool
await_writable(struct boot *boot, struct err *err)
{
	struct backoff backoff = { 250, 2000 };
	struct err reason = { 0 };

	while (boot->facts.reads_only && boot_is_due(boot)) {
		const char *why = boot->facts.is_standby ? "it is a standby"
		                                         : "default_transaction_read_only is on";

		if (!reason.fault)
			log_info(
				"something is pending, but the server only reads (%s): waiting for one "
				"that writes",
				why);
		(void)err_set(&reason, FAULT_NO_SERVER,
		              "something is pending, but the server only reads, within %s too: %s",
		              timeout_shown(boot), why);
		if (clock_passed(boot->deadline)) {
			*err = reason;
			return false;
		}
		if (!reopen(boot, &backoff, &reason, err) || !look_patiently(boot, err))
			return false;
	}
	return true;
}

void
look_tell_nothing(const struct boot *boot)
{
	const struct migrations *migrations = boot->migrations;
	const struct config *config = boot->config;

	if (!migrations->count && !migrations->missing_count && !migrations->snapshot &&
	    !config->migrate_command.text && !seeds_question_count(boot->seeds) &&
	    !checks_question_count(boot->checks) && !initdb_is_wanted(boot) &&
	    !restore_is_wanted(boot))
		log_info("no migrations, seeds or checks were found (migrations_dir, seeds_dir, "
		         "checks_dir)");
}

bool
look_run(struct boot *boot, struct err *err)
{
	boot->glances = true;
	if (!look_patiently(boot, err))
		return false;
	look_tell_nothing(boot);
	if (db_is_socket(boot->db) && !boot->facts.is_settled &&
	    (!look_await_settled(boot, err) || !look_patiently(boot, err)))
		return false;
	/* Another container may be at it: with the lock it is judged, and without one waited for. */
	if (look_is_at_work(boot) && !boot->config->expect_schema)
		return true;
	if (boot->config->expect_schema && config_wants(boot->config, "migrate"))
		return (look_is_at_work(boot) || look_judge(boot, err)) &&
		       await_schema(boot, err) && look_judge(boot, err);
	return await_writable(boot, err) && look_judge(boot, err) &&
	       (!migrate_is_due(boot) || group_proofread(boot, err));
}
