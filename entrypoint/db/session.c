/* What lies under every question: waiting, cancelling, and what a failure means. See session.h. */
#include "session.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../caret.h"
#include "../clock.h"
#include "../db.h"
#include "../err.h"
#include "../scoped.h"
#include "../signals.h"
#include "../utf8.h"

/* A server that is told to cancel gets this long; then the closed socket must do. */
#define CANCEL_WAIT 400
#define DISK_FULL "53100" /* of the server */

void
session_forget_place(struct db *db)
{
	db->position = db->completed = db->internal_position = 0;
	db->commits = db->rollbacks = 0;
	free(db->internal);
	free(db->context);
	db->internal = db->context = NULL;
	db->sent_at = clock_now();
	db->slow_at = db->slow ? clock_ahead(db->slow_after) : CLOCK_NEVER;
}

void
session_cancel(struct db *db, int64_t deadline)
{
	PGcancelConn *request = PQcancelCreate(db->conn);
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	if (!request)
		return;
	if (!PQcancelStart(request))
		state = PGRES_POLLING_FAILED;
	while ((state == PGRES_POLLING_WRITING || state == PGRES_POLLING_READING) &&
	       !clock_passed(deadline)) {
		struct pollfd polled = { .fd = PQcancelSocket(request),
			                 .events = state == PGRES_POLLING_WRITING ? POLLOUT
			                                                          : POLLIN };

		(void)poll(&polled, 1, (int)clock_left(deadline));
		state = PQcancelPoll(request);
	}
	PQcancelFinish(request);
	/* Until the server has said that it stopped, what it did may not be rolled back yet. */
	while (PQisBusy(db->conn) && !clock_passed(deadline)) {
		struct pollfd polled = { .fd = PQsocket(db->conn), .events = POLLIN };

		if (poll(&polled, 1, (int)clock_left(deadline)) < 0 || !PQconsumeInput(db->conn))
			return;
	}
}

bool
session_broke(struct db *db, struct err *err)
{
	const char *words = PQerrorMessage(db->conn);

	return err_set(err, FAULT_NO_SERVER, "the connection broke: %.*s",
	               (int)strcspn(words, "\n"), words);
}

static void
cancel(struct db *db)
{
	session_cancel(db, clock_ahead(CANCEL_WAIT));
}

/* The other session has only to stay; that it becomes readable is news, and mostly bad. */
static bool
look_at_watched(struct db *db, struct err *err)
{
	if (db_is_alive(db->watched))
		return true;
	cancel(db);
	return err_set(err, FAULT_NO_SERVER, "the connection that held the boot lock broke");
}

/* Waits for what comes first: an answer, news of the watched session, the time to tell of a slow one. */
static bool
await_any(struct db *db, struct pollfd polled[2], int *ready, struct err *err)
{
	const unsigned count = db->watched ? 2 : 1;

	while (db->slow_at < db->deadline) {
		if (!signals_poll(polled, count, db->slow_at, ready, err))
			return false;
		if (*ready)
			return true;
		db->slow_at = clock_ahead(db->slow(db->told, clock_now() - db->sent_at));
	}
	return signals_poll(polled, count, db->deadline, ready, err);
}

bool
session_await(struct db *db, bool for_write, struct err *err)
{
	struct pollfd polled[2] = {
		{ .fd = PQsocket(db->conn), .events = (short)(POLLIN | (for_write ? POLLOUT : 0)) },
		{ .fd = db->watched ? PQsocket(db->watched->conn) : -1, .events = POLLIN },
	};
	int ready;

	if (polled[0].fd < 0)
		return session_broke(db, err);
	if (!await_any(db, polled, &ready, err)) {
		cancel(db);
		return false;
	}
	if (ready == 0) {
		cancel(db);
		return err_set(err, FAULT_NO_SERVER, "no answer from the server in time");
	}
	if (polled[1].revents && db->watched)
		return look_at_watched(db, err);
	return true;
}

bool
session_flush(struct db *db, struct err *err)
{
	int left;

	while ((left = PQflush(db->conn)) == 1) {
		if (!session_await(db, true, err))
			return false;
		if (!PQconsumeInput(db->conn))
			return session_broke(db, err);
	}
	return left == 0 || session_broke(db, err);
}

