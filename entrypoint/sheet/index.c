/* See index.h. */
#include "index.h"

#include <stdint.h>
#include <string.h>

#include "../arena.h"

struct slot {
	const char *bytes; /* NULL: free */
	size_t length;
	uint64_t hash;
	size_t number;
};

struct index {
	struct arena *arena;
	struct slot *slots;
	size_t room, count;
};

struct index *
index_new(struct arena *arena)
{
	struct index *index = arena_alloc(arena, sizeof *index);

	index->arena = arena;
	return index;
}

/* FNV-1a: short texts, not chosen by an enemy. */
static uint64_t
hash_of(const char *bytes, size_t length)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
	return hash ^ hash >> 32;
}

/* Where these bytes are, or would be. The room is a power of two and never full. */
static struct slot *
find(const struct index *index, const char *bytes, size_t length, uint64_t hash)
{
	size_t i = hash & (index->room - 1);

	for (;; i = (i + 1) & (index->room - 1)) {
		struct slot *slot = &index->slots[i];

		if (!slot->bytes || (slot->hash == hash && slot->length == length &&
		                     memcmp(slot->bytes, bytes, length) == 0))
			return slot;
	}
}

static void
enlarge(struct index *index)
{
	const struct index old = *index;

	index->room = old.room ? old.room * 4 : 64;
	index->slots = arena_alloc(index->arena, index->room * sizeof *index->slots);
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].bytes)
			*find(index, old.slots[i].bytes, old.slots[i].length, old.slots[i].hash) =
				old.slots[i];
}

size_t *
index_at(struct index *index, const char *bytes, size_t length)
{
	const uint64_t hash = hash_of(bytes, length);
	struct slot *slot;

	if (index->count * 2 >= index->room)
		enlarge(index);
	slot = find(index, bytes, length, hash);
	if (!slot->bytes) {
		*slot = (struct slot){ arena_copy_n(index->arena, bytes, length), length, hash,
			               INDEX_NONE };
		index->count++;
	}
	return &slot->number;
}
