/* See sending.h. */
#include "sending.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "boot.h"
#include "bounds.h"
#include "db.h"
#include "err.h"
#include "pattern.h"
#include "progress.h"
#include "scoped.h"
#include "script.h"
#include "token.h"
#include "utf8.h"

/* COPY data goes to libpq in pieces of this size, so that a signal is seen between them. */
#define COPY_PIECE ((size_t)65536)

size_t
send_characters(const char *text)
{
	return utf8_count(text, strlen(text));
}

static bool
is_empty(const char *sql)
{
	return !sql || !*sql;
}

struct composed
send_compose(const char *before, const char *body, const char *after, struct arena *arena)
{
	struct composed composed = { .body = send_characters(body) };
	struct text sql = text_new(arena);

	if (!is_empty(before)) {
		text_add(&sql, before);
		text_add(&sql, ";\n");
		composed.before = send_characters(sql.at);
		composed.statements = bounds_tally(before).statements;
	}
	text_add(&sql, body);
	/* The body may end with a line comment. */
	if (!is_empty(after)) {
		text_add(&sql, "\n;");
		text_add(&sql, after);
	}
	composed.sql = sql.at;
	return composed;
}

/* The character of the body that the server means, 1-based; 0: none of it. */
static size_t
position_in(const struct composed *composed, size_t position)
{
	return position > composed->before && position <= composed->before + composed->body + 1
	             ? position - composed->before
	             : 0;
}

/* A failure that is the file's, but of which no more is known. */
static bool
blame_file(const struct source *source, struct err *err)
{
	return err->fault >= FAULT_SIGNAL ? false : err_within(err, "%s", source->path);
}

/*
 * At the place in the failing statement; where the server gave no position there, at the line of the block or function in
 * it that was run. The functions of the same file that the error came through are mentioned.
 */
static bool
blame_traced(const struct batch *batch, size_t failing, struct place place,
             const struct db_place *at, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct hearsay hearsay = { at->context, at->internal, at->internal_position };
	const struct trace trace = trace_find(batch, failing, &hearsay, &arena);

	trace_tell(&trace, err);
	return place_blame(trace.has_own && !at->position ? &trace.own : &place, err);
}

bool
send_blame(const struct composed *composed, const struct script *script, const struct batch *batch,
           const struct db_place *at, struct err *err)
{
	const size_t failing = at->completed - composed->statements;
	const bool is_known = at->completed >= composed->statements && failing < batch->count;
	/* Of what is ours, it is one in the text that was prepared. Before any has run, the server has read the whole. */
	const size_t position =
		is_known || !at->completed ? position_in(composed, at->position) : 0;

	/* A session that broke has not told how far it came: the server sends what it did in bulk. */
	if (!*err->sqlstate)
		return blame_file(&script->source, err);
	if (position)
		return blame_traced(batch, is_known ? failing : batch->count,
		                    place_in_source(&script->source, position), at, err);
	if (at->position || !is_known)
		return blame_file(&script->source, err);
	return blame_traced(batch, failing,
	                    place_at(&script->source, batch->statements[failing].offset), at, err);
}

/* The line of the data that the server means; else the statement. */
static size_t
copy_offset(const struct statement *statement, const char *context)
{
	const struct source *source = statement->source;
	const char *words =
		context && strncmp(context, "COPY ", 5) == 0 ? strstr(context, ", line ") : NULL;
	const char *at = statement->data, *end = source->text + source->length;

	if (!words || at < source->text || at >= end)
		return statement->offset;
	for (unsigned long line = strtoul(words + 7, NULL, 10); line > 1; line--) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (!at || ++at == end)
			return statement->offset;
	}
	return (size_t)(at - source->text);
}

/* A statement within `composed`, or sent by itself. */
static bool
blame_statement(const struct composed *composed, const struct batch *batch, size_t i,
                const struct db_place *at, struct err *err)
{
	const struct statement *statement = &batch->statements[i];
	const size_t position = position_in(composed, at->position);
	struct place place;

	if (err->fault >= FAULT_SIGNAL)
		return false;
	if ((at->position && !position) || (!at->position && at->completed != composed->statements))
		return blame_file(statement->source, err);
	if (position)
		place = place_in_statement(statement, position);
	else
		place = place_at(statement->source, statement->kind == STATEMENT_COPY
		                                            ? copy_offset(statement, at->context)
		                                            : statement->offset);
	return blame_traced(batch, i, place, at, err);
}

struct rest {
	const char *at;
	size_t length;
};