bool
session_next(struct db *db, PGresult **result, struct err *err)
{
	while (PQisBusy(db->conn)) {
		if (!session_await(db, false, err))
			return false;
		if (!PQconsumeInput(db->conn) && PQisBusy(db->conn))
			return session_broke(db, err);
	}
	*result = PQgetResult(db->conn);
	return true;
}

/* Without passwords, which the server's texts may repeat from ours. */
static void
add_field(const PGresult *result, int code, const char *label, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *value = PQresultErrorField(result, code);

	if (value && *value)
		(void)err_detail(err, "%s: %s", label, caret_blanked(value, &arena));
}

static size_t
number_in(const PGresult *result, int code)
{
	const char *digits = PQresultErrorField(result, code);

	return digits ? strtoul(digits, NULL, 10) : 0;
}

/* The query that a function has sent: where the server says at which character, that line of it with a caret. */
static void
add_query(const struct db *db, const PGresult *result, struct err *err)
{
	static const char label[] = "QUERY: ";
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text line = text_new(&arena), under = text_new(&arena);
	const size_t length = db->internal ? strlen(db->internal) : 0;

	if (!db->internal_position) {
		add_field(result, PG_DIAG_INTERNAL_QUERY, "QUERY", err);
		return;
	}
	caret_show(db->internal, length,
	           utf8_bytes(db->internal, length, db->internal_position - 1), &line, &under);
	(void)err_detail(err, "%s%s", label, line.at);
	(void)err_detail(err, "%*s%s", (int)strlen(label), "", under.at);
}

/* What sets the failure in its place; see db_place. */
static void
note_place(struct db *db, const PGresult *result)
{
	const char *internal = PQresultErrorField(result, PG_DIAG_INTERNAL_QUERY);
	const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);

	free(db->internal);
	free(db->context);
	db->internal = internal ? strdup(internal) : NULL;
	db->context = context ? strdup(context) : NULL;
	db->position = number_in(result, PG_DIAG_STATEMENT_POSITION);
	db->internal_position = db->internal ? number_in(result, PG_DIAG_INTERNAL_POSITION) : 0;
}

/*
 * 57P, and 08 of a pooler: our session is at an end, our statement is not meant. As an error they are a statement's: it
 * raised them, or a server that it asked (dblink, postgres_fdw) is away. A pooler's own word has no 'V', and where it
 * says ERROR the end is meant too (PgBouncer, send_pooler_error).
 */
static bool
ends_session(const PGresult *result, const char *state)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (severity && strcmp(severity, "ERROR") == 0)
		return false;
	return strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0;
}

bool
session_blame(struct db *db, const PGresult *result, struct err *err)
{
	const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);

	if (!words || !state)
		return session_broke(db, err);
	note_place(db, result);
	(void)err_set(err,
	              ends_session(result, state)     ? FAULT_NO_SERVER
	              : strcmp(state, DISK_FULL) == 0 ? FAULT_CANNOT_WRITE
	                                              : FAULT_WRONG,
	              "%s", words);
	(void)snprintf(err->sqlstate, sizeof err->sqlstate, "%s", state);
	add_field(result, PG_DIAG_SQLSTATE, "SQLSTATE", err);
	add_field(result, PG_DIAG_MESSAGE_DETAIL, "DETAIL", err);
	add_query(db, result, err);
	add_field(result, PG_DIAG_CONTEXT, "CONTEXT", err);
	if (hint)
		(void)err_hint(err, "%s", hint);
	return false;
}

struct db_place
db_place(const struct db *db)
{
	return (struct db_place){
		.position = db->position,
		.completed = db->completed,
		.commits = db->commits,
		.rollbacks = db->rollbacks,
		.internal = db->internal,
		.internal_position = db->internal_position,
		.context = db->context,
	};
}

void
db_watch(struct db *db, struct db *other)
{
	db->watched = other;
}

void
db_on_slow(struct db *db, int64_t after, db_slow *slow, void *told)
{
	db->slow = slow;
	db->told = told;
	db->slow_after = after;
	db->slow_at = CLOCK_NEVER;
}

void
db_limit(struct db *db, int64_t deadline)
{
	db->deadline = deadline;
}
