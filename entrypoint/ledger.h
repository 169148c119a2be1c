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
	const char *started_at; /* "": it was not asked for */
	bool is_finished;
	size_t statements; /* done of a file that runs outside a transaction */
};

/* Versions of rows that stand for no migration. */
#define LEDGER_FORMAT                                                                              \
	"@format" /* its name: whose files these are (format.h), where files alone do not tell */
#define LEDGER_BASELINE                                                                            \
	"@baseline" /* its name: where another tool had brought the database when we came */
#define LEDGER_CHANGING                                                                            \
	"@changing" /* is there while a run changes the schema, until its result is noted */
#define LEDGER_OWED                                                                                \
	"@after" /* is there from the last file before migrate_command until after.sql behind that has run */
#define LEDGER_NEW                                                                                 \
	"@new" /* is there while nothing but initdb.d has filled the database, and a snapshot is to come */
#define LEDGER_PARTIAL                                                                             \
	"@partial" /* its name: the command that was cut off, or runs: the database holds a part of it */
#define LEDGER_REDO                                                                                \
	"@redo" /* its name: the version that a redo has undone; where it has no row, that redo failed */

#define LEDGER_RESTORED "@restored" /* its name: the backup that the database was made from */

struct ledger {
	struct entry *entries; /* in version_compare order */
	size_t count;
	const char *format, *baseline;  /* of those rows, or NULL */
	const char *partial, *restored; /* likewise */
	const char *redo;               /* likewise */
	bool is_changing;               /* a run was cut off before it noted its result */
	bool owes_after;                /* a run was cut off, or failed, before after.sql */
	bool is_new;                    /* initdb.d has filled it, and nothing else */
	bool had_relations;             /* when the last migration was applied */
	bool relation_is_there;         /* the one that was noted then */
};

/* How many digits stand in front. */
size_t version_digits(const char *version);

/* Eight digits in front that are a day, and no counter: YYYYMMDD. Then the whole name is the version. */
bool version_is_date(const char *version);

/* Does a file of that name, or with that version, run again whenever its text changes? */
bool version_is_repeatable(const char *version);

/* Order and identity of versions: leading digits as a number, dotted ones each, then the rest bytewise. */
int version_compare(const char *one, const char *other);

/*
 * Reads the ledger, for db_ask_together; fails on the server (42P01, 3F000, 42501) where it does not exist or is forbidden.
 * With times: when each was started, too.
 */
struct question ledger_question(const struct config *config, bool with_times, struct arena *arena);
/* An expression: may the session's role not write tables of ours that are there? It needs no privilege itself. */
const char *ledger_denied_sql(struct db *db, const struct config *config, struct arena *arena);

/* Records that, with the grants to give. FAULT_CONFIG. Returns false. */
bool ledger_deny(struct db *db, const struct config *config, struct err *err);

/* One value, the same for two ledgers that agree in versions, checksums and times, to the microsecond. Fails likewise. */
struct question ledger_digest_question(const struct config *config, struct arena *arena);

/* The entries point into the answer. */
void ledger_take(struct ledger *ledger, const struct answer *answer, struct arena *arena);

/* Does the relation that the ledger's column notes still exist? NULL: none was noted. A large object is none. Pure. */
bool ledger_relation_exists(const char *noted);

/* Reads the journal, for db_ask_together, and: has it a finished run of this kind? */
struct question journal_question(const struct config *config, struct arena *arena);
bool journal_is_finished(const struct answer *answer, const char *kind);

/*
 * SQL for the rows of a dump (ledger/receive.c): makes temporary tables of that prefix and the names of ours to take them up, until the
 * commit; then takes them over into ours, but for those of repeatables, which run again, and of a run that was cut off.
 */
const char *ledger_receive_sql(const struct config *config, const char *prefix,
                               struct arena *arena);
const char *ledger_received_sql(const struct config *config, const char *prefix,
                                struct arena *arena);

/*
 * Makes schema and tables where they are missing; needs the boot lock. Nothing of what is there is asked for or granted anew, so
 * that it works in a schema that somebody else has made. FAULT_CONFIG with the grant to give.
 */
bool ledger_create(struct db *db, const struct config *config, struct err *err);

