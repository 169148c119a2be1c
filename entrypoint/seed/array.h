/*
 * Many values as one parameter: the text of an array, and SQL that gives it the type of a column
 * without knowing that type's name.
 */
#pragma once

#include <stddef.h>

struct arena;
struct text;

struct text array_new(struct arena *arena);
void array_add(struct text *array, const char *value);
/* After the last value. */
const char *array_end(struct text *array);

/* The array that is parameter `number`, of the type of this column; table is quoted. */
void array_sql(struct text *sql, size_t number, const char *table, const char *column);
