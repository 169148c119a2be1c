/* Migrations, and what runs around them, in one transaction: one of them, or many. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct err;
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

/*
 * Applies parts from the first on, `count` at most, in one transaction, which it ends before a migration
 * once it holds `enough` statements; *done is how many. Tries again for locks. On failure nothing is done,
 * and *failed is the part that is to blame, or the last one that was sent.
 */
bool group_apply(struct boot *boot, const struct part *parts, size_t count, size_t enough,
                 size_t *done, size_t *failed, struct err *err);
