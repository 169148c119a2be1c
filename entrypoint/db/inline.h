/* Values in the text of a statement, where the protocol has no place for parameters. Inside of db.h. */
#pragma once

#include <stddef.h>

struct text;

/*
 * Adds the text with each $1, $2, ... replaced by its literal (quoted already). It is for statements of
 * our own: names and literals in them are quoted, and they hold no comment and no dollar quote.
 */
void inline_values(struct text *text, const char *sql, const char *const *literals, size_t count);
