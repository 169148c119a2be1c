/*
 * Large objects of a dump on their way to the server: what pg_dump writes as a statement for each, or as three, goes as one for many. Of
 * the statements only those exactly as _StartLO, dump_lo_buf and _EndLO in pg_backup_null.c and dumpLO in pg_dump.c write them are known.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct batch;
struct item;
struct objects;

/* Owner: objects_close. */
struct objects *objects_open(struct arena *arena);
void objects_close(struct objects **objects);

/* Takes the statement, if it is one of these; what is full goes to the batch. */
bool objects_take(struct objects *objects, const struct item *item, struct batch *batch);

/* All that was taken goes to the batch. An object that is open stays so. */
void objects_flush(struct objects *objects, struct batch *batch);

/* The same before a statement that was not taken: an object that is open is open for it too, at the same place. */
void objects_leave(struct objects *objects, struct batch *batch);
