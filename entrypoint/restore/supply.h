/* What a restore is made from: a source that was proven to be whole (prove.h), and of a kind that can be restored. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;

struct supply {
	const char *path;
	bool is_archive; /* of pg_dump; else plain SQL */
};

/*
 * Reads all of the file or folder. The path must live on. FAULT_NO_SOURCE: it is not there. FAULT_WRONG: it is damaged, no dump, or
 * packed in a way that is not restored.
 */
bool supply_prove(struct supply *supply, const char *path, struct arena *arena, struct err *err);
