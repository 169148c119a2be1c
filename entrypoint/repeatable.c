/* See repeatable.h. */
#include "repeatable.h"

#include <string.h>

#include "arena.h"
#include "err.h"
#include "folder.h"
#include "format.h"
#include "ledger.h"
#include "migration.h"
#include "script.h"
#include "sort.h"

/* The repeatables, still by name, and which of them have their place. */
struct row {
	struct migration *at;
	size_t count;
	bool *is_placed;
};

/* R__name, R__name.sql or name. */
static bool
is_called(const struct migration *migration, const char *word)
{
	const char *name = migration->name;

	return strcmp(name, word) == 0 || strcmp(name + strlen("R__"), word) == 0 ||
	       strcmp(migration->script->name, word) == 0;
}

static size_t
find(const struct row *row, const char *word)
{
	size_t i = 0;

	while (i < row->count && !is_called(&row->at[i], word))
		i++;
	return i;
}

static bool
blame(const struct migration *migration, size_t number, struct err *err)
{
	const struct script *script = migration->script;
	const struct place place = place_at(&script->source, script->after[number].offset);

	return place_blame(&place, err);
}

/* The names as they stand in the marks become those of files. */
static bool
resolve(const struct row *row, struct migration *migration, struct arena *arena, struct err *err)
{
	const struct script *script = migration->script;

	migration->after = arena_alloc(arena, script->after_count * sizeof *migration->after);
	for (size_t i = 0; i < script->after_count; i++) {
		const size_t found = find(row, script->after[i].name);

		if (found == row->count) {
			(void)err_set(err, FAULT_WRONG, "no repeatable is called %s",
			              script->after[i].name);
			(void)err_hint(err, "%s",
			               version_digits(script->after[i].name)
			                       ? "versioned migrations run before all "
			                         "repeatables anyway"
			                       : "where its file was removed, remove this mark "
			                         "too");
			return blame(migration, i, err);
		}
		migration->after[migration->after_count++] = row->at[found].name;
	}
	return true;
}

/* The first of those it comes after that has no place yet, or after_count. */
static size_t
held_by(const struct row *row, const struct migration *migration)
{
	size_t i = 0;

	while (i < migration->after_count && row->is_placed[find(row, migration->after[i])])
		i++;
	return i;
}

/* Each of those left is held by another one of them: following that leads into a circle. */
static bool
refuse_circle(const struct row *row, struct arena *arena, struct err *err)
{
	bool *was_seen = arena_alloc(arena, row->count * sizeof *was_seen);
	struct text names = text_new(arena);
	size_t at = 0, first;

	while (row->is_placed[at])
		at++;
	for (; !was_seen[at]; at = find(row, row->at[at].after[held_by(row, &row->at[at])]))
		was_seen[at] = true;
	first = at;
	text_add(&names, row->at[first].name);
	do {
		at = find(row, row->at[at].after[held_by(row, &row->at[at])]);
		text_print(&names, " after %s", row->at[at].name);
	} while (at != first);
	(void)err_set(err, FAULT_WRONG, "repeatables in a circle: %s", names.at);
	return blame(&row->at[first], held_by(row, &row->at[first]), err);
}

static bool
place_all(const struct row *row, size_t rank, bool *is_ranked, struct arena *arena, struct err *err)
{
	for (size_t placed = 0; placed < row->count; placed++) {
		size_t next = 0;

		while (next < row->count &&
		       (row->is_placed[next] ||
		        held_by(row, &row->at[next]) < row->at[next].after_count))
			next++;
		if (next == row->count)
			return refuse_circle(row, arena, err);
		row->is_placed[next] = true;
		row->at[next].rank = rank + placed;
		*is_ranked |= next != placed;
	}
	return true;
}

bool
repeatables_order(struct migrations *migrations, struct arena *arena, struct err *err)
{
	size_t first = 0;
	bool is_marked = false;

	for (size_t i = 0; i < migrations->count; i++) {
		migrations->at[i].rank = i;
		first += !migrations->at[i].is_repeatable;
		is_marked |= migrations->at[i].script->after_count > 0;
	}
	if (!is_marked)
		return true;
	const struct row row = {
		.at = migrations->at + first,
		.count = migrations->count - first,
		.is_placed = arena_alloc(arena, migrations->count - first),
	};

	for (size_t i = 0; i < row.count; i++)
		if (!resolve(&row, &row.at[i], arena, err))
			return false;
	if (!place_all(&row, first, &migrations->is_ranked, arena, err))
		return false;
	repeatables_sort(migrations, true);
	return true;
}

static int
by_rank(const void *one, const void *other)
{
	const struct migration *first = one, *second = other;

	return (first->rank > second->rank) - (first->rank < second->rank);
}

static int
by_version(const void *one, const void *other)
{
	const struct migration *first = one, *second = other;

	return version_compare(first->version, second->version);
}

void
repeatables_sort(struct migrations *migrations, bool is_by_rank)
{
	/* Nearly always the two are the same. */
	if (migrations->is_ranked)
		pg_qsort(migrations->at, migrations->count, sizeof *migrations->at,
		         is_by_rank ? by_rank : by_version);
}

/* Than the versions that these files have, at least one, and the snapshot. */
static bool
is_ledger_newer(const struct migrations *migrations)
{
	const char *highest = migrations->snapshot ? migrations->snapshot->snapshot : NULL;

	for (size_t i = 0; i < migrations->count; i++) {
		const struct migration *migration = &migrations->at[i];

		if (!migration->is_repeatable &&
		    (!highest || migration_compare(migration, migration->version, highest) > 0))
			highest = migration->version;
	}
	return highest && migrations->newest &&
	       format_compare(migrations->format, migrations->newest, highest) > 0;
}

void
repeatables_yield(struct migrations *migrations)
{
	if (!is_ledger_newer(migrations))
		return;
	for (size_t i = 0; i < migrations->count; i++) {
		struct migration *migration = &migrations->at[i];
		const struct entry *entry = migration->entry;

		if (migration->verdict == VERDICT_REPEAT && entry && entry->is_finished &&
		    *entry->checksum)
			migration->verdict = VERDICT_NEWER;
	}
}

static bool
is_to_run(const struct migrations *migrations, const char *name)
{
	for (size_t i = 0; i < migrations->count; i++)
		if (strcmp(migrations->at[i].name, name) == 0)
			return migrations->at[i].verdict == VERDICT_REPEAT;
	return false;
}

void
repeatables_spread(struct migrations *migrations)
{
	for (size_t i = 0; i < migrations->count; i++) {
		struct migration *migration = &migrations->at[i];

		for (size_t k = 0; k < migration->after_count; k++)
			if (is_to_run(migrations, migration->after[k]))
				migration->verdict = VERDICT_REPEAT;
	}
}
