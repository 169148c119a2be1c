/* See alone.h. */
#include "alone.h"

#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "begun.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "envelope.h"
#include "err.h"
#include "ledger.h"
#include "log.h"
#include "migration.h"
#include "pooled.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"
#include "single.h"
#include "target.h"
#include "token.h"

/* Whatever a file has set, the session is ours again. */
#define OWN_AGAIN "reset session authorization; reset role; reset all;\n"

/* A file on its way. */
struct course {
	struct boot *boot;
	const struct migration *migration;
	const struct batch *batch;
	const char *const *digests; /* begun.h */
};

/* The row of the ledger counts so many, and they may not be edited any more. */
static const char *
done_sql(const struct course *course, size_t count, struct arena *arena)
{
	struct boot *boot = course->boot;
	const char *version = migration_row(course->migration);

	return arena_join(arena, begun_sql(boot, version, course->digests[count], count, arena),
	                  ";\n",
	                  ledger_finish_sql(boot->db, boot->config, version, count, false, arena));
}

static bool
run_shared(const struct course *course, size_t i, const char *settings, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct boot *boot = course->boot;
	struct patience patience = patience_new(boot->config);
	const char *own = arena_print(&arena, "%s%s;\n%s", transaction_begin_sql(boot, &arena),
	                              ledger_fence_sql(boot->db, boot->config,
	                                               migration_row(course->migration), i, &arena),
	                              settings);
	const char *after =
		arena_print(&arena,
	                    "reset session authorization; reset role;\n%s;\ncommit; reset all",
	                    done_sql(course, i + 1, &arena));
	/* The server reads strings as is set when a query comes: what the file sets comes before. */
	const char *ahead = *settings ? own : NULL, *before = *settings ? NULL : own;

	while (!send_own(boot, ahead, course->batch->statements[i].source, err) ||
	       !send_statement(boot, course->batch, i, before, after, err))
		if (!patience_retries(&patience, boot->db, err))
			return ledger_counted_late(boot->db, boot->config,
			                           migration_row(course->migration), i + 1, false,
			                           err);
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
	text_print(&sql, OWN_AGAIN "set lock_timeout = %lld;\n",
	           is_exclusive ? (long long)boot->config->lock_timeout : 0LL);
	text_add(&sql, session_own_sql(boot->db, "set", &arena));
	if (boot->target->search_path)
		text_print(&sql, "set search_path = %s;\n", boot->target->search_path);
	text_add(&sql, settings);
	return db_run(boot->db, sql.at, err);
}

/* SQL of ours, whatever the file has set. */
static bool
run_own(struct boot *boot, const char *sql, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	return db_run(boot->db,
	              db_is_pooled(boot->db)
	                      ? sql
	                      : arena_join(&arena, OWN_AGAIN "set transaction read write;\n", sql,
	                                   ""),
	              err);
}

/* It may leave something until the journal says that it was not begun. */
static bool
run_single(const struct course *course, size_t i, const char *noted, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct boot *boot = course->boot;
	const struct statement *statement = &course->batch->statements[i];
	const char *version = migration_row(course->migration);
	const char *before = begun_sql(boot, version, course->digests[i], i, &arena);
	struct err later = { 0 };
	const char *item = NULL;
	size_t begun;

	if (!db_run(boot->db, begun_sql(boot, version, course->digests[i + 1], i + 1, &arena),
	            err) ||
	    !set_session(boot, statement, send_settings(course->batch, i, &arena), err))
		return false;
	if (single_run(boot, course->migration, course->batch, i, noted, err))
		return run_own(boot, done_sql(course, i + 1, &arena), err);
	if (err->fault < FAULT_SIGNAL && err->fault != FAULT_NO_SERVER &&
	    journal_read(boot->db, boot->config, single_kind(course->migration, &arena), &item,
	                 &begun, &arena, &later) &&
	    !(item && begun == i))
		(void)run_own(boot, before, &later); /* the first failure is the one to tell */
	return false;
}

/*
 * Has the server refused it in a transaction, or in one that has written, for what its first words do not tell: a procedure
 * or a block that commits, a partitioned table, a replication slot? Then nothing of it is done, and without one it may run. A
 * pooler would not keep its session.
 */
static bool
has_to_be_single(const struct course *course, size_t i, struct err *err)
{
	static const char verbs[] = "call|do|select|reindex|cluster";
	struct tokens tokens = tokens_new(course->batch->statements[i].sql);
	const struct token verb = token_next(&tokens);

	if (!token_is_one_of(&verb, verbs, sizeof verbs - 1) ||
	    (strcmp(err->sqlstate, "2D000") != 0 && strcmp(err->sqlstate, "25001") != 0))
		return false;
	if (db_is_pooled(course->boot->db))
		return err_hint(err, "set admin_url to reach the server directly");
	log_debug("%s: statement %zu cannot run in a transaction: %s",
	          course->migration->script->name, i + 1, err->what);
	err_clear(err);
	return true;
}

static bool
run_statement(const struct course *course, size_t i, const char *noted, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	if (course->batch->statements[i].kind == STATEMENT_ALONE || noted)
		return run_single(course, i, noted, err);
	return run_shared(course, i, send_settings(course->batch, i, &arena), err) ||
	       (has_to_be_single(course, i, err) && run_single(course, i, NULL, err));
}

static const char *
forget_sql(const struct boot *boot, const char *kind, struct arena *arena)
{
	return arena_join(arena, journal_forget_sql(boot->db, boot->config, kind, arena), ";\n",
	                  "");
}

