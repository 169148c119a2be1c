/* \i and \ir: files that are read into the middle of others. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct meta;
struct source;

/* A file being read, and the one whose \i it is. */
struct include {
	const struct source *source;
	const struct include *outer; /* NULL: the script itself */
};

/*
 * Reads the file that meta names in outer. It must lie in the folder of the script, links followed,
 * and must not be one of those being read.
 */
bool include_read(struct source *source, const struct include *outer, const struct meta *meta,
                  struct arena *arena, struct err *err);
