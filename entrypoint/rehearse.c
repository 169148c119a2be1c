/* See rehearse.h. */
#include "rehearse.h"

#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "held.h"
#include "log.h"
#include "look.h"
#include "migration.h"
#include "migrator.h"
#include "progress.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"

struct rehearsal {
	struct boot *boot;
	struct arena *arena;
	struct text page;
	struct held held;     /* so far */
	struct text advanced; /* sequences that gave numbers, which they do not take back */
	size_t left_out;
	bool as_json;
};

static void
add_locks(struct rehearsal *run, const struct held *taken)
{
	for (size_t i = 0; i < taken->count; i++) {
		const struct held_lock *lock = &taken->at[i];

		if (!run->as_json) {
			text_print(&run->page, "                %s on %s%s\n", lock->mode,
			           lock->name, lock->is_new ? " (new)" : "");
			continue;
		}
		text_add(&run->page, i ? ",{\"relation\":" : "{\"relation\":");
		text_add_json(&run->page, lock->name);
		text_print(&run->page, ",\"mode\":\"%s\",\"new\":%s}", lock->mode,
		           lock->is_new ? "true" : "false");
	}
}

static void
note_sequences(struct rehearsal *run, const struct held *taken)
{
	for (size_t i = 0; i < taken->count; i++)
		if (taken->at[i].is_sequence && !taken->at[i].is_new)
			text_print(&run->advanced, "%s%s", run->advanced.length ? ", " : "",
			           taken->at[i].name);
}

/* Where it stands, how long it took, what it locked. The text is not shown: it may hold secrets. */
static void
add_statement(struct rehearsal *run, const struct statement *statement, size_t number, int64_t took,
              const struct held *taken)
{
	const struct place place = place_at(statement->source, statement->offset);

	if (!run->as_json) {
		text_print(&run->page, "%8lld ms  line %zu\n", (long long)took, place.line);
		add_locks(run, taken);
		return;
	}
	text_add(&run->page, number ? ",{\"file\":" : "{\"file\":");
	text_add_json(&run->page, place.path);
	text_print(&run->page, ",\"line\":%zu,\"milliseconds\":%lld,\"locks\":[", place.line,
	           (long long)took);
	add_locks(run, taken);
	text_add(&run->page, "]}");
}

static bool
run_statement(struct rehearsal *run, const struct batch *batch, size_t i, struct err *err)
{
	const int64_t since = clock_now();
	struct held held, taken;
	int64_t took;

	if (!send_statement(run->boot, batch, i, NULL, NULL, err))
		return false;
	took = clock_now() - since;
	if (!held_read(&held, run->boot, run->arena, err))
		return false;
	taken = held_since(&run->held, &held, run->arena);
	run->held = held;
	note_sequences(run, &taken);
	add_statement(run, &batch->statements[i], i, took, &taken);
	return true;
}

/*
 * A commit would check now what is deferred. For the next file each constraint is again what it begins as. Those that begin
 * as immediate are named, since a name that others share, which cannot be deferred, may only be made immediate.
 */
static bool
check_deferred(struct rehearsal *run, const struct migration *migration, struct err *err)
{
	static const char sql[] =
		"select 'set constraints all deferred' || coalesce('; set constraints '\n"
		"    || string_agg(distinct quote_ident(nspname) || '.' || quote_ident(conname), ', ')\n"
		"    || ' immediate', '')\n"
		"from pg_constraint join pg_namespace on pg_namespace.oid = connamespace\n"
		"where condeferrable and not condeferred and nspname not like 'pg\\_t%'\n"
		"and has_schema_privilege(connamespace, 'usage')";
	SCOPED(answer_free) struct answer answer = { 0 };
	struct db *db = run->boot->db;

	if (!db_run(db, "set constraints all immediate", err))
		return err->fault < FAULT_SIGNAL
		             ? err_within(err, "%s: at its end", migration->script->source.path)
		             : false;
	if (!db_ask(db, ASK(SHAPE_VALUE, sql), &answer, err))
		return false;
	return db_run(db, answer_at(&answer, 0, 0), err);
}

static void
leave_out(struct rehearsal *run, const struct migration *migration)
{
	run->left_out++;
	if (!run->as_json) {
		text_print(&run->page, "%-12s %s  (cannot run in a transaction)\n", "left out",
		           migration->script->name);
		return;
	}
	text_add(&run->page, "\"state\":\"left out\",\"statements\":[]}");
}

