/* Inside of db.h, for the files of this folder only: a session is a libpq connection. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

struct err;

struct db {
	PGconn *conn;
	struct db *watched;
	int64_t (*slow)(void *told, int64_t ran); /* NULL: nobody wants to know */
	void *told;
	int64_t slow_after;    /* ms */
	int64_t slow_at;       /* of the running statement; CLOCK_NEVER: told all */
	int64_t sent_at;       /* the running statement */
	int64_t deadline;      /* of each answer */
	bool is_started;       /* by db_start, and not at its end */
	bool takes_data;       /* what was started is COPY ... FROM STDIN, and wants data */
	bool has_our_settings; /* opened by db_open_with */
	bool is_clogged;       /* not all that was given has been sent */
	int64_t copied;        /* rows, by the server's count, since db_start */
	int64_t inserted;      /* likewise, by the last db_run */
	int backend_pid;       /* what the server calls itself; 0: not known yet */
	size_t position, completed, commits, rollbacks, internal_position;
	char *internal, *context; /* owned */
};

/* Waits until libpq wants to read (or write). Cancels when a signal is noted, the watched session broke or the deadline passed. */
bool session_await(struct db *db, bool for_write, struct err *err);

/* Cancels what runs before the deadline (clock.h), and looks at no signal: it is what a signal asks for. */
void session_cancel(struct db *db, int64_t deadline);

/* Sends all that libpq has buffered. */
bool session_flush(struct db *db, struct err *err);

/* The next result; NULL is the end of one query. False on a broken connection. */
bool session_next(struct db *db, PGresult **result, struct err *err);

/* Records a result's error in err, and its place in the session. Returns false. */
bool session_blame(struct db *db, const PGresult *result, struct err *err);

/* The connection itself failed. Returns false. */
bool session_broke(struct db *db, struct err *err);

/* Forgets the place of an earlier failure. */
void session_forget_place(struct db *db);
