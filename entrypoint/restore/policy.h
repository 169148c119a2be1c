/*
 * What is done with each statement of a dump: kept, mapped, dropped, or the dump refused, and why; one table of rules. The session
 * user owns all that is restored, and what belongs to the server (roles, databases, tablespaces) stays as it is. Pure.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct grounds;
struct item;
struct judge;

enum ruling_kind {
	RULING_KEEP,
	RULING_MAP,
	RULING_DROP, /* with its data */
	RULING_REFUSE,
};

struct ruling {
	enum ruling_kind kind;
	const char *what, *why; /* "owner", "the session user owns ..."; NULL where it is kept */
	const char *
		object; /* RULING_DROP, _REFUSE: what is named each by itself; NULL: only counted */
	const char *sql; /* to be sent */
	bool is_ours;    /* RULING_MAP: rows of our own schema, which go to POLICY_OURS first */
	bool is_alone; /* changes how the text behind it is read, so that it is not sent together with it */
};

/* Temporary tables as our migration and seed: pg_temp.restored_migration. */
#define POLICY_OURS "pg_temp.restored_"

/* Is it the name of one of these? Pure. */
bool policy_is_ours(const char *table);

/* It remembers what it has dropped. Owner: the arena. The grounds must live on. */
struct judge *policy_new(const struct grounds *grounds, struct arena *arena);

/* Strings live in the arena given here, or as long as the item. Items are judged in the order of the dump. */
struct ruling policy_judge(struct judge *judge, const struct item *item, struct arena *arena);
