/* [@table]: which table, its key, and what rows have that say nothing. See builder.h. */
#include <string.h>

#include "../arena.h"
#include "../csv.h"
#include "../err.h"
#include "../sheet.h"
#include "builder.h"
#include "outline.h"
#include "value.h"

/* 30_travelers.ini holds travelers. */
static const char *
table_of_file(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	name += strspn(name, "0123456789");
	name += strspn(name, "_-");
	return dot && dot > name ? arena_copy_n(arena, name, (size_t)(dot - name)) : name;
}

static bool
take_table(struct builder *builder, const char *shown, struct err *err)
{
	struct sheet *sheet = builder->sheet;

	sheet->table_shown = shown;
	sheet->table_path = builder->path;
	sheet->table_line = builder->line;
	sheet->table = value_table(shown, builder->arena);
	return sheet->table || builder_refuse(builder, err, "\"%s\" is no table's name", shown);
}

static char *
trimmed(const char *text, struct arena *arena)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && strchr(" \t", text[length - 1]))
		length--;
	return arena_copy_n(arena, text, length);
}

static bool
take_key(struct builder *builder, const char *list, struct err *err)
{
	const char **names;
	size_t count;

	if (!csv_split(list, &names, &count, builder->arena))
		return builder_refuse(builder, err, "key: columns, separated by commas");
	for (size_t i = 0; i < count; i++) {
		const char *name = names[i] ? trimmed(names[i], builder->arena) : "";

		if (!*name)
			return builder_refuse(builder, err, "key: a column's name is missing");
		if (!builder_key(builder, builder_column(builder, name), err))
			return false;
	}
	return true;
}

/* A lookup for the column, or the value that its rows have initially. */
static bool
take_initial(struct builder *builder, const char *name, const char *value, struct err *err)
{
	const size_t number = builder_column(builder, name);
	struct column *column = &builder->sheet->columns[number];
	struct spelling spelling;

	if (column->lookup || column->initial.kind != CELL_ABSENT)
		return builder_refuse(builder, err, "%s is given twice, first in line %zu", name,
		                      column->line);
	column->path = builder->path;
	column->line = builder->line;
	if (value_is_reference(value, &spelling, builder->arena) && !spelling.has_values) {
		column->lookup = builder_lookup(builder, &spelling);
		return true;
	}
	return builder_value(builder, column, value, &column->initial, err);
}

static const struct pair *
find_pair(const struct section *section, const char *key)
{
	for (size_t i = 0; section && i < section->count; i++)
		if (strcmp(section->pairs[i].key, key) == 0)
			return &section->pairs[i];
	return NULL;
}

static bool
is_reserved(const char *key)
{
	return strcmp(key, "name") == 0 || strcmp(key, "key") == 0;
}

bool
builder_heading(struct builder *builder, const struct section *section, struct err *err)
{
	const struct pair *name = find_pair(section, "name");
	const struct pair *key = find_pair(section, "key");

	builder->line = name ? name->line : 0;
	if (!take_table(builder, name ? name->value : table_of_file(builder->path, builder->arena),
	                err))
		return false;
	builder->line = key ? key->line : 1;
	if (key && !take_key(builder, key->value, err))
		return false;
	for (size_t i = 0; section && i < section->count; i++) {
		const struct pair *pair = &section->pairs[i];

		builder->line = pair->line;
		if (is_reserved(pair->key) && pair != name && pair != key)
			return builder_refuse(builder, err,
			                      "%s is given twice; a column of that "
			                      "name is written \"%s\"",
			                      pair->key, pair->key);
		if (!is_reserved(pair->key) &&
		    !take_initial(builder, value_name(pair->key, builder->arena), pair->value, err))
			return false;
	}
	return true;
}
