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

/* All that it needs is there before the data. */
static bool
may_move(const struct toc *toc, const struct toc_entry *entry)
{
	for (size_t i = 0; i < entry->need_count; i++) {
		const struct toc_entry *needed = toc_find(toc, entry->needs[i]);

		if (needed && needed->section != TOC_BEFORE_DATA)
			return false;
	}
	return true;
}

/* False: data need others, as those do that are restored into tables which are there. */
static bool
find_data(struct early *early)
{
	for (size_t i = 0; i < early->toc->count; i++) {
		const struct toc_entry *data = &early->toc->entries[i], *table;

		if (!is_kind(data, "TABLE DATA"))
			continue;
		if (!may_move(early->toc, data))
			return false;
		table = needed_table(early->toc, data);
		if (!table || !data->is_copy || data->size < LARGE)
			continue;
		early->groups = arena_grow(early->arena, early->groups, early->count,
		                           sizeof *early->groups);
		early->groups[early->count++] = (struct group){ .data = data };
		*group_of(early, table) = early->count;
	}
	return true;
}

static void
find_indexes(struct early *early)
{
	for (size_t i = 0; i < early->toc->count; i++) {
		const struct toc_entry *index = &early->toc->entries[i], *table;
		struct group *group;

		if (index->section != TOC_BEHIND_DATA ||
		    !(is_kind(index, "INDEX") || is_kind(index, "CONSTRAINT")) ||
		    !may_move(early->toc, index))
			continue;
		table = needed_table(early->toc, index);
		if (!table || !*group_of(early, table))
			continue;
		group = &early->groups[*group_of(early, table) - 1];
		group->indexes = arena_grow(early->arena, group->indexes, group->count,
		                            sizeof(const struct toc_entry *));
		group->indexes[group->count++] = index;
		group->weight += group->data->size / 1024 * (index->is_slow ? SLOW : 1);
	}
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
	bool has_groups = false;

	for (size_t i = 0; i < early->toc->count; i++) {
		const struct toc_entry *entry = &early->toc->entries[i];

		if (!has_groups && is_kind(entry, "TABLE DATA")) {
			add_groups(early, &list);
			has_groups = true;
		}
		if (!has_groups || !*group_of(early, entry))
			add(&list, entry);
	}
	return list.at;
}

const char *
early_list(const struct toc *toc, struct arena *arena)
{
	struct early early = { .toc = toc,
		               .arena = arena,
		               .group_of = arena_alloc(arena, toc->count * sizeof(size_t)) };
	int64_t weight = 0;

	if (!find_data(&early))
		return NULL;
	find_indexes(&early);
	for (size_t i = 0; i < early.count; i++)
		weight += early.groups[i].weight;
	return weight ? write_list(&early) : NULL;
}
