/* See bounds.h. */
#include "bounds.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "db.h"
#include "err.h"
#include "script.h"
#include "token.h"

struct tally
bounds_tally(const char *sql)
{
	struct tokens tokens = { .at = sql, .end = sql ? sql + strlen(sql) : sql };
	struct tally tally = { 0 };
	bool is_between = true;

	for (;;) {
		const struct token token = token_next(&tokens);
		const bool is_first = is_between;

		if (token.kind == TOKEN_END)
			return tally;
		is_between = token_is(&token, ";", 1);
		if (!is_first || is_between)
			continue;
		tally.statements++;
		tally.begins += token_is(&token, "begin", strlen("begin"));
		tally.commits += token_is(&token, "commit", strlen("commit"));
	}
}

struct bounds
bounds_of(const struct db *db, const char *before, const char *after)
{
	struct bounds bounds = { .commits = bounds_tally(after).commits };

	bounds.is_open =
		!bounds.commits && (db_in_transaction(db) || bounds_tally(before).begins > 0);
	return bounds;
}

size_t
bounds_rollbacks(const struct statement *statements, size_t count)
{
	size_t rollbacks = 0;

	/* All other forms of it are refused. */
	for (size_t i = 0; i < count; i++)
		rollbacks += strncasecmp(statements[i].sql, "rollback", strlen("rollback")) == 0;
	return rollbacks;
}

bool
bounds_hold(const struct bounds *bounds, const struct db *db, bool has_failed, struct err *err)
{
	const struct db_place at = db_place(db);
	/* What fails, fails before the COMMIT that is ours. */
	const size_t commits = has_failed ? 0 : bounds->commits;
	char failure[sizeof err->what];

	if (at.commits <= commits && at.rollbacks <= bounds->rollbacks &&
	    (has_failed || db_in_transaction(db) == bounds->is_open))
		return true;
	(void)snprintf(failure, sizeof failure, "%s", err->what);
	(void)err_set(err, FAULT_WRONG,
	              "the transaction was ended from within, although nothing that does so is to "
	              "be seen");
	if (has_failed)
		(void)err_detail(err, "then it failed: %s", failure);
	return err_hint(err,
	                "what ran before that is %s; is standard_conforming_strings off, so that "
	                "the server reads strings in another way than they are written?",
	                at.commits > commits
	                        ? "committed, and no longer together with the note that it ran"
	                        : "rolled back, what came after it is not");
}
