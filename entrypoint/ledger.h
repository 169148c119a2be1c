/*
 * Our schema in the database: `migration` (the ledger), `journal` (runs in progress or finished that
 * are no migrations), `seed` (seed scripts that ran). Every statement on them is made here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct answer;
struct arena;
struct config;
struct db;
struct err;
struct question;
struct text;

/* A row of the ledger. */
struct entry {
	const char *version;
	const char *name;
	const char *checksum;
	const char *started_at;
	bool is_finished;
	size_t statements; /* done of a file that runs outside a transaction */
};

struct ledger {
	struct entry *entries; /* in version_compare order */
	size_t count;
	bool had_relations;     /* when the last migration was applied */
	bool relation_is_there; /* the one that was noted then */
};

/* How many digits stand in front. */
size_t version_digits(const char *version);

/* Order and identity of versions: leading digits as a number, then the rest bytewise. */
int version_compare(const char *one, const char *other);

/* Reads the ledger; fails on the server (42P01, 3F000, 42501) where it does not exist or is forbidden. */
struct question ledger_question(const struct config *config, struct arena *arena);
/* The entries point into the answer. */
void ledger_take(struct ledger *ledger, const struct answer *answer, struct arena *arena);

/* Reads the journal, and: has it a finished run of this kind? */
struct question journal_question(const struct config *config, struct arena *arena);
bool journal_is_finished(const struct answer *answer, const char *kind);

/* Makes schema and tables where they are missing; needs the boot lock. FAULT_CONFIG with the grant to give. */
bool ledger_create(struct db *db, const struct config *config, struct err *err);

/*
 * After the server refused a migration's row as a duplicate (err says so): a run that was killed left its transaction to
 * the server, which committed it after we looked. If the row is there, of the same text and finished (unless it may be
 * half done), err is forgotten; `statements` tells how far it came.
 */
bool ledger_came_late(struct db *db, const struct config *config, const char *version,
                      const char *checksum, bool may_be_unfinished, size_t *statements,
                      struct err *err);

/* SQL for the transaction of a migration: its first statement and its last. */
const char *ledger_begin_sql(struct db *db, const struct config *config, const char *version,
                             const char *name, const char *checksum, struct arena *arena);
const char *ledger_finish_sql(struct db *db, const struct config *config, const char *version,
                              size_t statements, bool is_finished, struct arena *arena);

/*
 * The same for what runs in the transaction of its row: of one that was ended in between it leaves the row unfinished.
 * (Where files share a transaction, a savepoint that one leaves open would look like it.)
 */
const char *ledger_close_sql(struct db *db, const struct config *config, const char *version,
                             size_t statements, bool is_shared, struct arena *arena);

/* Adds a version to a list for the next. */
void ledger_add_version(struct text *versions, struct db *db, const char *version);

/* SQL, behind other SQL, that forgets the checksums of these versions, if they have rows: they are to run again. */
const char *ledger_stale_sql(const struct config *config, const char *versions,
                             struct arena *arena);

/* Adds the row of a version that a snapshot has applied, for ledger_record_sql. */
void ledger_add_row(struct text *rows, struct db *db, const char *version, const char *name,
                    const char *checksum);

/* SQL that records these rows, at least one, as applied. */
const char *ledger_record_sql(struct db *db, const struct config *config, const char *rows,
                              struct arena *arena);

/* SQL that fails unless exactly this many statements are done, and holds the row until the transaction ends. */
const char *ledger_fence_sql(struct db *db, const struct config *config, const char *version,
                             size_t statements, struct arena *arena);

/* Replaces the checksum of a version that is applied. */
bool ledger_accept(struct db *db, const struct config *config, const char *version,
                   const char *checksum, struct err *err);

/* SQL for the journal's row of a kind (`initdb`): where it stands; ends it where is_finished. */
const char *journal_sql(struct db *db, const struct config *config, const char *kind,
                        const char *item, size_t statements, bool is_finished, struct arena *arena);

/* SQL that notes a relation of the database (its oid), in the newest row of the ledger; NULL: it has none. */
const char *ledger_relation_sql(struct db *db, const struct config *config, const char *relation,
                                struct arena *arena);

/* The unfinished row of a kind: item and statements done, or NULL. */
bool journal_read(struct db *db, const struct config *config, const char *kind, const char **item,
                  size_t *statements, struct arena *arena, struct err *err);
