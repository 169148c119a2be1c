/* Finds what was met before: a hash table of numbers in an arena, which keeps no copy of what they stand for. */
#pragma once

#include <stddef.h>

struct arena;
struct text;

#define INDEX_NONE ((size_t)-1)

/* Spells the thing with this number at the end of `bytes`: two that are not the same give other bytes. */
typedef void index_spell(const void *things, size_t number, struct text *bytes);

struct index;

struct index *index_new(index_spell *spell, const void *things, struct arena *arena);

/* The number of what is spelt so; INDEX_NONE: none yet, and it is `number` from now on, which must be below UINT32_MAX. */
size_t index_find(struct index *index, const struct text *bytes, size_t number);
