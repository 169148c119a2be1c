/*
 * Drops what a database holds, but for what is kept: after a restore that was killed, what it had made; for `reset`, all. Cut
 * off at any point it ends the same when it is run again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct err;

struct wipe {
	const char *list; /* what remains, of restore/remain.h */
	const char
		*opening; /* SQL at the beginning of each of its transactions; may be run again */
	const char *closing; /* SQL at the end of the last one */
};

/*
 * Few objects are dropped in one transaction with opening and closing, many in several, so that they need no more locks than a
 * server has. Needs the boot lock. *dropped counts statements.
 */
bool wipe_run(struct boot *boot, const struct wipe *wipe, size_t *dropped, struct err *err);

/* What is in the way: objects of others that we may not drop, some of them in words; NULL: nothing. */
bool wipe_obstacles(struct boot *boot, const char *list, const char **words, struct arena *arena,
                    struct err *err);

/*
 * Within the open transaction: drops what an init script may have left in a database that is empty, functions, types and
 * schemas, and tells it in words ("function public.f(), schema s"); likewise what is kept, since it is of others and we may not
 * drop it. NULL: there was nothing. Extensions stay.
 */
bool wipe_leftovers(struct boot *boot, const char **words, const char **kept, struct arena *arena,
                    struct err *err);
