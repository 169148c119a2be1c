/* See progress.h. */
#include "progress.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "format.h"
#include "history.h"
#include "log.h"
#include "phase.h"
#include "scoped.h"
#include "script.h"

/* A statement that takes longer is looked at: it may wait for a lock. */
#define SLOW 500
/* How it comes on is told after this, and then each time that this has passed. */
#define TELL_FIRST 5000
#define TELL_EVERY 10000

void
progress_file(struct boot *boot, const char *name)
{
	boot->work = (struct work){
		.file = name,
		.since = clock_now(),
		.tell_at = clock_ahead(TELL_FIRST),
	};
}

int64_t
progress_pause(int64_t ran)
{
	return ran < TELL_FIRST ? TELL_FIRST - ran : TELL_EVERY;
}

/* SQL of the pids that the work session may have: behind a pooler any of its server connections may run the statement. */
static const char *
pids_sql(const struct boot *boot, struct arena *arena)
{
	static const char sql[] =
		"select other.pid from pg_stat_get_activity(null) as other,\n"
		"    pg_stat_get_activity(pg_backend_pid()) as own\n"
		"where other.pid <> own.pid and other.datid = own.datid and other.usesysid = own.usesysid\n"
		"and other.state = 'active'\n"
		"and (other.application_name = 'pg-entrypoint' or left(other.query, 200) = left(%s, 200))";

	if (!db_is_pooled(boot->db))
		return arena_print(arena, "select %d", db_backend_pid(boot->db));
	return arena_print(arena, sql,
	                   db_literal(boot->lock,
	                              boot->work.statement ? boot->work.statement->sql : "",
	                              arena));
}

/*
 * Asks by the lock session, whose transaction is the lock: a failure (a server where these functions are not for everyone)
 * costs no more than the answer. By the functions below the views, which would keep locks on catalogs until that transaction
 * ends; and not what they said before in it. Query texts are not shown: they may hold secrets.
 */
static bool
look_on(const struct boot *boot, const char *sql, struct answer *answer, struct arena *arena)
{
	struct err ignored = { 0 };
	const bool was_answered =
		db_run_last(boot->lock,
	                    arena_join(arena, "savepoint look; select pg_stat_clear_snapshot();\n",
	                               sql, ""),
	                    answer, &ignored);

	return db_run(boot->lock, was_answered ? "release look" : "rollback to look; release look",
	              &ignored) &&
	       was_answered;
}

static void
tell_blockers(const struct boot *boot, const char *pids, struct arena *arena)
{
	static const char sql[] =
		"select format('pid %%s (%%s), whose transaction is open%%s', pid,\n"
		"    concat_ws(', ', pg_get_userbyid(usesysid), nullif(application_name, ''), state),\n"
		"    ' for ' || round(extract(epoch from clock_timestamp() - xact_start)) || ' s')\n"
		"from pg_stat_get_activity(null)\n"
		"where pid in (select unnest(pg_blocking_pids(waiting.pid)) from (%s) as waiting (pid))\n"
		"order by xact_start";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!look_on(boot, arena_print(arena, sql, pids), &answer, arena))
		return;
	for (int row = 0; row < answer.rows; row++)
		log_info("waiting for a lock: %s", answer_at(&answer, row, 0));
}

/*
 * Another tool that waits for its own advisory lock, which we hold, waits inside a statement, and so with a snapshot.
 * CONCURRENTLY waits for that snapshot: for ever, and no deadlock for the server, since our lock session waits for
 * nothing. Its statement is cancelled; its container comes again.
 */
static void
cancel_rivals(const struct boot *boot, const char *pids, struct arena *arena)
{
	static const char sql[] =
		"select rival.pid, case when rival.usesysid = own.usesysid then pg_cancel_backend(rival.pid)\n"
		"    else false end\n"
		"from pg_stat_get_activity(null) as rival, pg_stat_get_activity(pg_backend_pid()) as own\n"
		"where rival.pid in (select unnest(pg_blocking_pids(waiting.pid)) from (%s) as waiting (pid))\n"
		"and own.pid = any (pg_blocking_pids(rival.pid))";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!boot->history || !look_on(boot, arena_print(arena, sql, pids), &answer, arena))
		return;
	for (int row = 0; row < answer.rows; row++)
		log_warn(
			"pid %s waits for the lock of %s, which is held here, and we wait for it: %s",
			answer_at(&answer, row, 0), boot->history->format->name,
			answer_is_true(&answer, row, 1) ? "its statement is cancelled"
							: "end it, its role is another");
}

