/* See adopt.h. */
#include "adopt.h"

#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "format.h"
#include "history.h"
#include "ledger.h"
#include "log.h"
#include "look.h"
#include "migration.h"
#include "note.h"
#include "scoped.h"
#include "script.h"
#include "standing.h"

/* Its own row, or only that a later version is applied? */
static const struct past *
own_row(const struct history *history, const struct migration *migration)
{
	const struct past *own = NULL;

	for (size_t i = 0; i < history->count; i++)
		if (format_compare(history->format, history->rows[i].version, migration->version) ==
		    0)
			own = &history->rows[i];
	return own;
}

static void
add_applied(struct text *page, const struct history *history, const struct migration *migration)
{
	const struct past *row = own_row(history, migration);

	if (row || !history->count)
		text_print(page, "%-12s %s%s%s\n", "applied", migration->script->name,
		           row && row->at ? "  " : "", row && row->at ? row->at : "");
	else
		text_print(page, "%-12s %s  not proven: the history has only version %s\n",
		           "applied", migration->script->name, history->rows[0].version);
}

static void
add_files(struct text *page, const struct boot *boot)
{
	const struct migrations *migrations = boot->migrations;

	for (size_t i = 0; i < migrations->count; i++) {
		const struct migration *migration = &migrations->at[i];

		if (migration->verdict == VERDICT_DONE)
			add_applied(page, boot->history, migration);
		else
			text_print(page, "%-12s %s\n", migration_state(migration),
			           migration->script->name);
	}
	for (size_t i = 0; i < migrations->missing_count; i++)
		text_print(page, "%-12s %s  no such file\n", "applied",
		           migrations->missing[i]->name);
	for (size_t i = 0; i < boot->history->gone_count; i++)
		text_print(page, "%-12s %s  the ledger has it, the history has not\n", "taken back",
		           boot->history->gone[i].name);
}

static bool
check_history(struct boot *boot, struct text *page, struct err *err)
{
	const struct history *history = boot->history;

	if (!history_find_table(boot, err))
		return false;
	text_print(page, "%-12s %s: %s\n", "format", history->format->name,
	           boot->migrations->evidence);
	text_print(page, "%-12s %s, ", "history", history->table->quoted);
	if (history->exists)
		text_print(page, "%zu row%s\n", history->count, history->count == 1 ? "" : "s");
	else
		text_add(page, "which does not exist\n");
	if (history->problem) {
		text_print(page, "%-12s %s\n%-12s %s\n", "refused", history->problem->what, "",
		           history->problem->hint);
		return true;
	}
	add_files(page, boot);
	text_print(page, "%-12s %zu row%s of the ledger\n", "to write", history->believed_count,
	           history->believed_count == 1 ? "" : "s");
	return true;
}

static bool
find_standing(struct boot *boot, const char **standing, const char **words, struct arena *arena,
              struct err *err)
{
	if (history_begin(boot, err) && standing_find(boot, standing, words, arena, err) &&
	    db_run(boot->db, "commit", err))
		return true;
	transaction_abandon(boot->db);
	return false;
}

static bool
check_standing(struct boot *boot, struct text *page, struct err *err)
{
	const char *standing, *words;

	if (!find_standing(boot, &standing, &words, page->arena, err))
		return false;
	text_print(page, "%-12s %s: %s\n", "format", boot->migrations->format->name,
	           boot->migrations->evidence);
	if (!standing) {
		text_print(page, "%-12s no other tool's, as far as is known\n", "history");
		return true;
	}
	text_print(page, "%-12s %s\n", "baseline", standing);
	text_print(page, "%-12s %s\n", "", words);
	if (boot->facts.baseline)
		text_print(page, "%-12s %s\n", "known", boot->facts.baseline);
	return true;
}

bool
adopt_check(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);

	(void)log_step(boot->request->command);
	boot->meanwhile = look_read_files;
	return wait_run(boot, err) && look_patiently(boot, err) &&
	       (boot->history ? check_history : check_standing)(boot, &page, err) &&
	       log_answer(page.at, err);
}

