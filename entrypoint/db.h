/*
 * A session with the server: the only file that knows libpq. Every wait looks at the noted signal
 * (then: cancels the running statement, lets it roll back, fails with 128 + n) and at the session
 * that is watched. A question says what shape of answer it expects; anything else is a bug of ours.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct block;
struct err;
struct target;
struct db;

/* How hopeful a failed attempt to connect leaves us, most hopeful first. */
enum outlook {
	OUTLOOK_COMING, /* retry soon: it is starting, stopping, or full */
	OUTLOOK_SILENT, /* retry: the attempt's time was over, perhaps too soon to learn anything */
	OUTLOOK_NOT_THERE,    /* retry: nobody answers */
	OUTLOOK_MAYBE_CONFIG, /* retry for a grace: login refused, no such database */
	OUTLOOK_CONFIG,       /* fail at once */
};

/* Pure: an outlook from the text of a failed connection, verbosity VERBOSE. sqlstate may be set ("" if none). */
enum outlook db_outlook(const char *libpq_text, char sqlstate[6]);

/*
 * What to do once while the server is at work. Where it fails, so does an opening, with OUTLOOK_CONFIG; and a statement is a failure
 * for us, although the server has run it.
 */
struct db_meanwhile {
	bool (*run)(void *told, struct err *err);
	void *told;
};

/*
 * Opens a session before the deadline (clock.h), over all hosts and addresses. On failure *outlook
 * says whether to try again, and err has the server's own text and fault. Meanwhile (NULL: nothing) runs
 * once at most, while a server is at our login. Owner: db_close.
 */
struct db *db_open(const struct target *target, int64_t deadline,
                   const struct db_meanwhile *meanwhile, enum outlook *outlook, struct err *err);

/* One more session on the very address that this one has. Where that leads to no pooler, this does not either. */
struct db *db_open_beside(struct db *db, const struct target *target, int64_t deadline,
                          enum outlook *outlook, struct err *err);

/* The same, with settings of ours as what `reset all` resets to (attempt.h, session_options). */
struct db *db_open_with(struct db *db, const struct target *target, const char *options,
                        int64_t deadline, enum outlook *outlook, struct err *err);
bool db_has_our_settings(const struct db *db); /* was it opened so? */
void db_close(struct db **db);

/* While db waits for an answer, other is watched: when it breaks, the running statement is cancelled and the call fails with FAULT_NO_SERVER. NULL ends it. */
void db_watch(struct db *db, struct db *other);

/*
 * Calls slow(told, ran) when the answer to a statement takes longer than `after` ms, and again as many ms later as it
 * returns (CLOCK_NEVER: not for this statement); ran: for how long the statement runs. It may use other sessions, not this
 * one; a failure of its own is dropped. NULL ends it.
 */
typedef int64_t db_slow(void *told, int64_t ran);
void db_on_slow(struct db *db, int64_t after, db_slow *slow, void *told);

/* Each answer must come before this deadline (clock.h), else the statement is cancelled: FAULT_NO_SERVER. */
void db_limit(struct db *db, int64_t deadline);

/* Is this a keyword of libpq's connection strings? */
bool db_known_keyword(const char *keyword);

/* The one that was meant by a word that is none of them, or NULL. */
const char *db_near_keyword(const char *word);

/* The variable that libpq reads for a keyword ("PGHOST"), or NULL. */
const char *db_variable_of(const char *keyword);

/*
 * The database that libpq would open, also one that a service file or the environment names, and the user's name where nothing
 * does. NULL: not known.
 */
const char *db_database_of(const struct target *target, struct arena *arena);

bool db_is_alive(struct db *db);
bool db_is_pooled(const struct db *db);                   /* known after db_note_pid */
void db_note_pid(struct db *db, const char *backend_pid); /* pg_backend_pid(), to detect a pooler */
int db_backend_pid(const struct db *db);                  /* the same, by the server's own word */
bool db_is_socket(const struct db *db);                   /* Unix-domain socket */
bool db_in_transaction(const struct db *db);
int db_server_version(const struct db *db); /* as PQserverVersion: 150018 */
const char *db_user(const struct db *db);
bool db_is_superuser(const struct db *db); /* the role of now, as the server reports it */
/* Where the session goes to; the address is "" for a socket. */
const char *db_host(const struct db *db);
const char *db_address(const struct db *db);
const char *db_port(const struct db *db);
const char *db_name(const struct db *db);
const char *
db_options(const struct db *db); /* that it was opened with, from wherever they came; or "" */

enum shape {
	SHAPE_NOTHING, /* no rows are asked for */
	SHAPE_VALUE,   /* one row, one column */
	SHAPE_ROWS,
};

struct question {
	const char *sql;
	enum shape shape;
	const char *const *values; /* text, NULL is null; ends after `count` */
	size_t count;
};

