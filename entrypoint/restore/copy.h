/* COPY ... FROM stdin, as a statement of a dump. */
#pragma once

#include <stdbool.h>

struct item;
struct text;

/* Is it pg_dump's form, in which a line is a row? Adds the table, as it is named there. Pure. */
bool copy_is_text(const struct item *item, struct text *table);
