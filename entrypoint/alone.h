/* Migrations outside a transaction: statement by statement, each journalled in the file's ledger row. */
#pragma once

#include <stdbool.h>

struct batch;
struct boot;
struct err;
struct migration;

/*
 * Begins, or resumes after the last statement that is known to be done. What can shares a transaction
 * with the journal; whether the rest was done by a run that was killed is proven by the catalog.
 * At its end the row is still to be finished (ledger_finish_sql): what belongs to the file may come before.
 */
bool alone_apply(struct boot *boot, const struct migration *migration, const struct batch *batch,
                 struct err *err);
