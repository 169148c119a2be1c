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

/* A row of the ledger. */
struct entry {
	const char *version;
	const char *name;
	const char *checksum;
	const char *started_at;
	bool is_finished;
	size_t statements; /* done of a file that runs outside a transaction */
};

/* What one question tells: the rows of our tables, and of the server what every start must know. */
struct ledger {
	struct entry *entries; /* in version_compare order */
	size_t count;
	bool initdb_done;     /* the journal has a finished run */
	const char *relation; /* the oid of one that the last migrations left; NULL: none */
	bool relation_is_there;
	bool reads_only;         /* a standby, or sessions are read only by default */
	const char *backend_pid; /* by the server's own word */
};

/* Order and identity of versions: leading digits as a number, then the rest bytewise. */
int version_compare(const char *one, const char *other);

/*
 * Reads both tables and the server's facts; fails on the server (42P01, 3F000, 42501) where the tables
 * do not exist or are forbidden. ledger_facts_question then still has the facts.
 */
struct question ledger_question(const struct config *config, struct arena *arena);
struct question ledger_facts_question(void);
void ledger_take(struct ledger *ledger, const struct answer *answer, struct arena *arena);

/* Makes schema and tables where they are missing; needs the boot lock. FAULT_CONFIG with the grant to give. */
bool ledger_create(struct db *db, const struct config *config, struct err *err);

/* SQL for the transaction of a migration: its first statement and its last. */
const char *ledger_begin_sql(struct db *db, const struct config *config, const char *version,
                             const char *name, const char *checksum, struct arena *arena);
const char *ledger_finish_sql(struct db *db, const struct config *config, const char *version,
                              size_t statements, bool is_finished, struct arena *arena);

/* SQL that fails unless exactly this many statements are done, and holds the row until the transaction ends. */
const char *ledger_fence_sql(struct db *db, const struct config *config, const char *version,
                             size_t statements, struct arena *arena);

/* SQL for a journal row of a kind (`initdb`): where it stands; ends it where is_finished. */
const char *journal_sql(struct db *db, const struct config *config, const char *kind,
                        const char *item, size_t statements, bool is_finished, struct arena *arena);

/* SQL that notes a relation of the database (its oid), now that migrations are done; NULL: none. */
const char *journal_relation_sql(struct db *db, const struct config *config, const char *relation,
                                 struct arena *arena);

/* The unfinished row of a kind: item and statements done, or NULL. */
bool journal_read(struct db *db, const struct config *config, const char *kind, const char **item,
                  size_t *statements, struct arena *arena, struct err *err);
