/*
 * What a statement does, as far as rules ask for it: one act for each action of ALTER TABLE, for each
 * table of DROP TABLE and so on. Made of the words alone; what the database is like is not known here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct allow;
struct arena;
struct source;
struct tokens;

/* As the catalog has it: folded, without quotes. */
struct name {
	const char *schema; /* NULL: it is left to search_path */
	const char *name;   /* NULL: none */
};

enum act_kind {
	ACT_ANY, /* of a rule that looks at all of them */
	ACT_CREATE, /* a table, view, materialized view or foreign table; `is_perhaps`: it may be there */
	ACT_COLUMN,       /* of ACT_CREATE: object, type */
	ACT_CREATE_INDEX, /* on relation; object */
	ACT_DROP_INDEX,   /* relation is the index */
	ACT_REINDEX,      /* relation: table or index, or none */
	ACT_DROP_TABLE,
	ACT_DROP_SCHEMA, /* CASCADE; relation has no name */
	ACT_TRUNCATE,
	ACT_RENAME_TABLE,  /* object: the new name */
	ACT_RENAME_COLUMN, /* object */
	ACT_SET_SCHEMA,    /* object: the new one */
	ACT_ADD_COLUMN,
	ACT_DROP_COLUMN,
	ACT_SET_TYPE, /* object, type; is_converted: USING more than a cast to it */
	ACT_SET_NOT_NULL,
	ACT_ADD_CHECK, /* object: its name or NULL; column: CHECK (column IS NOT NULL), NOT NULL column */
	ACT_ADD_FOREIGN_KEY,
	ACT_ADD_UNIQUE, /* primary key, unique or exclude, without USING INDEX; words says which */
	ACT_VALIDATE,   /* object */
	ACT_ATTACH,     /* relation is the partition */
	ACT_DETACH,     /* object: the partition */
	ACT_REWRITE,    /* words: what does it */
	ACT_LOCKS,      /* anything else that keeps writers out */
	ACT_TRIGGER,    /* CREATE TRIGGER: keeps writers out */
	ACT_VACUUM_FULL,
	ACT_CLUSTER,
	ACT_REFRESH,
	ACT_LOCK,       /* words: the mode */
	ACT_USE_VALUE,  /* object: an enum value that was added in the same file */
	ACT_CHANGE_ALL, /* UPDATE, DELETE without WHERE */
	ACT_NO_TIMEOUT, /* lock_timeout switched off */
	ACT_LONG_NAME,  /* object */
};

struct act {
	enum act_kind kind;
	struct name relation;
	const char *object;
	const char *column;
	const char *type;       /* as words_text gives it */
	const char *words;      /* literal */
	const char **functions; /* in a default: those not known to be stable; ends with NULL */
	bool is_concurrent;
	bool is_only;
	bool is_perhaps;   /* IF NOT EXISTS, OR REPLACE */
	bool is_unproven;  /* NOT VALID, NOT ENFORCED */
	bool is_converted; /* see ACT_SET_TYPE */
	bool is_not_null;  /* ACT_ADD_COLUMN */
	bool has_default;
	bool fills_rows; /* ACT_ADD_COLUMN: serial, identity or stored: words says which */

	/* Where it stands. */
	const struct source *source;
	size_t offset;
	size_t file, statement, transaction; /* numbers */
	bool begins_set; /* what was made before is older than this deployment */
	bool is_judged;
	const struct allow *statement_allows, *file_allows;
};

struct acts {
	struct act *at;
	size_t count;
	struct arena *arena;
	struct act model; /* of the next: where it stands */
	/* In this file: enum values that were added, but not to types that were made. */
	const char **values;
	size_t value_count;
	struct name *types;
	size_t type_count;
	bool wants_columns; /* ACT_COLUMN too */
};

/* Adds what this statement does. */
void acts_read(struct acts *acts, struct tokens tokens);

/* One more, like the model, at that place of the source's text. */
struct act *acts_add(struct acts *acts, enum act_kind kind, const char *at,
                     const struct name *relation);

/* Does it keep others from writing to its relation, at least? */
bool act_locks(const struct act *act);
