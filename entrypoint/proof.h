/* What the catalog says of a statement outside a transaction that an earlier try may have begun. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct answer;
struct arena;
struct db;
struct err;
struct statement;

enum proof {
	PROOF_NONE, /* the catalog cannot tell */
	PROOF_DONE,
	PROOF_NOT_DONE, /* or harmless to do again */
	PROOF_LEFTOVER, /* half done: first away with it */
	PROOF_BUSY,     /* half done, and another session is at it at this moment */
};

struct finding {
	enum proof proof;
	const char *
		remedies; /* statements that do away with what is left, a line each; "" if nothing is */
	/* What was there already: to be noted before the first try, so that it is known from what the try leaves. */
	const char *before;
};

/*
 * Asks. `noted` is the `before` of the look in front of the first try, NULL in that look itself. Texts live in the arena.
 */
bool proof_find(struct finding *finding, struct db *db, const struct statement *statement,
                const char *noted, struct arena *arena, struct err *err);

/* Does the remedy complete the work, instead of clearing the way for it? */
bool proof_is_completed_by_remedy(const struct statement *statement);
