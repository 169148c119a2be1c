/* See index.h. */
#include "index.h"

#include <stdint.h>
#include <string.h>

#include "../arena.h"

struct entry {
	const char *bytes;
	size_t length;
	size_t number;
};

/* Small, so that more of them are in the cache: a sheet may have a hundred thousand rows. */
struct slot {
	uint32_t hash;
	uint32_t entry; /* from 1; 0: free */
};

struct index {
	struct arena *arena;
	struct entry *entries;
	size_t count;
	struct slot *slots;
	size_t room; /* a power of two, never full */
};

struct index *
index_new(struct arena *arena)
{
	struct index *index = arena_alloc(arena, sizeof *index);

	index->arena = arena;
	return index;
}

/* FNV-1a: short texts, not chosen by an enemy. */
static uint32_t
hash_of(const char *bytes, size_t length)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
	return (uint32_t)(hash ^ hash >> 32);
}

static struct slot *
free_slot(const struct index *index, uint32_t hash)
{
	size_t i = hash & (index->room - 1);

	while (index->slots[i].entry)
		i = (i + 1) & (index->room - 1);
	return &index->slots[i];
}

static void
enlarge(struct index *index)
{
	const struct index old = *index;

	index->room = old.room ? old.room * 4 : 64;
	index->slots = arena_alloc(index->arena, index->room * sizeof *index->slots);
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].entry)
			*free_slot(index, old.slots[i].hash) = old.slots[i];
}

static struct entry *
find(const struct index *index, const char *bytes, size_t length, uint32_t hash)
{
	size_t i = hash & (index->room - 1);

	for (; index->slots[i].entry; i = (i + 1) & (index->room - 1)) {
		struct entry *entry = &index->entries[index->slots[i].entry - 1];

		if (index->slots[i].hash == hash && entry->length == length &&
		    memcmp(entry->bytes, bytes, length) == 0)
			return entry;
	}
	return NULL;
}

size_t *
index_at(struct index *index, const char *bytes, size_t length)
{
	const uint32_t hash = hash_of(bytes, length);
	struct entry *entry;

	if (index->count * 2 >= index->room)
		enlarge(index);
	entry = find(index, bytes, length, hash);
	if (entry)
		return &entry->number;
	index->entries = arena_grow(index->arena, index->entries, index->count, sizeof *entry);
	entry = &index->entries[index->count++];
	*entry = (struct entry){ arena_copy_n(index->arena, bytes, length), length, INDEX_NONE };
	*free_slot(index, hash) = (struct slot){ hash, (uint32_t)index->count };
	return &entry->number;
}
