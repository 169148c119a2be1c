/* Migrations outside a transaction: statement by statement, each journalled in the file's ledger row. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct batch;
struct boot;
struct err;
struct migration;

/*
 * Begins, or resumes after the last statement that is known to be done. What can shares a transaction
 * with the journal; whether the rest was done by a run that was killed is proven by the catalog.
 * At its end the row is still to be finished: what belongs to the file may come before. Where the first statement
 * fails and leaves nothing, the file is not begun.
 */
bool alone_apply(struct boot *boot, const struct migration *migration, const struct batch *batch,
                 struct err *err);

/*
 * The same where the row is there, with `done` statements counted, and no pooler is in the way (pooled.h).
 * is_resumed: an earlier run was killed there, and may have begun one more, as the journal says.
 */
bool alone_go_on(struct boot *boot, const struct migration *migration, const struct batch *batch,
                 size_t done, bool is_resumed, struct err *err);

/* SQL that finishes the row. */
const char *alone_finish_sql(const struct boot *boot, const struct migration *migration,
                             const struct batch *batch, struct arena *arena);

/*
 * After a failure: of a file that has done nothing and left nothing no trace stays, as of one in a transaction. That is
 * what the SQL does, which looks for itself (ledger_unbegin_sql, ledger_stay_sql). Always false.
 */
bool alone_give_up(struct boot *boot, const char *sql, const struct err *err);

/* SQL, with `;\n` behind it, that begins such a file in the journal, with nothing of an earlier life. */
const char *alone_begin_sql(const struct boot *boot, const struct migration *migration,
                            struct arena *arena);
