/* See found.h. */
#include "found.h"

#include <string.h>

#include "../arena.h"
#include "../boot.h"
#include "../db.h"
#include "../err.h"
#include "../scoped.h"
#include "../sheet.h"
#include "columns.h"
#include "question.h"

/*
 * A reference may find a null, or a value that its column stores as another one. varchar(n) takes blanks away where a
 * text is too long, and a question has no n.
 */
static bool
is_sure(const struct cell *cell)
{
	if (cell->kind == CELL_REFERENCE)
		return false;
	return cell->kind != CELL_TEXT || !*cell->text || cell->text[strlen(cell->text) - 1] != ' ';
}

static bool
are_sure(const struct sheet *sheet, size_t rows, const struct trait *traits)
{
	for (size_t i = 0; i < sheet->key_count; i++) {
		if (!traits[sheet->keys[i]].is_kept)
			return false;
		for (size_t row = 0; row < rows; row++)
			if (!is_sure(&sheet->rows[row].cells[sheet->keys[i]]))
				return false;
	}
	return true;
}

static bool
ask(struct boot *boot, const struct sheet *sheet, size_t first, size_t rows, bool *is_missing,
    struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	struct sheet part = *sheet;
	struct question question;

	part.rows += first;
	part.row_count = rows;
	question = question_any_missing(&part, &arena);
	if (!db_ask(boot->db, &question, &answer, err))
		return false;
	*is_missing = answer_is_true(&answer, 0, 0);
	return true;
}

/* The first that is missing, of rows of which one is. */
static bool
find_missing(struct boot *boot, const struct sheet *sheet, size_t rows, size_t *row,
             struct err *err)
{
	size_t first = 0;
	bool is_missing;

	while (rows > 1) {
		const size_t half = rows / 2;

		if (!ask(boot, sheet, first, half, &is_missing, err))
			return false;
		first += is_missing ? 0 : half;
		rows = is_missing ? half : rows - half;
	}
	*row = first;
	return true;
}

bool
rows_are_found(struct boot *boot, const struct sheet *sheet, size_t rows,
               const struct trait *traits, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	bool is_missing;
	size_t row;

	if (are_sure(sheet, rows, traits))
		return true;
	if (!ask(boot, sheet, 0, rows, &is_missing, err))
		return false;
	if (!is_missing)
		return true;
	if (!find_missing(boot, sheet, rows, &row, err))
		return false;
	(void)err_set(err, FAULT_WRONG,
	              "%s:%zu: %s %s is not found by its key, now that it is inserted", sheet->path,
	              sheet->rows[row].line, sheet->table_shown,
	              sheet_row_name(sheet, row, &arena));
	return err_hint(
		err, "a trigger, a rule, row security or the type of a column (how many digits) "
		     "stores another key, shows none or drops the row: write it as it is stored");
}
