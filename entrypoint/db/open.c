/* Connecting: every address of every host in turn, none longer than it deserves. See db.h. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../clock.h"
#include "../db.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "../signals.h"
#include "../target.h"
#include "route.h"
#include "session.h"

/* Server notices of migrations are for people; what our own `if not exists` says is not. */
static void
hear_notice(void *unused, const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	(void)unused;
	if (!severity || !words)
		return;
	if (strcmp(severity, "WARNING") == 0)
		log_warn("server: %s", words);
	else if (strcmp(severity, "NOTICE") == 0 && state && strncmp(state, "42", 2) != 0)
		log_info("server: %s", words);
	else
		log_debug("server: %s", words);
}

/* Text of the failure: its first line, without the code that only the classifier wants. */
static void
tell_refusal(const char *text, const char *sqlstate, struct err *err)
{
	const size_t length = strcspn(text, "\n");
	char code[16] = "";
	const char *at;

	if (*sqlstate) {
		(void)snprintf(code, sizeof code, ":  %s: ", sqlstate);
		at = strstr(text, code);
		(void)err_set(err, FAULT_CONFIG, "%.*s: %.*s", (int)(at - text), text,
		              (int)(length - (size_t)(at - text) - strlen(code)),
		              at + strlen(code));
	} else {
		(void)err_set(err, FAULT_CONFIG, "%.*s", (int)length, text);
	}
	memcpy(err->sqlstate, sqlstate, sizeof err->sqlstate);
}

static enum outlook
judge(PGconn *conn, struct err *err)
{
	char sqlstate[6];
	const enum outlook outlook = db_outlook(PQerrorMessage(conn), sqlstate);

	tell_refusal(PQerrorMessage(conn), sqlstate, err);
	if (outlook == OUTLOOK_COMING || outlook == OUTLOOK_NOT_THERE)
		err->fault = FAULT_NO_SERVER;
	else if (strncmp(sqlstate, "28", 2) == 0 || strcmp(sqlstate, "42501") == 0 ||
	         (outlook == OUTLOOK_MAYBE_CONFIG && strcmp(sqlstate, "3D000") != 0 &&
	          !strstr(err->what, "no such database") && !strstr(err->what, "SSL")))
		err->fault = FAULT_LOGIN;
	return outlook;
}

/* ms, in which a server that is there begins to answer. */
#define MOMENT 20

/* What is tried, on each route in turn. */
struct opening {
	const struct target *target;
	const char *attributes; /* target_session_attrs; NULL: as the target says */
	int64_t deadline;
	const struct db_meanwhile *meanwhile; /* NULL: nothing to do, or it is done */
	bool was_stopped;                     /* what was done meanwhile failed */
	bool met_reader;                      /* a server let us in, and only reads */
	enum outlook outlook;
};

/*
 * The server knows of us, and makes a session. While it does we have something to do, once; its time is not the server's. Where it first
 * says whether it has TLS, it is left a moment for that: it forks, and often was woken on our processor, where it would wait for us.
 */
static bool
use_the_wait(struct opening *opening, const PGconn *conn, int64_t *limit, struct err *err)
{
	const struct db_meanwhile *meanwhile = opening->meanwhile;
	struct pollfd polled = { .fd = PQsocket(conn), .events = POLLIN };
	int ready = 0;

	if (!meanwhile)
		return true;
	if (PQstatus(conn) == CONNECTION_SSL_STARTUP &&
	    !signals_poll(&polled, 1, clock_ahead(MOMENT), &ready, err))
		return false;
	if (ready)
		return true;
	opening->meanwhile = NULL;
	if (meanwhile->run(meanwhile->told, err)) {
		*limit = clock_ahead(ADDRESS_WAIT);
		return true;
	}
	opening->was_stopped = true;
	opening->outlook = OUTLOOK_CONFIG;
	return false;
}

/* Drives one attempt to its end. False with *ready 0: the deadline passed. */
static bool
drive(struct opening *opening, PGconn *conn, int *ready, struct err *err)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;
	int64_t limit = clock_ahead(ADDRESS_WAIT);

	*ready = 1;
	while (state == PGRES_POLLING_WRITING || state == PGRES_POLLING_READING) {
		struct pollfd polled = { .fd = PQsocket(conn),
			                 .events = state == PGRES_POLLING_WRITING ? POLLOUT
			                                                          : POLLIN };

		if (PQstatus(conn) == CONNECTION_BAD)
			return false;
		if (state == PGRES_POLLING_READING && !use_the_wait(opening, conn, &limit, err))
			return false;
		if (!signals_poll(&polled, 1, limit < opening->deadline ? limit : opening->deadline,
		                  ready, err) ||
		    *ready == 0)
			return false;
		state = PQconnectPoll(conn);
	}
	return state == PGRES_POLLING_OK;
}

