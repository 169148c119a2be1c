/*
 * What a statement of a dump means for those beside it, when a load works with several sessions. It is told by the statement's own words,
 * never by pg_dump's comments, which anyone can write. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct item;

enum chore_kind {
	CHORE_SETTING, /* of the session: each session needs it */
	CHORE_ROWS, /* goes with rows, and minds nothing beside it: INSERT, setval, large objects */
	CHORE_INDEX, /* locks a table against writing, as many at a time as will */
	CHORE_KEY,   /* locks one table, or two, against all: a constraint */
	CHORE_LAST, /* of the database itself, which no dropping would undo: with the last commit */
	CHORE_ORDER, /* anything else: after all before it, and before all behind it */
};

struct chore {
	enum chore_kind kind;
	const char *tables[2]; /* as they are written; NULL: none; in the arena */
	bool is_quick;         /* it locks them, and looks at no rows */
};

struct chore chore_of(const struct item *item, struct arena *arena);
