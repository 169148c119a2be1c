/* See alone.h. */
#include "alone.h"

#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "blockers.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "ledger.h"
#include "log.h"
#include "migration.h"
#include "pooled.h"
#include "proof.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"
#include "signals.h"
#include "target.h"

/* Whatever a file has set, the session is ours again. */
#define OWN_AGAIN "reset session authorization; reset role; reset all;\n"

/* How often an index that another session is building is looked at, and told of. */
#define LOOK_EVERY 500
#define TELL_EVERY 10000

/* One statement that runs by itself. */
struct attempt {
	struct boot *boot;
	const struct migration *migration;
	const struct batch *batch;
	size_t i;
	const struct statement *statement;
	const char *noted; /* what was there before the first try; NULL: it was not begun */
	struct arena *arena;
};

static const char *
kind_of(const struct migration *migration, struct arena *arena)
{
	return arena_join(arena, "migration", " ", migration->version);
}

static bool
blame(const struct statement *statement, struct err *err)
{
	const struct place place = place_at(statement->source, statement->offset);

	return err->fault < FAULT_SIGNAL ? place_blame(&place, err) : false;
}

/* While another session is at it, what is there is neither whole nor left: perhaps that of a run that was killed. */
static bool
find(const struct attempt *attempt, struct finding *finding, struct err *err)
{
	int64_t tell_at = clock_now();

	for (;;) {
		if (!proof_find(finding, attempt->boot->db, attempt->statement, attempt->noted,
		                attempt->arena, err))
			return false;
		if (finding->proof != PROOF_BUSY)
			return true;
		if (clock_passed(tell_at)) {
			log_info("%s: another session is building an index there, waiting for it",
			         attempt->migration->script->name);
			tell_at = clock_ahead(TELL_EVERY);
		}
		if (!signals_pause(LOOK_EVERY, err))
			return false;
	}
}

/* Each remedy by itself: none of them can run in a transaction. */
static bool
run_remedies(const struct attempt *attempt, const struct finding *finding, struct err *err)
{
	const char *at = finding->remedies;

	while (*at) {
		const size_t length = strcspn(at, "\n");

		if (!db_run(attempt->boot->db, arena_copy_n(attempt->arena, at, length), err))
			return false;
		at += length + (at[length] == '\n');
	}
	return true;
}

static bool
cannot_tell(const struct attempt *attempt, struct err *err)
{
	(void)err_set(err, FAULT_WRONG,
	              "%s: it cannot be told whether statement %zu was done by the run that was "
	              "interrupted",
	              attempt->migration->script->source.path, attempt->i + 1);
	return err_hint(err,
	                "finish it by hand, then count it: update the ledger's row of version %s, "
	                "set statements = %zu",
	                attempt->migration->version, attempt->i + 1);
}

/* Begun by a run that was interrupted: is there still something to do, and what is in the way? */
static bool
take_up(const struct attempt *attempt, bool *is_done, struct err *err)
{
	struct finding finding;

	if (!find(attempt, &finding, err))
		return false;
	*is_done = finding.proof == PROOF_DONE;
	if (finding.proof == PROOF_NONE)
		return cannot_tell(attempt, err);
	if (finding.proof != PROOF_LEFTOVER)
		return true;
	log_info("%s: an interrupted run left something behind: %s",
	         attempt->migration->script->name, finding.remedies);
	*is_done = proof_is_completed_by_remedy(attempt->statement);
	return run_remedies(attempt, &finding, err);
}

/*
 * Nobody's of ours: an invalid index of the name is somebody's attempt, which may hold a unique constraint that must not go
 * unseen; what a REINDEX left is only in the way of a tidy mind.
 */
static bool
judge_strange(const struct attempt *attempt, const struct finding *finding, struct err *err)
{
	const struct statement *statement = attempt->statement;

	if (finding->proof != PROOF_LEFTOVER || statement->alone == ALONE_DETACH)
		return true;
	if (statement->alone != ALONE_CREATE_INDEX) {
		log_warn("%s: left by a REINDEX CONCURRENTLY that was not this file's: %s",
		         attempt->migration->script->name, finding->remedies);
		return true;
	}
	if (!statement->object)
		return true;
	(void)err_set(err, FAULT_WRONG,
	              "index %s is there already, but invalid: an attempt to build it failed that "
	              "was not made by this file",
	              statement->object);
	(void)err_hint(err, "%s; then start again", finding->remedies);
	return blame(statement, err);
}

