/* The part of a text stream that is in memory: what is not taken yet, and as much behind it as is asked for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct reader;

struct window {
	struct reader *reader;
	const char *path; /* for messages */
	char *bytes;      /* owned */
	size_t room, length;
	size_t at;      /* what is before it was taken */
	int64_t before; /* bytes of the text before `bytes` */
	size_t line;    /* 1-based, of `at` */
	bool is_over;   /* the text ends with `bytes` */
};

/*
 * Reads on: 256 KB, or twice as much as is not taken yet; what was taken is dropped, so offsets change. FAULT_WRONG: NUL bytes,
 * UTF-16, a statement of more than 1 GB.
 */
bool window_more(struct window *window, struct err *err);

/* Up to this offset. */
void window_take(struct window *window, size_t to);

/* Likewise, by who has counted the newlines up to there. */
void window_take_lines(struct window *window, size_t to, size_t lines);

void window_drop(struct window *window);
