/* See sending.h. */
#include "sending.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "boot.h"
#include "bounds.h"
#include "db.h"
#include "err.h"
#include "scoped.h"
#include "script.h"
#include "token.h"

/* COPY data goes to libpq in pieces of this size, so that a signal is seen between them. */
#define COPY_PIECE ((size_t)65536)

size_t
send_characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
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

bool
send_blame(const struct composed *composed, const struct script *script, const struct batch *batch,
           const struct db_place *at, struct err *err)
{
	const size_t position = position_in(composed, at->position);
	struct place place;

	/* A session that broke has not told how far it came: the server sends what it did in bulk. */
	if (!*err->sqlstate)
		return blame_file(&script->source, err);
	if (position) {
		place = place_in_source(&script->source, position);
		return place_blame(&place, err);
	}
	if (at->position || at->completed < composed->statements ||
	    at->completed - composed->statements >= batch->count)
		return blame_file(&script->source, err);
	place = place_at(&script->source,
	                 batch->statements[at->completed - composed->statements].offset);
	return place_blame(&place, err);
}

/* The line of the data that the server means; else the statement. */
static size_t
copy_offset(const struct statement *statement, const struct err *err)
{
	const struct source *source = statement->source;
	const char *context = strstr(err->detail, "CONTEXT: COPY ");
	const char *words = context ? strstr(context, ", line ") : NULL;
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
blame_statement(const struct composed *composed, const struct statement *statement,
                const struct db_place *at, struct err *err)
{
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
		                                            ? copy_offset(statement, err)
		                                            : statement->offset);
	return place_blame(&place, err);
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
send_alone(struct boot *boot, const struct statement *statement, struct err *err)
{
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
	return blame_statement(&composed, statement, &at, err);
}

static bool
send_own(struct boot *boot, const char *sql, const struct source *source, struct err *err)
{
	return is_empty(sql) || db_run(boot->db, sql, err) || blame_file(source, err);
}

bool
send_statement(struct boot *boot, const struct statement *statement, const char *before,
               const char *after, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct composed composed;
	struct bounds bounds;
	struct db_place at;
	bool was_done;

	if (statement->kind != STATEMENT_PLAIN)
		return send_own(boot, before, statement->source, err) &&
		       send_alone(boot, statement, err) &&
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
	return blame_statement(&composed, statement, &at, err);
}

bool
send_batch(struct boot *boot, const struct script *script, const struct batch *batch,
           const char *before, const char *after, struct arena *arena, struct err *err)
{
	struct composed composed;
	struct bounds bounds;
	struct db_place at;
	bool was_done;

	if (!batch->whole) {
		if (!send_own(boot, before, &script->source, err))
			return false;
		for (size_t i = 0; i < batch->count; i++)
			if (!send_alone(boot, &batch->statements[i], err))
				return false;
		return send_own(boot, after, &script->source, err);
	}
	composed = send_compose(before, batch->whole, after, arena);
	bounds = bounds_of(boot->db, before, after);
	bounds.rollbacks = bounds_rollbacks(batch->statements, batch->count);
	was_done = db_run(boot->db, composed.sql, err);
	if (!bounds_hold(&bounds, boot->db, !was_done, err))
		return blame_file(&script->source, err);
	if (was_done)
		return true;
	at = db_place(boot->db);
	return send_blame(&composed, script, batch, &at, err);
}

static bool
is_setting(const struct statement *statement)
{
	struct tokens tokens = { statement->sql, statement->sql + strlen(statement->sql), false };
	const struct token verb = token_next(&tokens), scope = token_next(&tokens);

	return (token_is(&verb, "set", 3) || token_is(&verb, "reset", 5)) &&
	       !token_is(&scope, "local", 5) && !token_is(&scope, "constraints", 11) &&
	       !token_is(&scope, "transaction", 11);
}

const char *
send_settings(const struct batch *batch, size_t at, struct arena *arena)
{
	struct text sql = text_new(arena);

	for (size_t i = 0; i < at; i++)
		if (is_setting(&batch->statements[i]))
			text_print(&sql, "%s;\n", batch->statements[i].sql);
	return sql.at;
}
