/* Where a failure stands that the server tells of what was sent of a dump. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* The row of COPY that a CONTEXT speaks of ("COPY actor, line 7, column name"), from 1; 0: of none. Pure. */
size_t blame_row(const char *context);

/* "LABEL:LINE: " in front, and what pg_dump calls it ("" if it has not said). Returns false. A signal is nobody's fault. */
bool blame_at(struct err *err, const char *label, size_t line, const char *toc);

/* Rows that follow each other in what was sent stand on lines that follow each other, from here on. */
struct stretch {
	int64_t row; /* from 0 */
	size_t line;
};

/* The line of a row, from 1 as the server counts; 0: of none of them. They are in order. Pure. */
size_t blame_line(const struct stretch *stretches, size_t count, size_t row);
