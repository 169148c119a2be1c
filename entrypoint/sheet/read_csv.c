/* Sheets from .csv: the header names the columns, an .ini beside it says the rest. See sheet.h. */
#include <string.h>

#include "../arena.h"
#include "../csv.h"
#include "../err.h"
#include "../script.h"
#include "../sheet.h"
#include "builder.h"
#include "outline.h"

static bool
read_beside(struct builder *builder, const struct source *beside, struct err *err)
{
	const char *csv = builder->path;
	struct outline outline;

	builder->path = beside->path;
	if (!outline_read(&outline, beside, builder->arena, err))
		return false;
	for (size_t i = 0; i < outline.count; i++) {
		builder->line = outline.sections[i].line;
		if (i > 0 || strcmp(outline.sections[i].name, "@table") != 0)
			return builder_refuse(builder, err,
			                      "rows are in %s; here can only be [@table]", csv);
	}
	if (!builder_heading(builder, outline.count ? &outline.sections[0] : NULL, err))
		return false;
	builder->path = csv;
	return true;
}

/* The column of a field; one that has a value already is refused. */
static bool
take_header(struct builder *builder, const char *name, bool *was_named, size_t *column,
            struct err *err)
{
	const struct sheet *sheet = builder->sheet;

	if (!name || !*name)
		return builder_refuse(builder, err, "the header has a column without name");
	*column = builder_column(builder, name);
	if (was_named[*column])
		return builder_refuse(builder, err, "the header names %s twice", name);
	if (sheet->columns[*column].initial.kind != CELL_ABSENT)
		return builder_refuse(builder, err,
		                      "%s has a value for all rows already, in %s:%zu", name,
		                      sheet->columns[*column].path, sheet->columns[*column].line);
	was_named[*column] = true;
	return true;
}

/* What [@table] says of columns that are not in the header is of no use. */
static bool
check_columns(struct builder *builder, const bool *was_named, struct err *err)
{
	for (size_t i = 0; i < builder->sheet->column_count; i++) {
		const struct column *column = &builder->sheet->columns[i];

		if (was_named[i] || column->initial.kind != CELL_ABSENT)
			continue;
		builder->path = column->path;
		builder->line = column->line;
		return builder_refuse(builder, err, "%s is no column of %s", column->name,
		                      builder->sheet->path);
	}
	return true;
}

/* columns: where each field belongs. */
static bool
read_header(struct builder *builder, struct csv *csv, size_t **columns, struct err *err)
{
	bool *was_named = arena_alloc(builder->arena, builder->sheet->column_count + csv->count);

	*columns = arena_alloc(builder->arena, csv->count * sizeof **columns);
	for (size_t i = 0; i < csv->count; i++)
		if (!take_header(builder, csv->fields[i], was_named, *columns + i, err))
			return false;
	if (!builder->sheet->key_count)
		(void)builder_key(builder, **columns, err); /* cannot be in the key yet */
	return check_columns(builder, was_named, err);
}

static bool
add_row(struct builder *builder, const struct csv *csv, const size_t *columns, size_t count,
        struct err *err)
{
	struct row row;

	builder->line = csv->record_line;
	if (csv->count != count)
		return builder_refuse(builder, err, "%zu instead of %zu fields", csv->count, count);
	/* To COPY it is a null; here it is a blank line at the end of a list of names. */
	if (count == 1 && !*csv->fields)
		return builder_refuse(builder, err, "an empty line");
	row = builder_row(builder);
	for (size_t i = 0; i < count; i++)
		if (!builder_text(builder, &builder->sheet->columns[columns[i]], csv->fields[i],
		                  &row.cells[columns[i]], err))
			return false;
	return builder_add(builder, &row, err);
}

static bool
read_rows(struct builder *builder, struct csv *csv, struct err *err)
{
	const size_t count = csv->count;
	size_t *columns;
	bool at_end;

	if (!read_header(builder, csv, &columns, err))
		return false;
	while (csv_next(csv, &at_end, err))
		if (!add_row(builder, csv, columns, count, err))
			return false;
	return at_end;
}

bool
sheet_read_csv(struct sheet **sheet, const struct source *csv, const struct source *beside,
               struct arena *arena, struct err *err)
{
	struct builder builder = builder_new(csv->path, arena);
	struct csv reader = csv_new(csv->text, csv->length, csv->path, arena);
	bool at_end;

	if (beside ? !read_beside(&builder, beside, err) : !builder_heading(&builder, NULL, err))
		return false;
	builder.line = 1;
	if (csv_next(&reader, &at_end, err)) {
		if (!read_rows(&builder, &reader, err))
			return false;
	} else if (!at_end) {
		return false;
	}
	*sheet = builder.sheet;
	return true;
}
