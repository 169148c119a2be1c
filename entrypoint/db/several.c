/* Sessions that are at work at the same time. See db.h. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../clock.h"
#include "../db.h"
#include "../err.h"
#include "../scoped.h"
#include "../signals.h"
#include "session.h"

/* For all of them together. */
#define CANCEL_WAIT 400

static bool
send_on(struct db *db, struct err *err)
{
	const int left = PQflush(db->conn);

	db->is_clogged = left == 1;
	return left >= 0 || session_broke(db, err);
}

bool
db_start(struct db *db, const char *sql, struct err *err)
{
	session_forget_place(db);
	db->copied = 0;
	if (PQsendQuery(db->conn, sql) != 1)
		return session_broke(db, err);
	db->is_started = true;
	return send_on(db, err);
}

bool
db_is_at_work(const struct db *db)
{
	return db->is_started;
}

bool
db_takes_data(const struct db *db)
{
	return db->takes_data;
}

bool
db_has_room(const struct db *db)
{
	return !db->is_clogged;
}

int64_t
db_copied(const struct db *db)
{
	return db->copied;
}

/* A failure is the last that comes of a simple query: what is behind it is its end. */
static bool
fail(struct db *db, const PGresult *failure, struct err *err)
{
	struct err later = { 0 };
	PGresult *result;

	db->is_started = db->takes_data = false;
	(void)session_blame(db, failure, err);
	do {
		if (!session_next(db, &result, &later))
			break; /* the first failure is the one to tell */
		PQclear(result);
	} while (result);
	return false;
}

static bool
take(struct db *db, PGresult *result, struct err *err)
{
	const ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE)
		return fail(db, result, err);
	if (status == PGRES_COPY_IN) {
		db->takes_data = true;
		return true;
	}
	db->completed++;
	if (strncmp(PQcmdStatus(result), "COPY ", 5) == 0)
		db->copied += strtoll(PQcmdTuples(result), NULL, 10);
	return true;
}

bool
db_advance(struct db *db, struct err *err)
{
	if (!send_on(db, err))
		return false;
	if (!PQconsumeInput(db->conn))
		return session_broke(db, err);
	while (db->is_started && !db->takes_data && !PQisBusy(db->conn)) {
		PGresult *result = PQgetResult(db->conn);
		bool was_taken = true;

		if (result)
			was_taken = take(db, result, err);
		else
			db->is_started = false;
		PQclear(result);
		if (!was_taken)
			return false;
	}
	return true;
}

bool
db_give(struct db *db, const char *bytes, size_t length, struct err *err)
{
	if (PQputCopyData(db->conn, bytes, (int)length) != 1)
		return session_broke(db, err);
	return send_on(db, err);
}

bool
db_give_end(struct db *db, struct err *err)
{
	db->takes_data = false;
	if (PQputCopyEnd(db->conn, NULL) != 1)
		return session_broke(db, err);
	return send_on(db, err);
}

void
db_cancel_all(struct db *const *dbs, size_t count)
{
	const int64_t deadline = clock_ahead(CANCEL_WAIT);

	for (size_t i = 0; i < count; i++)
		if (dbs[i]->is_started)
			session_cancel(dbs[i], deadline);
}

/* What would make it worth while to call db_advance; 0: nothing. */
static short
awaited(const struct db *db)
{
	const short answer = db->is_started && (!db->takes_data || db->is_clogged) ? POLLIN : 0;

	return (short)(answer | (db->is_clogged ? POLLOUT : 0));
}

bool
db_await_any(struct db *const *dbs, size_t count, int64_t until, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct pollfd *polled = arena_alloc(&arena, (count + 1) * sizeof *polled);
	struct db *const watched = count ? dbs[0]->watched : NULL;
	int ready;

	for (size_t i = 0; i < count; i++) {
		const short events = awaited(dbs[i]);

		polled[i] = (struct pollfd){ .fd = events ? PQsocket(dbs[i]->conn) : -1,
			                     .events = events };
	}
	polled[count] =
		(struct pollfd){ .fd = watched ? PQsocket(watched->conn) : -1, .events = POLLIN };
	if (!signals_poll(polled, (unsigned)count + 1, until, &ready, err)) {
		db_cancel_all(dbs, count);
		return false;
	}
	if (!polled[count].revents || db_is_alive(watched))
		return true;
	db_cancel_all(dbs, count);
	return err_set(err, FAULT_NO_SERVER, "the connection that held the boot lock broke");
}
