/* The loader: a planned dump into an empty database. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct boot;
struct err;
struct plan;

/* How a dump is loaded. */
enum load_way {
	LOAD_WHOLE,  /* in one transaction (whole.h) */
	LOAD_SPREAD, /* with several sessions (spread.h) */
};

/*
 * Several sessions are worth their while for so many bytes; so many tables, or relations in all, are more than one transaction can
 * lock; a pooler gives no session. Pure.
 */
enum load_way load_way_of(int64_t bytes, size_t tables, size_t relations, size_t jobs,
                          bool is_pooled);

/*
 * With the boot lock held. A restore that was cut off is taken over first: what it made is dropped, and the database need not be
 * empty. Nothing is left of it unless all of it is there, and its finished row in the journal; but after a signal, or where the
 * connection broke, what was made stays to be taken over. FAULT_WRONG: the database is not empty, the dump is not whole or has
 * changed since it was planned, a statement failed (told with its line).
 */
bool load_run(struct boot *boot, const struct plan *plan, struct err *err);
