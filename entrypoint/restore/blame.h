/* Where a failure stands that the server tells of what was sent of a dump. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;

/* The row of COPY that a CONTEXT speaks of ("COPY actor, line 7, column name"), from 1; 0: of none. Pure. */
size_t blame_row(const char *context);

/* "LABEL:LINE: " in front, and what pg_dump calls it ("" if it has not said). Returns false. A signal is nobody's fault. */
bool blame_at(struct err *err, const char *label, size_t line, const char *toc);