/* Before the first try it is noted that it is begun, and what is there: what is there later and was not then is ours. */
static bool
note(struct attempt *attempt, struct err *err)
{
	struct boot *boot = attempt->boot;
	struct finding finding;

	if (!find(attempt, &finding, err) || !judge_strange(attempt, &finding, err))
		return false;
	attempt->noted = finding.before;
	return db_run(boot->db,
	              journal_sql(boot->db, boot->config,
	                          kind_of(attempt->migration, attempt->arena), finding.before,
	                          attempt->i, false, attempt->arena),
	              err);
}

/* CONCURRENTLY succeeds, or leaves an invalid index that IF NOT EXISTS takes for a whole one. */
static bool
verify(const struct attempt *attempt, struct err *err)
{
	const struct statement *statement = attempt->statement;
	struct finding finding;

	if (statement->alone < ALONE_CREATE_INDEX || statement->alone > ALONE_REINDEX_DATABASE)
		return true;
	if (!find(attempt, &finding, err))
		return false;
	if (finding.proof == PROOF_LEFTOVER) {
		(void)err_set(err, FAULT_WRONG, "an index is not valid");
		(void)err_hint(err, "%s;", finding.remedies);
		return blame(statement, err);
	}
	if (statement->alone != ALONE_CREATE_INDEX || finding.proof == PROOF_DONE ||
	    !statement->object)
		return true;
	(void)err_set(err, FAULT_WRONG,
	              "there is no index %s on %s: the name belongs to something else",
	              statement->object, statement->relation);
	return blame(statement, err);
}

/*
 * After the last try: an invalid index costs every write, and a unique one already refuses rows. What was asked to stop, or
 * has no session any more, leaves it to the next start.
 */
static bool
clean_up(const struct attempt *attempt, struct err *err)
{
	struct finding finding;
	struct err later = { 0 };

	if (err->fault >= FAULT_SIGNAL || !*err->sqlstate || err->fault == FAULT_NO_SERVER ||
	    !proof_find(&finding, attempt->boot->db, attempt->statement, attempt->noted,
	                attempt->arena, &later) ||
	    finding.proof != PROOF_LEFTOVER || proof_is_completed_by_remedy(attempt->statement))
		return false;
	if (run_remedies(attempt, &finding, &later))
		return err_detail(err, "what it left, an invalid index, was dropped again");
	return err_detail(err, "it left an invalid index, which the next start drops: %s",
	                  finding.remedies);
}

/* Words for what the server refuses without saying how else it can be done. */
static bool
advise(const struct statement *statement, struct err *err)
{
	if (strcmp(err->sqlstate, "0A000") == 0 && statement->alone == ALONE_CREATE_INDEX)
		return err_hint(err,
		                "of a partitioned table: create index %s on only %s (...); then "
		                "concurrently one on each partition, and alter index ... attach "
		                "partition",
		                statement->object ? statement->object : "NAME",
		                statement->relation);
	return false;
}

/* Of the tries of this run: away with what the last one left. */
static bool
clear_way(const struct attempt *attempt, struct err *err)
{
	struct finding finding;

	return find(attempt, &finding, err) &&
	       (finding.proof != PROOF_LEFTOVER || run_remedies(attempt, &finding, err));
}

static bool
try_until_done(struct attempt *attempt, struct err *err)
{
	struct boot *boot = attempt->boot;
	struct patience patience = patience_new(boot->config);

	blockers_tell(boot, attempt->statement);
	while (!send_statement(boot, attempt->batch, attempt->i, NULL, NULL, err)) {
		if (!patience_retries(&patience, boot->db, err)) {
			(void)advise(attempt->statement, err);
			return clean_up(attempt, err);
		}
		if (!clear_way(attempt, err))
			return false;
	}
	return verify(attempt, err);
}

/* `noted`: by the run that began it; NULL: none did. */
static bool
run_alone(struct boot *boot, const struct migration *migration, const struct batch *batch, size_t i,
          const char *noted, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct attempt attempt = {
		boot, migration, batch, i, &batch->statements[i], noted, &arena
	};
	bool is_done = false;

	if (!(noted ? take_up(&attempt, &is_done, err) : note(&attempt, err)))
		return false;
	return is_done || try_until_done(&attempt, err);
}

static bool
run_shared(struct boot *boot, const struct migration *migration, const struct batch *batch,
           size_t i, const char *settings, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct patience patience = patience_new(boot->config);
	const char *before =
		arena_print(&arena, "%s%s;\n%s", transaction_begin_sql(boot, &arena),
	                    ledger_fence_sql(boot->db, boot->config, migration->version, i, &arena),
	                    settings);
	const char *after =
		arena_print(&arena,
	                    "reset session authorization; reset role;\n%s;\ncommit; reset all",
	                    ledger_finish_sql(boot->db, boot->config, migration->version, i + 1,
	                                      false, &arena));

	while (!send_statement(boot, batch, i, before, after, err))
		if (!patience_retries(&patience, boot->db, err))
			return false;
	return true;
}

