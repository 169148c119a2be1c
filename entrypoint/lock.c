/*
 * Step: one container at a time past here. The lock is a transaction-level advisory lock, held by a
 * session of its own that sits in an open transaction, taken by one simple query:
 * - transaction level, so that it neither leaks behind a transaction pooler nor outlives its client;
 * - a simple query leaves no portal and, at read committed, thus no snapshot, so CREATE INDEX
 *   CONCURRENTLY and VACUUM of the work session do not wait for it;
 * - polled, because a blocked pg_advisory_lock() holds a snapshot and deadlocks with CONCURRENTLY.
 */
#include <stdlib.h>
#include <string.h>

#include "application.h"
#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "history.h"
#include "ledger.h"
#include "lock.h"
#include "log.h"
#include "look.h"
#include "names.h"
#include "note.h"
#include "progress.h"
#include "scoped.h"
#include "signals.h"

#define REPORT_EVERY 5000
/* How long the work session may wait for a server connection of its pooler beside the lock's. */
#define POOL_WAIT 15000
/* And how long a start with nothing else to do may be kept by what a killed run has not noted. */
#define NOTE_WAIT 2000
/* What a server needs to answer, at the most, once it is its turn. */
#define ONE_ANSWER 1000

const char *
lock_key_sql(const struct config *config, struct db *db, struct arena *arena)
{
	return arena_print(arena, "hashtextextended(current_database() || '.' || %s, 0)",
	                   db_literal(db, config->schema, arena));
}

static bool
try_lock(struct boot *boot, const char *sql, bool *is_ours, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_run_last(boot->lock, sql, &answer, err))
		return false;
	*is_ours = answer_is_true(&answer, 0, 0);
	/* A transaction kept open between polls would keep a server connection of a small pool. */
	return *is_ours || db_run(boot->lock, "rollback", err);
}

/* Ours, and those of the tool whose files these are: its own containers may still run beside ours. */
static const char *
keys_sql(struct boot *boot, struct db *db, struct arena *arena)
{
	return arena_join(arena, lock_key_sql(boot->config, db, arena), history_keys(boot, arena),
	                  "");
}

static const char *
try_sql(struct boot *boot, struct arena *arena)
{
	return arena_print(arena,
	                   "begin isolation level read committed;\n"
	                   "set local idle_in_transaction_session_timeout = 0;\n"
	                   "set local statement_timeout = 0; set local lock_timeout = 0;\n"
	                   "%s%s"
	                   "set local application_name = 'pg-entrypoint: look';\n"
	                   "select bool_and(pg_try_advisory_xact_lock(key))\n"
	                   "from unnest(array[%s]) as key",
	                   db_server_version(boot->lock) >= 170000
	                           ? "set local transaction_timeout = 0;\n"
	                           : "",
	                   session_keepalives_sql(boot->lock, "set local", arena),
	                   keys_sql(boot, boot->lock, arena));
}

bool
lock_holder(struct boot *boot, const char **words, struct arena *arena, struct err *err)
{
	static const char sql[] =
		"select format('pid %%s from %%s, %%s, for %%s s', pid,\n"
		"    coalesce(host(client_addr), 'this host'),\n"
		"    coalesce(nullif(application_name, ''), 'unknown'),\n"
		"    coalesce(round(extract(epoch from clock_timestamp() - xact_start))::text, '?'))\n"
		"from pg_locks left join pg_stat_activity using (pid), unnest(array[%s]) as key\n"
		"where locktype = 'advisory' and granted and objsubid = 1\n"
		"and pg_locks.database = (select oid from pg_database where datname = current_database())\n"
		"and (classid::bigint << 32) | objid::bigint = key\n"
		"order by pid = pg_backend_pid() limit 1";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db,
	            ASK(SHAPE_ROWS, arena_print(arena, sql, keys_sql(boot, boot->db, arena))),
	            &answer, err))
		return false;
	*words = answer.rows ? arena_copy(arena, answer_at(&answer, 0, 0)) : NULL;
	return true;
}

