/* See chore.h. */
#include "chore.h"

#include <stdbool.h>
#include <string.h>

#include "../arena.h"
#include "../pattern.h"
#include "../token.h"
#include "item.h"

/*
 * The first row whose words (pattern.h) a statement begins with. pg_dump writes ONLY, but for a constraint of a partitioned table,
 * which is one of its partitions too: that is left to CHORE_ORDER.
 */
static const struct row {
	const char *words;
	const char *functions; /* NAME is one of these; NULL: it need not be */
	enum chore_kind kind;
	bool names_other; /* NAME is a table too */
	bool is_quick;
} rows[] = {
	{ "set|reset", NULL, CHORE_SETTING, false, false },
	{ "select NAME", "set_config", CHORE_SETTING, false, false },
	{ "alter|comment [on] database", NULL, CHORE_LAST, false, false },
	{ "grant|revoke|security ... on database", NULL, CHORE_LAST, false, false },
	{ "insert", NULL, CHORE_ROWS, false, false },
	{ "select NAME", "setval|lo_create|lo_open|lowrite|lo_close|lo_put|lo_from_bytea",
	  CHORE_ROWS, false, false },
	{ "create [unique] index NAME on [only] RELATION", NULL, CHORE_INDEX, false, false },
	{ "alter table only RELATION add constraint NAME primary|unique|exclude", NULL, CHORE_KEY,
	  false, false },
	{ "alter table [only] RELATION cluster on", NULL, CHORE_KEY, false, true },
	{ "alter table only RELATION replica identity", NULL, CHORE_KEY, false, true },
	{ "create statistics NAME ... from RELATION $", NULL, CHORE_KEY, false, true },
	{ "comment on constraint NAME on RELATION", NULL, CHORE_KEY, false, true },
	{ "alter table only RELATION add constraint NAME foreign key () references NAME", NULL,
	  CHORE_KEY, true, false },
};

/* With pg_catalog in front, as pg_dump has it, or bare. */
static bool
is_one_of(struct token name, const char *functions)
{
	static const char schema[] = "pg_catalog.";

	if (name.length > sizeof schema - 1 && memcmp(name.at, schema, sizeof schema - 1) == 0) {
		name.at += sizeof schema - 1;
		name.length -= sizeof schema - 1;
	}
	return pattern_begins(functions, &name);
}

static const char *
copied(const struct token *name, struct arena *arena)
{
	return name->at ? arena_copy_n(arena, name->at, name->length) : NULL;
}

struct chore
chore_of(const struct item *item, struct arena *arena)
{
	const struct tokens tokens = item_tokens(item, item->sql);
	struct tokens behind = tokens;
	const struct token first = token_next(&behind);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct token object = { 0 }, relation = { 0 };
		struct tokens ahead = tokens;
		struct chore chore = { .kind = rows[i].kind, .is_quick = rows[i].is_quick };

		if (!pattern_begins(rows[i].words, &first) ||
		    !pattern_fits(rows[i].words, &ahead, &object, &relation) ||
		    (rows[i].functions && !is_one_of(object, rows[i].functions)))
			continue;
		chore.tables[0] = copied(&relation, arena);
		if (rows[i].names_other)
			chore.tables[1] = copied(&object, arena);
		return chore;
	}
	return (struct chore){ .kind = CHORE_ORDER };
}
