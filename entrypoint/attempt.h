/*
 * A transaction of ours, and trying it again. Each begins by owning the session anew (whatever the
 * file before it has set), with every timeout set by us and nothing outliving it, so that it is right
 * behind a pooler too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct boot;
struct config;
struct db;
struct err;

/*
 * Ends what a file, or who had a pooler's connection before, has made of the session. A deferred trigger may take another role as
 * late as in the COMMIT, so it stands in front of what is ours, too.
 */
#define SESSION_RESET "reset session authorization; reset role; reset all;\n"

/* "begin; reset ...; set local ...;": the statements that open a transaction of ours. */
const char *transaction_begin_sql(const struct boot *boot, struct arena *arena);

/* The same without its begin: within a transaction, between one file and the next. */
const char *transaction_own_sql(const struct boot *boot, struct arena *arena);

/*
 * So that the server notices within 25 s that our host is gone without a word, and frees what the session holds; set: "set" or
 * "set local". Nothing over a socket.
 */
const char *session_keepalives_sql(struct db *db, const char *set, struct arena *arena);

/* All settings that a session of ours has, but for lock_timeout; "" where they are its defaults (session_options). */
const char *session_own_sql(struct db *db, const char *set, struct arena *arena);

/*
 * The same as `options` of a session beside this one, behind those that this one was opened with: they
 * are what `reset all` resets to there, so no transaction has to set them, and no file gets rid of them. No pooler takes them.
 */
const char *session_options(struct db *db, struct arena *arena);

/* Before it stands idle for long: no idle_session_timeout may end the session (servers 14 and newer). */
bool session_may_idle(struct db *db, struct err *err);

/* Rolls back what is open; a failure of that is not told, the one before it is. */
void transaction_abandon(struct db *db);

/* Was it a lock that could not be had (55P03, 40P01, 40001)? Pure. */
bool attempt_met_locks(const struct err *err);

/* How long locks may be tried for, over all tries (lock_retry_for). */
struct patience {
	int64_t deadline;
	int64_t pause;
};

struct patience patience_new(const struct config *config);

/*
 * After a failed transaction: did it meet locks, and is there time left? Then it sleeps, forgets the failure and says true:
 * try again. False: err stands, as FAULT_BUSY when only the time is used up.
 */
bool patience_retries(struct patience *patience, struct db *db, struct err *err);
