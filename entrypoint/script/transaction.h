/*
 * Transaction control in a script. Scripts run in transactions of ours, so theirs is refused, but for
 * one BEGIN ... COMMIT around everything, usual with other tools, which is left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct batch;
struct err;

struct transaction {
	bool is_forbidden;    /* -- pg-entrypoint: no-transaction */
	bool begins, commits; /* the first statement is BEGIN, the last one up to now is COMMIT */
};

/* Looks at the last statement of the batch, which is of that kind (enum deed_kind of deed.h). */
bool transaction_note(struct transaction *transaction, int deed_kind, const struct batch *batch,
                      struct err *err);

/* At the end of the script: refuses half a pair, and one around what cannot run in a transaction. */
bool transaction_check(const struct transaction *transaction, const struct batch *batch,
                       struct err *err);

/* Takes the pair out of the batch; in `whole`, the text it stands in (or NULL), it becomes blanks. */
void transaction_remove(struct batch *batch, char *whole);
