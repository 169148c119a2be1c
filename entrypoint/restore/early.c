/* See early.h. */
#include "../stream.h"

#include "toc.h"

#include "early.h"

#include <stdlib.h>
#include <string.h>

#include "../arena.h"

/* What is smaller is not worth the wait for its rows, all of which have to be there. */
#define LARGE ((int64_t)16 << 20)
/* Of GIN or GiST, in B-trees. */
#define SLOW 8

struct group {
	const struct toc_entry *data;
	const struct toc_entry **indexes;
	size_t count;
	int64_t weight;
};

struct early {
	const struct toc *toc;
	const struct toc_entry *first; /* of the data */
	struct arena *arena;
	struct group *groups;
	size_t count;
	size_t *group_of; /* an entry by its place; 0: none, 1: the first */
};

static bool
is_kind(const struct toc_entry *entry, const char *kind)
{
	return strcmp(entry->kind, kind) == 0;
}

static size_t *
group_of(const struct early *early, const struct toc_entry *entry)
{
	return &early->group_of[entry - early->toc->entries];
}

/* The only one of that kind that it needs. */
static const struct toc_entry *
needed_table(const struct toc *toc, const struct toc_entry *entry)
{
	const struct toc_entry *table = NULL;

	for (size_t i = 0; i < entry->need_count; i++) {
		const struct toc_entry *needed = toc_find(toc, entry->needs[i]);

		if (!needed || !is_kind(needed, "TABLE"))
			continue;
		if (table)
			return NULL;
		table = needed;
	}
	return table;
}

/* It calls functions of the dump, or may: they might read what is in other tables. */
static bool
is_code(const struct toc_entry *entry)
{
	return is_kind(entry, "FUNCTION") || is_kind(entry, "OPERATOR") ||
	       is_kind(entry, "OPERATOR CLASS") || is_kind(entry, "OPERATOR FAMILY");
}

/* All that it needs stands before the first data, and is no code. */
static bool
may_move(const struct early *early, const struct toc_entry *entry)
{
	for (size_t i = 0; i < entry->need_count; i++) {
		const struct toc_entry *needed = toc_find(early->toc, entry->needs[i]);

		if (needed && (needed >= early->first || is_code(needed)))
			return false;
	}
	return true;
}

/* False: data are to come behind others, or go where others go. */
static bool
find_data(struct early *early)
{
	const struct toc_entry *const end = early->toc->entries + early->toc->count;

	for (const struct toc_entry *data = early->first; data < end; data++) {
		const struct toc_entry *table;

		if (!is_kind(data, "TABLE DATA"))
			continue;
		if (!may_move(early, data) || (data->is_copy && !data->is_own_copy))
			return false;
		table = needed_table(early->toc, data);
		/* A check of it may look at what is in other tables. */
		if (!table || !may_move(early, table) || !data->is_copy || data->size < LARGE)
			continue;
		early->groups = arena_grow(early->arena, early->groups, early->count,
		                           sizeof *early->groups);
		early->groups[early->count++] = (struct group){ .data = data };
		*group_of(early, table) = early->count;
	}
	return true;
}

/* False: there are none to move. */
static bool
find_indexes(struct early *early)
{
	bool was_found = false;
	const struct toc_entry *const end = early->toc->entries + early->toc->count;

	for (const struct toc_entry *index = early->first; index < end; index++) {
		const struct toc_entry *table;
		struct group *group;

		if (!index->is_index || !may_move(early, index))
			continue;
		table = needed_table(early->toc, index);
		if (!table || !*group_of(early, table))
			continue;
		group = &early->groups[*group_of(early, table) - 1];
		group->indexes = arena_grow(early->arena, group->indexes, group->count,
		                            sizeof(const struct toc_entry *));
		group->indexes[group->count++] = index;
		group->weight += group->data->size / 1024 * (index->is_slow ? SLOW : 1);
		was_found = true;
	}
	return was_found;
}

/* The dearest first; else as they stand. */
static int
by_weight(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight < b->weight ? 1 : -1;
	return (a->data > b->data) - (a->data < b->data);
}

static void
add(struct text *list, const struct toc_entry *entry)
{
	text_print(list, "%lld;\n", (long long)entry->id);
}

/* Then their places say what was moved: those groups are sorted. */
static void
add_groups(struct early *early, struct text *list)
{
	qsort(early->groups, early->count, sizeof *early->groups, by_weight);
	memset(early->group_of, 0, early->toc->count * sizeof *early->group_of);
	for (size_t i = 0; i < early->count && early->groups[i].weight; i++) {
		const struct group *group = &early->groups[i];

		add(list, group->data);
		*group_of(early, group->data) = i + 1;
		for (size_t j = 0; j < group->count; j++) {
			add(list, group->indexes[j]);
			*group_of(early, group->indexes[j]) = i + 1;
		}
	}
}

static const char *
write_list(struct early *early)
{
	struct text list = text_new(early->arena);
	const struct toc_entry *const end = early->toc->entries + early->toc->count;

	for (const struct toc_entry *entry = early->toc->entries; entry < early->first; entry++)
		add(&list, entry);
	add_groups(early, &list);
	for (const struct toc_entry *entry = early->first; entry < end; entry++)
		if (!*group_of(early, entry))
			add(&list, entry);
	return list.at;
}

const char *
early_list(const struct toc *toc, struct arena *arena)
{
	struct early early = { .toc = toc,
		               .arena = arena,
		               .group_of = arena_alloc(arena, toc->count * sizeof(size_t)) };

	if (!toc->count)
		return NULL;
	early.first = toc->entries;
	while (early.first < toc->entries + toc->count && !is_kind(early.first, "TABLE DATA"))
		early.first++;
	return find_data(&early) && find_indexes(&early) ? write_list(&early) : NULL;
}
