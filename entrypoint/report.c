/* See report.h. */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "application.h"
#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "check.h"
#include "config.h"
#include "err.h"
#include "group.h"
#include "inspect.h"
#include "ledger.h"
#include "log.h"
#include "look.h"
#include "migration.h"
#include "migrator.h"
#include "restore/chosen.h"
#include "restore/volumes.h"
#include "scoped.h"
#include "script.h"
#include "seed.h"

bool
report_learn(struct boot *boot, struct err *err)
{
	(void)log_step(boot->request->command);
	boot->meanwhile = look_read_files;
	boot->tells_times = true;
	return wait_run(boot, err) && look_patiently(boot, err) && look_at_server(boot, err);
}

static void
add_migration(struct text *page, const struct migration *migration, bool as_json)
{
	const struct entry *entry = migration->entry;

	if (!as_json) {
		text_print(page, "%-12s %s%s%s\n", migration_state(migration),
		           migration->script->name, entry ? "  " : "",
		           entry ? entry->started_at : "");
		return;
	}
	text_add(page, "{\"version\":");
	text_add_json(page, migration->version);
	text_add(page, ",\"name\":");
	text_add_json(page, migration->name);
	text_add(page, ",\"state\":");
	text_add_json(page, migration_state(migration));
	text_add(page, ",\"checksum\":");
	text_add_json(page, migration->checksum);
	if (entry) {
		text_add(page, ",\"started_at\":");
		text_add_json(page, entry->started_at);
	}
	text_add(page, "}");
}

/* Applied, or half applied, and not among the files. */
static void
add_missing(struct text *page, const struct entry *entry, bool as_json)
{
	const char *state = entry->is_finished       ? "missing"
	                  : ledger_is_undoing(entry) ? verdict_name(VERDICT_UNDOING)
	                                             : verdict_name(VERDICT_UNFINISHED);

	if (!as_json) {
		text_print(page, "%-12s %s  %s  (there is no such file)\n", state, entry->name,
		           entry->started_at);
		return;
	}
	text_add(page, "{\"version\":");
	text_add_json(page, entry->version);
	text_add(page, ",\"name\":");
	text_add_json(page, entry->name);
	text_add(page, ",\"state\":");
	text_add_json(page, state);
	text_add(page, ",\"checksum\":");
	text_add_json(page, entry->checksum);
	text_add(page, ",\"started_at\":");
	text_add_json(page, entry->started_at);
	text_add(page, "}");
}

void
report_add_migrations(struct text *page, const struct migrations *migrations, bool only_open,
                      bool as_json)
{
	const char *between = "";

	for (size_t i = 0; i < migrations->count; i++) {
		if (only_open && migrations->at[i].verdict == VERDICT_DONE)
			continue;
		text_add(page, as_json ? between : "");
		add_migration(page, &migrations->at[i], as_json);
		between = ",";
	}
	for (size_t i = 0; i < migrations->missing_count; i++) {
		text_add(page, as_json ? between : "");
		add_missing(page, migrations->missing[i], as_json);
		between = ",";
	}
	if (migrations->orphan) {
		text_add(page, as_json ? between : "");
		add_missing(page, migrations->orphan, as_json);
	}
}

/* What an empty database gets instead of the files that it covers. */
static void
add_snapshot(struct text *page, const struct boot *boot, bool as_json)
{
	const struct script *snapshot = boot->migrations->snapshot;

	if (!boot->facts.loads_snapshot)
		return;
	if (!as_json) {
		text_print(page, "%-12s %s, for all up to %s\n", "pending", snapshot->name,
		           snapshot->snapshot);
		return;
	}
	text_add(page, "\"snapshot\":");
	text_add_json(page, snapshot->snapshot);
	text_add(page, ",");
}

bool
report_has_drift(const struct boot *boot, bool with_warnings)
{
	const struct migrations *migrations = boot->migrations;
	const struct config *config = boot->config;
	const enum policy mildest = with_warnings ? POLICY_WARN : POLICY_ERROR;

	for (size_t i = 0; i < migrations->count; i++) {
		const enum verdict verdict = migrations->at[i].verdict;

		if (verdict == VERDICT_UNFINISHED || verdict == VERDICT_UNDOING ||
		    (verdict == VERDICT_EDITED && config->on_edited <= mildest) ||
		    (verdict == VERDICT_OUT_OF_ORDER && config->on_out_of_order <= mildest))
			return true;
	}
	return migrations->orphan || (migrations->missing_count && config->on_missing <= mildest);
}

/* What of seeds is missing; where tables do not exist yet, all that can be said is that. */
static bool
add_seeds(struct boot *boot, struct text *page, bool as_json, struct err *err)
{
	size_t pending = 0;
	struct err refused = { 0 };

	if (!seed_is_due(boot))
		return true;
	if (seed_plan(boot, page, as_json, &pending, &refused))
		return true;
	transaction_abandon(boot->db);
	if (refused.fault != FAULT_WRONG) {
		*err = refused;
		return false;
	}
	text_add(page, as_json ? "{\"state\":\"pending\"}"
	                       : "pending      seeds, after the migrations\n");
	return true;
}

