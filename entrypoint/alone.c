/* See alone.h. */
#include "alone.h"

#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "ledger.h"
#include "log.h"
#include "migration.h"
#include "names.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"
#include "target.h"

/* Whatever a file has set, the session is ours again. */
#define OWN_AGAIN "reset session authorization; reset role; reset all;\n"

/* What the catalog says of a statement that an earlier run may have begun. */
enum proof {
	PROOF_DONE,
	PROOF_NOT_DONE, /* or harmless to do again */
	PROOF_LEFTOVER, /* half done: first away with it */
	PROOF_NONE,     /* the catalog cannot tell */
};

/*
 * How each kind is proven: a question of one row with 'done', 'not done' or 'leftover'; $1 is the
 * object and $2 the relation, as written. And the statement that does away with a leftover, which gets
 * schema-qualified names; 'finished' where that completes the work.
 */
static const struct {
	enum alone alone;
	const char *question;
	const char *remedy;
} proofs[] = {
	/* An index is made in the schema of its table, so the search path does not find it. */
	{ ALONE_CREATE_INDEX,
	  "select coalesce((select case when indisvalid then 'done' else 'leftover' end\n"
	  "    from pg_index join pg_class on pg_class.oid = indexrelid\n"
	  "    where indrelid = to_regclass($2) and relname = (parse_ident($1))[1]), 'not done')",
	  "select format('drop index concurrently %I.%I', nspname, relname)\n"
	  "from pg_index join pg_class on pg_class.oid = indexrelid\n"
	  "join pg_namespace on pg_namespace.oid = relnamespace\n"
	  "where indrelid = to_regclass($2) and relname = (parse_ident($1))[1]" },
	{ ALONE_DROP_INDEX,
	  "select case when to_regclass($1) is null then 'done' else 'not done' end\n"
	  "where $2::text is null or true",
	  NULL },
	{ ALONE_CREATE_DATABASE,
	  "select case when exists (select from pg_database where datname = (parse_ident($1))[1])\n"
	  "    then 'done' else 'not done' end where $2::text is null or true",
	  NULL },
	{ ALONE_DROP_DATABASE,
	  "select case when exists (select from pg_database where datname = (parse_ident($1))[1])\n"
	  "    then 'not done' else 'done' end where $2::text is null or true",
	  NULL },
	{ ALONE_REINDEX, "select 'not done' where ($1::text is null and $2::text is null) or true",
	  NULL },
	{ ALONE_REPEATABLE,
	  "select 'not done' where ($1::text is null and $2::text is null) or true", NULL },
	{ ALONE_DETACH,
	  "select coalesce((select case when inhdetachpending then 'leftover' else 'not done' end\n"
	  "    from pg_inherits where inhrelid = to_regclass($1) and inhparent = to_regclass($2)),\n"
	  "    'done')",
	  "select format('alter table %s detach partition %s finalize', to_regclass($2),\n"
	  "    to_regclass($1))" },
};

static bool
prove(struct boot *boot, const struct statement *statement, enum proof *proof, const char **remedy,
      struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 }, cure = { 0 };
	size_t i = 0;

	*proof = PROOF_NONE;
	while (i < sizeof proofs / sizeof *proofs && proofs[i].alone != statement->alone)
		i++;
	if (i == sizeof proofs / sizeof *proofs)
		return true;
	/* Without a name of its own an index cannot be told from others of the table. */
	if (statement->alone == ALONE_CREATE_INDEX && !statement->object)
		return true;
	if (!db_ask(boot->db,
	            ASK(SHAPE_VALUE, proofs[i].question, statement->object, statement->relation),
	            &answer, err))
		return false;
	*proof = strcmp(answer_at(&answer, 0, 0), "done") == 0     ? PROOF_DONE
	       : strcmp(answer_at(&answer, 0, 0), "leftover") == 0 ? PROOF_LEFTOVER
	                                                           : PROOF_NOT_DONE;
	if (*proof != PROOF_LEFTOVER)
		return true;
	if (!db_ask(boot->db,
	            ASK(SHAPE_VALUE, proofs[i].remedy, statement->object, statement->relation),
	            &cure, err))
		return false;
	*remedy = arena_copy(arena, answer_at(&cure, 0, 0));
	return true;
}

static bool
cannot_tell(const struct migration *migration, size_t number, struct err *err)
{
	(void)err_set(err, FAULT_WRONG,
	              "%s: it cannot be told whether statement %zu was done by the run that was "
	              "interrupted",
	              migration->script->source.path, number);
	return err_hint(err,
	                "finish it by hand, then count it: update the ledger's row of version %s, "
	                "set statements = %zu",
	                migration->version, number);
}