/* What the server's progress views say (their own words, see its manual); NULL: nothing. */
static const char *
how_far(const struct boot *boot, const char *pids, struct arena *arena)
{
	static const char sql[] =
		"with work (pid) as (%s)\n"
		"select (case param10 when 0 then 'initializing'\n"
		"    when 1 then 'waiting for writers before build' when 2 then 'building index'\n"
		"    when 3 then 'waiting for writers before validation'\n"
		"    when 4 then 'index validation: scanning index'\n"
		"    when 5 then 'index validation: sorting tuples'\n"
		"    when 6 then 'index validation: scanning table' when 7 then 'waiting for old snapshots'\n"
		"    when 8 then 'waiting for readers before marking dead'\n"
		"    when 9 then 'waiting for readers before dropping' else 'building index' end) ||\n"
		"    (case when param10 in (1, 3, 7, 8, 9) and param4 > 0\n"
		"        then format(', %%s of %%s gone', param5, param4)\n"
		"    when param12 > 0 then format(', %%s%%%%', 100 * param13 / param12)\n"
		"    when param16 > 0 then format(', %%s%%%%', 100 * param17 / param16) else '' end)\n"
		"from pg_stat_get_progress_info('CREATE INDEX') join work using (pid)\n"
		"union all\n"
		"select case param1 when 1 then 'scanning' when 2 then 'vacuuming indexes'\n"
		"    when 3 then 'vacuuming' else 'cleaning up' end ||\n"
		"    case when param2 > 0 then format(', %%s%%%%', 100 * param3 / param2) else '' end\n"
		"from pg_stat_get_progress_info('VACUUM') join work using (pid)\n"
		"union all\n"
		"select case param2 when 6 then 'rebuilding indexes' else 'rewriting the table' end ||\n"
		"    case when param6 > 0 then format(', %%s%%%%', 100 * param7 / param6) else '' end\n"
		"from pg_stat_get_progress_info('CLUSTER') join work using (pid)\n"
		"%s";
	static const char copy[] = "union all\n"
				   "select format('%s rows copied', param3)\n"
				   "from pg_stat_get_progress_info('COPY') join work using (pid)";
	SCOPED(answer_free) struct answer answer = { 0 };
	const bool has_copy = db_server_version(boot->lock) >= 140000;

	if (!look_on(boot, arena_print(arena, sql, pids, has_copy ? copy : ""), &answer, arena) ||
	    answer.rows == 0 || !answer_at(&answer, 0, 0))
		return NULL;
	return arena_copy(arena, answer_at(&answer, 0, 0));
}

/* One line: "FILE:LINE: statement 2 of 3 has been running for 15 s: building index, 43%". */
static void
tell_work(const struct work *work, int64_t ran, const char *far)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text line = text_new(&arena);

	if (work->file)
		text_print(&line, "%s: ", work->file);
	else
		text_add(&line, "a statement of ours ");
	if (work->statement) {
		const struct place place =
			place_at(work->statement->source, work->statement->offset);

		text_print(&line, "statement %zu of %zu (line %zu) ", work->number, work->count,
		           place.line);
	}
	text_print(&line, "has been running for %lld s", (long long)(ran / 1000));
	log_info("%s%s%s", line.at, far ? ": " : "", far ? far : "");
}

static int64_t
tell_slow(void *told, int64_t ran)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct boot *boot = told;
	const char *pids = pids_sql(boot, &arena);

	phase_catch_up(boot->phase);
	if (ran >= TELL_FIRST) {
		tell_work(&boot->work, ran, how_far(boot, pids, &arena));
		boot->work.tell_at = clock_ahead(TELL_EVERY);
	}
	tell_blockers(boot, pids, &arena);
	cancel_rivals(boot, pids, &arena);
	return progress_pause(ran);
}

void
progress_statement(struct boot *boot, const struct batch *batch, size_t i)
{
	struct work *work = &boot->work;

	if (work->file && work->count && i < batch->count && clock_passed(work->tell_at)) {
		log_info("%s: %zu of %zu statements done in %lld s", work->file, i, batch->count,
		         (long long)((clock_now() - work->since) / 1000));
		work->tell_at = clock_ahead(TELL_EVERY);
	}
	work->statement = i < batch->count ? &batch->statements[i] : NULL;
	work->number = i + 1;
	work->count = batch->count;
}

void
progress_sent(struct boot *boot)
{
	boot->work.statement = NULL;
}

void
progress_watch(struct boot *boot)
{
	const int64_t half_try = boot->config->lock_timeout / 2; /* 0: without limit */

	db_on_slow(boot->db, half_try && half_try < SLOW ? half_try : SLOW, tell_slow, boot);
}