static bool
report(struct boot *boot, int64_t since, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const long long seconds = (clock_now() - since) / 1000;
	const char *holder = NULL;

	if (!lock_holder(boot, &holder, &arena, err)) {
		if (err->fault != FAULT_WRONG)
			return false;
		err_clear(err); /* a role that may not know who */
		log_info("another container has it; waiting for %lld s", seconds);
	}
	if (holder)
		log_info("another container has it (%s); waiting for %lld s", holder, seconds);
	return true;
}

/* The time is over; the holder is asked for, and where that cannot be learned, what the last try has failed with is told. */
static bool
give_up(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *limit = clock_shown(boot->config->boot_lock_timeout, &arena);
	const char *holder = NULL;
	struct err unknown = { 0 };

	db_limit(boot->db, clock_ahead(ONE_ANSWER));
	(void)lock_holder(boot, &holder, &arena, &unknown); /* see above */
	db_limit(boot->db, CLOCK_NEVER);
	if (unknown.fault >= FAULT_SIGNAL) {
		*err = unknown;
		return false;
	}
	if (holder)
		return err_set(
			err, FAULT_BUSY,
			"not had within boot_lock_timeout (%s): another container has it (%s)",
			limit, holder);
	if (!err->fault)
		return err_set(err, FAULT_BUSY, "not had within boot_lock_timeout (%s)", limit);
	err->fault = FAULT_BUSY;
	return err_within(err, "not had within boot_lock_timeout (%s)", limit);
}

/*
 * A pooler without a free server connection lets a try itself wait, so it has an end: that of the waiting, but never before
 * a server that is there can have answered.
 */
static bool
try_within(struct boot *boot, const char *sql, int64_t deadline, bool *is_ours, struct err *err)
{
	const int64_t least = clock_ahead(ONE_ANSWER);
	bool was_tried;

	db_limit(boot->lock, deadline > least ? deadline : least);
	was_tried = try_lock(boot, sql, is_ours, err);
	db_limit(boot->lock, CLOCK_NEVER);
	if ((was_tried && *is_ours) || !clock_passed(deadline))
		return was_tried;
	return was_tried || err->fault == FAULT_NO_SERVER ? give_up(boot, err) : false;
}

static bool
await_lock(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *sql = try_sql(boot, &arena);
	const int64_t since = clock_now(), deadline = clock_ahead(boot->config->boot_lock_timeout);
	struct backoff backoff = { 20, 500 };
	int64_t next_report = since;
	bool is_ours;

	for (;;) {
		if (!try_within(boot, sql, deadline, &is_ours, err))
			return false;
		if (is_ours)
			return true;
		if (clock_now() >= next_report) {
			if (!session_may_idle(boot->db, err) || !report(boot, since, err))
				return false;
			next_report = clock_ahead(REPORT_EVERY);
		}
		if (!signals_pause(backoff_pause_until(&backoff, deadline), err))
			return false;
	}
}

/* The session that has our settings is the one to work in; the first will do for the lock. */
static bool
open_work_session(struct boot *boot, int64_t deadline, enum outlook *outlook, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct db *work = db_open_with(boot->db, boot->target, session_options(boot->db, &arena),
	                               deadline, outlook, err);

	if (!work)
		return false;
	boot->lock = boot->db;
	boot->db = work;
	db_on_slow(boot->lock, CLOCK_NEVER, NULL, NULL);
	return true;
}

static bool
open_lock_session(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const int64_t deadline = clock_ahead(boot->config->wait_timeout);
	struct backoff backoff = { 50, 1000 };
	struct err cause = { 0 }; /* the last that was more than silence */
	enum outlook outlook = OUTLOOK_NOT_THERE;

	/* Something on the way that is no server may not take options: without them all is set by each transaction. */
	if (!db_is_pooled(boot->db) && open_work_session(boot, deadline, &outlook, err))
		return true;
	for (;;) {
		if (err->fault < FAULT_SIGNAL)
			boot->lock =
				db_open_beside(boot->db, boot->target, deadline, &outlook, err);
		if (boot->lock) {
			err_clear(err);
			return true;
		}
		if (outlook == OUTLOOK_CONFIG || err->fault >= FAULT_SIGNAL)
			return err_within(err, "the second connection, for the lock");
		if (outlook != OUTLOOK_SILENT || !cause.fault)
			cause = *err;
		if (!session_may_idle(boot->db, err) ||
		    !signals_pause(backoff_pause_until(&backoff, deadline), err))
			return false;
		if (clock_passed(deadline)) {
			*err = cause;
			return err_within(
				err,
				"the second connection, for the lock, not had within wait_timeout (%s)",
				clock_shown(boot->config->wait_timeout, &arena));
		}
	}
}

