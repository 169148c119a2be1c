/*
 * What a run that changes the schema leaves in our tables, for later starts and for `migrate verify`. That it is still to
 * be noted stands in the ledger from before the first change, so that a later start makes up for a run that was killed.
 */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/* Before the first change: what is noted will be old. */
bool note_begin(struct boot *boot, struct err *err);

/* One relation, by which a start sees that the database lost its tables; and the fingerprint of the catalog. */
bool note_result(struct boot *boot, struct err *err);

/* The same after a run that failed: *err stays what it is. Returns false. */
bool note_failure(struct boot *boot, const struct err *err);

/* Begins a transaction, and fails (with the server's SQLSTATE) where the session may not write what is to be noted. */
bool note_may(struct boot *boot, struct err *err);

/* The same as note_result for a run that was cut off; a session that may not write leaves it to another. */
bool note_late(struct boot *boot, struct err *err);
