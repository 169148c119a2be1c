/* The time in a file's name, as the many backup scripts write it. UTC is meant, unless the name says a zone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct moment {
	int64_t from; /* s since 1970 */
	int64_t span; /* s: how exactly it is told, 1, 60, 3600 or 86400 */
};

/*
 * The last time that the text holds: 20240618_101112 and the like with any of `-_.:T` or nothing between, to the second, minute,
 * hour or day, also with Z or +0200 behind; seconds since 1970. *start and *length say where it stands. Pure.
 */
bool moment_find(const char *text, struct moment *moment, size_t *start, size_t *length);

/* Which is later: < 0, 0 (the same, or they are told too roughly to know), > 0. Pure. */
int moment_compare(const struct moment *one, const struct moment *other);

/* "2024-06-18 10:11:12", as far as it is told. */
const char *moment_words(const struct moment *moment, struct arena *arena);
