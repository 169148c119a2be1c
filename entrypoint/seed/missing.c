/* See missing.h. */
#include "missing.h"

#include <stdlib.h>

#include "../arena.h"
#include "../boot.h"
#include "../db.h"
#include "../err.h"
#include "../scoped.h"
#include "../sheet.h"
#include "question.h"

/* What we go back to when the server refuses the question. */
#define SAVEPOINT "pg_entrypoint_missing"

/* One that cannot be asked has no answer: what follows finds the line that is to blame. */
static bool
ask(struct boot *boot, const struct question *question, struct answer *answer, struct err *err)
{
	const struct question questions[] = {
		*ASK(SHAPE_NOTHING, "savepoint " SAVEPOINT),
		*question,
		*ASK(SHAPE_NOTHING, "release savepoint " SAVEPOINT),
	};
	struct answer answers[3] = { { 0 } };
	struct err refused = { 0 };
	size_t answered;
	const bool was_answered = db_ask_all(boot->db, questions, answers, 3, &answered, &refused);

	for (size_t i = 0; i < answered; i++)
		if (i != 1 || !was_answered)
			answer_free(&answers[i]);
	if (was_answered) {
		*answer = answers[1];
		return true;
	}
	if (refused.fault == FAULT_WRONG)
		return db_run(boot->db, "rollback to savepoint " SAVEPOINT, err);
	*err = refused;
	return false;
}

static bool
ask_missing(struct boot *boot, const struct question *question, bool *missing, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!ask(boot, question, &answer, err))
		return false;
	*missing = !answer.result || answer_is_true(&answer, 0, 0);
	return true;
}

static bool
is_any_missing(struct boot *boot, const struct sheet *sheet, bool *missing, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct question question = question_first_missing(sheet, &arena);

	*missing = false;
	if (question_is_large(sheet) && !ask_missing(boot, &question, missing, err))
		return false;
	if (*missing)
		return true;
	question = question_any_missing(sheet, &arena);
	return ask_missing(boot, &question, missing, err);
}

/* Only those that its rows use. */
static void
keep_references(struct sheet *sheet, struct arena *arena)
{
	struct reference **kept = arena_alloc(arena, sheet->reference_count * sizeof *kept);
	size_t count = 0;

	for (size_t i = 0; i < sheet->reference_count; i++)
		sheet->references[i]->is_found = false;
	for (size_t row = 0; row < sheet->row_count; row++)
		for (size_t i = 0; i < sheet->column_count; i++) {
			const struct cell *cell = &sheet->rows[row].cells[i];

			if (cell->kind != CELL_REFERENCE || cell->reference->is_found)
				continue;
			cell->reference->is_found = true;
			cell->reference->row = row;
			kept[count++] = cell->reference;
		}
	sheet->references = kept;
	sheet->reference_count = count;
}

static bool
keep_missing(struct boot *boot, struct sheet *sheet, struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	const struct question question = question_missing_rows(sheet, arena);

	if (!ask(boot, &question, &answer, err))
		return false;
	if (answer.result) {
		struct row *rows = arena_alloc(arena, (size_t)answer.rows * sizeof *rows);

		for (int i = 0; i < answer.rows; i++)
			rows[i] = sheet->rows[strtoul(answer_at(&answer, i, 0), NULL, 10)];
		sheet->rows = rows;
		sheet->row_count = (size_t)answer.rows;
	}
	keep_references(sheet, arena);
	return true;
}

bool
missing_rows(struct boot *boot, const struct sheet *sheet, struct sheet *missing,
             struct arena *arena, struct err *err)
{
	bool is_any;

	*missing = *sheet;
	if (!is_any_missing(boot, sheet, &is_any, err))
		return false;
	if (!is_any)
		missing->row_count = 0;
	return !is_any || !sheet->reference_count || keep_missing(boot, missing, arena, err);
}
