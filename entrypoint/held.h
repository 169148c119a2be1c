/* The locks on relations that the work session holds in its transaction: what a statement has added to them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct err;

struct held_lock {
	const char *relation; /* its oid */
	const char *name;     /* qualified and quoted as SQL has it */
	const char *mode;     /* the strongest: AccessExclusiveLock */
	int rank;             /* of the mode, 1 to 8 */
	bool is_sequence;
	bool is_new; /* made in this transaction: nobody else can wait for it */
};

struct held {
	struct held_lock *at;
	size_t count;
};

/* As it is now, of tables, views, sequences and indexes outside the catalog. */
bool held_read(struct held *held, struct boot *boot, struct arena *arena, struct err *err);

/* What `now` has that `before` had not, or only in a weaker mode. Pure. */
struct held held_since(const struct held *before, const struct held *now, struct arena *arena);
