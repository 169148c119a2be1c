/* Sheets from .ini: [@table], then a section for each row, whose name is the key. See sheet.h. */
#include <string.h>

#include "../arena.h"
#include "../csv.h"
#include "../err.h"
#include "../script.h"
#include "../sheet.h"
#include "builder.h"
#include "outline.h"
#include "value.h"

/* [@table] comes first and once; other names with an @ in front are kept for later. */
static bool
check_sections(struct builder *builder, const struct outline *outline, struct err *err)
{
	for (size_t i = 0; i < outline->count; i++) {
		const struct section *section = &outline->sections[i];
		const bool is_table = strcmp(section->name, "@table") == 0;

		builder->line = section->line;
		if (i == 0 && !is_table)
			return builder_refuse(builder, err, "a row before [@table]");
		if (i > 0 && is_table)
			return builder_refuse(builder, err,
			                      "[@table] is there already, in line %zu",
			                      outline->sections[0].line);
		if (*section->name == '@' && !is_table)
			return builder_refuse(
				builder, err,
				"[%s] is unknown; a key that begins with @ is written "
				"in double quotes",
				section->name);
	}
	return true;
}

/* Columns that only rows name. */
static void
add_columns(struct builder *builder, const struct outline *outline)
{
	for (size_t i = 1; i < outline->count; i++)
		for (size_t j = 0; j < outline->sections[i].count; j++) {
			const struct pair *pair = &outline->sections[i].pairs[j];

			builder->line = pair->line;
			(void)builder_column(builder, value_name(pair->key, builder->arena));
		}
}

/* The key's columns that sections name: those without an initial value. */
static size_t
named_columns(const struct sheet *sheet, size_t *columns)
{
	size_t count = 0;

	for (size_t i = 0; i < sheet->key_count; i++)
		if (sheet->columns[sheet->keys[i]].initial.kind == CELL_ABSENT)
			columns[count++] = sheet->keys[i];
	return count;
}

static bool
check_key(struct builder *builder, const struct outline *outline, struct err *err)
{
	const struct sheet *sheet = builder->sheet;

	builder->line = outline->sections[0].line;
	if (!sheet->key_count)
		return builder_refuse(builder, err, "[@table] has no key = COLUMN[,COLUMN]");
	for (size_t i = 0; i < sheet->key_count; i++)
		if (sheet->columns[sheet->keys[i]].initial.kind == CELL_ABSENT)
			return true;
	return builder_refuse(builder, err,
	                      "all columns of the key have a value here: all rows "
	                      "would be the same");
}

static bool
take_name(struct builder *builder, const char *name, struct row *row, struct err *err)
{
	const struct sheet *sheet = builder->sheet;
	size_t *columns = arena_alloc(builder->arena, sheet->key_count * sizeof *columns);
	const size_t count = named_columns(sheet, columns);
	const char *whole = *name ? value_name(name, builder->arena) : NULL;
	const char **parts = &whole;
	size_t part_count = 1;

	if (count > 1 && !csv_split(name, &parts, &part_count, builder->arena))
		part_count = 0;
	if (part_count != count)
		return builder_refuse(
			builder, err,
			"the key has %zu columns, [%s] is not %zu values separated by commas",
			count, name, count);
	for (size_t i = 0; i < count; i++)
		if (!builder_text(builder, &sheet->columns[columns[i]], parts[i],
		                  &row->cells[columns[i]], err))
			return false;
	return true;
}

static bool
take_pair(struct builder *builder, const struct section *section, size_t i, struct row *row,
          struct err *err)
{
	const struct pair *pair = &section->pairs[i];
	const char *name = value_name(pair->key, builder->arena);
	const size_t number = builder_find(builder, name);
	const struct column *column = &builder->sheet->columns[number];

	builder->line = pair->line;
	if (column->is_key)
		return builder_refuse(builder, err,
		                      "%s is part of the key, which stands in line %zu", name,
		                      section->line);
	for (size_t j = 0; j < i; j++)
		if (strcmp(value_name(section->pairs[j].key, builder->arena), name) == 0)
			return builder_refuse(builder, err, "%s is given twice, first in line %zu",
			                      name, section->pairs[j].line);
	return builder_value(builder, column, pair->value, &row->cells[number], err);
}

static bool
add_row(struct builder *builder, const struct section *section, struct err *err)
{
	struct row row;

	builder->line = section->line;
	row = builder_row(builder);
	if (!take_name(builder, section->name, &row, err))
		return false;
	for (size_t i = 0; i < section->count; i++)
		if (!take_pair(builder, section, i, &row, err))
			return false;
	builder->line = section->line;
	return builder_add(builder, &row, err);
}

bool
sheet_read_ini(struct sheet **sheet, const struct source *ini, struct arena *arena, struct err *err)
{
	struct builder builder = builder_new(ini->path, arena);
	struct outline outline;

	if (!outline_read(&outline, ini, arena, err) || !check_sections(&builder, &outline, err) ||
	    !builder_heading(&builder, outline.count ? &outline.sections[0] : NULL, err))
		return false;
	if (outline.count && !check_key(&builder, &outline, err))
		return false;
	add_columns(&builder, &outline);
	for (size_t i = 1; i < outline.count; i++)
		if (!add_row(&builder, &outline.sections[i], err))
			return false;
	*sheet = builder.sheet;
	return true;
}
