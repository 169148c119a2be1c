/* What a reader gives, taken in the sizes that a format says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct SHA256state_st;
struct err;
struct reader;

struct cursor {
	struct reader *reader;
	const char *path; /* for messages */
	const char *at;   /* what was given and not yet taken */
	size_t left;
	int64_t offset;                /* bytes taken so far */
	struct SHA256state_st *digest; /* NULL, or of what is taken */
};

/* Is there nothing more? */
bool cursor_at_end(struct cursor *cursor, bool *at_end, struct err *err);

/* So many, exactly. FAULT_WRONG: it ends before. */
bool cursor_take(struct cursor *cursor, void *to, size_t length, struct err *err);

/* At most so many, at least one, without a copy; they stay until the next call. FAULT_WRONG: it ends here. */
bool cursor_piece(struct cursor *cursor, size_t most, const char **bytes, size_t *length,
                  struct err *err);