const char *
alone_begin_sql(const struct boot *boot, const struct migration *migration, struct arena *arena)
{
	return arena_join(arena, forget_sql(boot, single_kind(migration, arena), arena),
	                  begun_sql(boot, migration_row(migration), "", 0, arena), ";\n");
}

static const char *
begin_sql(struct boot *boot, const struct migration *migration, struct arena *arena)
{
	return arena_join(arena, alone_begin_sql(boot, migration, arena),
	                  ledger_begin_sql(boot->db, boot->config, migration->version,
	                                   migration->name, migration->checksum, false, arena),
	                  "");
}

/* In the session that it ran in: what its search_path does not show would not be found. */
static bool
clear_one(struct boot *boot, const struct migration *migration, const struct batch *batch,
          size_t at, const char *noted, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	return set_session(boot, &batch->statements[at], send_settings(batch, at, &arena), err) &&
	       single_clear(boot, migration, batch, at, noted, err) &&
	       (db_is_pooled(boot->db) || db_run(boot->db, OWN_AGAIN, err));
}

/*
 * A repeatable begins anew. What it was interrupted in may have left an invalid index, which would be taken for a stranger's
 * once the journal is forgotten.
 */
static bool
clear_way(struct boot *boot, const struct migration *migration, const struct batch *batch,
          struct arena *arena, struct err *err)
{
	const char *noted;
	size_t begun, at;
	bool is_kept;

	if (!migration->is_repeatable || !migration->entry || migration->entry->is_finished)
		return true;
	if (!begun_is_kept(boot, migration->entry, migration->script, &is_kept, &begun, err) ||
	    !journal_read(boot->db, boot->config, single_kind(migration, arena), &noted, &at, arena,
	                  err))
		return false;
	return !is_kept || !noted || at + 1 != begun ||
	       clear_one(boot, migration, batch, at, noted, err);
}

/* How many statements are done; a row that a killed run committed after we looked counts. */
static bool
begin(struct boot *boot, const struct migration *migration, size_t *done, bool *is_resumed,
      struct arena *arena, struct err *err)
{
	*is_resumed = migration->verdict == VERDICT_RESUME;
	*done = *is_resumed ? migration->entry->statements : 0;
	/* It may have been edited behind what is done. */
	if (*is_resumed)
		return strcmp(migration->entry->checksum, migration->checksum) == 0 ||
		       ledger_accept(boot->db, boot->config, migration->entry->version,
		                     migration->checksum, err);
	if (db_run(boot->db, begin_sql(boot, migration, arena), err))
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
	if (!journal_read(boot->db, boot->config, single_kind(migration, arena), &item, &begun,
	                  arena, err))
		return false;
	if (item && begun == done)
		*noted = item;
	log_info("%s was interrupted: going on after statement %zu", migration->script->name, done);
	return true;
}

bool
alone_go_on(struct boot *boot, const struct migration *migration, const struct batch *batch,
            size_t done, bool is_resumed, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct course course = { boot, migration, batch, begun_digests(batch, &arena) };
	const char *noted = NULL;

	if (is_resumed && !find_begun(boot, migration, done, &noted, &arena, err))
		return false;
	for (size_t i = done; i < batch->count; i++)
		if (!run_statement(&course, i, i == done ? noted : NULL, err))
			return false;
	return true;
}

const char *
alone_finish_sql(const struct boot *boot, const struct migration *migration,
                 const struct batch *batch, struct arena *arena)
{
	/* Of a pooler's session the last transaction may have had another. */
	const char *clean = db_is_pooled(boot->db) ? "" : pooled_clean_sql(batch, arena);
	const struct transaction shared = { .is_shared = true };

	return arena_print(arena, "%s%s%s%s", clean,
	                   forget_sql(boot, single_kind(migration, arena), arena),
	                   forget_sql(boot, begun_kind(migration_row(migration), arena), arena),
	                   envelope_finish_sql(boot, migration, batch, &shared, arena));
}

bool
alone_give_up(struct boot *boot, const char *sql, const struct err *err)
{
	struct err later = { 0 };

	if (err->fault < FAULT_SIGNAL && err->fault != FAULT_NO_SERVER)
		(void)run_own(boot, sql, &later); /* the first failure is the one to tell */
	return false;
}

/* What makes the ledger as it is now, should the first statement do nothing: a repeatable may have run before. */
static bool
find_unbegin(struct boot *boot, const struct migration *migration, const char **sql,
             struct arena *arena, struct err *err)
{
	const char *kind = begun_kind(migration_row(migration), arena);

	*sql = ledger_unbegin_sql(boot->db, boot->config, migration->version, kind, arena);
	return !migration->is_repeatable || !migration->entry ||
	       ledger_again_sql(boot->db, boot->config, migration->version, kind, sql, arena, err);
}

bool
alone_apply(struct boot *boot, const struct migration *migration, const struct batch *batch,
            struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *unbegin;
	size_t done;
	bool is_resumed;

	if (!send_check_settings(batch, err) || !pooled_check(boot, batch, err) ||
	    !clear_way(boot, migration, batch, &arena, err) ||
	    !find_unbegin(boot, migration, &unbegin, &arena, err) ||
	    !begin(boot, migration, &done, &is_resumed, &arena, err))
		return false;
	return alone_go_on(boot, migration, batch, done, is_resumed, err) ||
	       alone_give_up(boot, unbegin, err);
}
