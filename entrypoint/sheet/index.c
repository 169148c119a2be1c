/* See index.h. */
#include "index.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../arena.h"

/* Small, so that more of them are in the cache: a sheet may have a hundred thousand rows. */
struct slot {
	uint32_t hash;
	uint32_t next; /* the number behind its own; 0: free */
};

struct index {
	index_spell *spell;
	const void *things;
	struct text *again; /* what is found is spelt here, to be compared */
	struct slot *slots;
	size_t room; /* a power of two, never full */
	size_t count;
};

struct index *
index_new(index_spell *spell, const void *things, struct arena *arena)
{
	struct index *index = arena_alloc(arena, sizeof *index);

	index->spell = spell;
	index->things = things;
	index->again = arena_alloc(arena, sizeof *index->again);
	*index->again = text_new(arena);
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

static bool
is_spelt(const struct index *index, size_t number, const struct text *bytes)
{
	index->again->length = 0;
	index->spell(index->things, number, index->again);
	return index->again->length == bytes->length &&
	       memcmp(index->again->at, bytes->at, bytes->length) == 0;
}

/* Where it is, or the free slot where it belongs. NULL for bytes: any of the same hash is another. */
static struct slot *
slot_of(const struct index *index, uint32_t hash, const struct text *bytes)
{
	size_t i = hash & (index->room - 1);

	for (; index->slots[i].next; i = (i + 1) & (index->room - 1))
		if (bytes && index->slots[i].hash == hash &&
		    is_spelt(index, index->slots[i].next - 1, bytes))
			break;
	return &index->slots[i];
}

static void
enlarge(struct index *index)
{
	const struct index old = *index;

	index->room = old.room ? old.room * 4 : 64;
	index->slots = arena_alloc(index->again->arena, index->room * sizeof *index->slots);
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].next)
			*slot_of(index, old.slots[i].hash, NULL) = old.slots[i];
}

size_t
index_find(struct index *index, const struct text *bytes, size_t number)
{
	const uint32_t hash = hash_of(bytes->at, bytes->length);
	struct slot *slot;

	if (index->count * 2 >= index->room)
		enlarge(index);
	slot = slot_of(index, hash, bytes);
	if (slot->next)
		return slot->next - 1;
	*slot = (struct slot){ hash, (uint32_t)number + 1 };
	index->count++;
	return INDEX_NONE;
}