static bool
adopt_standing(struct boot *boot, struct err *err)
{
	const char *standing, *words;
	struct entry entry = { .version = LEDGER_BASELINE, .checksum = "" };

	if (!find_standing(boot, &standing, &words, boot->arena, err))
		return false;
	if (!standing) {
		(void)err_set(err, FAULT_WRONG, "there is no history of another tool to adopt");
		return err_hint(err,
		                "looked for: %s; for what was made by hand: migrate baseline "
		                "VERSION",
		                standing_tables(boot->arena));
	}
	entry.name = standing;
	if (!db_run(boot->db, ledger_believe_sql(boot->db, boot->config, &entry, 1, boot->arena),
	            err))
		return false;
	log_info("the ledger says where the database stands: %s", standing);
	return true;
}

static bool
adopt(struct boot *boot, bool *has_written, struct err *err)
{
	const struct history *history = boot->history;

	*has_written = true;
	if (!history)
		return adopt_standing(boot, err);
	if (!history->exists && history->gone_count)
		return history_restore(boot, err);
	if (!history_judge(boot, err))
		return false;
	*has_written = history->believed_count || history->gone_count || !history->exists;
	if (!*has_written)
		log_info("the ledger has all that %s has", history->table->quoted);
	for (size_t i = 0; i < history->believed_count; i++)
		log_info("%s is taken for applied", history->believed[i].name);
	return history_sync(boot, err);
}

bool
adopt_run(struct boot *boot, struct err *err)
{
	bool has_written;

	/* Where nothing was adopted, what was changed by hand since stays drift. */
	return (boot->facts.has_ledger || ledger_create(boot->db, boot->config, err)) &&
	       adopt(boot, &has_written, err) && (!has_written || note_result(boot, err));
}

bool
adopt_before(struct boot *boot, struct err *err)
{
	return !boot->history ||
	       (history_judge(boot, err) &&
	        (boot->facts.has_ledger || ledger_create(boot->db, boot->config, err)) &&
	        history_sync(boot, err) && look_ask(boot, err));
}

/* Those up to the wanted one that nobody has applied. */
static bool
choose_below(const struct boot *boot, const struct migration *wanted,
             const struct migration ***chosen, size_t *count, struct err *err)
{
	*count = 0;
	*chosen = NULL;
	for (const struct migration *at = boot->migrations->at; at <= wanted; at++) {
		if (at->verdict == VERDICT_RESUME || at->verdict == VERDICT_UNFINISHED ||
		    at->verdict == VERDICT_UNDOING) {
			(void)err_set(err, FAULT_WRONG, "%s is %s", at->script->name,
			              verdict_name(at->verdict));
			return err_hint(err, "let that be finished first");
		}
		if (at->entry)
			continue;
		*chosen = arena_grow(boot->arena, (void *)*chosen, *count, sizeof **chosen);
		(*chosen)[(*count)++] = at;
	}
	return true;
}

static bool
write_baseline(struct boot *boot, const struct migration **chosen, size_t count, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text sql = text_new(&arena);
	struct entry *entries = arena_alloc(&arena, count * sizeof *entries);

	for (size_t i = 0; i < count; i++)
		entries[i] = (struct entry){ .version = chosen[i]->version,
			                     .name = chosen[i]->name,
			                     .checksum = chosen[i]->checksum };
	text_print(&sql, "begin;\n%s;\n",
	           ledger_believe_sql(boot->db, boot->config, entries, count, &arena));
	for (size_t i = 0; i < count; i++)
		text_add(&sql, history_add_sql(boot, chosen[i], &arena));
	text_add(&sql, "commit");
	return db_run(boot->db, sql.at, err);
}

bool
baseline_run(struct boot *boot, struct err *err)
{
	const char *word = *boot->request->operands;
	const struct migration *wanted, **chosen;
	size_t count;

	if (!word)
		return err_set(err, FAULT_USAGE, "baseline needs a version");
	if (!migrations_name(boot->migrations, word, &wanted, err))
		return false;
	if (wanted->is_repeatable)
		return err_set(err, FAULT_WRONG,
		               "%s is repeatable: it has no place in an order of versions", word);
	if (!choose_below(boot, wanted, &chosen, &count, err) || !history_judge(boot, err))
		return false;
	if (!count) {
		log_info("all up to %s is applied", wanted->script->name);
		return true;
	}
	if ((!boot->facts.has_ledger && !ledger_create(boot->db, boot->config, err)) ||
	    !history_sync(boot, err) || !write_baseline(boot, chosen, count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		log_info("%s counts as applied and is not run", chosen[i]->script->name);
	return note_result(boot, err);
}
