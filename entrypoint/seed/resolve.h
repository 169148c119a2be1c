/* References: the rows that they mean, asked for by natural key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct boot;
struct err;
struct sheet;

/*
 * Finds what the references of the first `rows` rows mean, as their text in `found`, in the arena.
 * One that means two rows or none is not is_found, and unless may_be_missing that is FAULT_WRONG as
 * "path:line: ...".
 */
struct resolving {
	const struct sheet *sheet;
	size_t rows;
	bool may_be_missing;
	struct arena *arena;
};

bool references_resolve(struct boot *boot, const struct resolving *resolving, struct err *err);
