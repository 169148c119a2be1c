/*
 * Step: apply what is pending, each file with its row of the ledger in the same transaction; what cannot
 * run in one, statement by statement (alone.h). Around the files before.sql, and in the last transaction,
 * after.sql, so that it cannot be left out by a crash. What before.sql makes would keep the next start from
 * loading the snapshot, so it goes with that.
 */
#include <stdint.h>
#include <string.h>

#include "alone.h"
#include "arena.h"
#include "backup.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "group.h"
#include "history.h"
#include "ledger.h"
#include "log.h"
#include "look.h"
#include "migration.h"
#include "migrator.h"
#include "names.h"
#include "note.h"
#include "phase.h"
#include "progress.h"
#include "scoped.h"
#include "script.h"
#include "snapshot.h"
#include "summary.h"

/*
 * Statements of a transaction of GROUPING_RUNS: each table and index it makes takes a place of the
 * server's lock table (max_locks_per_transaction), and more would hardly be faster.
 */
#define ENOUGH ((size_t)500)

struct run {
	struct boot *boot;
	struct arena *arena;
	struct group *group;
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
	SCOPED(arena_drop) struct arena arena = { 0 };

	if (migration->verdict != VERDICT_RESUME || migration->runs_alone)
		return true;
	(void)err_set(
		err, FAULT_WRONG,
		"%s: its row in the ledger is not finished, although it runs in one transaction",
		migration->script->source.path);
	return err_hint(err,
	                "look at what it did; if all of it, update %s.migration set finished_at = "
	                "now() where version = %s; if not, undo it and delete that row",
	                name_quoted(boot->config->schema, &arena),
	                name_literal(migration_row(migration), &arena));
}

static bool
is_after(const struct run *run, const struct part *part)
{
	return part->script == run->boot->migrations->after;
}

static const char *
with_record(const struct run *run, const char *sql, const struct part *part)
{
	return part->record ? arena_join(run->arena, sql, ";\n", part->record) : sql;
}

/* after.sql, which may stand behind another migrator: then what comes before that owes it. */
static void
add_after(struct run *run)
{
	const struct boot *boot = run->boot;
	struct part *last = run->parts + run->count - 1;
	bool is_owed = after_is_due(boot);

	if (!boot->migrations->after || (!run->count && !is_owed))
		return;
	if (run->count && migrator_is_due(boot) &&
	    !(last->migration && last->migration->is_repeatable)) {
		is_owed = true;
		last->record =
			with_record(run, ledger_owe_sql(boot->db, boot->config, run->arena), last);
	}
	run->parts[run->count++] = (struct part){
		.script = boot->migrations->after,
		.record = is_owed ? ledger_paid_sql(boot->config, run->arena) : NULL,
	};
}

/* What is pending, as parts: perhaps the snapshot behind before.sql, files, perhaps after.sql. */
static bool
list_parts(struct run *run, struct err *err)
{
	const struct boot *boot = run->boot;
	const struct migrations *migrations = boot->migrations;

	run->count = 0;
	run->parts = arena_alloc(run->arena, (migrations->count + 3) * sizeof *run->parts);
	if (boot->facts.loads_snapshot && migrations->before)
		run->parts[run->count++] = (struct part){ .script = migrations->before };
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
	add_after(run);
	return true;
}

