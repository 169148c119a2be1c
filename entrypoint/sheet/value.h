/* How names, texts and references are spelled in an .ini seed. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* The text inside if the whole is one text in double quotes (those inside doubled), else NULL. */
const char *value_unquoted(const char *text, struct arena *arena);

/* A name as it stands, or inside its quotes. */
const char *value_name(const char *text, struct arena *arena);

/* A table's name for SQL, quoted: table or schema.table; NULL when it is none. */
const char *value_table(const char *text, struct arena *arena);

/* [schema.]table(by[=value], ...).column */
struct spelling {
	const char *table; /* quoted, for SQL */
	const char *shown; /* the table as written */
	const char **by;
	const char **values; /* NULL is null */
	size_t count;
	const char *column;
	bool has_values; /* else it is a template: none has one */
};

/*
 * Is the text a reference? Names are letters, digits, _ and $, case counts, or anything in double
 * quotes. Values go up to the next comma or parenthesis, or stand in double quotes. A text that is
 * almost one is none.
 */
bool value_is_reference(const char *text, struct spelling *spelling, struct arena *arena);
