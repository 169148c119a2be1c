/* See attempt.h. */
#include "attempt.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "log.h"
#include "signals.h"
#include "target.h"

/* The last is for an answer that nobody acknowledges: while one is on its way no keepalive is sent. */
const char *
session_keepalives_sql(struct db *db, const char *set, struct arena *arena)
{
	if (db_is_socket(db))
		return "";
	return arena_print(arena,
	                   "%s tcp_keepalives_idle = 10; %s tcp_keepalives_interval = 5;\n"
	                   "%s tcp_keepalives_count = 3; %s tcp_user_timeout = 25000;\n",
	                   set, set, set, set);
}

const char *
transaction_own_sql(const struct boot *boot, struct arena *arena)
{
	const int version = db_server_version(boot->db);
	struct text sql = text_new(arena);

	text_print(&sql,
	           "reset session authorization; reset role; reset all;\n"
	           "set local lock_timeout = %lld;\n",
	           (long long)boot->config->lock_timeout);
	if (!db_has_our_settings(boot->db)) {
		text_add(&sql, "set local statement_timeout = 0;\n"
		               "set local idle_in_transaction_session_timeout = 0;\n"
		               "set local client_min_messages = notice;\n");
		text_add(&sql, session_keepalives_sql(boot->db, "set local", arena));
		if (version >= 140000)
			text_add(&sql, "set local client_connection_check_interval = 1000;\n");
		if (version >= 170000)
			text_add(&sql, "set local transaction_timeout = 0;\n");
	}
	/* By this name progress.c finds the server connection that a pooler gave us. */
	if (db_is_pooled(boot->db))
		text_add(&sql, "set local application_name = 'pg-entrypoint';\n");
	if (boot->target->search_path)
		text_print(&sql, "set local search_path = %s;\n", boot->target->search_path);
	return sql.at;
}

const char *
session_options(struct db *db, struct arena *arena)
{
	const int version = db_server_version(db);
	struct text options = text_new(arena);

	text_print(&options,
	           "%s -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
	           " -c client_min_messages=notice",
	           db_options(db));
	if (!db_is_socket(db))
		text_add(&options, " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5"
		                   " -c tcp_keepalives_count=3 -c tcp_user_timeout=25000");
	if (version >= 140000)
		text_add(&options, " -c client_connection_check_interval=1000"
		                   " -c idle_session_timeout=0");
	if (version >= 170000)
		text_add(&options, " -c transaction_timeout=0");
	return options.at;
}

const char *
transaction_begin_sql(const struct boot *boot, struct arena *arena)
{
	return arena_print(arena, "begin; %s", transaction_own_sql(boot, arena));
}

bool
session_may_idle(struct db *db, struct err *err)
{
	/* What stands idle behind a pooler is the pooler's. */
	return db_is_pooled(db) || db_server_version(db) < 140000 ||
	       db_run(db, "set idle_session_timeout = 0", err);
}

void
transaction_abandon(struct db *db)
{
	struct err ignored = { 0 };

	if (db_in_transaction(db))
		(void)db_run(db, "rollback", &ignored);
}

struct patience
patience_new(const struct config *config)
{
	return (struct patience){ clock_ahead(config->lock_retry_for), 200 };
}

bool
attempt_met_locks(const struct err *err)
{
	return strcmp(err->sqlstate, "55P03") == 0 || strcmp(err->sqlstate, "40P01") == 0 ||
	       strcmp(err->sqlstate, "40001") == 0;
}

bool
patience_retries(struct patience *patience, struct db *db, struct err *err)
{
	struct backoff backoff = { patience->pause, 3000 };
	struct err ended = { 0 };

	transaction_abandon(db);
	if (!attempt_met_locks(err))
		return false;
	if (clock_passed(patience->deadline)) {
		err->fault = FAULT_BUSY;
		return err_hint(err, "it was tried for as long as lock_retry_for allows");
	}
	log_info("%s; trying again", err->what);
	if (!signals_pause(backoff_pause(&backoff), &ended)) {
		*err = ended;
		return false;
	}
	patience->pause = backoff.next;
	err_clear(err);
	return true;
}
