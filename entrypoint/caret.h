/* A line of a text with a caret under one of its characters, and passwords out of sight. */
#pragma once

#include <stddef.h>

struct arena;
struct text;

/* Of a longer line only what is around the caret is shown. */
#define CARET_MOST 160

/*
 * Adds the line of `text` in which the byte `offset` stands to `line`, without its end and with the literals behind PASSWORD
 * blanked, and to `under` what has to stand below it.
 */
void caret_show(const char *text, size_t length, size_t offset, struct text *line,
                struct text *under);

/* The whole text with the literals behind PASSWORD blanked. */
const char *caret_blanked(const char *text, struct arena *arena);
