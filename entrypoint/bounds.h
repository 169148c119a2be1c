/*
 * A file must stay within the transaction that we put it in. What could end it is refused before it is
 * sent; this finds out, by the command tags and by the state of the session, that it happened all the same.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct db;
struct err;
struct statement;

/* What must hold of a query when it is done. */
struct bounds {
	bool is_open;     /* a transaction stands open */
	size_t commits;   /* COMMIT was ours so many times */
	size_t rollbacks; /* ROLLBACK TO, which the files say themselves, at most */
};

/* Of one query between SQL of ours, each of them may be NULL, in the session as it is before it is sent. */
struct bounds bounds_of(const struct db *db, const char *before, const char *after);

/* Of SQL of ours (NULL: none), as the server counts: an empty statement is none. */
struct tally {
	size_t statements, begins, commits;
};
struct tally bounds_tally(const char *sql);

/* How many of these are ROLLBACK TO. */
size_t bounds_rollbacks(const struct statement *statements, size_t count);

/*
 * After the query: true where the bounds held. Else FAULT_WRONG in words of its own; a failure of the query, if err has
 * one, is told in the detail.
 */
bool bounds_hold(const struct bounds *bounds, const struct db *db, bool has_failed,
                 struct err *err);
