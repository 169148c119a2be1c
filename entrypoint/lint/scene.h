/*
 * What is known when an act's turn comes: what the acts before it made and proved, what this
 * transaction holds, and what the server's catalog says of the rest.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct act;
struct arena;
struct name;

#define SCENE_BUCKETS 1024

enum thing_kind {
	THING_RELATION,   /* made by an act; the catalog's: is there */
	THING_COLUMN,     /* object; type */
	THING_CONSTRAINT, /* object: its name; column: proven not null with it */
	THING_NOT_NULL,   /* object: a column proven not null */
	THING_CHECK,      /* a validated check */
	THING_FUNCTION,   /* the catalog's; object */
};

struct thing {
	enum thing_kind kind;
	const char *schema, *name;
	const char *object, *column, *type;
	size_t set, transaction;
	bool is_perhaps;
	bool is_unproven; /* a constraint: NOT VALID */

	/* The catalog's. */
	bool exists;
	char relation_kind; /* pg_class.relkind */
	bool is_empty;
	bool is_populated; /* a materialized view that was refreshed */
	bool has_check;    /* one that is validated */
	bool is_not_null;  /* a column */
	bool is_stable;    /* a function, and all of its name */
	const char *size;  /* "52 MB" */
	struct thing *next;
};

struct things {
	struct arena *arena;
	struct thing *buckets[SCENE_BUCKETS];
};

/* Finds it, or NULL. A name without a schema is the same in any. */
struct thing *things_find(const struct things *things, enum thing_kind kind,
                          const struct name *relation, const char *object);
/* Finds it under this very schema, or adds it. */
struct thing *things_put(struct things *things, enum thing_kind kind, const struct name *relation,
                         const char *object);

struct scene {
	struct things things;
	const struct things *catalog; /* NULL: nobody was asked */
	int server_version;
	size_t set;
	const struct act *locking;    /* the first that locks an old table in this transaction */
	const struct act *several;    /* the first that locks another one in the same */
	const struct act *changing;   /* the last that changed all rows in this transaction */
	const struct act *no_timeout; /* that stands in this file */
	const struct act *unhurried;  /* the first that locks after it */
};

/* Is it not sure that this deployment has made the relation? */
bool scene_may_be_old(const struct scene *scene, const struct name *relation);

/* Was the relation there before this deployment? */
bool scene_is_old(const struct scene *scene, const struct name *relation);

/* The same, and it has rows, as far as is known. */
bool scene_has_rows(const struct scene *scene, const struct name *relation);

/* Of the catalog, NULL: it was not asked, or does not have it. */
const struct thing *scene_fact(const struct scene *scene, const struct name *relation);

/* The type of a column, NULL: not known. */
const char *scene_type(const struct scene *scene, const struct name *relation, const char *column);

/* Is a column known to hold no NULL by what the server need not scan? */
bool scene_is_not_null(const struct scene *scene, const struct name *relation, const char *column);

/* The act is the next one: what belongs to the transaction or the file before it ends. */
void scene_enter(struct scene *scene, const struct act *act);

/* The act has happened. */
void scene_note(struct scene *scene, const struct act *act);