/* With one server connection in its pool, the lock's transaction would keep the work out for ever. */
static bool
await_pool(struct boot *boot, struct err *err)
{
	bool was_answered;

	log_info("the server is reached through a pooler");
	db_limit(boot->db, clock_ahead(POOL_WAIT));
	was_answered = look_at_server(boot, err);
	db_limit(boot->db, CLOCK_NEVER);
	if (was_answered || !strstr(err->what, "no answer"))
		return was_answered;
	err->fault = FAULT_CONFIG;
	return err_hint(
		err, "the pooler gives no second server connection beside the one that holds the "
		     "lock: enlarge its pool, or set admin_url to reach the server directly");
}

bool
lock_tell(struct boot *boot, const char *phase, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	return db_run(boot->lock,
	              arena_print(&arena, "set local application_name = 'pg-entrypoint: %s'",
	                          phase),
	              err);
}

/* The lock is ours. Whoever held it has perhaps done it all. */
static bool
keep(struct boot *boot, struct err *err)
{
	db_watch(boot->db, boot->lock);
	progress_watch(boot);
	return (!db_is_pooled(boot->db) || await_pool(boot, err)) && look_ask(boot, err);
}

static bool
take(struct boot *boot, struct err *err)
{
	/* The server's own word tells whether there is a pooler. */
	return history_find_table(boot, err) && look_know_server(boot, err) &&
	       open_lock_session(boot, err) && await_lock(boot, err) && keep(boot, err);
}

/* Before anything is done: what is done in a transaction would be rolled back, the rest would stay without its row. */
static bool
check_privileges(struct boot *boot, struct err *err)
{
	if (!look_know_server(boot, err))
		return false;
	return !boot->facts.is_denied || ledger_deny(boot->db, boot->config, err);
}

bool
lock_take(struct boot *boot, struct err *err)
{
	return take(boot, err) && check_privileges(boot, err);
}

/* Only a note is missing: whoever holds the lock is still at what it will note, and no start waits for that. */
static bool
take_if_free(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct err refused = { 0 };
	enum outlook outlook;
	bool is_ours = false;

	if (!history_find_table(boot, err))
		return false;
	/* Its transaction stays open, so that a pooler with one server connection has none for the lock. */
	if (note_may(boot, &refused))
		boot->lock = db_open_beside(boot->db, boot->target, clock_ahead(NOTE_WAIT),
		                            &outlook, &refused);
	if (boot->lock) {
		db_limit(boot->lock, clock_ahead(NOTE_WAIT));
		(void)try_lock(boot, try_sql(boot, &arena), &is_ours, &refused);
		db_limit(boot->lock, CLOCK_NEVER);
	}
	transaction_abandon(boot->db);
	if (refused.fault >= FAULT_SIGNAL) {
		*err = refused;
		return false;
	}
	if (is_ours)
		return keep(boot, err);
	db_close(&boot->lock);
	boot->facts.is_changing = false;
	return true;
}

bool
lock_run(struct boot *boot, struct err *err)
{
	const bool must = boot_is_due(boot) || look_is_at_work(boot);

	if (!(must ? take(boot, err) : take_if_free(boot, err)))
		return false;
	/* Without the lock nothing was looked at again, and nothing is to be done. */
	if (boot->lock &&
	    ((boot_is_due(boot) && !check_privileges(boot, err)) || !look_judge(boot, err)))
		return false;
	return !boot_is_due(boot) ||
	       (application_look_ahead(boot, err) &&
	        (boot->facts.has_ledger || ledger_create(boot->db, boot->config, err)));
}
