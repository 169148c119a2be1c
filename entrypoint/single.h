/* One statement that cannot run in a transaction: begun, tried until it is done, proven. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct batch;
struct boot;
struct err;
struct migration;

/* The kind of the journal's row in which it is noted what a migration has begun. */
const char *single_kind(const struct migration *migration, struct arena *arena);

/*
 * Runs statement i. `noted`: what the run that was interrupted in it had noted in the journal; NULL: it was not begun. Drops
 * what tries of ours have left behind, never what was there before the first one. After a failure that leaves nothing
 * behind, nothing is noted any more.
 */
bool single_run(struct boot *boot, const struct migration *migration, const struct batch *batch,
                size_t i, const char *noted, struct err *err);

/* Statement i is to begin anew, after an interruption: drops what that has left behind, if it can be dropped. */
bool single_clear(struct boot *boot, const struct migration *migration, const struct batch *batch,
                  size_t i, const char *noted, struct err *err);
