/*
 * The lines of functions that an error came through. The server names them in its CONTEXT, the innermost first:
 *
 *	PL/pgSQL function app.f(integer) line 3 at RETURN
 *	PL/pgSQL function inline_code_block line 2 at PERFORM
 *	SQL function "g" statement 2
 *	compilation of PL/pgSQL function "f" near line 2
 *
 * and counts lines from where the body's literal begins (src/pl/plpgsql/src/pl_exec.c, executor/functions.c).
 */
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../script.h"
#include "../token.h"
#include "../utf8.h"
#include "body.h"

/* One line of the CONTEXT. */
struct frame {
	const char *function; /* what the server calls it */
	struct body body;     /* schema, name and arguments of it; the rest is not known */
	bool knows_arguments;
	size_t line, statement; /* 0: not said */
};

static size_t
length_of(const char *line)
{
	return strcspn(line, "\n");
}

/* Behind these words, or NULL. */
static const char *
behind(const char *line, const char *words)
{
	const size_t length = strlen(words);

	return strncmp(line, words, length) == 0 ? line + length : NULL;
}

/* The number behind these words in the rest of the line. */
static size_t
number_behind(const char *rest, const char *words)
{
	const char *found = memmem(rest, length_of(rest), words, strlen(words));

	return found ? strtoul(found + strlen(words), NULL, 10) : 0;
}

/* PL/pgSQL says `name(types) line N`: to the reader of statements a function without a body. */
static bool
read_signature(struct frame *frame, const char *at, struct arena *arena)
{
	static const char block[] = "inline_code_block line ";
	const struct statement made = {
		.sql = arena_print(arena, "create function %.*s as ''", (int)length_of(at), at),
	};
	const char *rest = behind(at, block);

	frame->knows_arguments = true;
	if (rest) {
		frame->function = "the DO block";
		frame->body.is_block = true;
		frame->line = strtoul(rest, NULL, 10);
		return true;
	}
	if (!body_of(&frame->body, &made, arena))
		return false;
	/* Behind the last parenthesis: words like these may stand in a quoted name. */
	rest = memrchr(at, ')', length_of(at));
	frame->line = rest ? number_behind(rest, ") line ") : 0;
	frame->function = arena_copy_n(arena, at, rest ? (size_t)(rest + 1 - at) : length_of(at));
	return frame->line > 0;
}

/* "name", and numbers behind it. */
static bool
read_quoted(struct frame *frame, const char *at, struct arena *arena)
{
	const char *close = memchr(at, '"', length_of(at));

	if (!close)
		return false;
	frame->body.name = arena_copy_n(arena, at, (size_t)(close - at));
	frame->body.is_block = strcmp(frame->body.name, "inline_code_block") == 0;
	frame->function = frame->body.is_block ? "the DO block" : frame->body.name;
	frame->line = number_behind(close, "\" near line ");
	frame->statement = number_behind(close, "\" statement ");
	return true;
}

static bool
read_frame(struct frame *frame, const char *line, struct arena *arena)
{
	const char *at;

	*frame = (struct frame){ 0 };
	if ((at = behind(line, "PL/pgSQL function ")))
		return read_signature(frame, at, arena);
	if ((at = behind(line, "SQL function \"")) ||
	    (at = behind(line, "compilation of PL/pgSQL function \"")))
		return read_quoted(frame, at, arena);
	return false;
}

static bool
is_same(const struct frame *frame, const struct body *body)
{
	if (body->is_block || strcmp(body->name, frame->body.name) != 0)
		return false;
	if (body->schema && frame->body.schema && strcmp(body->schema, frame->body.schema) != 0)
		return false;
	return !frame->knows_arguments || body->arguments == frame->body.arguments;
}

/* The last that was made before the failure; false: none, or several that the CONTEXT does not tell apart. */
static bool
find_function(const struct batch *batch, size_t failing, const struct frame *frame,
              struct body *body, size_t *index, struct arena *arena)
{
	bool is_found = false;