static bool
next_piece(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct rest *rest = from;

	(void)err; /* nothing can fail here */
	*bytes = rest->at;
	*length = rest->length < COPY_PIECE ? rest->length : COPY_PIECE;
	rest->at += *length;
	rest->length -= *length;
	return true;
}

static bool
blame_place(const struct statement *statement, struct err *err)
{
	const struct place place = place_at(statement->source, statement->offset);

	return place_blame(&place, err);
}

/* By itself, with its data. */
static bool
send_alone(struct boot *boot, const struct batch *batch, size_t i, struct err *err)
{
	const struct statement *statement = &batch->statements[i];
	const struct composed composed = { .body = send_characters(statement->sql) };
	struct rest rest = { statement->data, statement->data_length };
	struct bounds bounds = bounds_of(boot->db, NULL, NULL);
	const bool was_done =
		statement->kind == STATEMENT_COPY
			? db_copy_in(boot->db, statement->sql, next_piece, &rest, NULL, err)
			: db_run(boot->db, statement->sql, err);
	struct db_place at;

	bounds.rollbacks = bounds_rollbacks(statement, 1);
	if (!bounds_hold(&bounds, boot->db, !was_done, err))
		return blame_place(statement, err);
	if (was_done)
		return true;
	at = db_place(boot->db);
	return blame_statement(&composed, batch, i, &at, err);
}

bool
send_own(struct boot *boot, const char *sql, const struct source *source, struct err *err)
{
	return is_empty(sql) || db_run(boot->db, sql, err) || blame_file(source, err);
}

static bool
send_one(struct boot *boot, const struct batch *batch, size_t i, const char *before,
         const char *after, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct statement *statement = &batch->statements[i];
	struct composed composed;
	struct bounds bounds;
	struct db_place at;
	bool was_done;

	if (statement->kind != STATEMENT_PLAIN)
		return send_own(boot, before, statement->source, err) &&
		       send_alone(boot, batch, i, err) &&
		       send_own(boot, after, statement->source, err);
	composed = send_compose(before, statement->sql, after, &arena);
	bounds = bounds_of(boot->db, before, after);
	bounds.rollbacks = bounds_rollbacks(statement, 1);
	was_done = db_run(boot->db, composed.sql, err);
	if (!bounds_hold(&bounds, boot->db, !was_done, err))
		return blame_place(statement, err);
	if (was_done)
		return true;
	at = db_place(boot->db);
	return blame_statement(&composed, batch, i, &at, err);
}

bool
send_statement(struct boot *boot, const struct batch *batch, size_t i, const char *before,
               const char *after, struct err *err)
{
	bool was_sent;

	progress_statement(boot, batch, i);
	was_sent = send_one(boot, batch, i, before, after, err);
	progress_sent(boot);
	return was_sent;
}

static bool
send_whole(struct boot *boot, const struct script *script, const struct batch *batch,
           const char *before, const char *after, struct arena *arena, struct err *err)
{
	const struct composed composed = send_compose(before, batch->whole, after, arena);
	struct bounds bounds = bounds_of(boot->db, before, after);
	struct db_place at;
	bool was_done;

	bounds.rollbacks = bounds_rollbacks(batch->statements, batch->count);
	progress_statement(boot, batch, batch->count);
	was_done = db_run(boot->db, composed.sql, err);
	if (!bounds_hold(&bounds, boot->db, !was_done, err))
		return blame_file(&script->source, err);
	if (was_done)
		return true;
	at = db_place(boot->db);
	return send_blame(&composed, script, batch, &at, err);
}

static bool
send_each(struct boot *boot, const struct batch *batch, struct err *err)
{
	bool was_sent = true;

	for (size_t i = 0; was_sent && i < batch->count; i++) {
		progress_statement(boot, batch, i);
		was_sent = send_alone(boot, batch, i, err);
	}
	progress_sent(boot);
	return was_sent;
}

bool
send_batch(struct boot *boot, const struct script *script, const struct batch *batch,
           const char *before, const char *after, struct arena *arena, struct err *err)
{
	if (batch->whole)
		return send_whole(boot, script, batch, before, after, arena, err);
	return send_own(boot, before, &script->source, err) && send_each(boot, batch, err) &&
	       send_own(boot, after, &script->source, err);
}

/* select set_config(name, value, true|false), and nothing else; *is_local: true. */
static bool
is_set_config(const struct statement *statement, bool *is_local)
{
	static const char names[] = "set_config|pg_catalog.set_config";
	struct tokens tokens = tokens_new(statement->sql), all = tokens;
	struct token function = { 0 }, none = { 0 }, argument = { 0 }, token, next;

	if (!pattern_fits("select NAME () $", &tokens, &function, &none) ||
	    !token_is_one_of(&function, names, sizeof names - 1))
		return false;
	/* The last but the parenthesis. */
	for (token = token_next(&all); (next = token_next(&all)).kind != TOKEN_END; token = next)
		argument = token;
	*is_local = token_is(&argument, "true", 4);
	return *is_local || token_is(&argument, "false", 5);
}

