/* See builder.h. */
#include "builder.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "../arena.h"
#include "../csv.h"
#include "../err.h"
#include "../sheet.h"
#include "index.h"
#include "value.h"

static void
add_number(struct text *bytes, size_t number)
{
	text_add_n(bytes, (const char *)&number, sizeof number);
}

static void
add_part(struct text *bytes, const char *part)
{
	/* With the length in front, so that no two lists of parts give the same bytes. */
	add_number(bytes, part ? strlen(part) : INDEX_NONE);
	if (part)
		text_add(bytes, part);
}

static void
add_parts(struct text *bytes, const char *const *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_part(bytes, parts[i]);
}

static void
add_key(struct text *bytes, const struct sheet *sheet, const struct cell *cells)
{
	for (size_t i = 0; i < sheet->key_count; i++) {
		const struct cell *cell = &cells[sheet->keys[i]];

		text_add_char(bytes, (char)cell->kind);
		if (cell->kind == CELL_TEXT)
			add_part(bytes, cell->text);
		if (cell->kind == CELL_REFERENCE)
			text_add_n(bytes, (const char *)&cell->reference,
			           sizeof(struct reference *));
	}
}

static void
spell_key(const void *sheet, size_t number, struct text *bytes)
{
	const struct sheet *of = sheet;

	add_key(bytes, of, of->rows[number].cells);
}

static void
spell_lookup(const void *sheet, size_t number, struct text *bytes)
{
	const struct lookup *lookup = ((const struct sheet *)sheet)->lookups[number];

	add_part(bytes, lookup->table);
	add_part(bytes, lookup->column);
	add_parts(bytes, lookup->by, lookup->by_count);
}

static void
add_reference(struct text *bytes, const struct lookup *lookup, const char *const *values)
{
	add_number(bytes, lookup->number);
	add_parts(bytes, values, lookup->by_count);
}

static void
spell_reference(const void *sheet, size_t number, struct text *bytes)
{
	const struct reference *reference = ((const struct sheet *)sheet)->references[number];

	add_reference(bytes, reference->lookup, reference->values);
}

struct builder
builder_new(const char *path, struct arena *arena)
{
	struct sheet *sheet = arena_alloc(arena, sizeof *sheet);
	struct text *bytes = arena_alloc(arena, sizeof *bytes);
	const char *slash = strrchr(path, '/');

	while (slash && slash > path && slash[-1] != '/')
		slash--;
	sheet->path = path;
	sheet->name = slash ? slash : path;
	*bytes = text_new(arena);
	return (struct builder){
		.sheet = sheet,
		.arena = arena,
		.path = path,
		.line = 1,
		.keys = index_new(spell_key, sheet, arena),
		.lookups = index_new(spell_lookup, sheet, arena),
		.references = index_new(spell_reference, sheet, arena),
		.bytes = bytes,
	};
}

bool
builder_refuse(const struct builder *builder, struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)err_set(err, FAULT_WRONG, "%s", arena_vprint(builder->arena, format, args));
	va_end(args);
	return builder->line ? err_at(err, builder->path, builder->line, 0)
	                     : err_within(err, "%s", builder->path);
}

size_t
builder_find(const struct builder *builder, const char *name)
{
	const struct sheet *sheet = builder->sheet;

	for (size_t i = 0; i < sheet->column_count; i++)
		if (strcmp(sheet->columns[i].name, name) == 0)
			return i;
	return COLUMN_NONE;
}

size_t
builder_column(struct builder *builder, const char *name)
{
	struct sheet *sheet = builder->sheet;
	const size_t found = builder_find(builder, name);

	if (found != COLUMN_NONE)
		return found;
	assert(!sheet->row_count);
	sheet->columns = arena_grow(builder->arena, sheet->columns, sheet->column_count,
	                            sizeof *sheet->columns);
	sheet->columns[sheet->column_count] =
		(struct column){ .name = name, .path = builder->path, .line = builder->line };
	return sheet->column_count++;
}

bool
builder_key(struct builder *builder, size_t column, struct err *err)
{
	struct sheet *sheet = builder->sheet;

	if (sheet->columns[column].is_key)
		return builder_refuse(builder, err, "%s stands in the key twice",
		                      sheet->columns[column].name);
	sheet->columns[column].is_key = true;
	sheet->keys = arena_grow(builder->arena, sheet->keys, sheet->key_count, sizeof column);
	sheet->keys[sheet->key_count++] = column;
	return true;
}