/*
 * Session settings, since nothing can be local, and those of the file. Behind a pooler they would be someone else's: there
 * the file needs none (pooled.h). What works CONCURRENTLY waits for others without others waiting for it, so it may; what
 * keeps all out of a table may not.
 */
static bool
set_session(struct boot *boot, const struct statement *statement, const char *settings,
            struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text sql = text_new(&arena);
	const bool is_exclusive = statement->alone == ALONE_EXCLUSIVE;

	if (db_is_pooled(boot->db))
		return true;
	text_print(&sql,
	           "%sset statement_timeout = 0; set lock_timeout = %lld;\n"
	           "set idle_in_transaction_session_timeout = 0;\n",
	           OWN_AGAIN, is_exclusive ? (long long)boot->config->lock_timeout : 0LL);
	if (db_server_version(boot->db) >= 140000)
		text_add(&sql, "set client_connection_check_interval = 1000;\n");
	if (db_server_version(boot->db) >= 170000)
		text_add(&sql, "set transaction_timeout = 0;\n");
	if (boot->target->search_path)
		text_print(&sql, "set search_path = %s;\n", boot->target->search_path);
	text_add(&sql, settings);
	return db_run(boot->db, sql.at, err);
}

static bool
run_statement(struct boot *boot, const struct migration *migration, const struct batch *batch,
              size_t i, const char *noted, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *settings = send_settings(batch, i, &arena);
	const char *finish =
		ledger_finish_sql(boot->db, boot->config, migration->version, i + 1, false, &arena);

	if (batch->statements[i].kind != STATEMENT_ALONE)
		return run_shared(boot, migration, batch, i, settings, err);
	return set_session(boot, &batch->statements[i], settings, err) &&
	       run_alone(boot, migration, batch, i, noted, err) &&
	       db_run(boot->db,
	              db_is_pooled(boot->db) ? finish : arena_join(&arena, OWN_AGAIN, finish, ""),
	              err);
}

/* The row of the ledger, and nothing of an earlier life in the journal. */
static const char *
begin_sql(struct boot *boot, const struct migration *migration, struct arena *arena)
{
	return arena_join(
		arena, journal_forget_sql(boot->db, boot->config, kind_of(migration, arena), arena),
		";\n",
		ledger_begin_sql(boot->db, boot->config, migration->version, migration->name,
	                         migration->checksum, arena));
}

/* How many statements are done; a row that a killed run committed after we looked counts. */
static bool
begin(struct boot *boot, const struct migration *migration, size_t *done, bool *is_resumed,
      struct arena *arena, struct err *err)
{
	*is_resumed = migration->verdict == VERDICT_RESUME;
	*done = *is_resumed ? migration->entry->statements : 0;
	if (*is_resumed || db_run(boot->db, begin_sql(boot, migration, arena), err))
		return true;
	*is_resumed = ledger_came_late(boot->db, boot->config, migration->version,
	                               migration->checksum, true, done, err);
	return *is_resumed;
}

/* What was noted when the statement behind those that are done was begun; NULL: it was not. */
static bool
find_begun(struct boot *boot, const struct migration *migration, size_t done, const char **noted,
           struct arena *arena, struct err *err)
{
	const char *item;
	size_t begun;

	*noted = NULL;
	if (!journal_read(boot->db, boot->config, kind_of(migration, arena), &item, &begun, arena,
	                  err))
		return false;
	if (item && begun == done)
		*noted = item;
	log_info("%s was interrupted: going on after statement %zu", migration->script->name, done);
	return true;
}

bool
alone_apply(struct boot *boot, const struct migration *migration, const struct batch *batch,
            struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *noted = NULL, *clean;
	size_t done;
	bool is_resumed;

	if (!pooled_check(boot, batch, err) ||
	    !begin(boot, migration, &done, &is_resumed, &arena, err) ||
	    (is_resumed && !find_begun(boot, migration, done, &noted, &arena, err)))
		return false;
	for (size_t i = done; i < batch->count; i++)
		if (!run_statement(boot, migration, batch, i, i == done ? noted : NULL, err))
			return false;
	/* Of a pooler's session the last transaction may have had another. */
	clean = db_is_pooled(boot->db) ? "" : pooled_clean_sql(batch, &arena);
	return db_run(boot->db,
	              arena_print(&arena, "%s%s;\n%s", clean,
	                          journal_forget_sql(boot->db, boot->config,
	                                             kind_of(migration, &arena), &arena),
	                          ledger_finish_sql(boot->db, boot->config, migration->version,
	                                            batch->count, true, &arena)),
	              err);
}
