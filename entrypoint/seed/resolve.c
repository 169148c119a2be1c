/* See resolve.h. */
#include "resolve.h"

#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../boot.h"
#include "../db.h"
#include "../err.h"
#include "../names.h"
#include "../scoped.h"
#include "../sheet.h"
#include "array.h"

/* References that can be asked for together: of one lookup, null in the same places. */
struct group {
	const struct reference *example;
	struct reference **at;
	size_t count;
};

static bool
belongs(const struct group *group, const struct reference *reference)
{
	if (group->example->lookup != reference->lookup)
		return false;
	for (size_t i = 0; i < reference->lookup->by_count; i++)
		if (!group->example->values[i] != !reference->values[i])
			return false;
	return true;
}

/* Those like the first that is in no group yet; none are left when the count is 0. */
static struct group
next_group(const struct resolving *resolving, bool *was_taken, struct arena *arena)
{
	const struct sheet *sheet = resolving->sheet;
	struct group group = { 0 };

	for (size_t i = 0; i < sheet->reference_count; i++) {
		struct reference *reference = sheet->references[i];

		if (was_taken[i] || reference->row >= resolving->rows ||
		    (group.example && !belongs(&group, reference)))
			continue;
		if (!group.example)
			group.example = reference;
		was_taken[i] = true;
		group.at = arena_grow(arena, group.at, group.count, sizeof(struct reference *));
		group.at[group.count++] = reference;
	}
	return group;
}

static const char *
values_of(const struct group *group, size_t part, struct arena *arena)
{
	struct text array = array_new(arena);

	for (size_t i = 0; i < group->count; i++)
		array_add(&array, group->at[i]->values[part]);
	return array_end(&array);
}

/* Rows of the number of a reference in the group, from 1, what it found, and how often it found something. */
static struct question
question(const struct group *group, struct arena *arena)
{
	const struct lookup *lookup = group->example->lookup;
	const char **values = arena_alloc(arena, lookup->by_count * sizeof *values);
	struct text from = text_new(arena), names = text_new(arena), on = text_new(arena);
	size_t count = 0;

	for (size_t i = 0; i < lookup->by_count; i++) {
		const char *by = name_quoted(lookup->by[i], arena);

		text_print(&on, "%s r.%s", i ? " and" : "", by);
		if (!group->example->values[i]) {
			text_add(&on, " is null");
			continue;
		}
		text_print(&on, " = k.c%zu", i);
		text_print(&names, "c%zu, ", i);
		text_add(&from, count ? ",\n    " : "unnest(\n    ");
		array_sql(&from, count + 1, lookup->table, lookup->by[i]);
		values[count++] = values_of(group, i, arena);
	}
	if (count)
		text_print(&from, "\n) with ordinality as k (%sn)", names.at);
	else
		text_add(&from, "(select 1) as k (n)");
	return (struct question){
		.sql = arena_print(
			arena,
			"select k.n, min(r.%s::text), count(*)\nfrom %s\njoin %s as r on%s\ngroup by k.n\norder by 1",
			name_quoted(lookup->column, arena), from.at, lookup->table, on.at),
		.shape = SHAPE_ROWS,
		.values = values,
		.count = count,
	};
}

/* Names the line of the first cell that holds the reference. */
static bool
refuse(const struct resolving *resolving, const struct reference *reference, const char *finding,
       struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct sheet *sheet = resolving->sheet;
	const struct row *row = &sheet->rows[reference->row];
	size_t column = 0;

	while (row->cells[column].kind != CELL_REFERENCE ||
	       row->cells[column].reference != reference)
		column++;
	(void)err_set(err, FAULT_WRONG, "%s finds %s", reference_shown(reference, &arena), finding);
	if (strcmp(reference->lookup->table, sheet->table) == 0)
		(void)err_hint(err, "rows of the same file are not there yet: what others refer to "
		                    "belongs into a file before this one");
	return sheet_blame(sheet, reference->row, &sheet->columns[column], err);
}

static bool
take(const struct resolving *resolving, const struct group *group, const struct answer *answer,
     struct err *err)
{
	for (int row = 0; row < answer->rows; row++) {
		const size_t number = strtoul(answer_at(answer, row, 0), NULL, 10) - 1;
		struct reference *reference = group->at[number];
		const char *found = answer_at(answer, row, 1);

		reference->is_found = strcmp(answer_at(answer, row, 2), "1") == 0;
		if (!reference->is_found && !resolving->may_be_missing)
			return refuse(resolving, reference, "more than one row", err);
		reference->found = found ? arena_copy(resolving->arena, found) : NULL;
	}
	for (size_t i = 0; i < group->count && !resolving->may_be_missing; i++)
		if (!group->at[i]->is_found)
			return refuse(resolving, group->at[i], "no row", err);
	return true;
}

static bool
ask(struct boot *boot, const struct resolving *resolving, const struct group *group,
    struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	const struct question asked = question(group, &arena);

	return db_ask(boot->db, &asked, &answer, err) && take(resolving, group, &answer, err);
}

bool
references_resolve(struct boot *boot, const struct resolving *resolving, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct sheet *sheet = resolving->sheet;
	bool *was_taken = arena_alloc(&arena, sheet->reference_count);

	for (size_t i = 0; i < sheet->reference_count; i++)
		sheet->references[i]->is_found = false;
	for (;;) {
		const struct group group = next_group(resolving, was_taken, &arena);

		if (!group.count)
			return true;
		if (!ask(boot, resolving, &group, err))
			return false;
	}
}
