/* Several questions as one simple query, so that COPY can be one of them: a pipeline does not take it. See db.h. */
#include <string.h>

#include "../arena.h"
#include "../db.h"
#include "../err.h"
#include "../scoped.h"
#include "copied.h"
#include "inline.h"
#include "session.h"

static void
add_question(struct text *text, struct db *db, const struct question *question, struct arena *arena)
{
	const char **literals;

	if (question->count == 0) {
		text_add(text, question->sql); /* perhaps a user's, where a $1 is none of ours */
		return;
	}
	literals = arena_alloc(arena, question->count * sizeof *literals);
	for (size_t i = 0; i < question->count; i++)
		literals[i] =
			question->values[i] ? db_literal(db, question->values[i], arena) : "null";
	inline_values(text, question->sql, literals, question->count);
}

static bool
send_together(struct db *db, const struct question *questions, size_t count, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text text = text_new(&arena);

	for (size_t i = 0; i < count; i++) {
		add_question(&text, db, &questions[i], &arena);
		text_add(&text, "\n;\n"); /* it may end in a comment of one line */
	}
	session_forget_place(db);
	if (PQsendQuery(db->conn, text.at) != 1)
		return session_broke(db, err);
	return session_flush(db, err);
}

/*
 * The next row of a COPY, whose length is `length`; 0: the end. Frees the one before: musl gives memory back to the
 * system with the last piece of its size, so freeing each row first would cost two system calls a row.
 */
static bool
next_row(struct db *db, char **row, size_t *length, struct err *err)
{
	char *next = NULL;
	int got;

	while ((got = PQgetCopyData(db->conn, &next, 1)) == 0) {
		if (!session_await(db, false, err))
			return false;
		if (!PQconsumeInput(db->conn))
			return session_broke(db, err);
	}
	PQfreemem(*row);
	*row = next;
	*length = got > 0 ? (size_t)got : 0; /* what went wrong is said by the result behind */
	return true;
}

/* The rows of a COPY as if they were a query's. */
static bool
take_copy(struct db *db, struct answer *answer, struct err *err)
{
	const size_t columns = (size_t)answer->columns;
	struct arena arena = { 0 };
	char *row = NULL;
	size_t length = 0;
	bool was_read;

	while ((was_read = next_row(db, &row, &length, err)) && length) {
		char *copy = arena_copy_n(&arena, row, length);

		answer->copied = arena_grow(&arena, (void *)answer->copied, (size_t)answer->rows,
		                            columns * sizeof copy);
		(void)copied_take(copy, answer->copied + (size_t)answer->rows++ * columns, columns);
	}
	PQfreemem(row);
	answer->memory = arena.newest;
	return was_read;
}

/* Owns the result. A COPY gives two: its rows come behind the first, and the second is its end. */
static bool
take_result(struct db *db, PGresult *result, struct answer *answer, bool *is_complete,
            struct err *err)
{
	const int columns = PQnfields(result);
	bool was_taken = true;

	*is_complete = false;
	switch ((int)PQresultStatus(result)) {
	case PGRES_FATAL_ERROR:
	case PGRES_BAD_RESPONSE:
		was_taken = session_blame(db, result, err);
		break;
	case PGRES_COPY_IN:
		/* Nobody has data for it: the server ends it with an error. */
		was_taken =
			PQputCopyEnd(db->conn, "no data was given") == 1 || session_broke(db, err);
		break;
	case PGRES_COPY_OUT:
		*answer = (struct answer){ .result = result, .columns = columns };
		return take_copy(db, answer, err);
	default:
		*is_complete = true;
		if (answer->result)
			break;
		*answer = (struct answer){ .result = result,
			                   .rows = PQntuples(result),
			                   .columns = columns };
		return true;
	}
	PQclear(result);
	return was_taken;
}

/* To the end of the query, also behind a failure, which is the one to tell. */
static bool
take_all(struct db *db, struct answer *answers, size_t count, size_t *answered, struct err *err)
{
	struct answer more = { 0 };
	struct err later = { 0 };
	bool was_fine = true, is_complete;

	for (;;) {
		struct answer *answer = *answered < count ? &answers[*answered] : &more;
		PGresult *result;

		if (!session_next(db, &result, was_fine ? err : &later))
			return false;
		if (!result)
			break;
		was_fine = take_result(db, result, answer, &is_complete, was_fine ? err : &later) &&
		           was_fine;
		if (was_fine && is_complete && answer != &more)
			++*answered;
		else if (!was_fine || is_complete)
			answer_free(answer);
		if (was_fine && is_complete && answer == &more)
			was_fine = err_set(err, FAULT_WRONG, "more answers than questions");
	}
	return was_fine;
}

/* NOLINTBEGIN(readability-function-size): db.h tells what each is */
bool
db_ask_together(struct db *db, const struct question *questions, struct answer *answers,
                size_t count, size_t *answered, const struct db_meanwhile *meanwhile,
                struct err *err)
{
	struct err later = { 0 };
	bool was_fine;

	*answered = 0;
	if (!send_together(db, questions, count, err))
		return false;
	was_fine = !meanwhile || meanwhile->run(meanwhile->told, err);
	if (!take_all(db, answers, count, answered, was_fine ? err : &later)) {
		if (*answered < count)
			answer_free(&answers[*answered]);
		return false;
	}
	return was_fine &&
	       (*answered == count || err_set(err, FAULT_WRONG, "fewer answers than questions"));
}
/* NOLINTEND(readability-function-size) */