static bool
choose(struct run *run, struct err *err)
{
	const enum transactions setting = run->boot->config->migrations_transaction;
	bool is_new = false;

	/* One file needs no company, and no question about it. */
	if (setting == TRANSACTIONS_AUTO && run->count > 1 && !look_is_new(run->boot, &is_new, err))
		return false;
	run->grouping = grouping_choose(setting, is_new);
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
	else
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

/* Another migrator's turn is between the versioned files, which it may need, and the repeatables, which may need it. */
static bool
command_is_next(const struct run *run, size_t at)
{
	const struct part *part = &run->parts[at];

	return migrator_is_due(run->boot) && (at == run->count || is_after(run, part) ||
	                                      (part->migration && part->migration->is_repeatable));
}

/* Does the part behind this one belong to its transaction? */
static bool
has_companion(const struct run *run, size_t at)
{
	return at + 1 < run->count && !run->parts[at + 1].migration &&
	       !command_is_next(run, at + 1);
}

/* How many have to share a transaction, from this one on. */
static size_t
least_reach(const struct run *run, size_t at)
{
	size_t end = at + 1;

	while (has_companion(run, end - 1))
		end++;
	return end - at;
}

/* How many may. */
static size_t
reach(const struct run *run, size_t at)
{
	size_t end = at + least_reach(run, at);

	if (run->grouping == GROUPING_FILE || at < run->singly)
		return end - at;
	while (end < run->count && !is_alone(&run->parts[end]) && !command_is_next(run, end))
		end++;
	return end - at;
}

/* The failure was the company's, not the file's, or it will be told again: one by one up to this file. */
static bool
fall_back(struct run *run, size_t first, size_t failed, struct err *err)
{
	if (grouping_is_refused(run->grouping, err->fault, err->sqlstate))
		return err_hint(err,
		                "nothing was applied: the server wants what an earlier file did "
		                "committed first, and migrations_transaction = all asks for one "
		                "transaction; for this start set it to file");
	if (!grouping_falls_back(run->grouping, err->fault, err->sqlstate))
		return false;
	log_info(
		"%s did not go with the others (%s): rolled back, now with a transaction for each file",
		run->parts[first + failed].script->name, err->sqlstate);
	run->singly = first + failed + 1;
	err_clear(err);
	return true;
}

/* By a run that was killed, and whose transaction the server committed after we looked. */
static bool
was_applied_late(const struct run *run, const struct part *part, struct err *err)
{
	const struct boot *boot = run->boot;
	const struct migration *migration = part->migration;
	size_t statements;

	if (boot->facts.loads_snapshot && (part->script == boot->migrations->snapshot ||
	                                   part->script == boot->migrations->before))
		return ledger_filled_late(boot->db, boot->config, err);
	/* A repeatable's row is never a duplicate. */
	return migration && !migration->is_repeatable &&
	       ledger_came_late(boot->db, boot->config, migration->version, migration->checksum,
	                        false, &statements, err);
}

static bool
was_overtaken(struct run *run, const struct part *part, struct err *err)
{
	if (!was_applied_late(run, part, err))
		return false;
	log_info("%s was applied by a run that was interrupted", part->script->name);
	run->was_overtaken = true;
	return true;
}

/* The part behind, where it makes a transaction alone; else NULL. */
static const struct part *
next_by_itself(const struct run *run, size_t at)
{
	const bool is_one = at < run->count && !is_alone(&run->parts[at]) && reach(run, at) == 1;

	return is_one ? &run->parts[at] : NULL;
}

/* A transaction's worth of parts. True also where they have to be tried anew, in another way. */
static bool
apply_together(struct run *run, size_t *at, struct err *err)
{
	const struct part *parts = run->parts + *at;
	const int64_t since = clock_now();
	const size_t count = reach(run, *at);
	const struct span span = { parts, count, run->grouping == GROUPING_RUNS ? ENOUGH : SIZE_MAX,
		                   next_by_itself(run, *at + count) };
	size_t done = 0, failed = 0;

	if (group_apply(run->group, &span, &done, &failed, err)) {
		tell(run, *at, done, since);
		*at += done;
		return true;
	}
	return was_overtaken(run, &parts[failed], err) ||
	       (count > least_reach(run, *at) && fall_back(run, *at, failed, err));
}

static bool
apply_one(const struct run *run, const struct part *part, struct err *err)
{
	const struct span span = { .parts = part, .count = 1 };
	size_t done, failed;

	return group_apply(run->group, &span, &done, &failed, err);
}

static bool
run_finish(struct run *run, size_t *at, const char *finish, struct err *err)
{
	if (!has_companion(run, *at))
		return db_run(run->boot->db, with_record(run, finish, &run->parts[*at]), err);
	++*at;
	run->parts[*at].record = with_record(run, finish, &run->parts[*at]);
	return apply_one(run, &run->parts[*at], err);
}

/* Its last statement is done: the row is finished, once, together with after.sql where that is next. */
static bool
finish_alone(struct run *run, size_t *at, const struct batch *batch, struct err *err)
{
	const struct boot *boot = run->boot;
	const struct migration *migration = run->parts[*at].migration;
	const char *version = migration_row(migration);
	const char *finish =
		arena_join(run->arena,
	                   ledger_fence_sql(boot->db, boot->config, version, batch->count,
	                                    run->arena),
	                   ";\n", alone_finish_sql(boot, migration, batch, run->arena));

	return run_finish(run, at, finish, err) ||
	       ledger_counted_late(boot->db, boot->config, version, batch->count, true, err);
}

static bool
apply_alone(struct run *run, size_t *at, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct migration *migration = run->parts[*at].migration;
	const int64_t since = clock_now();
	const size_t first = *at;
	struct batch batch;

	progress_file(run->boot, migration->script->name);
	if (!script_split(&batch, migration->script, config_script_variable, &arena, err) ||
	    !alone_apply(run->boot, migration, &batch, err) || !finish_alone(run, at, &batch, err))
		return false;
	++*at;
	tell(run, first, *at - first, since);
	return true;
}

/* For `health`: the file that is applied now, or the first of those that are applied together. */
static void
tell_phase(const struct run *run, size_t at)
{
	phase_tell(run->boot->phase, "migrating", "%zu of %zu: %s", at + 1, run->count,
	           run->parts[at].script->name);
}

static bool
run_command(struct boot *boot, struct err *err)
{
	progress_file(boot, NULL);
	phase_tell(boot->phase, "migrating", "%s", boot->config->migrate_command.words[0]);
	return migrator_run(boot, err);
}

static bool
apply_all(struct run *run, struct err *err)
{
	size_t at = 0;

	run->singly = 0;
	run->was_overtaken = false;
	while (!run->was_overtaken) {
		if (command_is_next(run, at) && !run_command(run->boot, err))
			return false;
		if (at == run->count)
			break;
		tell_phase(run, at);
		if (!(is_alone(&run->parts[at]) ? apply_alone : apply_together)(run, &at, err))
			return false;
	}
	return true;
}

/* Or nothing but after.sql, which an earlier run owes. */
static bool
has_file(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		if (run->parts[i].migration)
			return true;
	return false;
}

/* In a transaction of its own, but for a snapshot's: whatever becomes of the files, it will run before the next try again. */
static bool
run_before(struct run *run, struct err *err)
{
	const struct part part = { .script = run->boot->migrations->before };
	const int64_t since = clock_now();

	if (!part.script || !has_file(run) || run->boot->facts.loads_snapshot)
		return true;
	if (!apply_one(run, &part, err))
		return false;
	log_info("%s run in %lld ms", part.script->name, (long long)(clock_now() - since));
	return true;
}

/* What is to be done, as parts. initdb.d may have made relations since the look. */
static bool
prepare(struct run *run, struct err *err)
{
	struct boot *boot = run->boot;

	return look_at_snapshot(boot, err) && snapshot_judge(boot->migrations, &boot->facts, err) &&
	       group_proofread(boot, err) && list_parts(run, err) && choose(run, err);
}

static bool
run_all(struct run *run, struct err *err)
{
	struct boot *boot = run->boot;

	if (!note_begin(boot, err) || !history_sync(boot, err) || !run_before(run, err) ||
	    !group_prepare(run->group, run->count, err) || !apply_all(run, err))
		return false;
	while (run->was_overtaken)
		if (!look_ask(boot, err) || !prepare(run, err) || !apply_all(run, err))
			return false;
	progress_file(boot, NULL);
	if (run->applied) {
		log_info("%zu applied", run->applied);
		summary_note(boot->summary, (int64_t)run->applied, "applied");
	}
	return note_result(boot, err);
}

bool
migrate_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(group_drop) struct group *group = group_new(boot, &arena);
	struct run run = { .boot = boot, .arena = &arena, .group = group };

	if (!prepare(&run, err) || !backup_before_migrate(boot, err))
		return backup_advise(boot, err);
	return run_all(&run, err) || note_failure(boot, err) || backup_advise(boot, err);
}
