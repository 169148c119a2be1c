/*
 * The statements and rows of a dump on their way to the server, many at a time, within one transaction. A failure is told with the line
 * where its statement or its row stands, and what pg_dump calls it.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct db;
struct err;
struct fillings;
struct gathered;
struct item;
struct items;
struct ruling;
struct sender;

/* The label is what to call the dump; what is filled is noted. All is kept. Owner: sender_close. */
struct sender *sender_open(struct db *db, const char *label, struct fillings *fillings,
                           struct arena *arena);
void sender_close(struct sender **sender);

/*
 * From now on rows that were INSERTs are given to this, and it notes what it fills. They are copied, or sent when it returns. NULL: an
 * INSERT comes that stays a statement; all rows before it have to be there, for its table may have a trigger that looks at them.
 */
typedef bool sender_outlet(void *to, const struct gathered *gathered, struct err *err);
void sender_share(struct sender *sender, sender_outlet *outlet, void *to);

/* A statement to be sent, soon. Where it is the same, the rows of INSERTs become those of COPY. */
bool sender_add(struct sender *sender, const struct item *item, const struct ruling *ruling,
                struct err *err);

/* COPY with its data, which are counted on both sides. */
bool sender_copy(struct sender *sender, struct items *items, const struct item *item,
                 const struct ruling *ruling, struct err *err);

/* All that was added. */
bool sender_flush(struct sender *sender, struct err *err);
