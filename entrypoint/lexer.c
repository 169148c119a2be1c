/*
 * See lexer.h.
 *
 * psqlscan copies what it has read into a buffer and does not say how far it came (from version 18 on
 * it does). But it leaves out nothing once the buffer holds something, so we start with one byte,
 * never let it put a value in, and know: the buffer is the text. What psql would change (\; becomes
 * a semicolon) shows as a difference.
 */
#include "lexer.h"

#include <string.h>

#include <libpq-fe.h>
#define pg_attribute_printf(f, a) __attribute__((format(printf, f, a)))
#include <fe_utils/psqlscan.h>

#include "arena.h"

#define UTF8 6 /* PG_UTF8 in mb/pg_wchar.h */

/*
 * The text is fed in pieces, so that to skip COPY data does not mean to copy all that is behind it.
 */
#define PIECE ((size_t)65536)

struct lexer {
	const char *text;
	size_t length;
	PsqlScanState scan;
	PQExpBuffer echo; /* one byte, then the statement as far as it was read */
	size_t start;     /* offset of what the second byte of echo is */
	size_t compared;  /* how much of echo is known to be the text */
	size_t piece_end; /* of what was fed */
	bool is_fed;
	bool has_ended; /* the next call begins a statement */
	bool backslashes;
	lexer_variable *variable;
	void *to;
};

/* psqlscan asks for the value of a variable: we note where, and have none. */
static char *
note_variable(const char *name, PsqlScanQuoteType quote, void *passthrough)
{
	const struct lexer *lexer = passthrough;

	if (lexer->variable && quote == PQUOTE_SQL_LITERAL)
		lexer->variable(lexer->to, name, lexer->start + lexer->echo->len - 1);
	return NULL;
}

static const PsqlScanCallbacks callbacks = { .get_variable = note_variable };

static void
begin_statement(struct lexer *lexer)
{
	resetPQExpBuffer(lexer->echo);
	appendPQExpBufferChar(lexer->echo, ' ');
	lexer->compared = 0;
	lexer->has_ended = false;
}

struct lexer *
lexer_open(const char *text, size_t length, lexer_variable *variable, void *to, struct arena *arena)
{
	struct lexer *lexer = arena_alloc(arena, sizeof *lexer);

	*lexer = (struct lexer){ .text = text, .length = length, .variable = variable, .to = to };
	lexer->scan = psql_scan_create(&callbacks);
	psql_scan_set_passthrough(lexer->scan, lexer);
	lexer->echo = createPQExpBuffer();
	begin_statement(lexer);
	return lexer;
}

void
lexer_close(struct lexer **lexer)
{
	if (!*lexer)
		return;
	psql_scan_destroy((*lexer)->scan);
	destroyPQExpBuffer((*lexer)->echo);
	*lexer = NULL;
}

void
lexer_reset(struct lexer *lexer, const char *text, size_t length)
{
	lexer->text = text;
	lexer->length = length;
	lexer->start = 0;
	lexer->is_fed = false;
	psql_scan_reset(lexer->scan);
	begin_statement(lexer);
}

size_t
lexer_at(const struct lexer *lexer)
{
	return lexer->start + lexer->compared;
}

/*
 * Where a piece may end: behind a line that ends with a semicolon and has no comment. There nothing
 * is cut that the lexer must see together, namely 'a' and 'b' on two lines, which are one literal.
 */
static size_t
end_of_piece(const struct lexer *lexer, size_t from)
{
	const char *const end = lexer->text + lexer->length;
	const char *at, *newline;

	if (lexer->length - from <= PIECE)
		return lexer->length;
	for (at = lexer->text + from + PIECE; (newline = memchr(at, '\n', (size_t)(end - at)));
	     at = newline + 1)
		if (newline > at && newline[-1] == ';' &&
		    !memmem(at, (size_t)(newline - at), "--", 2))
			return (size_t)(newline + 1 - lexer->text);
	return lexer->length;
}

static void
feed(struct lexer *lexer)
{
	const size_t from = lexer_at(lexer);

	psql_scan_finish(lexer->scan);
	lexer->piece_end = end_of_piece(lexer, from);
	psql_scan_setup(lexer->scan, lexer->text + from, (int)(lexer->piece_end - from), UTF8,
	                !lexer->backslashes);
	lexer->is_fed = true;
}

void
lexer_skip(struct lexer *lexer, size_t offset)
{
	const size_t from = lexer_at(lexer);

	if (lexer->has_ended) {
		lexer->start = offset;
		lexer->compared = 0;
		begin_statement(lexer);
	} else {
		appendBinaryPQExpBuffer(lexer->echo, lexer->text + from, offset - from);
		lexer->compared += offset - from;
	}
	lexer->is_fed = false;
}

void
lexer_set_backslashes(struct lexer *lexer, bool backslashes)
{
	if (lexer->backslashes != backslashes)
		lexer->is_fed = false;
	lexer->backslashes = backslashes;
}

/* False: psqlscan has changed something, and lexer_at is there. */
static bool
compare(struct lexer *lexer)
{
	const char *echo = lexer->echo->data + 1;
	const size_t length = lexer->echo->len - 1;
	const char *text = lexer->text + lexer->start;

	if (memcmp(echo + lexer->compared, text + lexer->compared, length - lexer->compared) == 0) {
		lexer->compared = length;
		return true;
	}
	while (echo[lexer->compared] == text[lexer->compared])
		lexer->compared++;
	return false;
}

static enum lexer_stop
open_part(promptStatus_t prompt)
{
	switch (prompt) {
	case PROMPT_SINGLEQUOTE:
	case PROMPT_DOLLARQUOTE:
		return LEXER_IN_STRING;
	case PROMPT_DOUBLEQUOTE:
		return LEXER_IN_NAME;
	case PROMPT_COMMENT:
		return LEXER_IN_COMMENT;
	case PROMPT_PAREN:
		return LEXER_IN_PARENTHESES;
	default:
		return LEXER_IN_BODY;
	}
}

enum lexer_stop
lexer_next(struct lexer *lexer)
{
	PsqlScanResult result;
	promptStatus_t prompt;

	if (lexer->has_ended) {
		lexer->start = lexer_at(lexer);
		begin_statement(lexer);
	}
	do {
		if (!lexer->is_fed)
			feed(lexer);
		result = psql_scan(lexer->scan, lexer->echo, &prompt);
		if (PQExpBufferBroken(lexer->echo))
			return LEXER_NO_MEMORY;
		if (!compare(lexer))
			return LEXER_PSQL;
		lexer->has_ended = result == PSCAN_SEMICOLON;
		lexer->is_fed = lexer->has_ended;
	} while ((result == PSCAN_EOL || result == PSCAN_INCOMPLETE) &&
	         lexer->piece_end < lexer->length);
	if (result == PSCAN_SEMICOLON)
		return LEXER_SEMICOLON;
	if (result == PSCAN_BACKSLASH)
		return LEXER_BACKSLASH;
	return result == PSCAN_EOL ? LEXER_END : open_part(prompt);
}
