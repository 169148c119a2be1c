/* See tally.h. */
#include "tally.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../pattern.h"
#include "../token.h"
#include "insert.h"
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

/* Those into one table stand together. */
static void
count_insert(struct tally *tally, const struct item *item)
{
	struct token table = { 0 };
	size_t length;

	if (tally->insert_length && item->length > tally->insert_length &&
	    memcmp(item->sql, tally->insert, tally->insert_length) == 0)
		return;
	if (!insert_table(&table, item))
		return;
	tally->filled++;
	length = (size_t)(table.at + table.length - item->sql) + 1;
	tally->insert_length = length <= sizeof tally->insert && length < item->length ? length : 0;
	memcpy(tally->insert, item->sql, tally->insert_length);
}

static void
count_relation(struct tally *tally, const struct item *item)
{
	static const char *const patterns[] = {
		"create [unlogged] [foreign] table NAME",
		"create [unique] index NAME",
		"create sequence NAME",
		"create [or replace] [materialized] view NAME",
		"alter table [only] RELATION add constraint NAME primary|unique|exclude",
	};

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct tokens tokens = item_tokens(item, item->sql);
		struct token object = { 0 }, relation = { 0 };

		if (!pattern_fits(patterns[i], &tokens, &object, &relation))
			continue;
		tally->tables += i == 0;
		tally->relations++;
		return;
	}
}

static void
count_kept(struct tally *tally, const struct item *item)
{
	tally->statements += item->kind == ITEM_STATEMENT;
	tally->filled += item->kind == ITEM_COPY;
	/* Millions of them are INSERTs. */
	if (strncasecmp(item->sql, "insert", 6) == 0)
		count_insert(tally, item);
	else if (strncasecmp(item->sql, "create", 6) == 0 ||
	         strncasecmp(item->sql, "alter", 5) == 0)
		count_relation(tally, item);
}

void
tally_add(struct tally *tally, const struct item *item, const struct ruling *ruling)
{
	struct tally_row *row;

	if (ruling->kind == RULING_KEEP || ruling->kind == RULING_MAP)
		count_kept(tally, item);
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

	text_print(page, "kept     %zu statement%s, the rows of %zu table%s\n", tally->statements,
	           tally->statements == 1 ? "" : "s", tally->filled, tally->filled == 1 ? "" : "s");
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

const char *
tally_superusers(const struct tally *tally, struct arena *arena)
{
	struct text names = text_new(arena);

	for (size_t i = 0; i < tally->count; i++) {
		const struct tally_row *row = &tally->rows[i];

		if (row->kind == RULING_DROP && strncmp(row->why, "only a superuser", 16) == 0)
			text_print(&names, "%s%s%s%s", names.length ? ", " : "", row->what,
			           row->object && *row->object ? " " : "",
			           row->object ? row->object : "");
	}
	return names.at;
}