/* What comes behind it depends on what it brings. */
static void
add_restore(struct text *page, const struct chosen *chosen, bool as_json)
{
	if (!as_json) {
		if (chosen->path)
			text_print(page,
			           "%-12s restore of %s, then what that leaves of migrations and "
			           "seeds\n",
			           "pending", chosen->path);
		return;
	}
	text_add(page, "\"restore\":");
	if (chosen->path)
		text_add_json(page, chosen->path);
	else
		text_add(page, "null");
	text_add(page, ",");
}

/* What a restore that was cut off has left in volumes. */
static void
add_unsettled(struct text *page, const char *names, bool as_json)
{
	if (as_json) {
		text_add(page, "\"volumes_cut_off\":");
		text_add_json(page, names);
		text_add(page, ",");
	} else if (*names) {
		text_print(page, "%-12s the end of a restore into volumes: %s\n", "pending", names);
	}
}

static bool
add_plan(struct boot *boot, struct text *page, const struct chosen *chosen, const char *unsettled,
         size_t *findings, struct err *err)
{
	const bool as_json = boot->request->json;

	if (as_json)
		text_print(page, "{\"initdb\":%s,", initdb_is_due(boot) ? "true" : "false");
	else if (initdb_is_due(boot))
		text_print(page, "%-12s %s\n", "pending", boot->config->initdb_dir);
	if (boot->config->volumes.count)
		add_unsettled(page, unsettled, as_json);
	add_restore(page, chosen, as_json);
	if (restore_is_due(boot)) {
		text_add(page, as_json ? "\"migrations\":[],\"lint\":[],\"seeds\":[]}\n" : "");
		return true;
	}
	add_snapshot(page, boot, as_json);
	text_add(page, as_json ? "\"migrations\":[" : "");
	report_add_migrations(page, boot->migrations, true, as_json);
	text_add(page, as_json ? "],\"lint\":[" : "");
	if (!inspect_add(boot, page, as_json, findings, err))
		return false;
	text_add(page, as_json ? "],\"seeds\":[" : "");
	if (!add_seeds(boot, page, as_json, err))
		return false;
	if (!as_json && migrate_is_due(boot) && migrator_is_due(boot))
		text_print(page, "%-12s %s\n", "pending", boot->config->migrate_command.words[0]);
	if (!as_json && migrate_is_due(boot) && after_is_due(boot))
		text_print(page, "%-12s %s\n", "pending", boot->migrations->after->name);
	if (as_json && boot->config->migrate_command.text)
		text_print(page, "],\"command\":%s}\n", migrator_is_due(boot) ? "true" : "false");
	else if (as_json)
		text_add(page, "]}\n");
	return true;
}

/* Then nothing makes a table before they need it. */
static bool
only_rows_are_due(const struct boot *boot)
{
	return seed_is_due(boot) && !migrate_is_due(boot) && !initdb_is_due(boot) &&
	       !restore_is_due(boot);
}

/* What a boot would end at, beside drift. What is pending may be what makes the checks pass. */
static bool
would_start(struct boot *boot, struct err *err)
{
	if (!look_judge_state(boot, err) ||
	    (volumes_are_due(boot) && !restore_is_due(boot) && !volumes_prove(boot, err)) ||
	    (initdb_is_due(boot) && !initdb_proofread(boot, err)))
		return false;
	if (boot_is_due(boot) || boot->migrations->pending)
		return (!only_rows_are_due(boot) || seed_proofread(boot, err)) &&
		       application_look_ahead(boot, err);
	return !config_wants(boot->config, "check") ||
	       ((boot->facts.checks_passed || checks_run(boot, err)) &&
	        application_prove(boot, err));
}

bool
report_plan(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena), unsettled = text_new(&arena);
	size_t findings = 0;
	struct err verdict = { 0 };
	struct chosen chosen = { 0 };
	bool has_drift, starts;

	boot->glances = true;
	if (!chosen_check(boot, err) || !migrator_check(boot, err) || !report_learn(boot, err) ||
	    (migrate_is_due(boot) && !group_proofread(boot, err)))
		return false;
	look_tell_nothing(boot);
	starts = !restore_is_due(boot) || chosen_find(&chosen, boot, &arena, &verdict);
	chosen_tell(&chosen);
	volumes_unsettled(&unsettled, boot);
	if (!add_plan(boot, &page, &chosen, unsettled.at, &findings, err))
		return false;
	has_drift = report_has_drift(boot, false);
	starts = starts && (has_drift || would_start(boot, &verdict));
	if (!page.length && starts)
		text_add(&page, "nothing to do\n");
	if (!log_answer(page.at, err))
		return false;
	if (!starts) {
		*err = verdict;
		return false;
	}
	if (!inspect_judge(boot, findings, err))
		return false;
	if (has_drift)
		err->fault = FAULT_DRIFT;
	else if (boot_is_due(boot) || look_awaits_schema(boot) || unsettled.length)
		err->fault = FAULT_PENDING;
	return err->fault == FAULT_NONE;
}

bool
report_migrations(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);
	const bool as_json = boot->request->json;

	if (!report_learn(boot, err))
		return false;
	text_add(&page, as_json ? "[" : "");
	report_add_migrations(&page, boot->migrations, false, as_json);
	text_add(&page, as_json ? "]\n" : "");
	return log_answer(page.at, err);
}

bool
report_seed_differences(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);
	size_t differing = 0;

	if (!report_learn(boot, err) || !seed_diff(boot, &page, &differing, err))
		return false;
	if (!differing)
		text_add(&page, "no row differs\n");
	return log_answer(page.at, err);
}
