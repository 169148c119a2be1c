/*
 * Step: apply what is pending, each file with its row of the ledger in the same transaction; what cannot
 * run in one, statement by statement (alone.h). Around all of it before.sql, and in the last transaction,
 * after.sql, so that it cannot be left out by a crash.
 */
#include <stdint.h>
#include <string.h>

#include "alone.h"
#include "arena.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "group.h"
#include "ledger.h"
#include "log.h"
#include "look.h"
#include "migration.h"
#include "scoped.h"
#include "script.h"
#include "snapshot.h"

/*
 * Statements of a transaction of GROUPING_RUNS: each table and index it makes takes a place of the
 * server's lock table (max_locks_per_transaction), and more would hardly be faster.
 */
#define ENOUGH ((size_t)500)

struct run {
	struct boot *boot;
	struct arena *arena;
	struct part *parts;
	size_t count;
	enum grouping grouping;
	size_t singly;      /* parts before this one are applied one by one */
	size_t applied;     /* files */
	bool was_overtaken; /* a run that was killed has applied something after we looked */
};

static bool
is_alone(const struct part *part)
{
	return part->migration && part->migration->runs_alone;
}

/* It ran in one transaction, or will: its row cannot have been committed unfinished. */
static bool
refuse_begun(const struct boot *boot, const struct migration *migration, struct err *err)
{
	if (migration->verdict != VERDICT_RESUME || migration->runs_alone)
		return true;
	(void)err_set(
		err, FAULT_WRONG,
		"%s was begun at %s and is not finished by the ledger, although it runs in one "
		"transaction",
		migration->script->source.path, migration->entry->started_at);
	return err_hint(err,
	                "look at what it did; if all of it, update %s.migration set finished_at = "
	                "now() where version = '%s'; if not, undo it and delete that row",
	                boot->config->schema, migration->version);
}

/* What is pending, as parts: perhaps the snapshot, files, perhaps after.sql. */
static bool
list_parts(struct run *run, struct err *err)
{
	const struct boot *boot = run->boot;
	const struct migrations *migrations = boot->migrations;

	run->count = 0;
	run->parts = arena_alloc(run->arena, (migrations->count + 2) * sizeof *run->parts);
	if (boot->facts.loads_snapshot)
		run->parts[run->count++] =
			(struct part){ .script = migrations->snapshot,
			               .record = snapshot_record_sql(boot, run->arena) };
	for (size_t i = 0; i < migrations->count; i++) {
		const struct migration *migration = &migrations->at[i];

		if (!migration_is_pending(migration))
			continue;
		if (!refuse_begun(boot, migration, err))
			return false;
		run->parts[run->count++] = (struct part){ migration->script, migration, NULL };
	}
	if (run->count && migrations->after)
		run->parts[run->count++] = (struct part){ .script = migrations->after };
	return true;
}

static const struct part *
first_alone(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		if (is_alone(&run->parts[i]))
			return &run->parts[i];
	return NULL;
}

static bool
choose(struct run *run, struct err *err)
{
	const enum transactions setting = run->boot->config->migrations_transaction;
	const struct part *alone = first_alone(run);
	bool is_new = false;

	/* One file needs no company, and no question about it. */
	if (setting == TRANSACTIONS_AUTO && run->count > 1 && !look_is_new(run->boot, &is_new, err))
		return false;
	if (setting == TRANSACTIONS_ALL && alone)
		log_warn("%s cannot run in a transaction: a transaction for each of the other "
		         "files, not one for all",
		         alone->script->name);
	run->grouping = grouping_choose(setting, is_new, alone != NULL);
	return true;
}

static void
tell_one(struct run *run, const struct part *part, const char *took)
{
	const struct migrations *migrations = run->boot->migrations;

	if (part->migration)
		log_info("%s applied%s", part->script->name, took);
	else if (part->script == migrations->snapshot)
		log_info("%s loaded, for all up to %s%s", part->script->name,
		         part->script->snapshot, took);
	else if (part->script)
		log_info("%s run%s", part->script->name, took);
	run->applied += part->migration != NULL;
}

static void
tell(struct run *run, size_t first, size_t count, int64_t since)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *took = arena_print(&arena, " in %lld ms", (long long)(clock_now() - since));
	const bool is_one = count == 1 || (count == 2 && !run->parts[first + 1].migration);

	for (size_t i = first; i < first + count; i++)
		tell_one(run, &run->parts[i], is_one && i == first ? took : "");
	if (!is_one)
		log_info("%zu files in one transaction%s", count, took);
}

/* The part behind this one, where it belongs to its transaction. */
static bool
has_companion(const struct run *run, size_t at)
{
	return at + 1 < run->count && !run->parts[at + 1].migration;
}

