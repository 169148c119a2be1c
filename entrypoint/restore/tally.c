/* See tally.h. */
#include "tally.h"

#include <stdint.h>
#include <string.h>

#include "../arena.h"
#include "item.h"
#include "policy.h"

struct tally_row {
	enum ruling_kind kind;
	const char *what, *why, *object; /* object NULL: only counted */
	size_t count, line;              /* of the first */
};

static struct tally_row *
find(const struct tally *tally, const struct ruling *ruling)
{
	for (size_t i = 0; i < tally->count; i++) {
		struct tally_row *row = &tally->rows[i];

		if (row->kind == ruling->kind && strcmp(row->what, ruling->what) == 0 &&
		    strcmp(row->why, ruling->why) == 0 && !row->object == !ruling->object &&
		    (!row->object || strcmp(row->object, ruling->object) == 0))
			return row;
	}
	return NULL;
}

void
tally_add(struct tally *tally, const struct item *item, const struct ruling *ruling)
{
	struct tally_row *row;

	if (ruling->kind == RULING_KEEP || ruling->kind == RULING_MAP) {
		tally->statements += item->kind == ITEM_STATEMENT;
		tally->tables += item->kind == ITEM_COPY;
	}
	if (ruling->kind == RULING_KEEP)
		return;
	row = find(tally, ruling);
	if (!row) {
		tally->rows =
			arena_grow(tally->arena, tally->rows, tally->count, sizeof *tally->rows);
		row = &tally->rows[tally->count++];
		*row = (struct tally_row){
			.kind = ruling->kind,
			.what = ruling->what,
			.why = ruling->why,
			.object = ruling->object ? arena_copy(tally->arena, ruling->object) : NULL,
			.line = item->line,
		};
	}
	row->count++;
}

bool
tally_refusal(const struct tally *tally, const char **words, size_t *line)
{
	for (size_t i = 0; i < tally->count; i++) {
		const struct tally_row *row = &tally->rows[i];

		if (row->kind != RULING_REFUSE)
			continue;
		*words = arena_print(tally->arena, "%s %s: %s", row->what, row->object, row->why);
		*line = row->line;
		return true;
	}
	return false;
}

void
tally_tell(const struct tally *tally, struct text *page)
{
	static const char *const kinds[] = { [RULING_KEEP] = "kept",
		                             [RULING_MAP] = "mapped",
		                             [RULING_DROP] = "dropped",
		                             [RULING_REFUSE] = "refused" };

	text_print(page, "kept     %zu statements, the rows of %zu tables\n", tally->statements,
	           tally->tables);
	for (size_t i = 0; i < tally->count; i++) {
		const struct tally_row *row = &tally->rows[i];

		text_print(page, "%-8s line %zu: %s", kinds[row->kind], row->line, row->what);
		if (row->object && *row->object)
			text_print(page, " %s", row->object);
		if (row->count > 1)
			text_print(page, " (%zu statements)", row->count);
		text_print(page, ": %s\n", row->why);
	}
}
