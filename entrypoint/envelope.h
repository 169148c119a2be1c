/*
 * What stands around a migration in its transaction: SQL of ours before and after its own. Every form of
 * transaction (a file, a group) takes it from here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct batch;
struct boot;
struct migration;

struct envelope {
	const char *before; /* statements, separated by semicolons; "" where there are none */
	const char *after;
};

/* How the row is written. */
struct transaction {
	bool is_shared;   /* it holds other files, too */
	bool is_prepared; /* its session has prepared the statements (ledger_prepare_sql) */
};

/*
 * The row of the ledger that fences out a second runner, and its end, around the batch of the migration.
 */
struct envelope envelope_of(const struct boot *boot, const struct migration *migration,
                            const struct batch *batch, const struct transaction *in,
                            struct arena *arena);

/*
 * SQL behind the last statement of the migration: its row in another tool's history, its end in the ledger, and that those
 * which come after it are to run again.
 */
const char *envelope_finish_sql(const struct boot *boot, const struct migration *migration,
                                const struct batch *batch, const struct transaction *in,
                                struct arena *arena);

/*
 * SQL that ends a file's reign over the session. It may have taken another role, which need not be able to
 * write to the ledger; and what it made in the session must not stay: behind a pooler the application gets
 * this very one. "" follows, or statements of ours.
 */
const char *envelope_end_sql(const struct batch *batch, struct arena *arena);