/* Likewise, within the open transaction, which the caller ends on failure. */
bool ledger_create_within(struct db *db, const struct config *config, struct err *err);

/*
 * After the server refused a migration's row as a duplicate (err says so): a run that was killed left its transaction to
 * the server, which committed it after we looked. If the row is there, of the same text and finished (unless it may be
 * half done), err is forgotten; `statements` tells how far it came.
 */
bool ledger_came_late(struct db *db, const struct config *config, const char *version,
                      const char *checksum, bool may_be_unfinished, size_t *statements,
                      struct err *err);

/*
 * After a snapshot could not be loaded into a database without migrations: has the ledger some by now, of such a run? Then
 * err is forgotten.
 */
bool ledger_filled_late(struct db *db, const struct config *config, struct err *err);

/*
 * SQL for the transaction of a migration: its first statement and its last. Where the session has prepared them
 * (ledger_prepare_sql), the server plans them once for many files; those of repeatables are written out all the same.
 */
const char *ledger_begin_sql(struct db *db, const struct config *config, const char *version,
                             const char *name, const char *checksum, bool is_prepared,
                             struct arena *arena);
const char *ledger_finish_sql(struct db *db, const struct config *config, const char *version,
                              size_t statements, bool is_finished, struct arena *arena);

/*
 * ledger_finish_sql for what runs in the transaction of its row: of one that was ended in between it leaves the row unfinished.
 * (Where files share a transaction, a savepoint that one leaves open would look like it.)
 */
const char *ledger_close_sql(struct db *db, const struct config *config, const char *version,
                             size_t statements, bool is_shared, bool is_prepared,
                             struct arena *arena);

/* SQL that prepares them in the session, by names that begin so. Not behind a pooler; and a file can deallocate them (26000). */
#define LEDGER_PREPARED "pg_entrypoint_"
const char *ledger_prepare_sql(struct db *db, const struct config *config, struct arena *arena);

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

/* SQL that fails unless there is an unfinished row of which exactly this many statements are done, and holds the row until the transaction ends. */
const char *ledger_fence_sql(struct db *db, const struct config *config, const char *version,
                             size_t statements, struct arena *arena);

/*
 * After 22012, with the transaction ended: has a run that was killed, whose transaction the server committed after we looked,
 * done what was to be the last of so many statements, or finished the row? Then err is forgotten.
 */
bool ledger_counted_late(struct db *db, const struct config *config, const char *version,
                         size_t statements, bool is_finished, struct err *err);

/*
 * SQL that writes finished rows for what was applied by others, or replaces the checksum of what is there. A row whose
 * started_at is NULL or "" gets the time of now.
 */
const char *ledger_believe_sql(struct db *db, const struct config *config,
                               const struct entry *entries, size_t count, struct arena *arena);

/* SQL that forgets rows. */
const char *ledger_forget_sql(struct db *db, const struct config *config,
                              const struct entry *entries, size_t count, struct arena *arena);

/* SQL that forgets a file of which no statement was begun, as the journal's row of this kind says. */
const char *ledger_unbegin_sql(struct db *db, const struct config *config, const char *version,
                               const char *kind, struct arena *arena);

/*
 * The same of a repeatable that had run before, by its row as it is now: that stands again. Where it has no finished row,
 * *sql is untouched.
 */
bool ledger_again_sql(struct db *db, const struct config *config, const char *version,
                      const char *kind, const char **sql, struct arena *arena, struct err *err);

/* The same where it was to be undone: the row is that of its migration again. */
const char *ledger_stay_sql(struct db *db, const struct config *config, const struct entry *entry,
                            const char *kind, struct arena *arena);

/* What is to be done about an edited file of which `count` statements were begun (0: that is not known), for people. Pure. */
const char *ledger_put_back(size_t count, struct arena *arena);

/* SQL that forgets a row, for people who mend what we cannot; needs no session. */
const char *ledger_forget_by_hand(const struct config *config, const char *version,
                                  struct arena *arena);

/* Replaces the checksum of a version. */
bool ledger_accept(struct db *db, const struct config *config, const char *version,
                   const char *checksum, struct err *err);

/*
 * A migration that is undone (ledger/undo.c). In a transaction its row is removed first of all; outside of one the row is
 * the journal: unfinished, with the down file's checksum behind a word and the count of its statements that are done.
 */
