/* The backups of a folder, read and judged: for a restore that has to choose, and for people. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct candidate;
struct err;

struct offer {
	const char *folder;
	struct candidate *candidates; /* newest first, without a date last */
	size_t count;
	size_t looked_at;              /* names in the folder */
	const struct candidate *taken; /* NULL: none by itself */
};

/* Is it a folder in which backups lie? The folder of pg_dump -Fd is a backup itself. */
bool offer_is_folder(const char *path);

/* A folder that cannot be read is FAULT_NO_SOURCE. */
bool offer_read(struct offer *offer, const char *folder, const char *environment,
                struct arena *arena, struct err *err);

/* One that was named, as far as its name and a manifest beside it tell; false: they tell nothing. */
bool offer_read_one(struct candidate *candidate, const char *path, struct arena *arena);

/* Of one of them. */
const char *offer_path(const struct offer *offer, const struct candidate *candidate,
                       struct arena *arena);

/*
 * A line for each of the first so many: when, kind, environment, size, whether it is whole as far as a glance can tell, name, why (not)
 * taken.
 */
const char *offer_words(const struct offer *offer, size_t most, struct arena *arena);
