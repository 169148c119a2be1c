/* See array.h. */
#include "array.h"

#include "../arena.h"
#include "../names.h"

struct text
array_new(struct arena *arena)
{
	struct text array = text_new(arena);

	text_add_char(&array, '{');
	return array;
}

void
array_add(struct text *array, const char *value)
{
	text_add(array, array->length > 1 ? ",\"" : "\"");
	while (*value) {
		size_t plain = 0;

		while (value[plain] && value[plain] != '"' && value[plain] != '\\')
			plain++;
		text_add_n(array, value, plain);
		value += plain;
		if (*value) {
			text_add_char(array, '\\');
			text_add_char(array, *value++);
		}
	}
	text_add_char(array, '"');
}

const char *
array_end(struct text *array)
{
	text_add_char(array, '}');
	return array->at;
}

void
array_sql(struct text *sql, size_t number, const char *table, const char *column)
{
	/*
	 * The branches of a CASE have one type, so the parameter gets that of the other branch;
	 * the planner drops that branch and sees a constant array, of which it knows the length.
	 */
	text_print(sql, "case when true then $%zu else (select array_agg(i.%s) from %s as i) end",
	           number, name_quoted(column, sql->arena), table);
}
