/*
 * The rows of one seed file, .ini or .csv, as far as they can be understood without a server:
 * which table, which columns, which key, and for each cell a text, null, nothing, or a reference.
 *
 * [@table] comes first in an .ini. `name` is the table, may be schema.table; without it the file's
 * name is taken, without number and extension. `key` are the columns of the natural key. Any other
 * key is a column, with the value of all rows that give none, or as `table(column, ...).column`
 * with what its values are: the natural key of a row of another table. A column called name or key
 * is written "name" or "key". Names are taken as they stand, with or without double quotes.
 *
 * Every other section is a row. Its name is the key: of several columns as CSV, in their order,
 * without those that have a value in [@table].
 *
 * An empty value is null. One wholly in double quotes is the text between them (a quote inside is
 * doubled): "" is the empty string, and blanks at the edges or what looks like a reference can be
 * written. table(column=value, ...).column is a reference. Anything else is text as it stands.
 *
 * In a .csv the header names the columns and cells are text; the .ini of the same name beside it
 * holds [@table] only. Without one the first column is the key.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct source;

/* How a value is found by the natural key of another table: table(by, ...).column */
struct lookup {
	size_t number;     /* in sheet->lookups */
	const char *shown; /* as one would write it */
	const char *table; /* quoted, for SQL */
	const char *table_shown;
	const char **by;
	size_t by_count;
	const char *column;
	const char *path; /* where it was written first */
	size_t line;
};

/* One use of a lookup; rows that say the same share it. */
struct reference {
	const struct lookup *lookup;
	const char **values; /* one for each of lookup->by; NULL is null */
	size_t row;          /* the first that uses it */
	bool is_found;       /* set by who asks the server */
	const char *found;   /* the value's text; NULL is null */
};

enum cell_kind {
	CELL_ABSENT, /* the table's own default */
	CELL_NULL,
	CELL_TEXT,
	CELL_REFERENCE,
};

struct cell {
	enum cell_kind kind;
	unsigned
		line; /* where it is written: in sheet->path, or for initial values in column->path */
	union {
		const char *text;
		struct reference *reference;
	};
};

struct column {
	const char *name;
	const char *path; /* where it is named first */
	size_t line;
	bool is_key;
	const struct lookup *lookup; /* its values are the natural key of another row; NULL: no */
	struct cell initial;         /* what a row has that says nothing of it */
};

struct row {
	size_t line;
	struct cell *cells; /* one for each column */
};

struct sheet {
	const char *path;
	const char *name;        /* the path's last two parts, "common/30_travelers.ini" */
	const char *table;       /* quoted, for SQL */
	const char *table_shown; /* as written */
	const char *table_path;  /* where it is named */
	size_t table_line;       /* 0: nowhere, it is called as the file */
	struct column *columns;
	size_t column_count;
	size_t *keys; /* the key's columns, in their order */
	size_t key_count;
	struct row *rows;
	size_t row_count;
	struct lookup **lookups;
	size_t lookup_count;
	struct reference **references;
	size_t reference_count;
};

/*
 * Sheets live in the arena. What is wrong in a file is FAULT_WRONG as "path:line: ...". A file
 * without rows is a sheet without rows.
 */
bool sheet_read_ini(struct sheet **sheet, const struct source *ini, struct arena *arena,
                    struct err *err);

/* beside: the .ini of the same name, which may hold [@table] only; NULL: none. */
bool sheet_read_csv(struct sheet **sheet, const struct source *csv, const struct source *beside,
                    struct arena *arena, struct err *err);

/* Puts the place of a cell in front of what failed: "path:line: column: ". Returns false. */
bool sheet_blame(const struct sheet *sheet, size_t row, const struct column *column,
                 struct err *err);

/* What people call the row: its key, a reference by the values that it is found with. */
const char *sheet_row_name(const struct sheet *sheet, size_t row, struct arena *arena);

/* As people would write a reference: users(username=system).id */
const char *reference_shown(const struct reference *reference, struct arena *arena);