static bool
run_file(struct rehearsal *run, const struct migration *migration, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const int64_t since = clock_now();
	struct batch batch;

	progress_file(run->boot, migration->script->name);
	if (!script_split(&batch, migration->script, config_script_variable, &arena, err))
		return false;
	if (run->as_json) {
		text_add(&run->page, "{\"version\":");
		text_add_json(&run->page, migration->version);
		text_add(&run->page, ",\"name\":");
		text_add_json(&run->page, migration->name);
		text_add_char(&run->page, ',');
	}
	if (migration->script->no_transaction || batch.has_alone) {
		leave_out(run, migration);
		return true;
	}
	text_add(&run->page, run->as_json ? "\"state\":\"rehearsed\",\"statements\":[" : "");
	if (!run->as_json)
		text_print(&run->page, "%-12s %s\n", "rehearsed", migration->script->name);
	if (!db_run(run->boot->db, transaction_own_sql(run->boot, &arena), err))
		return false;
	for (size_t i = 0; i < batch.count; i++)
		if (!run_statement(run, &batch, i, err))
			return false;
	if (!db_run(run->boot->db, "reset session authorization; reset role", err) ||
	    !check_deferred(run, migration, err))
		return false;
	if (run->as_json)
		text_print(&run->page, "],\"milliseconds\":%lld}",
		           (long long)(clock_now() - since));
	return true;
}

/* What failed may fail only here. */
static bool
explain(const struct rehearsal *run, struct err *err)
{
	if (strcmp(err->sqlstate, "55P04") == 0)
		return err_hint(err,
		                "a boot commits each file by itself: this cannot be rehearsed, "
		                "but it may be applied");
	if (run->left_out && err->fault == FAULT_WRONG)
		return err_hint(err,
		                "%zu file%s before it could not be rehearsed: it may need what "
		                "is done there",
		                run->left_out, run->left_out > 1 ? "s" : "");
	return false;
}

static bool
run_next(struct rehearsal *run, const struct migration *migration, struct err *err)
{
	text_add(&run->page, run->as_json && run->page.length ? "," : "");
	return run_file(run, migration, err) || explain(run, err);
}

/* What stands beside the migrations (companion.h); NULL: nothing. */
static bool
run_companion(struct rehearsal *run, const struct script *script, const char *name, struct err *err)
{
	const struct migration migration = {
		.script = script,
		.version = script && script->snapshot ? script->snapshot : "",
		.name = name,
	};

	return !script || run_next(run, &migration, err);
}

static bool
run_pending(struct rehearsal *run, struct err *err)
{
	const struct migrations *migrations = run->boot->migrations;
	const bool loads_snapshot = run->boot->facts.loads_snapshot;

	if (!migrations->pending && !loads_snapshot)
		return true;
	if (!run_companion(run, migrations->before, "before", err) ||
	    (loads_snapshot && !run_companion(run, migrations->snapshot, "schema", err)))
		return false;
	for (size_t i = 0; i < migrations->count; i++)
		if (migration_is_pending(&migrations->at[i]) &&
		    !run_next(run, &migrations->at[i], err))
			return false;
	return run_companion(run, migrations->after, "after", err);
}

static bool
run_all(struct rehearsal *run, struct err *err)
{
	if (!db_run(run->boot->db, transaction_begin_sql(run->boot, run->arena), err) ||
	    !run_pending(run, err))
		return false;
	progress_file(run->boot, NULL);
	return db_run(run->boot->db, "rollback; reset all", err);
}

static bool
tell(struct rehearsal *run, struct err *err)
{
	struct text whole = text_new(run->arena);

	if (!run->as_json) {
		text_add(&whole, run->page.length ? run->page.at : "nothing is pending\n");
		return log_answer(whole.at, err);
	}
	text_print(&whole, "{\"migrations\":[%s]}\n", run->page.at);
	return log_answer(whole.at, err);
}

bool
rehearse_run(struct boot *boot, struct err *err)
{
	struct patience patience = patience_new(boot->config);

	if (!look_judge(boot, err) || !migrations_proofread(boot->migrations, err))
		return false;
	for (;;) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct rehearsal run = { .boot = boot,
			                 .arena = &arena,
			                 .page = text_new(&arena),
			                 .advanced = text_new(&arena),
			                 .as_json = boot->request->json };

		if (run_all(&run, err)) {
			if (migrator_is_due(boot))
				log_warn("migrate_command was left out: what %s does cannot be "
				         "rolled back",
				         boot->config->migrate_command.words[0]);
			if (run.advanced.length)
				log_warn("numbers taken from these sequences stay taken: %s",
				         run.advanced.at);
			log_info(
				"rolled back: nothing of this is left behind but what the server does not "
				"take back (numbers of sequences, files, programs, other servers)");
			return tell(&run, err);
		}
		if (!patience_retries(&patience, boot->db, err))
			return false;
	}
}