struct lookup *
builder_lookup(struct builder *builder, const struct spelling *spelling)
{
	struct sheet *sheet = builder->sheet;
	struct text shown = text_new(builder->arena);
	struct lookup *lookup;
	size_t number;

	builder->bytes->length = 0;
	add_part(builder->bytes, spelling->table);
	add_part(builder->bytes, spelling->column);
	add_parts(builder->bytes, spelling->by, spelling->count);
	number = index_find(builder->lookups, builder->bytes, sheet->lookup_count);
	if (number != INDEX_NONE)
		return sheet->lookups[number];
	text_print(&shown, "%s(", spelling->shown);
	for (size_t i = 0; i < spelling->count; i++)
		text_print(&shown, "%s%s", i ? "," : "", spelling->by[i]);
	text_print(&shown, ").%s", spelling->column);
	lookup = arena_alloc(builder->arena, sizeof *lookup);
	*lookup = (struct lookup){
		.number = sheet->lookup_count,
		.shown = shown.at,
		.table_shown = spelling->shown,
		.table = spelling->table,
		.by = spelling->by,
		.by_count = spelling->count,
		.column = spelling->column,
		.path = builder->path,
		.line = builder->line,
	};
	sheet->lookups = arena_grow(builder->arena, sheet->lookups, sheet->lookup_count,
	                            sizeof(struct lookup *));
	return sheet->lookups[sheet->lookup_count++] = lookup;
}

static void
refer(struct builder *builder, const struct lookup *lookup, const char **values, struct cell *cell)
{
	struct sheet *sheet = builder->sheet;
	struct reference *reference;
	size_t number;

	builder->bytes->length = 0;
	add_reference(builder->bytes, lookup, values);
	number = index_find(builder->references, builder->bytes, sheet->reference_count);
	if (number == INDEX_NONE) {
		number = sheet->reference_count;
		reference = arena_alloc(builder->arena, sizeof *reference);
		*reference =
			(struct reference){ .lookup = lookup, .values = values, .row = INDEX_NONE };
		sheet->references = arena_grow(builder->arena, sheet->references,
		                               sheet->reference_count, sizeof(struct reference *));
		sheet->references[sheet->reference_count++] = reference;
	}
	*cell = (struct cell){ .kind = CELL_REFERENCE,
		               .line = (unsigned)builder->line,
		               .reference = sheet->references[number] };
}

bool
builder_text(struct builder *builder, const struct column *column, const char *text,
             struct cell *cell, struct err *err)
{
	const struct lookup *lookup = column->lookup;
	const char **values = &text;
	size_t count = 1;

	*cell = (struct cell){ .kind = text ? CELL_TEXT : CELL_NULL,
		               .line = (unsigned)builder->line,
		               .text = text };
	if (!text || !lookup)
		return true;
	if (lookup->by_count > 1 && !csv_split(text, &values, &count, builder->arena))
		count = 0;
	if (count != lookup->by_count)
		return builder_refuse(builder, err,
		                      "%s: %zu values separated by commas for %s, not \"%s\"",
		                      column->name, lookup->by_count, lookup->shown, text);
	if (count == 1) {
		values = arena_alloc(builder->arena, sizeof *values);
		*values = text;
	}
	refer(builder, lookup, values, cell);
	return true;
}

bool
builder_value(struct builder *builder, const struct column *column, const char *text,
              struct cell *cell, struct err *err)
{
	const char *unquoted = value_unquoted(text, builder->arena);
	struct spelling spelling;

	/* A list for a lookup is CSV: its quotes are those of its parts. */
	if (column->lookup && column->lookup->by_count > 1)
		return builder_text(builder, column, *text ? text : NULL, cell, err);
	if (unquoted)
		return builder_text(builder, column, unquoted, cell, err);
	if (!column->lookup && value_is_reference(text, &spelling, builder->arena) &&
	    spelling.has_values) {
		refer(builder, builder_lookup(builder, &spelling), spelling.values, cell);
		return true;
	}
	return builder_text(builder, column, *text ? text : NULL, cell, err);
}

struct row
builder_row(const struct builder *builder)
{
	const struct sheet *sheet = builder->sheet;
	struct row row = { .line = builder->line };

	row.cells = arena_alloc(builder->arena, sheet->column_count * sizeof *row.cells);
	for (size_t i = 0; i < sheet->column_count; i++)
		row.cells[i] = sheet->columns[i].initial;
	return row;
}

bool
builder_add(struct builder *builder, const struct row *row, struct err *err)
{
	struct sheet *sheet = builder->sheet;
	size_t same;

	builder->bytes->length = 0;
	add_key(builder->bytes, sheet, row->cells);
	same = index_find(builder->keys, builder->bytes, sheet->row_count);
	if (same != INDEX_NONE)
		return builder_refuse(builder, err, "the key %s is that of line %zu",
		                      sheet_row_name(sheet, same, builder->arena),
		                      sheet->rows[same].line);
	for (size_t i = 0; i < sheet->column_count; i++)
		if (row->cells[i].kind == CELL_REFERENCE &&
		    row->cells[i].reference->row == INDEX_NONE)
			row->cells[i].reference->row = sheet->row_count;
	sheet->rows =
		arena_grow(builder->arena, sheet->rows, sheet->row_count, sizeof *sheet->rows);
	sheet->rows[sheet->row_count++] = *row;
	return true;
}
