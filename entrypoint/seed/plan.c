/* What a seeding would do, for `plan`. See seed.h. */
#include <stdlib.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../db.h"
#include "../err.h"
#include "../scoped.h"
#include "../script.h"
#include "../seed.h"
#include "../sheet.h"
#include "columns.h"
#include "files.h"
#include "question.h"
#include "scripts.h"

/* Where it cannot be asked, as a migration has yet to make the table, all rows are missing. But not where it is locked. */
static bool
count_missing(struct boot *boot, const struct sheet *sheet, size_t *missing, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	const struct question question = question_missing(sheet, &arena);
	struct err refused = { 0 };
	bool was_asked;

	*missing = sheet->row_count;
	if (!db_run(boot->db, transaction_begin_sql(boot, &arena), err))
		return false;
	was_asked = db_ask(boot->db, &question, &answer, &refused);
	transaction_abandon(boot->db);
	if (was_asked)
		*missing = strtoul(answer_at(&answer, 0, 0), NULL, 10);
	if (attempt_met_locks(&refused))
		refused.fault = FAULT_BUSY;
	if (was_asked || refused.fault == FAULT_WRONG)
		return true;
	*err = refused;
	return err_within(err, "%s", sheet->path);
}

static bool
find_state(struct boot *boot, const struct script *script, enum script_state *state,
           struct err *err)
{
	struct err refused = { 0 };

	*state = SCRIPT_NEW;
	if (script_state(boot, script, state, &refused) || refused.fault == FAULT_WRONG)
		return true;
	*err = refused;
	return false;
}

static void
add_rows(struct text *page, const struct sheet *sheet, size_t missing, bool as_json)
{
	if (!as_json) {
		text_print(page, "%-12s %s: %zu of %zu rows of %s\n", "missing", sheet->name,
		           missing, sheet->row_count, sheet->table_shown);
		return;
	}
	text_add(page, "{\"file\":");
	text_add_json(page, sheet->name);
	text_add(page, ",\"table\":");
	text_add_json(page, sheet->table_shown);
	text_print(page, ",\"missing\":%zu,\"rows\":%zu}", missing, sheet->row_count);
}

static void
add_script(struct text *page, const struct script *script, enum script_state state, bool as_json)
{
	const char *word = state == SCRIPT_NEW ? "new" : "changed";

	if (!as_json) {
		text_print(page, "%-12s %s\n", word, script->name);
		return;
	}
	text_add(page, "{\"file\":");
	text_add_json(page, script->name);
	text_add(page, ",\"state\":");
	text_add_json(page, word);
	text_add(page, "}");
}

static bool
plan_file(struct boot *boot, const struct seed_file *file, struct text *line, bool as_json,
          struct err *err)
{
	enum script_state state;
	size_t missing;

	if (file->script) {
		if (!find_state(boot, file->script, &state, err))
			return false;
		if (state != SCRIPT_DONE)
			add_script(line, file->script, state, as_json);
		return true;
	}
	if (!count_missing(boot, file->sheet, &missing, err))
		return false;
	if (missing)
		add_rows(line, file->sheet, missing, as_json);
	return true;
}

bool
seed_plan(struct boot *boot, struct text *page, bool as_json, size_t *pending, struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < boot->seeds->count; i++) {
		struct text line = text_new(page->arena);

		if (!plan_file(boot, &boot->seeds->files[i], &line, as_json, err))
			return false;
		if (!line.length)
			continue;
		if (as_json && count)
			text_add(page, ",");
		text_add(page, line.at);
		count++;
	}
	*pending = count;
	return true;
}

bool
seed_proofread(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	bool all_fit = true;

	/* A script may make the table. */
	if (boot->seeds->script_count)
		return true;
	for (size_t i = 0; i < boot->seeds->count && all_fit; i++) {
		const struct sheet *sheet = boot->seeds->files[i].sheet;
		struct trait *ignored;
		size_t missing;

		if (!count_missing(boot, sheet, &missing, err))
			return false;
		if (!missing)
			continue;
		all_fit = db_run(boot->db, transaction_begin_sql(boot, &arena), err) &&
		          columns_check(boot, sheet, &ignored, &arena, err);
		transaction_abandon(boot->db);
	}
	return all_fit;
}