static bool
is_setting(const struct statement *statement)
{
	struct tokens tokens = tokens_new(statement->sql);
	const struct token verb = token_next(&tokens), scope = token_next(&tokens);
	bool is_local;

	if (is_set_config(statement, &is_local))
		return !is_local;
	return (token_is(&verb, "set", 3) || token_is(&verb, "reset", 5)) &&
	       !token_is(&scope, "local", 5) && !token_is(&scope, "constraints", 11) &&
	       !token_is(&scope, "transaction", 11);
}

/* "role", "search_path", "app.tenant"; "session" of SESSION AUTHORIZATION; none of set_config. */
static struct token
setting_name(const struct statement *statement)
{
	struct tokens tokens = tokens_new(statement->sql);
	const struct token verb = token_next(&tokens);
	struct token name = token_next(&tokens), next = token_next(&tokens);

	if (!token_is_one_of(&verb, "set|reset", strlen("set|reset")))
		return (struct token){ 0 };
	if (token_is(&name, "session", 7) && !token_is(&next, "authorization", 13)) {
		name = next;
		next = token_next(&tokens);
	}
	while (token_is(&next, ".", 1)) {
		next = token_next(&tokens);
		name.length = (size_t)(next.at - name.at) + next.length;
		next = token_next(&tokens);
	}
	return name;
}

static bool
is_role(const struct statement *statement)
{
	const struct token name = setting_name(statement);

	return token_is_one_of(&name, "role|session", strlen("role|session"));
}

/* What was set before it holds no longer. RESET ALL leaves the role. */
static bool
overrides(const struct statement *later, const struct statement *earlier)
{
	struct tokens tokens = tokens_new(later->sql);
	const struct token verb = token_next(&tokens), second = token_next(&tokens);
	const struct token name = setting_name(later), before = setting_name(earlier);

	if (token_is(&verb, "discard", 7))
		return token_is(&second, "all", 3);
	if (!is_setting(later))
		return false;
	if (token_is(&name, "all", 3))
		return !is_role(earlier);
	return name.length && name.length == before.length &&
	       strncasecmp(name.at, before.at, name.length) == 0;
}

/* Of the settings that are kept those that this statement leaves. A role may be what permits a setting behind it. */
static size_t
keep(const struct batch *batch, size_t *kept, size_t count, size_t by)
{
	const struct statement *later = &batch->statements[by];
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		const struct statement *earlier = &batch->statements[kept[i]];

		if (!overrides(later, earlier) ||
		    (is_role(earlier) && i + 1 < count && is_setting(later)))
			kept[left++] = kept[i];
	}
	return left;
}

static bool
mentions_set_config(const struct statement *statement)
{
	struct tokens tokens = tokens_new(statement->sql);
	struct token token;

	do {
		token = token_next(&tokens);
	} while (token.kind != TOKEN_END && !token_is(&token, "set_config", 10));
	return token.kind != TOKEN_END;
}

bool
send_check_settings(const struct batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct statement *statement = &batch->statements[i];
		struct place place;
		bool is_local;

		if (!mentions_set_config(statement) || is_set_config(statement, &is_local))
			continue;
		place = place_at(statement->source, statement->offset);
		(void)err_set(err, FAULT_WRONG,
		              "set_config among other things: without a transaction each "
		              "statement has a session of its own");
		(void)err_hint(err, "set, or select set_config(name, value, false) by itself, "
		                    "is sent again before each");
		return place_blame(&place, err);
	}
	return true;
}

const char *
send_settings(const struct batch *batch, size_t at, struct arena *arena)
{
	static const char verbs[] = "set|reset|discard|select";
	struct text sql = text_new(arena);
	size_t *kept = NULL, count = 0;

	for (size_t i = 0; i < at; i++) {
		struct tokens tokens = tokens_new(batch->statements[i].sql);
		const struct token verb = token_next(&tokens);

		if (!token_is_one_of(&verb, verbs, sizeof verbs - 1))
			continue;
		count = keep(batch, kept, count, i);
		if (!is_setting(&batch->statements[i]))
			continue;
		kept = arena_grow(arena, kept, count, sizeof *kept);
		kept[count++] = i;
	}
	for (size_t i = 0; i < count; i++)
		text_print(&sql, "%s;\n", batch->statements[kept[i]].sql);
	return sql.at;
}