/* ASK(SHAPE_VALUE, "select $1", value): a question as an expression. */
#define ASK(shape_, sql_, ...)                                                                     \
	(&(struct question){ .sql = (sql_),                                                        \
	                     .shape = (shape_),                                                    \
	                     .values = (const char *const[]){ NULL, ##__VA_ARGS__ } + 1,           \
	                     .count = sizeof((const char *const[]){ NULL, ##__VA_ARGS__ }) /       \
	                                      sizeof(char *) -                                     \
	                              1 })

struct answer {
	void *result; /* libpq's; NULL: none */
	int rows, columns;
	char **copied; /* rows of a COPY, one behind the other; NULL: they are in the result */
	struct block *memory; /* of these: an arena's */
};

void answer_free(struct answer *answer);
/* NULL for SQL's null. Lives as long as the answer. */
const char *answer_at(const struct answer *answer, int row, int column);
/* The name of a column. */
const char *answer_name(const struct answer *answer, int column);
bool answer_is_true(const struct answer *answer, int row, int column);
/* The command tag's count of rows, 0 where there is none. */
int64_t answer_affected(const struct answer *answer);

/* One statement with parameters, one round trip. */
bool db_ask(struct db *db, const struct question *question, struct answer *answer, struct err *err);

/*
 * Several in one round trip (a pipeline with one sync at its end). On failure *answered is how
 * many came back before the one that failed, whose error is in err.
 */
bool db_ask_all(struct db *db, const struct question *questions, struct answer *answers,
                size_t count, size_t *answered, struct err *err);

/*
 * The same as one simple query, its values as literals, and COPY ... TO STDOUT may be among the questions: its
 * rows are answered like a query's. The server reads the text whole before it runs any of it, so where
 * one is no SQL, none is answered. One that has values is a statement of ours (db/inline.h). meanwhile may be NULL.
 */
bool db_ask_together(struct db *db, const struct question *questions, struct answer *answers,
                     size_t count, size_t *answered, const struct db_meanwhile *meanwhile,
                     struct err *err);

/* Sent whole as one simple query, any number of statements; rows are dropped. */
bool db_run(struct db *db, const char *sql, struct err *err);
bool db_run_meanwhile(struct db *db, const char *sql, const struct db_meanwhile *meanwhile,
                      struct err *err);

/* Rows of the INSERTs that the last db_run sent, by the server's count. */
int64_t db_inserted(const struct db *db);

/* The same, and the result of its last statement. */
bool db_run_last(struct db *db, const char *sql, struct answer *last, struct err *err);

/* Where the last db_run or db_ask that failed was: */
struct db_place {
	size_t position; /* 1-based, in characters of the text that was sent; 0: the server gave none */
	size_t completed; /* statements that were completed before */
	size_t commits; /* of these, by their command tags: COMMIT; also of one that did not fail */
	size_t rollbacks;         /* ROLLBACK, which is ROLLBACK TO as well */
	const char *internal;     /* query of a function that failed, or NULL */
	size_t internal_position; /* in it, likewise */
	const char *context;      /* the server's CONTEXT, or NULL */
};
struct db_place db_place(const struct db *db);

/*
 * COPY ... FROM STDIN: sql is sent, then what `next` gives (0 bytes: the end; it returns false on
 * failure with err set) until it ends. *rows may be NULL.
 */
typedef bool db_more(void *from, const char **bytes, size_t *length, struct err *err);
bool db_copy_in(struct db *db, const char *sql, db_more *next, void *from, int64_t *rows,
                struct err *err);

/*
 * Several sessions at work at the same time (db/several.c). What is started is sent as one simple query and may end with COPY ... FROM
 * STDIN, which then takes data; nothing of this waits but db_await_any.
 */
bool db_start(struct db *db, const char *sql, struct err *err);

/* Sends on and takes what has come. False: what was started has failed, to its end, or the connection broke. */
bool db_advance(struct db *db, struct err *err);
bool db_is_at_work(const struct db *db); /* started, and not at its end */
bool db_takes_data(const struct db *db); /* it waits for data, */
bool db_has_room(const struct db *db);   /* and has sent on all that it was given */
int64_t
db_copied(const struct db *db); /* rows of COPY since db_start, once it is not at work any more */

/* After db_takes_data. */
bool db_give(struct db *db, const char *bytes, size_t length, struct err *err);
bool db_give_end(struct db *db, struct err *err);

/*
 * Until one of those that are at work, and do not wait for data, has something to advance with, or until the time (clock.h). A noted
 * signal, or the end of the session that the first of them watches, cancels all: false.
 */
bool db_await_any(struct db *const *dbs, size_t count, int64_t until, struct err *err);

/* Whatever they are at. */
void db_cancel_all(struct db *const *dbs, size_t count);

/* Quoted for use in SQL text, in the arena (names: names.h). */
const char *db_literal(struct db *db, const char *value, struct arena *arena);
