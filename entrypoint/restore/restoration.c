/* See restoration.h. */
#include "restoration.h"

#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../empty.h"
#include "../err.h"
#include "../ledger.h"
#include "../names.h"
#include "../scoped.h"
#include "remain.h"
#include "wipe.h"

static const char KIND[] = "restore"; /* in the journal */

static const char *
schema(const struct boot *boot, struct arena *arena)
{
	return name_quoted(boot->config->schema, arena);
}

/* Its number, while it is the last. */
static const char *
row_sql(const struct boot *boot, const struct restoration *restoration, struct arena *arena)
{
	return arena_print(
		arena, "%s.journal where kind = '%s' and finished_at is null and statements = %zu",
		schema(boot, arena), KIND, restoration->run);
}

bool
restoration_read(struct boot *boot, struct restoration *restoration, struct arena *arena,
                 struct err *err)
{
	/* Journals that never saw such a restore have no column for the list. */
	static const char sql[] =
		"select item, statements, to_jsonb(journal) ->> 'objects' from %s.journal as journal\n"
		"where kind = $1 and finished_at is null";
	SCOPED(answer_free) struct answer answer = { 0 };

	*restoration = (struct restoration){ 0 };
	if (!boot->facts.has_ledger)
		return true;
	if (!db_ask(boot->db, ASK(SHAPE_ROWS, arena_print(arena, sql, schema(boot, arena)), KIND),
	            &answer, err))
		return false;
	if (!answer.rows)
		return true;
	restoration->source = arena_copy(arena, answer_at(&answer, 0, 0));
	restoration->run = strtoul(answer_at(&answer, 0, 1), NULL, 10);
	restoration->list =
		arena_copy(arena, answer_at(&answer, 0, 2) ? answer_at(&answer, 0, 2) : "[]");
	return true;
}

static bool
ask_list(struct boot *boot, const char **list, struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db,
	            ASK(SHAPE_VALUE, remain_list_sql(boot->db, arena), "[]",
	                empty_schemas(boot->config, arena)),
	            &answer, err))
		return false;
	*list = arena_copy(arena, answer_at(&answer, 0, 0));
	return true;
}

/* A column without a default costs nothing. */
bool
restoration_prepare(struct boot *boot, struct arena *arena, struct err *err)
{
	static const char sql[] =
		"select count(*) > 0 from pg_attribute\n"
		"where attrelid = $1::regclass and attname = 'objects' and not attisdropped";
	SCOPED(answer_free) struct answer answer = { 0 };
	struct patience patience = patience_new(boot->config);
	const char *journal = arena_join(arena, schema(boot, arena), ".journal", "");
	const char *add =
		arena_print(arena,
	                    "%salter table %s add column if not exists objects jsonb;\ncommit",
	                    transaction_begin_sql(boot, arena), journal);

	if (!db_ask(boot->db, ASK(SHAPE_VALUE, sql, journal), &answer, err))
		return false;
	while (!answer_is_true(&answer, 0, 0) && !db_run(boot->db, add, err))
		if (!patience_retries(&patience, boot->db, err))
			return false;
	return true;
}

/* The row of a new one, with its list; the mark for the starts. */
static const char *
begin_sql(struct boot *boot, const struct restoration *restoration, struct arena *arena)
{
	return arena_print(
		arena,
		"%s%s;\nupdate %s.journal set started_at = clock_timestamp(), objects = %s\n"
		"where kind = '%s';\n%s;\ncommit",
		transaction_begin_sql(boot, arena),
		journal_sql(boot->db, boot->config, KIND, restoration->source, restoration->run,
	                    false, arena),
		schema(boot, arena), db_literal(boot->db, restoration->list, arena), KIND,
		ledger_partial_sql(boot->db, boot->config, KIND, arena));
}

bool
restoration_begin(struct boot *boot, const char *source, struct restoration *restoration,
                  struct arena *arena, struct err *err)
{
	struct patience patience = patience_new(boot->config);

	*restoration = (struct restoration){ .source = source, .run = 1 };
	if (!ledger_create(boot->db, boot->config, err) || !restoration_prepare(boot, arena, err) ||
	    !ask_list(boot, &restoration->list, arena, err))
		return false;
	while (!db_run(boot->db, begin_sql(boot, restoration, arena), err))
		if (!patience_retries(&patience, boot->db, err))
			return false;
	return true;
}

/* The transactions of the killed run hold the row until the server has ended them. */
static bool
count_up(struct boot *boot, struct restoration *restoration, struct arena *arena, struct err *err)
{
	struct patience patience = patience_new(boot->config);
	const char *sql =
		arena_print(arena,
	                    "%supdate %s.journal set statements = statements + 1, item = %s\n"
	                    "where kind = '%s' and finished_at is null;\ncommit",
	                    transaction_begin_sql(boot, arena), schema(boot, arena),
	                    db_literal(boot->db, restoration->source, arena), KIND);

	while (!db_run(boot->db, sql, err))
		if (!patience_retries(&patience, boot->db, err))
			return false;
	restoration->run++;
	return true;
}

bool
restoration_take_over(struct boot *boot, struct restoration *restoration, const char *source,
                      size_t *dropped, struct arena *arena, struct err *err)
{
	struct wipe wipe = { .list = restoration->list };

	if (source)
		restoration->source = source;
	if (!count_up(boot, restoration, arena, err))
		return false;
	wipe.opening = restoration_fence_sql(boot, restoration, arena);
	wipe.closing = ledger_empty_sql(boot->config, arena);
	return wipe_run(boot, &wipe, dropped, err);
}

/* What the backup has brought is noted as a change is, after it or by the next start (note.h). */
static const char *
mark_sql(const struct boot *boot, const char *source, struct arena *arena)
{
	return arena_join(arena,
	                  ledger_restored_sql(boot->db, boot->config, source,
	                                      empty_relation_sql(boot->db, boot->config, arena),
	                                      arena),
	                  ";\n", ledger_changing_sql(boot->db, boot->config, arena));
}

bool
restoration_forget(struct boot *boot, const struct restoration *restoration, struct arena *arena,
                   struct err *err)
{
	return db_run(boot->db,
	              arena_print(arena, "%sdelete from %s;\n%s;\ncommit",
	                          transaction_begin_sql(boot, arena),
	                          row_sql(boot, restoration, arena),
	                          ledger_whole_sql(boot->config, arena)),
	              err);
}

bool
restoration_blame(struct err *err)
{
	return strcmp(err->sqlstate, "22012") == 0
	             ? err_set(err, FAULT_BUSY, "another run has taken this restore over")
	             : false;
}

const char *
restoration_fence_sql(const struct boot *boot, const struct restoration *restoration,
                      struct arena *arena)
{
	/* Division by zero is the one way to fail without a function of our own. */
	return arena_print(arena,
	                   "select 1 / count(*) from (select from %s for share) as under_way",
	                   row_sql(boot, restoration, arena));
}

const char *
restoration_finish_sql(const struct boot *boot, const struct restoration *restoration,
                       struct arena *arena)
{
	return arena_print(
		arena,
		"update %s.journal set finished_at = clock_timestamp(), objects = null\n"
		"where kind = '%s' and finished_at is null and statements = %zu;\n%s;\n%s",
		schema(boot, arena), KIND, restoration->run, ledger_whole_sql(boot->config, arena),
		mark_sql(boot, restoration->source, arena));
}

const char *
restoration_whole_sql(const struct boot *boot, const char *source, struct arena *arena)
{
	return arena_join(arena, journal_sql(boot->db, boot->config, KIND, source, 0, true, arena),
	                  ";\n", mark_sql(boot, source, arena));
}
