/* How a sheet comes about: columns first, then row by row. For the readers of .ini and .csv. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct cell;
struct column;
struct err;
struct index;
struct row;
struct section;
struct sheet;
struct spelling;
struct text;

struct builder {
	struct sheet *sheet;
	struct arena *arena;
	const char *path; /* of the file that is being read, and the line there; 0: the whole */
	size_t line;
	struct index *keys; /* of rows */
	struct index *lookups;
	struct index *references;
	struct text *bytes; /* what is looked for in an index */
};

#define COLUMN_NONE ((size_t)-1)

/* An empty sheet of a file. */
struct builder builder_new(const char *path, struct arena *arena);

/* Records "path:line: " of what is being read, and the words. Returns false. */
bool builder_refuse(const struct builder *builder, struct err *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The column of this name, or COLUMN_NONE. */
size_t builder_find(const struct builder *builder, const char *name);

/* The same, made if there is none yet. */
size_t builder_column(struct builder *builder, const char *name);

/* Makes the column part of the key; refused when it is part of it already. */
bool builder_key(struct builder *builder, size_t column, struct err *err);

struct lookup *builder_lookup(struct builder *builder, const struct spelling *spelling);

/* A value of an .ini: null, text, or a reference. */
bool builder_value(struct builder *builder, const struct column *column, const char *text,
                   struct cell *cell, struct err *err);

/* A text (NULL: null), or what the column's lookup takes: refused when it does not fit that. */
bool builder_text(struct builder *builder, const struct column *column, const char *text,
                  struct cell *cell, struct err *err);

/* A row with what its columns have initially, not yet in the sheet. */
struct row builder_row(const struct builder *builder);

/* Adds it; refused when its key is there already. */
bool builder_add(struct builder *builder, const struct row *row, struct err *err);

/*
 * Reads [@table]; NULL: there is none. `name`: else the table is called as the file, without
 * number and extension. `key`. Other keys become columns with initial values or lookups.
 */
bool builder_heading(struct builder *builder, const struct section *section, struct err *err);
