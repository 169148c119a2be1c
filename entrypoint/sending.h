/*
 * Sends the statements of a file between SQL of our own (a transaction's begin and end, a row of the
 * ledger), in as few round trips as the file allows, and finds in the file what the server refuses.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct batch;
struct boot;
struct db_place;
struct err;
struct script;
struct source;

/* One query, and where in it the file's own text stands. */
struct composed {
	const char *sql;
	size_t before, body; /* characters */
	size_t statements;   /* in before */
};

/* As the server counts them. */
size_t send_characters(const char *text);

/* Before, the body, after, each of them statements or NULL. */
struct composed send_compose(const char *before, const char *body, const char *after,
                             struct arena *arena);

/* After a query failed, in which a batch stood whole: tells where in the file, as send_batch does. */
bool send_blame(const struct composed *composed, const struct script *script,
                const struct batch *batch, const struct db_place *at, struct err *err);

/*
 * Sends before, the batch, after: as one simple query where the batch may be sent whole, else one by
 * one. A failure is told with file:line:column and a caret; one in before or after, and one that the
 * server did not explain, with the file alone. Before and after are statements of ours, separated by
 * semicolons, or NULL. What is open stays open: transaction_abandon is the caller's. The composed
 * text lies in the arena.
 */
bool send_batch(struct boot *boot, const struct script *script, const struct batch *batch,
                const char *before, const char *after, struct arena *arena, struct err *err);

/* SQL of ours that goes before or behind what stands in the file; NULL or empty: nothing. A failure is told with the file alone. */
bool send_own(struct boot *boot, const char *sql, const struct source *source, struct err *err);

/* The same as send_batch for one statement of a batch. One that cannot run in a transaction is always sent by itself. */
bool send_statement(struct boot *boot, const struct batch *batch, size_t i, const char *before,
                    const char *after, struct err *err);

/* FAULT_WRONG, with its place: a statement of a file without transaction sets something in a way that send_settings does not see. */
bool send_check_settings(const struct batch *batch, struct err *err);

/*
 * What the statements in front of this one have set (SET, RESET, set_config by itself), once more, to be sent before it: psql's session would
 * keep it until the end of the file, and ours begins anew with each transaction. "" where there is none.
 */
const char *send_settings(const struct batch *batch, size_t at, struct arena *arena);