/* Before a statement that an earlier try may have begun: is there still something to do? */
static bool
clear_way(struct boot *boot, const struct migration *migration, const struct batch *batch, size_t i,
          bool *is_done, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *remedy = NULL;
	enum proof proof;

	if (!prove(boot, &batch->statements[i], &proof, &remedy, &arena, err))
		return false;
	*is_done = proof == PROOF_DONE;
	if (proof == PROOF_NONE)
		return cannot_tell(migration, i + 1, err);
	if (proof != PROOF_LEFTOVER)
		return true;
	log_info("%s: an interrupted run left something behind: %s", migration->script->name,
	         remedy);
	*is_done = batch->statements[i].alone == ALONE_DETACH;
	return db_run(boot->db, remedy, err);
}

/* CONCURRENTLY succeeds, or leaves an invalid index that IF NOT EXISTS takes for a whole one. */
static bool
verify(struct boot *boot, const struct statement *statement, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *remedy = NULL;
	enum proof proof;

	if (statement->alone != ALONE_CREATE_INDEX || !statement->object)
		return true;
	if (!prove(boot, statement, &proof, &remedy, &arena, err))
		return false;
	if (proof == PROOF_DONE)
		return true;
	(void)err_set(err, FAULT_WRONG, "index %s is not valid", statement->object);
	return remedy ? err_hint(err, "%s;", remedy) : false;
}

static bool
run_alone(struct boot *boot, const struct migration *migration, const struct batch *batch, size_t i,
          bool may_be_begun, struct err *err)
{
	const struct statement *statement = &batch->statements[i];
	struct patience patience = patience_new(boot->config);
	bool is_done = false;

	for (;; may_be_begun = true) {
		if (may_be_begun && !clear_way(boot, migration, batch, i, &is_done, err))
			return false;
		if (is_done)
			return true;
		if (send_statement(boot, statement, NULL, NULL, err))
			return verify(boot, statement, err);
		if (!patience_retries(&patience, boot->db, err))
			return false;
	}
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

	while (!send_statement(boot, &batch->statements[i], before, after, err))
		if (!patience_retries(&patience, boot->db, err))
			return false;
	return true;
}

/*
 * Session settings, since nothing can be local, and those of the file. Behind a pooler they would be someone else's: then the
 * file, or the URL, may have none.
 */
static bool
set_session(struct boot *boot, const struct migration *migration, const char *settings,
            struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text sql = text_new(&arena);

	if (db_is_pooled(boot->db)) {
		if (!*settings && !boot->target->search_path)
			return true;
		(void)err_set(err, FAULT_CONFIG,
		              "%s: a statement outside a transaction needs a session with %s, "
		              "which a pooler does not keep",
		              migration->script->source.path,
		              *settings ? "what the file has SET before it" : "the URL's schema");
		return err_hint(err, "set admin_url to reach the server directly");
	}
	text_print(&sql,
	           "%sset statement_timeout = 0; set lock_timeout = 0;\n"
	           "set idle_in_transaction_session_timeout = 0;\n",
	           OWN_AGAIN);
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
              size_t i, bool may_be_begun, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *settings = send_settings(batch, i, &arena);
	const char *finish =
		ledger_finish_sql(boot->db, boot->config, migration->version, i + 1, false, &arena);

	if (batch->statements[i].kind != STATEMENT_ALONE)
		return run_shared(boot, migration, batch, i, settings, err);
	return set_session(boot, migration, settings, err) &&
	       run_alone(boot, migration, batch, i, may_be_begun, err) &&
	       db_run(boot->db,
	              db_is_pooled(boot->db) ? finish : arena_join(&arena, OWN_AGAIN, finish, ""),
	              err);
}

/* How many statements are done; a row that a killed run committed after we looked counts. */
static bool
begin(struct boot *boot, const struct migration *migration, size_t *done, bool *is_resumed,
      struct arena *arena, struct err *err)
{
	*is_resumed = migration->verdict == VERDICT_RESUME;
	*done = *is_resumed ? migration->entry->statements : 0;
	if (*is_resumed || db_run(boot->db,
	                          ledger_begin_sql(boot->db, boot->config, migration->version,
	                                           migration->name, migration->checksum, arena),
	                          err))
		return true;
	*is_resumed = ledger_came_late(boot->db, boot->config, migration->version,
	                               migration->checksum, true, done, err);
	return *is_resumed;
}

bool
alone_apply(struct boot *boot, const struct migration *migration, const struct batch *batch,
            struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	size_t done;
	bool is_resumed;

	if (!begin(boot, migration, &done, &is_resumed, &arena, err))
		return false;
	if (is_resumed)
		log_info("%s was interrupted: going on after statement %zu",
		         migration->script->name, done);
	for (size_t i = done; i < batch->count; i++)
		if (!run_statement(boot, migration, batch, i, is_resumed && i == done, err))
			return false;
	return true;
}
