/*
 * CSV as COPY ... (format csv) of PostgreSQL reads it (src/backend/commands/copyfromparse.c,
 * CopyReadAttributesCSV): an unquoted empty field is null, "" is empty, a quote inside quotes is
 * doubled, quoted fields may hold newlines, blanks count.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

struct csv {
	char *at, *end;      /* the rest of the text */
	const char *path;    /* for messages; NULL: they have no place in front */
	size_t line;         /* the next record begins there */
	size_t record_line;  /* the last one began there */
	struct arena *arena; /* of the fields' array */
	const char **fields; /* of the last record, reused by the next; NULL is null */
	size_t count, room;
};

/* Reads a text, in whose copy in the arena the fields then lie. A BOM is read over. */
struct csv csv_new(const char *text, size_t length, const char *path, struct arena *arena);

/*
 * The next record; false with *at_end at the end of the text. Records end with \n or \r\n. A
 * quoted field without end, a lone \r outside of quotes: FAULT_WRONG as "path:line: ...".
 */
bool csv_next(struct csv *csv, bool *at_end, struct err *err);

/* The fields of a text that is one record, in the arena; false when it is none, or more. */
bool csv_split(const char *text, const char ***fields, size_t *count, struct arena *arena);
