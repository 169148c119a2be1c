/* See pooled.h. */
#include "pooled.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "boot.h"
#include "db.h"
#include "err.h"
#include "ledger.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"
#include "target.h"
#include "token.h"

/* What the protocol has prepared is the pooler's, for its clients (PgBouncer, max_prepared_statements), and stays; so does ours. */
#define DEALLOCATE                                                                                 \
	"do $clean$ declare own record; begin\n"                                                   \
	"for own in select name from pg_catalog.pg_prepared_statements\n"                          \
	"    where from_sql and name not like '" LEDGER_PREPARED "%' loop\n"                       \
	"    execute pg_catalog.format('deallocate %I', own.name);\n"                              \
	"end loop; end $clean$"

/*
 * What stays in a session, by a word that the statement needs for it, wherever it stands: it may be within a function or an
 * EXECUTEd string. Cleaning once too often does no harm.
 */
static const struct trait {
	const char *word; /* or the beginning of it */
	const char *clean;
} traits[] = {
	{ "temp", "discard temp" },
	{ "prepare", DEALLOCATE },
	{ "listen", "unlisten *" },
	{ "hold", "close all" },
	{ "pg_advisory_lock", "select pg_advisory_unlock_all()" },
	{ "pg_try_advisory_lock", "select pg_advisory_unlock_all()" },
};
#define TRAITS (sizeof traits / sizeof *traits)

static bool
continues_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || (unsigned char)c >= 0x80;
}

/* The trait whose word stands here. */
static size_t
trait_at(const char *at)
{
	for (size_t i = 0; i < TRAITS; i++)
		if (strncasecmp(at, traits[i].word, strlen(traits[i].word)) == 0)
			return i;
	return TRAITS;
}

/* Bits of all traits that a text may have. */
static unsigned
traits_of(const char *sql)
{
	unsigned found = 0;
	bool is_within = false;

	for (; *sql; sql++) {
		/* Most words are none of ours, by their first letter. */
		if (!is_within && strchr("tplhTPLH", *sql))
			found |= 1U << trait_at(sql);
		is_within = continues_word(*sql);
	}
	return found & ((1U << TRAITS) - 1);
}

const char *
pooled_clean_sql(const struct batch *batch, struct arena *arena)
{
	struct text sql = text_new(arena);
	unsigned found = 0;

	for (size_t i = 0; i < batch->count; i++)
		found |= traits_of(batch->statements[i].sql);
	for (size_t i = 0; i < TRAITS; i++)
		if (found & (1U << i))
			text_print(&sql, "%s;\n", traits[i].clean);
	return sql.at;
}

static bool
is_word(const struct token *token, const char *word)
{
	return token->kind == TOKEN_WORD && token_is(token, word, strlen(word));
}

static bool
begins_word(const struct token *token, const char *word)
{
	return token->kind == TOKEN_WORD && token->length >= strlen(word) &&
	       strncasecmp(token->at, word, strlen(word)) == 0;
}

/* What a statement makes that only its session has; NULL: nothing. */
static const char *
made_in_session(const struct statement *statement)
{
	struct tokens tokens = tokens_new(statement->sql);
	const struct token verb = token_next(&tokens);
	struct token before = verb;

	if (is_word(&verb, "prepare"))
		return "a prepared statement";
	if (is_word(&verb, "listen"))
		return "LISTEN";
	for (struct token token; (token = token_next(&tokens)).kind != TOKEN_END; before = token) {
		if ((is_word(&token, "temp") || is_word(&token, "temporary")) &&
		    (is_word(&before, "create") || is_word(&before, "replace") ||
		     is_word(&before, "local") || is_word(&before, "global") ||
		     is_word(&before, "into")))
			return "a temporary table or view";
		if (is_word(&verb, "declare") && is_word(&token, "hold") &&
		    is_word(&before, "with"))
			return "a cursor WITH HOLD";
		if (begins_word(&token, "pg_advisory_lock") ||
		    begins_word(&token, "pg_try_advisory_lock"))
			return "a lock of the session";
	}
	return NULL;
}

static bool
refuse(const struct statement *statement, const char *what, struct err *err)
{
	const struct place place = place_at(statement->source, statement->offset);

	(void)err_set(err, FAULT_CONFIG, "%s", what);
	(void)err_hint(err, "set admin_url to reach the server directly");
	return place_blame(&place, err);
}

/* The server's own timeouts, as they are for this role in this database. */
static bool
check_timeouts(struct boot *boot, const struct statement *statement, struct err *err)
{
	static const char sql[] =
		"select coalesce(string_agg(format('%s = %s', name, current_setting(name)), ', '), '')\n"
		"from pg_settings\n"
		"where name in ('statement_timeout', 'transaction_timeout', 'lock_timeout')\n"
		"and setting <> '0'";
	static const char lock_sql[] = "select setting = '0' from pg_settings\n"
				       "where name = 'lock_timeout'";
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	const bool is_exclusive = statement->alone == ALONE_EXCLUSIVE;

	if (!db_ask(boot->db, ASK(SHAPE_VALUE, is_exclusive ? lock_sql : sql), &answer, err))
		return false;
	if (is_exclusive && answer_is_true(&answer, 0, 0))
		return refuse(statement,
		              "this keeps all others waiting for a table without a lock_timeout, "
		              "which cannot be set behind a pooler outside a transaction",
		              err);
	if (is_exclusive || !*answer_at(&answer, 0, 0))
		return true;
	return refuse(statement,
	              arena_print(&arena,
	                          "behind a pooler this would run with %s, which cannot be set "
	                          "outside a transaction there",
	                          answer_at(&answer, 0, 0)),
	              err);
}

/* Settings are sent again with each transaction of the file, but not with what runs outside of any. */
static bool
check_statement(struct boot *boot, const struct batch *batch, size_t i, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct statement *statement = &batch->statements[i];
	const char *made = made_in_session(statement);

	if (made)
		return refuse(statement,
		              arena_print(&arena,
		                          "%s needs its session, which a pooler does not keep from "
		                          "one statement to the next",
		                          made),
		              err);
	if (statement->kind != STATEMENT_ALONE)
		return true;
	if (*send_settings(batch, i, &arena) || boot->target->search_path)
		return refuse(statement,
		              arena_print(&arena,
		                          "a statement outside a transaction needs a session with "
		                          "%s, which a pooler does not keep",
		                          boot->target->search_path
		                                  ? "the URL's schema"
		                                  : "what the file has SET before it"),
		              err);
	return check_timeouts(boot, statement, err);
}

bool
pooled_check(struct boot *boot, const struct batch *batch, struct err *err)
{
	for (size_t i = 0; db_is_pooled(boot->db) && i < batch->count; i++)
		if (!check_statement(boot, batch, i, err))
			return false;
	return true;
}
