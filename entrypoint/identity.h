/* Which database a session is in, by what any role may read: so that two sessions can be held against each other. */
#pragma once

#include <stdbool.h>

struct answer;
struct arena;

struct identity {
	const char *database, *oid;
	const char *started; /* its postmaster, to the microsecond: no two have the same */
	bool is_standby;
};

enum kinship {
	KINSHIP_SAME,
	KINSHIP_PERHAPS, /* a standby is in play: it may be one of the other's cluster */
	KINSHIP_OTHER_DATABASE,
	KINSHIP_OTHER_SERVER,
};

/* A select list; identity_take reads these columns of the first row, from this one on. Texts live in the arena. */
extern const char identity_columns[];
struct identity identity_take(const struct answer *answer, int column, struct arena *arena);

/* Pure. */
enum kinship identity_compare(const struct identity *one, const struct identity *other);