/* A server that is gone without a word is noticed within half a minute, not within hours, unless the URL says otherwise. */
static struct target
with_keepalives(const struct target *target, struct arena *arena)
{
	static const char *const defaults[][2] = {
		{ "keepalives_idle", "10" },
		{ "keepalives_interval", "5" },
		{ "keepalives_count", "3" },
		{ "tcp_user_timeout", "30000" },
	};
	struct target one = *target;

	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		if (!target_value(&one, defaults[i][0]))
			one = target_with(&one, defaults[i][0], defaults[i][1], arena);
	return one;
}

static PGconn *
start(const struct opening *opening, const struct route *route, struct arena *arena)
{
	struct target one = *opening->target;

	one.safe = NULL; /* nobody reads it, so it need not follow */
	if (route->host)
		one = target_with(&one, "host", route->host, arena);
	if (route->address)
		one = target_with(&one, "hostaddr", route->address, arena);
	if (route->port)
		one = target_with(&one, "port", route->port, arena);
	if (opening->attributes)
		one = target_with(&one, "target_session_attrs", opening->attributes, arena);
	one = target_with(&one, "client_encoding", "UTF8", arena);
	one = with_keepalives(&one, arena);
	if (!target_value(&one, "fallback_application_name"))
		one = target_with(&one, "fallback_application_name", "pg-entrypoint", arena);
	return PQconnectStartParams(one.keywords, one.values, 0);
}

static enum outlook
tell_silence(const struct route *route, struct err *err)
{
	(void)err_set(err, FAULT_NO_SERVER, "connection to %s port %s: no answer in time",
	              route->address ? route->address
	              : route->host  ? route->host
	                             : "server",
	              route->port ? route->port : "5432");
	return OUTLOOK_SILENT;
}

static struct db *
try_route(struct opening *opening, const struct route *route, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	PGconn *conn = start(opening, route, &arena);
	struct db *db;
	int ready;

	opening->outlook = OUTLOOK_NOT_THERE;
	if (!conn) {
		opening->outlook = OUTLOOK_CONFIG;
		(void)err_set(err, FAULT_SYSTEM, "out of memory");
		return NULL;
	}
	(void)PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
	(void)PQsetNoticeReceiver(conn, hear_notice, NULL);
	if (!drive(opening, conn, &ready, err)) {
		if (ready == 0)
			opening->outlook = tell_silence(route, err);
		else if (!opening->was_stopped && err->fault < FAULT_SIGNAL)
			opening->outlook = judge(conn, err);
		PQfinish(conn);
		return NULL;
	}
	(void)PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
	(void)PQsetnonblocking(conn, 1);
	db = calloc(1, sizeof *db);
	if (!db)
		PQfinish(conn);
	else
		*db = (struct db){ .conn = conn, .deadline = CLOCK_NEVER, .slow_at = CLOCK_NEVER };
	return db;
}

/* Who answered weighs more than who did not, and what will pass more than what will not. */
static bool
tells_more(enum outlook one, enum outlook other)
{
	static const int weight[] = { [OUTLOOK_COMING] = 4,
		                      [OUTLOOK_MAYBE_CONFIG] = 3,
		                      [OUTLOOK_CONFIG] = 2,
		                      [OUTLOOK_NOT_THERE] = 1,
		                      [OUTLOOK_SILENT] = 0 };

	return weight[one] > weight[other];
}

/* The outlook is that of the failure that is told. */
static struct db *
try_all(struct opening *opening, const struct routes *routes, struct err *err)
{
	enum outlook told = OUTLOOK_NOT_THERE;

	for (size_t i = 0; i < routes->count; i++) {
		struct err failure = { 0 };
		struct db *db = try_route(opening, &routes->at[i], &failure);
		const bool is_the_end = opening->was_stopped || failure.fault >= FAULT_SIGNAL;

		if (db) {
			err_clear(err); /* what other addresses said matters no longer */
			return db;
		}
		opening->met_reader |= strstr(failure.what, "read-only") != NULL;
		if (is_the_end || i == 0 || tells_more(opening->outlook, told)) {
			told = opening->outlook;
			*err = failure;
		}
		if (is_the_end)
			break;
	}
	opening->outlook = told;
	return NULL;
}

