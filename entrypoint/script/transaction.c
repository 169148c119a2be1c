/* See transaction.h. */
#include "transaction.h"

#include <string.h>

#include "../err.h"
#include "../script.h"
#include "../token.h"
#include "deed.h"

static bool
refuse(const struct transaction *transaction, const struct statement *statement, const char *why,
       struct err *err)
{
	const struct place place = place_at(statement->source, statement->offset);

	(void)err_set(err, FAULT_WRONG, "%s", why);
	if (transaction->is_forbidden)
		(void)err_hint(err,
		               "statements of a no-transaction script are sent one by one, and "
		               "after each is noted that it ran: leave transaction control out");
	else
		(void)err_hint(err,
		               "a script runs in one transaction, together with the note that it "
		               "ran: leave transaction control out, but for BEGIN as the first and "
		               "COMMIT as the last statement");
	return place_blame(&place, err);
}

bool
transaction_note(struct transaction *transaction, int deed_kind, const struct batch *batch,
                 struct err *err)
{
	const struct statement *statement = &batch->statements[batch->count - 1];

	if (transaction->commits)
		return refuse(transaction, statement - 1, "COMMIT is not the last statement", err);
	switch (deed_kind) {
	case DEED_BEGIN:
		if (transaction->is_forbidden || batch->count > 1)
			return refuse(transaction, statement, "transaction control", err);
		transaction->begins = true;
		return true;
	case DEED_COMMIT:
		if (!transaction->begins)
			return refuse(transaction, statement, "transaction control", err);
		transaction->commits = true;
		return true;
	case DEED_TRANSACTION:
		return refuse(transaction, statement, "transaction control", err);
	default:
		return true;
	}
}

bool
transaction_check(const struct transaction *transaction, const struct batch *batch, struct err *err)
{
	if (!transaction->begins)
		return true;
	if (!transaction->commits)
		return refuse(transaction, batch->statements, "BEGIN without COMMIT at the end",
		              err);
	for (size_t i = 0; i < batch->count; i++)
		if (batch->statements[i].kind == STATEMENT_ALONE)
			return refuse(transaction, &batch->statements[i],
			              "this cannot run between BEGIN and COMMIT", err);
	return true;
}

/* With its semicolon, and without its comments: blanks for those would have another length. */
static void
blank(char *whole, const struct statement *statement)
{
	struct tokens tokens = { .at = whole + statement->offset, .end = whole + strlen(whole) };
	bool is_last;

	do {
		const struct token token = token_next(&tokens);

		is_last = token.kind == TOKEN_END || token_is(&token, ";", 1);
		memset(whole + (token.at - whole), ' ', token.length);
	} while (!is_last);
}

void
transaction_remove(struct batch *batch, char *whole)
{
	if (whole) {
		blank(whole, &batch->statements[0]);
		blank(whole, &batch->statements[batch->count - 1]);
	}
	batch->statements++;
	batch->count -= 2;
}
