/* Questions and answers over an open session. See db.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../db.h"
#include "../err.h"
#include "session.h"

static bool
is_error(const PGresult *result)
{
	const ExecStatusType status = PQresultStatus(result);

	return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

static struct answer
answer_of(PGresult *result)
{
	return (struct answer){ .result = result,
		                .rows = PQntuples(result),
		                .columns = PQnfields(result) };
}

static void
assert_shape(const struct question *question, const struct answer *answer)
{
	(void)question;
	(void)answer;
	assert(question->shape != SHAPE_VALUE || (answer->rows == 1 && answer->columns == 1));
	assert(question->shape != SHAPE_NOTHING || answer->rows == 0);
}

/* Takes what is left of a query, whose end is a NULL result. */
static bool
drain(struct db *db, struct err *err)
{
	PGresult *result;

	do {
		if (!session_next(db, &result, err))
			return false;
		PQclear(result);
	} while (result);
	return true;
}

static bool
send_question(struct db *db, const struct question *question, struct err *err)
{
	session_forget_place(db);
	if (PQsendQueryParams(db->conn, question->sql, (int)question->count, NULL, question->values,
	                      NULL, NULL, 0) != 1)
		return session_broke(db, err);
	return true;
}

/* The result of one question, and the NULL behind it. */
static bool
take_answer(struct db *db, const struct question *question, struct answer *answer, struct err *err)
{
	PGresult *result;
	struct err ignored = { 0 };

	if (!session_next(db, &result, err))
		return false;
	if (!result)
		return session_broke(db, err);
	if (is_error(result)) {
		(void)session_blame(db, result, err);
		PQclear(result);
		(void)drain(db, &ignored); /* the first failure is the one to tell */
		return false;
	}
	*answer = answer_of(result);
	assert_shape(question, answer);
	if (!drain(db, err)) {
		answer_free(answer);
		return false;
	}
	return true;
}

bool
db_ask(struct db *db, const struct question *question, struct answer *answer, struct err *err)
{
	struct answer dropped = { 0 };
	bool was_answered;

	if (!send_question(db, question, err) || !session_flush(db, err))
		return false;
	was_answered = take_answer(db, question, answer ? answer : &dropped, err);
	answer_free(&dropped);
	return was_answered;
}

/* After the answers, or after a failure among them: on to the sync, out of pipeline mode. */
static bool
leave_pipeline(struct db *db, struct err *err)
{
	PGresult *result;
	bool was_sync = false;

	while (!was_sync) {
		if (!session_next(db, &result, err))
			return false;
		was_sync = result && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
		if (PQstatus(db->conn) == CONNECTION_BAD) {
			PQclear(result);
			return session_broke(db, err);
		}
		PQclear(result);
	}
	return PQexitPipelineMode(db->conn) == 1 || session_broke(db, err);
}

bool
db_ask_all(struct db *db, const struct question *questions, struct answer *answers, size_t count,
           size_t *answered, struct err *err)
{
	struct err later = { 0 };

	*answered = 0;
	if (PQenterPipelineMode(db->conn) != 1)
		return session_broke(db, err);
	for (size_t i = 0; i < count; i++)
		if (!send_question(db, &questions[i], err))
			return false;
	if (PQpipelineSync(db->conn) != 1)
		return session_broke(db, err);
	if (!session_flush(db, err))
		return false;
	while (*answered < count &&
	       take_answer(db, &questions[*answered], &answers[*answered], err))
		++*answered;
	if (*answered < count) {
		(void)leave_pipeline(db, &later); /* the first failure is the one to tell */
		return false;
	}
	return leave_pipeline(db, err);
}

/* COPY ... TO STDOUT: nobody asked for it, but it has to be read. */
static bool
drop_copy(struct db *db, struct err *err)
{
	char *row;
	int length;

	while ((length = PQgetCopyData(db->conn, &row, 1)) >= 0) {
		if (length > 0)
			PQfreemem(row);
		else if (!session_await(db, false, err))
			return false;
		else if (!PQconsumeInput(db->conn))
			return session_broke(db, err);
	}
	return true;
}

/* One result of a simple query: counted, kept when it is asked for, or turned down. */
static bool
take_result(struct db *db, PGresult *result, struct answer *last, struct err *err)
{
	switch ((int)PQresultStatus(result)) {
	case PGRES_COPY_IN:
		/* Its data cannot come this way (script.h sends COPY by itself): end it with an error. */
		(void)PQputCopyEnd(db->conn, "no data was given");
		break;
	case PGRES_COPY_OUT:
		if (!drop_copy(db, err))
			return false;
		break;
	case PGRES_TUPLES_CHUNK:
		break;
	case PGRES_FATAL_ERROR:
	case PGRES_BAD_RESPONSE:
		return session_blame(db, result, err);
	default:
		db->completed++;
		if (strncmp(PQcmdStatus(result), "INSERT ", 7) == 0)
			db->inserted += strtoll(PQcmdTuples(result), NULL, 10);
		db->commits += strcmp(PQcmdStatus(result), "COMMIT") == 0;
		db->rollbacks += strcmp(PQcmdStatus(result), "ROLLBACK") == 0;
		if (last) {
			answer_free(last);
			*last = answer_of(result);
			return true;
		}
	}
	PQclear(result);
	return true;
}

