/*
 * Several files in one query: those that may be sent whole wait here until there is enough for a round
 * trip. A failure is told with the file, line and column of the one that it is about.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct batch;
struct boot;
struct db_meanwhile;
struct err;
struct parcel;
struct script;

/* Empty, for one sending, in the arena. */
struct parcel *parcel_new(struct arena *arena);

/* Adds statements of ours, separated by semicolons. */
void parcel_say(struct parcel *parcel, const char *sql);

/* Adds a file that may be sent whole, between statements of ours. `number` is what the caller calls it by. */
void parcel_add(struct parcel *parcel, const struct script *script, const struct batch *batch,
                const char *before, const char *after, size_t number);

/* Adds the COMMIT, the last of it, of what the files `whose` did in this parcel and those before; NULL: it was one. */
void parcel_commit(struct parcel *parcel, const char *whose);

size_t parcel_files(const struct parcel *parcel);

/* Is there enough for a round trip? */
bool parcel_is_full(const struct parcel *parcel);

/* What is in it, for a parcel without files. */
const char *parcel_sql(const struct parcel *parcel);

/* Sends it; meanwhile: db.h, or NULL. On failure *number is the file that is to blame; it stays where none is. */
bool parcel_send(const struct parcel *parcel, struct boot *boot,
                 const struct db_meanwhile *meanwhile, size_t *number, struct err *err);
