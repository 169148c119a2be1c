/*
 * The fingerprint of the catalog: a row for each object of the user's schemas, with a hash of its definition, in
 * the table `fingerprint` of our schema. Stored after each run that changed the schema; compared by `migrate verify`.
 *
 * Counted: schemas, tables, columns, constraints, indexes, views, sequences, functions, triggers, rules, policies, types,
 * extensions (their names), and grants beyond the default ones. Not counted: owners, comments, storage and planner
 * settings, the values of sequences; members of extensions; partitions, which applications make ahead; temporary objects.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct err;

struct difference {
	const char *state; /* added, gone, changed */
	const char *kind;
	const char *name; /* qualified and quoted as SQL has it */
};

struct differences {
	struct difference *at;
	size_t count;
	bool is_known;  /* a fingerprint is stored */
	bool was_other; /* it was taken on another major version: `changed` cannot be told then */
};

/* Makes the table where it is missing. Of what is stored only that is written which differs. */
bool fingerprint_store(struct boot *boot, struct err *err);

/* Reads only. Of what is added or gone as a whole, the parts are not listed. */
bool fingerprint_compare(struct boot *boot, struct differences *differences, struct arena *arena,
                         struct err *err);
