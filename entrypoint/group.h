/* Migrations, and what runs around them, in one transaction: one of them, or many. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct err;
struct group;
struct migration;
struct script;

/* One file of a transaction. */
struct part {
	const struct script *script;
	const struct migration
		*migration; /* NULL: a companion (companion.h), without a row of its own */
	const char *record; /* SQL of ours behind it, or NULL */
};

/* Which files share a transaction. */
enum grouping {
	GROUPING_FILE, /* none */
	GROUPING_RUNS, /* those that stand together and may, many at a time */
	GROUPING_ALL,  /* all of the run */
};

/* By the setting (enum transactions of config.h): new is an empty database. Pure. */
enum grouping grouping_choose(int setting, bool is_new);

/* May the same files be applied one by one after this failure? Only where nobody asked for the group. Pure. */
bool grouping_falls_back(enum grouping grouping, int fault, const char *sqlstate);

/* Is it the group that the server refuses, which was asked for, and not the file? Pure. */
bool grouping_is_refused(enum grouping grouping, int fault, const char *sqlstate);

/*
 * As migrations_proofread, and FAULT_WRONG where all that is pending was to be one transaction and a file cannot run in
 * one.
 */
bool group_proofread(const struct boot *boot, struct err *err);

/* What may share a transaction. */
struct span {
	const struct part *parts;
	size_t count;
	size_t enough; /* it ends before a migration once it holds so many statements */
	const struct part *
		next; /* may be applied after them by itself (NULL: not known); it stays where it is */
};

/* For the transactions of a run, one after the other. In the arena; group_drop before that goes. */
struct group *group_new(struct boot *boot, struct arena *arena);
void group_drop(struct group **group);

/* Prepares what its session is to do for each of so many files, where that is worth it. */
bool group_prepare(struct group *group, size_t count, struct err *err);

/*
 * Applies parts from the first on, as many as go, in one transaction; *done is how many. Tries again for locks. On failure nothing
 * is done, and *failed is the part that is to blame, or the last one that was sent.
 */
bool group_apply(struct group *group, const struct span *span, size_t *done, size_t *failed,
                 struct err *err);