static bool
run(struct db *db, const char *sql, const struct db_meanwhile *meanwhile, struct answer *last,
    struct err *err)
{
	struct err later = { 0 };
	PGresult *result;
	bool was_fine = true;

	session_forget_place(db);
	db->inserted = 0;
	if (PQsendQuery(db->conn, sql) != 1)
		return session_broke(db, err);
	/* Rows that nobody asked for must not pile up in memory. */
	if (!last)
		(void)PQsetChunkedRowsMode(db->conn, 1000);
	if (!session_flush(db, err))
		return false;
	if (meanwhile)
		was_fine = meanwhile->run(meanwhile->told, err);
	for (;;) {
		if (!session_next(db, &result, was_fine ? err : &later))
			return false;
		if (!result)
			return was_fine;
		if (!was_fine) {
			PQclear(result);
		} else if (!take_result(db, result, last, err)) {
			PQclear(result);
			was_fine = false;
		}
	}
}

bool
db_run(struct db *db, const char *sql, struct err *err)
{
	return run(db, sql, NULL, NULL, err);
}

bool
db_run_meanwhile(struct db *db, const char *sql, const struct db_meanwhile *meanwhile,
                 struct err *err)
{
	return run(db, sql, meanwhile, NULL, err);
}

bool
db_run_last(struct db *db, const char *sql, struct answer *last, struct err *err)
{
	return run(db, sql, NULL, last, err);
}

bool
db_copy_in(struct db *db, const char *sql, db_more *next, void *from, int64_t *rows,
           struct err *err)
{
	const char *bytes;
	size_t length;
	PGresult *result;
	bool was_given;

	session_forget_place(db);
	if (PQsendQuery(db->conn, sql) != 1)
		return session_broke(db, err);
	if (!session_flush(db, err) || !session_next(db, &result, err))
		return false;
	if (PQresultStatus(result) != PGRES_COPY_IN) {
		(void)session_blame(db, result, err);
		PQclear(result);
		(void)drain(db, &(struct err){ 0 }); /* the first failure is the one to tell */
		return false;
	}
	PQclear(result);
	while ((was_given = next(from, &bytes, &length, err)) && length) {
		if (PQputCopyData(db->conn, bytes, (int)length) != 1) {
			return session_broke(db, err);
		}
		if (!session_flush(db, err))
			return false;
	}
	(void)PQputCopyEnd(db->conn, was_given ? NULL : "the data could not be read");
	if (!session_flush(db, was_given ? err : &(struct err){ 0 }))
		return false;
	struct answer answer = { 0 };
	const struct question question = { .shape = SHAPE_ROWS };

	if (!take_answer(db, &question, &answer, was_given ? err : &(struct err){ 0 }) ||
	    !was_given)
		return false;
	if (rows)
		*rows = answer_affected(&answer);
	answer_free(&answer);
	return true;
}

void
answer_free(struct answer *answer)
{
	struct arena copied = { answer->memory };

	PQclear(answer->result);
	arena_drop(&copied);
	*answer = (struct answer){ 0 };
}

const char *
answer_at(const struct answer *answer, int row, int column)
{
	assert(row < answer->rows && column < answer->columns);
	if (answer->copied)
		return answer->copied[(size_t)row * (size_t)answer->columns + (size_t)column];
	return PQgetisnull(answer->result, row, column) ? NULL
	                                                : PQgetvalue(answer->result, row, column);
}

const char *
answer_name(const struct answer *answer, int column)
{
	assert(column < answer->columns);
	return PQfname(answer->result, column);
}

bool
answer_is_true(const struct answer *answer, int row, int column)
{
	const char *value = answer_at(answer, row, column);

	return value && *value == 't';
}

int64_t
answer_affected(const struct answer *answer)
{
	return strtoll(PQcmdTuples(answer->result), NULL, 10);
}

static const char *
kept(char *quoted, struct arena *arena)
{
	const char *copy = arena_copy(arena, quoted ? quoted : "");

	PQfreemem(quoted);
	return copy;
}

const char *
db_literal(struct db *db, const char *value, struct arena *arena)
{
	return kept(PQescapeLiteral(db->conn, value, strlen(value)), arena);
}

int64_t
db_inserted(const struct db *db)
{
	return db->inserted;
}