bool ledger_is_undoing(const struct entry *entry);
const char *ledger_undoing_checksum(const char *checksum, struct arena *arena);

/* SQL: the row, which must be there with this checksum (else 22012), becomes such a journal; is removed. */
const char *ledger_undo_sql(struct db *db, const struct config *config, const char *version,
                            const char *checksum, const char *undoing, struct arena *arena);
const char *ledger_remove_sql(struct db *db, const struct config *config, const char *version,
                              const char *checksum, struct arena *arena);

/* After 22012: was the row removed by a run that was killed, whose transaction the server committed late? Then err is forgotten. */
bool ledger_went_late(struct db *db, const struct config *config, const char *version,
                      struct err *err);

/* SQL for the journal's row of a kind (`initdb`): where it stands; ends it where is_finished. */
const char *journal_sql(struct db *db, const struct config *config, const char *kind,
                        const char *item, size_t statements, bool is_finished, struct arena *arena);

/* SQL that takes the row of a kind out of the journal. */
const char *journal_forget_sql(struct db *db, const struct config *config, const char *kind,
                               struct arena *arena);

/* SQL that begins a transaction and writes nothing, but fails for a session that may not write to the ledger. */
const char *ledger_writable_sql(const struct config *config, struct arena *arena);

/*
 * Kinds beneath another, `initdb/01_a.sql` (ledger/journal.c): the unfinished row of the kind and all beneath it, as kind, item,
 * statements, finished_at; SQL that takes those beneath it out.
 */
bool journal_read_tree(struct db *db, const struct config *config, const char *kind,
                       struct answer *answer, struct arena *arena, struct err *err);
const char *journal_forget_tree_sql(struct db *db, const struct config *config, const char *kind,
                                    struct arena *arena);

/* SQL that says: after.sql is still to run; it has run. */
const char *ledger_owe_sql(struct db *db, const struct config *config, struct arena *arena);
const char *ledger_paid_sql(const struct config *config, struct arena *arena);

/* SQL that says: what the database holds is of initdb.d, and it is as good as new for a snapshot; it no longer is. */
const char *ledger_new_sql(struct db *db, const struct config *config, struct arena *arena);
const char *ledger_not_new_sql(const struct config *config, struct arena *arena);

/* SQL that says: from here on the schema is changed, and what is noted of it is old. */
const char *ledger_changing_sql(struct db *db, const struct config *config, struct arena *arena);

/*
 * SQL that notes a relation of the database (its oid), in the newest row of the ledger; NULL: it has none. With it the change
 * is at its end.
 */
const char *ledger_relation_sql(struct db *db, const struct config *config, const char *relation,
                                struct arena *arena);

/*
 * SQL that says: what this command does to the whole database is under way, no start may take what it finds for anything; that
 * it is at its end; that nothing was ever applied, as far as it is still under way (ledger/partial.c). And that the database was
 * made from this backup; `relation` is a query for one that came with it (empty.h), for starts to know it by.
 */
const char *ledger_partial_sql(struct db *db, const struct config *config, const char *what,
                               struct arena *arena);
const char *ledger_restored_sql(struct db *db, const struct config *config, const char *name,
                                const char *relation, struct arena *arena);
const char *ledger_whole_sql(const struct config *config, struct arena *arena);
const char *ledger_empty_sql(const struct config *config, struct arena *arena);

/* Of these marks those that stand there now, `partial` and `restored`, in the arena; the rest of *marks is empty. */
bool ledger_read_marks(struct db *db, const struct config *config, struct ledger *marks,
                       struct arena *arena, struct err *err);

/* SQL that notes that a redo is about to undo that version; and that it has applied it again. */
const char *ledger_redo_sql(struct db *db, const struct config *config, const char *version,
                            struct arena *arena);
const char *ledger_redone_sql(const struct config *config, struct arena *arena);

/* The row of a kind as item, started_at, finished_at; none: it has none. */
bool journal_ask(struct db *db, const struct config *config, const char *kind,
                 struct answer *answer, struct arena *arena, struct err *err);

/* The unfinished row of a kind: item and statements done, or NULL. */
bool journal_read(struct db *db, const struct config *config, const char *kind, const char **item,
                  size_t *statements, struct arena *arena, struct err *err);
