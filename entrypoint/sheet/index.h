/* Numbers by the bytes that they were given for: a hash table in an arena. */
#pragma once

#include <stddef.h>

struct arena;

#define INDEX_NONE ((size_t)-1)

struct index;

struct index *index_new(struct arena *arena);

/*
 * The number kept for these bytes (copied on the first time): INDEX_NONE when they are new, and
 * then the caller sets it. Valid until the next call.
 */
size_t *index_at(struct index *index, const char *bytes, size_t length);