	for (size_t i = failing + 1; i-- > 0;) {
		struct body one;

		if (!body_of(&one, &batch->statements[i], arena) || !is_same(frame, &one))
			continue;
		if (is_found && strcmp(one.parameters, body->parameters) != 0)
			return false;
		if (!is_found) {
			*body = one;
			*index = i;
		}
		is_found = true;
	}
	return is_found;
}

static bool
find_body(const struct batch *batch, size_t failing, const struct frame *frame, struct body *body,
          size_t *index, struct arena *arena)
{
	if (!frame->body.is_block)
		return find_function(batch, failing, frame, body, index, arena);
	*index = failing;
	return body_of(body, &batch->statements[failing], arena) && body->is_block;
}

/* The internal query is of the innermost function. */
static const char *
locate(const struct frame *frame, const struct body *body, const struct hearsay *innermost)
{
	const char *from = frame->line      ? body_line(body, frame->line)
	                 : frame->statement ? body_statement(body, frame->statement)
	                                    : body->start;
	const char *exact = NULL;

	if (!from)
		return NULL;
	if (innermost && innermost->internal && innermost->internal_position)
		exact = body_find(body, from, innermost->internal, innermost->internal_position);
	/* A body that does not compile is the query itself. */
	if (innermost && innermost->internal && innermost->internal_position && !exact)
		exact = body_find(body, body->start, innermost->internal,
		                  innermost->internal_position);
	if (!exact && !frame->line && !frame->statement)
		return NULL;
	return exact ? exact : from;
}

static struct place
place_of(const struct statement *statement, const char *at)
{
	return place_in_statement(statement,
	                          utf8_count(statement->sql, (size_t)(at - statement->sql)) + 1);
}

static bool
is_told(const struct trace *trace, const struct place *place)
{
	for (size_t i = 0; i < trace->count; i++)
		if (trace->at[i].source == place->source && trace->at[i].line == place->line)
			return true;
	return false;
}

static void
add(struct trace *trace, const struct place *place, const char *function)
{
	if (trace->count == TRACE_MOST || is_told(trace, place))
		return;
	trace->at[trace->count] = *place;
	trace->functions[trace->count++] = function;
}

/* One line of the CONTEXT, if it is about a function of the batch. */
static void
take_line(struct trace *trace, const struct batch *batch, size_t failing, const char *line,
          const struct hearsay *innermost, struct arena *arena)
{
	struct frame frame;
	struct body body;
	struct place place;
	const char *at;
	size_t index = 0;

	if (!read_frame(&frame, line, arena) ||
	    !find_body(batch, failing, &frame, &body, &index, arena))
		return;
	at = locate(&frame, &body, innermost);
	if (!at)
		return;
	place = place_of(&batch->statements[index], at);
	/* Of several in the statement itself the outermost is the one that it runs, and that comes last. */
	if (index == failing) {
		trace->own = place;
		trace->has_own = true;
	} else {
		add(trace, &place, frame.function);
	}
}

/* Of a body that is refused when it is made, and stands twice in what was sent, the server says no more than its text. */
static void
take_body(struct trace *trace, const struct statement *statement, const struct hearsay *hearsay,
          struct arena *arena)
{
	struct body body;
	const char *at;

	if (!hearsay->internal_position || !body_of(&body, statement, arena))
		return;
	at = body_find(&body, body.start, hearsay->internal, hearsay->internal_position);
	if (!at)
		return;
	trace->own = place_of(statement, at);
	trace->has_own = true;
}

struct trace
trace_find(const struct batch *batch, size_t failing, const struct hearsay *hearsay,
           struct arena *arena)
{
	struct trace trace = { 0 };
	const struct hearsay *innermost = hearsay;

	if (failing >= batch->count)
		return trace;
	if (!hearsay->context)
		take_body(&trace, &batch->statements[failing], hearsay, arena);
	for (const char *line = hearsay->context; line && *line;) {
		struct frame frame;

		take_line(&trace, batch, failing, line, innermost, arena);
		if (read_frame(&frame, line, arena))
			innermost = NULL;
		line += length_of(line);
		line += *line == '\n';
	}
	return trace;
}

void
trace_tell(const struct trace *trace, struct err *err)
{
	for (size_t i = trace->count; i-- > 0;)
		place_mention(&trace->at[i], trace->functions[i], err);
}
