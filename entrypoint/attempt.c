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

/* What a session of ours has, whatever role, database, server or a file want. */
static const struct own {
	const char *name, *value;
	int since; /* version of the server */
	bool is_keepalive;
} settings[] = {
	{ "statement_timeout", "0", 0, false },
	{ "idle_in_transaction_session_timeout", "0", 0, false },
	{ "client_min_messages", "notice", 0, false },
	{ "tcp_keepalives_idle", "10", 0, true },
	{ "tcp_keepalives_interval", "5", 0, true },
	{ "tcp_keepalives_count", "3", 0, true },
	/* For an answer that nobody acknowledges: while one is on its way no keepalive is sent. */
	{ "tcp_user_timeout", "25000", 0, true },
	{ "client_connection_check_interval", "1000", 140000, false },
	{ "idle_session_timeout", "0", 140000, false },
	{ "transaction_timeout", "0", 170000, false },
};

static void
add_settings(struct text *text, struct db *db, bool only_keepalives, const char *before,
             const char *behind)
{
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		const struct own *own = &settings[i];

		if (db_server_version(db) < own->since || (own->is_keepalive && db_is_socket(db)) ||
		    (only_keepalives && !own->is_keepalive))
			continue;
		text_add(text, before);
		text_add(text, own->name);
		text_add(text, "=");
		text_add(text, own->value);
		text_add(text, behind);
	}
}

const char *
session_keepalives_sql(struct db *db, const char *set, struct arena *arena)
{
	struct text sql = text_new(arena);

	add_settings(&sql, db, true, arena_join(arena, set, " ", ""), ";\n");
	return sql.at;
}

const char *
session_own_sql(struct db *db, const char *set, struct arena *arena)
{
	struct text sql = text_new(arena);

	if (!db_has_our_settings(db))
		add_settings(&sql, db, false, arena_join(arena, set, " ", ""), ";\n");
	return sql.at;
}

const char *
session_options(struct db *db, struct arena *arena)
{
	struct text options = text_new(arena);

	text_add(&options, db_options(db));
	add_settings(&options, db, false, " -c ", "");
	return options.at;
}

const char *
transaction_own_sql(const struct boot *boot, struct arena *arena)
{
	struct text sql = text_new(arena);

	text_print(&sql, SESSION_RESET "set local lock_timeout = %lld;\n",
	           (long long)boot->config->lock_timeout);
	text_add(&sql, session_own_sql(boot->db, "set local", arena));
	/* By this name progress.c finds the server connection that a pooler gave us. */
	if (db_is_pooled(boot->db))
		text_add(&sql, "set local application_name = 'pg-entrypoint';\n");
	if (boot->target->search_path)
		text_print(&sql, "set local search_path = %s;\n", boot->target->search_path);
	return sql.at;
}

const char *
transaction_begin_sql(const struct boot *boot, struct arena *arena)
{
	return arena_join(arena, "begin; ", transaction_own_sql(boot, arena), "");
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
