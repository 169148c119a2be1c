/* See single.h. */
#include "single.h"

#include <stdint.h>
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
#include "proof.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"
#include "signals.h"

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

const char *
single_kind(const struct migration *migration, struct arena *arena)
{
	return arena_join(arena, "migration", " ", migration_row(migration));
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

/* The remedies in one line, for people. */
static const char *
in_words(const struct finding *finding, struct arena *arena)
{
	char *words = arena_copy(arena, finding->remedies);

	for (char *at = words; (at = strchr(at, '\n'));)
		*at = ';';
	return words;
}

/* Only a superuser may drop an index of where tables keep their long values. It is in nobody's way. */
static bool
is_out_of_reach(const char *remedy, const struct err *err)
{
	return strcmp(err->sqlstate, "42501") == 0 && strstr(remedy, " pg_toast.");
}

/* Each remedy by itself: none of them can run in a transaction. */
static bool
run_remedies(const struct attempt *attempt, const struct finding *finding, struct err *err)
{
	const char *at = finding->remedies;

	while (*at) {
		const size_t length = strcspn(at, "\n");
		const char *remedy = arena_copy_n(attempt->arena, at, length);

		if (!db_run(attempt->boot->db, remedy, err)) {
			if (!is_out_of_reach(remedy, err))
				return false;
			log_warn("%s: a superuser should: %s", attempt->migration->script->name,
			         remedy);
			err_clear(err);
		}
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
	                migration_row(attempt->migration), attempt->i + 1);
}

/* What an interrupted run has left. */
static bool
sweep(const struct attempt *attempt, const struct finding *finding, struct err *err)
{
	log_info("%s: an interrupted run left something behind: %s",
	         attempt->migration->script->name, in_words(finding, attempt->arena));
	return run_remedies(attempt, finding, err);
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
	*is_done = proof_is_completed_by_remedy(attempt->statement);
	return sweep(attempt, &finding, err);
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
		         attempt->migration->script->name, in_words(finding, attempt->arena));
		return true;
	}
	if (!statement->object)
		return true;
	(void)err_set(err, FAULT_WRONG,
	              "index %s is there already, but invalid: an attempt to build it failed that "
	              "was not made by this file",
	              statement->object);
	(void)err_hint(err, "%s; then start again", in_words(finding, attempt->arena));
	return blame(statement, err);
}

/* SQL of ours. The statement runs in a session as the file has set it: as a role that need not be able to write this, say. */
static bool
run_own(const struct attempt *attempt, const char *sql, struct err *err)
{
	static const char own[] =
		"begin read write;\n"
		"set local session authorization default; set local role to default;\n"
		"%s;\ncommit";
	struct db *db = attempt->boot->db;

	if (db_run(db, arena_print(attempt->arena, own, sql), err))
		return true;
	transaction_abandon(db);
	return false;
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
	return run_own(attempt,
	               journal_sql(boot->db, boot->config,
	                           single_kind(attempt->migration, attempt->arena), finding.before,
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
	if (finding.proof == PROOF_LEFTOVER && statement->alone != ALONE_CREATE_INDEX) {
		log_warn("%s: still left by REINDEX CONCURRENTLY: %s",
		         attempt->migration->script->name, in_words(&finding, attempt->arena));
		return true;
	}
	if (finding.proof == PROOF_LEFTOVER) {
		(void)err_set(err, FAULT_WRONG, "an index is not valid");
		(void)err_hint(err, "%s;", in_words(&finding, attempt->arena));
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
	                  in_words(&finding, attempt->arena));
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

/* What the server has refused, and of which nothing is left, is as if it had not been begun. */
static bool
forget(const struct attempt *attempt, const struct err *err)
{
	struct boot *boot = attempt->boot;
	struct finding finding;
	struct err later = { 0 }; /* the first failure is the one to tell */

	if (err->fault < FAULT_SIGNAL && err->fault != FAULT_NO_SERVER &&
	    proof_find(&finding, boot->db, attempt->statement, attempt->noted, attempt->arena,
	               &later) &&
	    finding.proof != PROOF_LEFTOVER && finding.proof != PROOF_BUSY)
		(void)run_own(attempt,
		              journal_forget_sql(boot->db, boot->config,
		                                 single_kind(attempt->migration, attempt->arena),
		                                 attempt->arena),
		              &later);
	return false;
}

/* What a run that was killed had sent, and its server session has brought to its end since we looked. */
static bool
came_true(const struct attempt *attempt, struct err *err)
{
	struct finding finding;
	struct err later = { 0 };

	if (err->fault != FAULT_WRONG ||
	    !proof_find(&finding, attempt->boot->db, attempt->statement, attempt->noted,
	                attempt->arena, &later) ||
	    finding.proof != PROOF_DONE)
		return false;
	log_info("%s: statement %zu was completed by a run that was interrupted",
	         attempt->migration->script->name, attempt->i + 1);
	err_clear(err);
	return true;
}

bool
single_run(struct boot *boot, const struct migration *migration, const struct batch *batch,
           size_t i, const char *noted, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct attempt attempt = {
		boot, migration, batch, i, &batch->statements[i], noted, &arena
	};
	bool is_done = false;

	if (!(noted ? take_up(&attempt, &is_done, err) : note(&attempt, err)))
		return false;
	return is_done || try_until_done(&attempt, err) || (noted && came_true(&attempt, err)) ||
	       forget(&attempt, err);
}

bool
single_clear(struct boot *boot, const struct migration *migration, const struct batch *batch,
             size_t i, const char *noted, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct attempt attempt = { boot,  migration, batch, i, &batch->statements[i],
		                         noted, &arena };
	struct finding finding;

	return find(&attempt, &finding, err) &&
	       (finding.proof != PROOF_LEFTOVER ||
	        proof_is_completed_by_remedy(attempt.statement) || sweep(&attempt, &finding, err));
}
