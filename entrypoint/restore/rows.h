/* The data of COPY in a dump: lines up to one that holds only \. , in pieces. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct window;

struct rows {
	size_t line;    /* where their COPY stands, for the message that they have no end */
	int64_t count;  /* lines so far */
	bool is_inside; /* of a line that was too long for one piece */
};

/*
 * The next piece, taken from the window; length 0: the end mark was taken. A piece ends with a line wherever one fits into the
 * window. FAULT_WRONG: the text ends before.
 */
bool rows_next(struct rows *rows, struct window *window, const char **bytes, size_t *length,
               struct err *err);
