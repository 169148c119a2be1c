/* The sections of an .ini as they stand, so that they can be gone through more than once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct source;

struct pair {
	const char *key, *value;
	size_t line;
};

struct section {
	const char *name;
	size_t line;
	struct pair *pairs;
	size_t count;
};

struct outline {
	const char *path;
	struct section *sections;
	size_t count;
	struct arena *arena;
};

bool outline_read(struct outline *outline, const struct source *ini, struct arena *arena,
                  struct err *err);
