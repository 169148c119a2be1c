/* The volumes of a restore, from the search for their archives until they are in their place. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct selection;
struct supply;
struct text;
struct volume;
struct volumes;

/*
 * Of those that are selected and empty (with --replace the full ones too): finds their archives (in the bundle of the supply, or beside its dump), reads each whole and
 * compares the room. One that is full is left as it is. *volumes: in the arena, NULL if none is set. FAULT_WRONG: an archive may
 * not be unpacked, or there is none for a critical volume. FAULT_CANNOT_WRITE: no room. Owner: volumes_close, after a failure too.
 */
bool volumes_find(struct volumes **volumes, struct boot *boot, const struct supply *supply,
                  const struct selection *selection, struct arena *arena, struct err *err);

/*
 * The same of one source that a person named, `FILE` or `NAME=FILE`: a bundle, a dump that has archives beside it, or that of a volume
 * itself; FAULT_WRONG also where a selected volume is full, or has no archive there.
 */
bool volumes_find_named(struct volumes **volumes, struct boot *boot, const char *word,
                        const struct selection *selection, struct arena *arena, struct err *err);

/* What would be done, a line each. */
void volumes_tell(const struct volumes *volumes, struct text *page);

/* With --replace those that are full are replaced: their names, with blanks in between; "": none is. In the arena of volumes_find. */
const char *volumes_replaced(const struct volumes *volumes);

/* Their database will be the one with this oid, which is to take the place of another: else they are as for one of that source. */
void volumes_await(struct volumes *volumes, const char *oid);

/* Unpacks all of them beside their place. On failure nothing of any is left. A signal leaves it to the next run. */
bool volumes_unpack(struct volumes *volumes, struct err *err);

/* Into their place, once the database is restored. */
bool volumes_place(struct volumes *volumes, struct err *err);

/* The database was not restored, for this reason: nothing of them is kept, unless it may have been after all. */
void volumes_abandon(struct volumes *volumes, const struct err *reason);

/* Accepts NULL. */
void volumes_close(struct volumes **volumes);

/*
 * Finishes what a killed run has unpacked into one, or removes it, as the database says. FAULT_WRONG: there is none to ask, and it
 * matters.
 */
bool volumes_settle_one(struct volume *volume, struct boot *boot, struct arena *arena,
                        struct err *err);

/* Is any set, and this a matter of this boot? */
bool volumes_are_due(const struct boot *boot);

/*
 * At every start with volumes, once the database is not to be restored any more and before it is changed: finishes what a killed run
 * has unpacked, unless the database was made from another backup since; removes what it has begun, and marks each as seen. FAULT_WRONG: a critical volume is empty and was never seen,
 * beside a database that is not empty.
 */
bool volumes_settle(struct boot *boot, struct err *err);

/* The last of that alone, for plan: reads only. */
bool volumes_prove(struct boot *boot, struct err *err);

/*
 * Those in which a restore was cut off, or is under way, with commas between: a start has something to do there. One that cannot be
 * looked into is none. Reads only.
 */
void volumes_unsettled(struct text *names, const struct boot *boot);
