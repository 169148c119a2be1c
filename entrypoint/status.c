/* See status.h. */
#include "status.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "ledger.h"
#include "lock.h"
#include "log.h"
#include "look.h"
#include "migration.h"
#include "migrator.h"
#include "report.h"
#include "restore/chosen.h"
#include "restore/successor.h"
#include "restore/volumes.h"
#include "scoped.h"
#include "script.h"
#include "seed.h"
#include "target.h"

static size_t
applied(const struct migrations *migrations)
{
	size_t count = 0;

	for (size_t i = 0; i < migrations->count; i++)
		count += migrations->at[i].verdict == VERDICT_DONE ||
		         migrations->at[i].verdict == VERDICT_EDITED ||
		         migrations->at[i].verdict == VERDICT_NEWER;
	return count;
}

/* The same lines in both forms: a name, and a value that is text, a number or a truth. */
static void
add_line(struct text *page, bool as_json, const char *name, const char *value, bool is_text)
{
	if (!as_json) {
		text_print(page, "%-12s %s\n", name, value);
		return;
	}
	text_add(page, page->length > 1 ? "," : "");
	text_add_json(page, name);
	text_add_char(page, ':');
	if (is_text)
		text_add_json(page, value);
	else
		text_add(page, value);
}

/* What a boot might stop at, as the status calls it; NULL: nothing. */
static const char *
trouble_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_EDITED:
		return "edited";
	case VERDICT_RESUME:
	case VERDICT_UNFINISHED:
		return "half_applied";
	case VERDICT_UNDOING:
		return "half_undone";
	case VERDICT_NEWER:
		return "newer";
	case VERDICT_DONE:
	case VERDICT_APPLY:
	case VERDICT_REPEAT:
	case VERDICT_OUT_OF_ORDER:
	case VERDICT_LATER:
	case VERDICT_COVERED:
		break;
	}
	return NULL;
}

/* How many there are, and in text which. */
static void
add_trouble(struct text *page, const struct migrations *migrations, const char *trouble,
            bool as_json)
{
	const struct entry *orphan = migrations->orphan;
	struct text files = text_new(page->arena);
	size_t count = 0;

	for (size_t i = 0; i < migrations->count; i++) {
		const char *found = trouble_of(migrations->at[i].verdict);

		if (found && strcmp(found, trouble) == 0)
			text_print(&files, "%s%s", count++ ? ", " : ": ",
			           migrations->at[i].script->name);
	}
	if (orphan &&
	    strcmp(trouble, trouble_of(ledger_is_undoing(orphan) ? VERDICT_UNDOING
	                                                         : VERDICT_UNFINISHED)) == 0)
		text_print(&files, "%s%s (there is no such file)", count++ ? ", " : ": ",
		           orphan->name);
	add_line(page, as_json, trouble,
	         arena_print(page->arena, "%zu%s", count, as_json ? "" : files.at), false);
}

/* The last one: from what, and when it was finished. */
static bool
add_restore(struct boot *boot, struct text *page, bool as_json, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	struct text unsettled = text_new(page->arena);
	const char *beside, *source = "", *finished = "",
			    *state = restore_is_due(boot) ? "pending" : "none";

	if (!successor_beside(&beside, boot, page->arena, err))
		return false;
	if (boot->facts.has_ledger &&
	    !journal_ask(boot->db, boot->config, "restore", &answer, page->arena, err))
		return false;
	if (answer.rows) {
		source = answer_at(&answer, 0, 0);
		finished = answer_at(&answer, 0, 2);
		state = finished ? "done" : "cut off, or under way";
	}
	if (boot->config->volumes.count) {
		volumes_unsettled(&unsettled, boot);
		add_line(page, as_json, "volumes_cut_off", unsettled.at, true);
	}
	add_line(page, as_json, "restore", state, true);
	add_line(page, as_json, "restored", source, true);
	add_line(page, as_json, "restored_at", finished ? finished : "", true);
	add_line(page, as_json, "beside", beside, true);
	return true;
}

bool
status_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);
	static const char *const troubles[] = { "edited", "half_applied", "half_undone", "newer" };
	const bool as_json = boot->request->json;
	const char *holder, *relation, *newest;

	if (!chosen_check(boot, err) || !report_learn(boot, err) ||
	    !lock_holder(boot, &holder, &arena, err) ||
	    !look_for_relation(boot, &relation, &arena, err))
		return false;
	newest = migrations_newest(boot->migrations, false);
	text_add(&page, as_json ? "{" : "");
	add_line(&page, as_json, "database", boot->target->safe, true);
	add_line(&page, as_json, "environment", boot->config->environment, true);
	add_line(&page, as_json, "server",
	         arena_print(&arena, "%d.%d", db_server_version(boot->db) / 10000,
	                     db_server_version(boot->db) % 10000),
	         true);
	add_line(&page, as_json, "read_only", boot->facts.reads_only ? "true" : "false", false);
	add_line(&page, as_json, "pooled", db_is_pooled(boot->db) ? "true" : "false", false);
	add_line(&page, as_json, "empty", relation ? "false" : "true", false);
	add_line(&page, as_json, "applied", arena_print(&arena, "%zu", applied(boot->migrations)),
	         false);
	add_line(&page, as_json, "pending", arena_print(&arena, "%zu", boot->migrations->pending),
	         false);
	for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++)
		add_trouble(&page, boot->migrations, troubles[i], as_json);
	add_line(&page, as_json, "missing",
	         arena_print(&arena, "%zu", boot->migrations->missing_count), false);
	if (boot->config->migrate_command.text)
		add_line(&page, as_json, "command", migrator_is_due(boot) ? "pending" : "done",
		         true);
	add_line(&page, as_json, "newest", newest ? newest : "", true);
	if (!add_restore(boot, &page, as_json, err))
		return false;
	add_line(&page, as_json, "initdb", initdb_is_due(boot) ? "pending" : "done", true);
	add_line(&page, as_json, "seeds", seed_is_due(boot) ? "pending" : "done", true);
	add_line(&page, as_json, "lock", holder ? holder : "free", true);
	text_add(&page, as_json ? "}\n" : "");
	return log_answer(page.at, err);
}
