/* Rows and references as people call them. See sheet.h. */
#include "../arena.h"
#include "../err.h"
#include "../sheet.h"

bool
sheet_blame(const struct sheet *sheet, size_t row, const struct column *column, struct err *err)
{
	const struct cell *cell = &sheet->rows[row].cells[column - sheet->columns];
	/* What all rows have was written once, perhaps in the .ini beside. */
	const bool is_initial = column->initial.kind != CELL_ABSENT;

	(void)err_within(err, "%s", column->name); /* false below */
	return err_at(err, is_initial ? column->path : sheet->path, cell->line, 0);
}

const char *
reference_shown(const struct reference *reference, struct arena *arena)
{
	const struct lookup *lookup = reference->lookup;
	struct text shown = text_new(arena);

	text_print(&shown, "%s(", lookup->table_shown);
	for (size_t i = 0; i < lookup->by_count; i++)
		text_print(&shown, "%s%s=%s", i ? "," : "", lookup->by[i],
		           reference->values[i] ? reference->values[i] : "");
	text_print(&shown, ").%s", lookup->column);
	return shown.at;
}

static void
add_cell(struct text *shown, const struct cell *cell)
{
	if (cell->kind == CELL_TEXT)
		text_add(shown, cell->text);
	for (size_t i = 0; cell->kind == CELL_REFERENCE && i < cell->reference->lookup->by_count;
	     i++)
		text_print(shown, "%s%s", i ? "," : "",
		           cell->reference->values[i] ? cell->reference->values[i] : "");
}

const char *
sheet_row_name(const struct sheet *sheet, size_t row, struct arena *arena)
{
	struct text shown = text_new(arena);

	for (size_t i = 0; i < sheet->key_count; i++) {
		if (i)
			text_add_char(&shown, ',');
		add_cell(&shown, &sheet->rows[row].cells[sheet->keys[i]]);
	}
	return shown.at;
}
