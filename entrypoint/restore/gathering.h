/* Rows of INSERT statements on their way to become one COPY: those into the same columns of one table, as long as they are alike. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct db;
struct err;
struct gathering;
struct item;

/* In the arena, but for what is dropped with gathering_close. */
struct gathering *gathering_open(struct db *db, struct arena *arena);
void gathering_close(struct gathering **gathering);

/* Takes the rows of the statement into what is gathered, if it is one that can be. *is_full: it must be sent before more. */
bool gathering_take(struct gathering *gathering, const struct item *item, bool *is_full);

/*
 * Begins anew with the statement, asking the server for the table; nothing must be gathered. *was_taken: else it must go as a statement,
 * like all that are like it.
 */
bool gathering_begin(struct gathering *gathering, const struct item *item, bool *was_taken,
                     struct err *err);

/* What is gathered: rows, 0 if nothing. */
size_t gathering_rows(const struct gathering *gathering);

/* All that is gathered, as a COPY; until the next change. */
struct gathered {
	const char *sql, *table, *toc;
	const char *bytes;
	size_t length;
	const size_t *lines; /* where each row stands */
	size_t count;
};
struct gathered gathering_gathered(struct gathering *gathering);
void gathering_clear(struct gathering *gathering);

/* COPYs all of it. On failure *line is that of the statement to blame, and *toc what it is called. */
bool gathering_send(struct gathering *gathering, size_t *line, const char **toc, struct err *err);