static struct db *
open_any(struct opening *opening, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct routes routes = { 0 };
	struct db *db;

	if (!routes_find(&routes, opening->target, opening->deadline, &arena, err) ||
	    routes.count == 0) {
		/* The names may only have lacked the time. */
		if (clock_passed(opening->deadline))
			opening->outlook = OUTLOOK_SILENT;
		return NULL;
	}
	err_clear(err);
	if (routes.hosts < 2 || routes.names_attributes)
		return try_all(opening, &routes, err);
	/* One pass for a server that writes; where none of them does, one that only reads will do. */
	opening->attributes = "read-write";
	db = try_all(opening, &routes, err);
	if (db || opening->was_stopped || err->fault >= FAULT_SIGNAL || !opening->met_reader)
		return db;
	opening->attributes = "any";
	return try_all(opening, &routes, err);
}

struct db *
db_open(const struct target *target, int64_t deadline, const struct db_meanwhile *meanwhile,
        enum outlook *outlook, struct err *err)
{
	struct opening opening = { .target = target,
		                   .deadline = deadline,
		                   .meanwhile = meanwhile,
		                   .outlook = OUTLOOK_NOT_THERE };
	struct db *db = open_any(&opening, err);

	*outlook = opening.outlook;
	return db;
}

struct db *
db_open_beside(struct db *db, const struct target *target, int64_t deadline, enum outlook *outlook,
               struct err *err)
{
	const char *address = PQhostaddr(db->conn);
	const struct route route = { PQhost(db->conn), *address ? address : NULL,
		                     PQport(db->conn) };
	struct opening opening = { .target = target, .deadline = deadline };
	struct db *beside = try_route(&opening, &route, err);

	*outlook = opening.outlook;
	if (beside && db->backend_pid && !db_is_pooled(db))
		beside->backend_pid = PQbackendPID(beside->conn);
	return beside;
}

struct db *
db_open_with(struct db *db, const struct target *target, const char *options, int64_t deadline,
             enum outlook *outlook, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct target one = target_with(target, "options", options, &arena);
	struct db *beside = db_open_beside(db, &one, deadline, outlook, err);

	if (beside)
		beside->has_our_settings = true;
	return beside;
}

bool
db_has_our_settings(const struct db *db)
{
	return db->has_our_settings;
}

void
db_close(struct db **db)
{
	if (!*db)
		return;
	PQfinish((*db)->conn);
	free((*db)->internal);
	free((*db)->context);
	free(*db);
	*db = NULL;
}

bool
db_is_alive(struct db *db)
{
	return PQconsumeInput(db->conn) && PQstatus(db->conn) == CONNECTION_OK;
}

void
db_note_pid(struct db *db, const char *backend_pid)
{
	db->backend_pid = (int)strtol(backend_pid, NULL, 10); /* the server's own digits */
}

int
db_backend_pid(const struct db *db)
{
	return db->backend_pid;
}

bool
db_is_pooled(const struct db *db)
{
	return db->backend_pid && db->backend_pid != PQbackendPID(db->conn);
}

bool
db_is_socket(const struct db *db)
{
	const char *host = PQhost(db->conn);

	return host && (*host == '/' || *host == '@');
}

bool
db_in_transaction(const struct db *db)
{
	return PQtransactionStatus(db->conn) != PQTRANS_IDLE;
}

int
db_server_version(const struct db *db)
{
	return PQserverVersion(db->conn);
}

const char *
db_user(const struct db *db)
{
	return PQuser(db->conn);
}

bool
db_is_superuser(const struct db *db)
{
	const char *reported = PQparameterStatus(db->conn, "is_superuser");

	return reported && strcmp(reported, "on") == 0;
}

const char *
db_name(const struct db *db)
{
	return PQdb(db->conn);
}

const char *
db_options(const struct db *db)
{
	const char *options = PQoptions(db->conn);

	return options ? options : "";
}

const char *
db_host(const struct db *db)
{
	return PQhost(db->conn);
}

const char *
db_address(const struct db *db)
{
	return db_is_socket(db) ? "" : PQhostaddr(db->conn);
}

const char *
db_port(const struct db *db)
{
	return PQport(db->conn);
}