/* How many may share a transaction, from this one on. */
static size_t
reach(const struct run *run, size_t at)
{
	size_t end = at + 1;

	if (run->grouping == GROUPING_FILE || at < run->singly)
		return has_companion(run, at) ? 2 : 1;
	while (end < run->count && !is_alone(&run->parts[end]))
		end++;
	return end - at;
}

/* The failure was the company's, not the file's, or it will be told again: one by one up to this file. */
static bool
fall_back(struct run *run, size_t first, size_t failed, struct err *err)
{
	if (!grouping_falls_back(run->grouping, err->fault, err->sqlstate))
		return false;
	log_info("%s; rolled back, now with a transaction for each file", err->what);
	run->singly = first + failed + 1;
	err_clear(err);
	return true;
}

static bool
was_overtaken(struct run *run, const struct part *part, struct err *err)
{
	const struct migration *migration = part->migration;
	size_t statements;

	/* A repeatable's row is never a duplicate. */
	if (!migration || migration->is_repeatable ||
	    !ledger_came_late(run->boot->db, run->boot->config, migration->version,
	                      migration->checksum, false, &statements, err))
		return false;
	log_info("%s was applied by a run that was interrupted", part->script->name);
	run->was_overtaken = true;
	return true;
}

/* A transaction's worth of parts. True also where they have to be tried anew, in another way. */
static bool
apply_together(struct run *run, size_t *at, struct err *err)
{
	const struct part *parts = run->parts + *at;
	const int64_t since = clock_now();
	const size_t count = reach(run, *at);
	size_t done = 0, failed = 0;

	if (group_apply(run->boot, parts, count, run->grouping == GROUPING_RUNS ? ENOUGH : SIZE_MAX,
	                &done, &failed, err)) {
		tell(run, *at, done, since);
		*at += done;
		return true;
	}
	return was_overtaken(run, &parts[failed], err) ||
	       (count > 1 && parts[1].migration && fall_back(run, *at, failed, err));
}

/* Its last statement is done: the row is finished, together with after.sql where that is next. */
static bool
finish_alone(struct run *run, size_t *at, size_t statements, struct err *err)
{
	const struct migration *migration = run->parts[*at].migration;
	struct boot *boot = run->boot;
	const char *finish = ledger_finish_sql(boot->db, boot->config, migration->version,
	                                       statements, true, run->arena);
	size_t done, failed;

	if (!has_companion(run, *at))
		return db_run(boot->db, finish, err);
	++*at;
	run->parts[*at].record = finish;
	return group_apply(boot, &run->parts[*at], 1, SIZE_MAX, &done, &failed, err);
}

static bool
apply_alone(struct run *run, size_t *at, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct migration *migration = run->parts[*at].migration;
	const int64_t since = clock_now();
	const size_t first = *at;
	struct batch batch;

	if (!script_split(&batch, migration->script, config_script_variable, &arena, err) ||
	    !alone_apply(run->boot, migration, &batch, err) ||
	    !finish_alone(run, at, batch.count, err))
		return false;
	++*at;
	tell(run, first, *at - first, since);
	return true;
}

static bool
apply_all(struct run *run, struct err *err)
{
	size_t at = 0;

	run->singly = 0;
	run->was_overtaken = false;
	while (at < run->count && !run->was_overtaken)
		if (!(is_alone(&run->parts[at]) ? apply_alone : apply_together)(run, &at, err))
			return false;
	return true;
}

/* In a transaction of its own: whatever becomes of the files, it will run before the next try again. */
static bool
run_before(struct run *run, struct err *err)
{
	const struct part part = { .script = run->boot->migrations->before };
	const int64_t since = clock_now();
	size_t done, failed;

	if (!part.script)
		return true;
	if (!group_apply(run->boot, &part, 1, SIZE_MAX, &done, &failed, err))
		return false;
	log_info("%s run in %lld ms", part.script->name, (long long)(clock_now() - since));
	return true;
}

/* So that a later start knows a database that lost its tables from one that never had any. */
static bool
note_relation(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *relation;

	return look_for_relation(boot, &relation, &arena, err) &&
	       db_run(boot->db, ledger_relation_sql(boot->db, boot->config, relation, &arena), err);
}

bool
migrate_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct run run = { .boot = boot, .arena = &arena };

	/* initdb.d may have made relations since the look. */
	if (!look_at_snapshot(boot, err) || !migrations_proofread(boot->migrations, err) ||
	    !list_parts(&run, err) || !choose(&run, err) || !run_before(&run, err) ||
	    !apply_all(&run, err))
		return false;
	while (run.was_overtaken)
		if (!look_ask(boot, err) || !list_parts(&run, err) || !apply_all(&run, err))
			return false;
	log_info("%zu applied", run.applied);
	return note_relation(boot, err);
}
