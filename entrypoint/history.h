/*
 * The history table of another tool, whose files these are: it decides what is applied, since the tool may be used again
 * tomorrow; our ledger is kept beside it. Each migration writes its row there, in its own transaction, as the tool would.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct answer;
struct arena;
struct boot;
struct config;
struct err;
struct format;
struct ledger;
struct migration;
struct migrations;
struct past;
struct question;

/* What is known of it since the last look. Rows and entries live in the boot's arena. */
struct history {
	const struct format *format;
	bool exists;   /* the table */
	bool is_whole; /* its columns, and all that may be wrong with it, were looked at */
	struct history_table *table;
	struct past *rows; /* in the order they were written */
	size_t count;
	struct entry *believed; /* what it has and our ledger has not, or otherwise */
	size_t believed_count;
	struct entry *gone; /* of our ledger, finished: the tool has taken them back */
	size_t gone_count;
	const struct past
		*failed; /* the last row of a version says that it is not whole; NULL: none */
	const struct err *problem; /* why nothing can be said; NULL: all is well */
};

/* Begins a transaction that only reads, and where the URL names schemas, with those. */
bool history_begin(struct boot *boot, struct err *err);

/* Is there anything to ask: is it known whose files these are, and has that tool a history? */
bool history_is_asked(const struct migrations *migrations);

/* Then: reads its rows, for db_ask_together, where the table is as it should be; else the server fails (42P01, 42703). */
struct question history_question(const struct migrations *migrations, const struct config *config,
                                 struct arena *arena);

/*
 * After a look: settles whose files these are (and reads them anew where the ledger or a history table says so), and what
 * is applied. Quick is the answer to the question, or NULL: it failed or was not asked. Asks the server only where that
 * is not enough: something is pending, or several tools have such files.
 */
bool history_settle(struct boot *boot, const struct ledger *ledger, const struct answer *quick,
                    struct err *err);

/* Which schema it is in, if the look has not asked: its tool's advisory key may derive from that. */
bool history_find_table(struct boot *boot, struct err *err);

/* Is it a history to go on from? FAULT_WRONG with the remedies if not. */
bool history_judge(const struct boot *boot, struct err *err);

/* Before the first migration: makes the table where it is missing, and writes our ledger up to date with it. */
bool history_sync(struct boot *boot, struct err *err);

/* The table was dropped, and our ledger still knows what it had: makes and fills it anew. */
bool history_restore(struct boot *boot, struct err *err);

/* SQL that writes the row of a migration, to be run in its transaction, with `;\n` behind it; "" where there is no history. */
const char *history_add_sql(const struct boot *boot, const struct migration *migration,
                            struct arena *arena);

/* The same for one that was taken back: its row is removed. */
const char *history_remove_sql(const struct boot *boot, const struct migration *migration,
                               struct arena *arena);

/* SQL that makes its checksum that of the file, with `;\n` behind it; "" where there is none. */
const char *history_accept_sql(const struct boot *boot, const struct migration *migration,
                               struct arena *arena);

/* SQL numbers, ", " in front of each: the advisory keys that the tool takes. "" where there are none. */
const char *history_keys(const struct boot *boot, struct arena *arena);

/*
 * What the history and our ledger say together, as one ledger for migrations_match. Fills believed, gone and failed. Pure.
 */
struct ledger history_merge(struct history *history, const struct migrations *migrations,
                            const struct ledger *ledger, struct arena *arena);
