/*
 * The statements and rows of a dump on their way to the server, many at a time, within one transaction. A failure is told with the line
 * where its statement or its row stands, and what pg_dump calls it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;
struct err;
struct item;
struct items;
struct ruling;
struct sender;

/* The label is what to call the dump. Strings are kept. Owner: sender_close. */
struct sender *sender_open(struct db *db, const char *label, struct arena *arena);
void sender_close(struct sender **sender);

/* A statement to be sent, soon. Where it is the same, the rows of INSERTs become those of COPY. */
bool sender_add(struct sender *sender, const struct item *item, const struct ruling *ruling,
                struct err *err);

/* COPY with its data, which are counted on both sides. */
bool sender_copy(struct sender *sender, struct items *items, const struct item *item,
                 const struct ruling *ruling, struct err *err);

/* All that was added. */
bool sender_flush(struct sender *sender, struct err *err);

/* The tables that got rows, in the order of the dump: as written there, with their count. */
struct filled {
	const char *table;
	int64_t rows;
};
const struct filled *sender_filled(const struct sender *sender, size_t *count);
