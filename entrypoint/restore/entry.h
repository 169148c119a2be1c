/* What the statements of an entry in an archive's table of contents tell, as pg_dump.c writes them. Pure. */
#pragma once

#include <stdbool.h>

/*
 * Of an entry of that kind: all that it does is to make an index, or a constraint that is one. (One may set statistics of it too, and one
 * of kind CONSTRAINT be a NOT NULL.)
 */
bool entry_makes_index(const char *kind, const char *definition);

/* Of an index: it takes much longer than a B-tree. */
bool entry_is_slow(const char *definition);

/* The rows go into the table itself; those of a partition may go by way of its root. Empty: schema is not said. */
bool entry_copies_into(const char *copy, const char *schema, const char *name);
