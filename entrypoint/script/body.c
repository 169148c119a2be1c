/* See body.h. */
#include "body.h"

#include <ctype.h>
#include <string.h>

#include "../arena.h"
#include "../script.h"
#include "../token.h"
#include "../utf8.h"

/* Of a word, where a query is looked for. */
#define AGREES ((size_t)8)
/* What servers before 14 put in front of an expression. */
static const char PREFIX[] = "SELECT ";

/* As the server knows it: folded, or without the quotes. */
static const char *
name_of(const struct token *token, struct arena *arena)
{
	struct text name = text_new(arena);
	const char *const end = token->at + token->length;

	if (token->kind == TOKEN_WORD) {
		for (const char *at = token->at; at < end; at++)
			text_add_char(&name, (char)tolower((unsigned char)*at));
		return name.at;
	}
	for (const char *at = token->at + 1; at < end - 1; at++) {
		text_add_char(&name, *at);
		if (*at == '"')
			at++;
	}
	return name.at;
}

static bool
is_word(const struct token *token, const char *word)
{
	return token_is(token, word, strlen(word));
}

/* schema.name, and the parenthesis behind it. */
static bool
take_name(struct body *body, struct tokens *tokens, struct arena *arena)
{
	for (;;) {
		struct token token = token_next(tokens);

		if (token.kind != TOKEN_WORD && token.kind != TOKEN_NAME)
			return false;
		body->schema = body->name;
		body->name = name_of(&token, arena);
		token = token_next(tokens);
		if (is_word(&token, "("))
			return true;
		if (!is_word(&token, "."))
			return false;
	}
}

/* Up to the parenthesis that closes. OUT and the columns of TABLE are no arguments; OUT may stand behind the name. */
static bool
take_parameters(struct body *body, struct tokens *tokens, struct arena *arena)
{
	struct text parameters = text_new(arena);
	size_t depth = 1, word = 0;
	bool is_out = false, is_in = false;

	for (;;) {
		const struct token token = token_next(tokens);
		bool is_end;

		if (token.kind == TOKEN_END)
			return false;
		depth += is_word(&token, "(");
		depth -= is_word(&token, ")");
		is_end = depth == 0 || (depth == 1 && is_word(&token, ","));
		word += !is_end;
		is_in = word == 1 ? is_word(&token, "in") : is_in;
		is_out |= word <= 2 && !is_in && is_word(&token, "out");
		if (is_end) {
			body->arguments += word > 0 && !is_out;
			word = 0;
			is_out = false;
		}
		if (depth == 0) {
			body->parameters = parameters.at;
			return true;
		}
		text_add_n(&parameters, token.at, token.length);
		text_add_char(&parameters, ' ');
	}
}

/* Away with the quotes. */
static void
take_literal(struct body *body, const struct token *token)
{
	const char *const quote = memchr(token->at, '\'', token->length);

	if (*token->at == '$') {
		const char *tag_end = memchr(token->at + 1, '$', token->length - 1);
		const size_t tag = (size_t)(tag_end + 1 - token->at);

		body->start = token->at + tag;
		body->end = token->at + token->length - tag;
	} else {
		body->start = quote + 1;
		body->end = token->at + token->length - 1;
		body->backslashes = tolower((unsigned char)*token->at) == 'e';
	}
}

/* The literal behind the word AS; of DO the one that does not name the language. */
static bool
take_body(struct body *body, struct tokens *tokens)
{
	struct token before = { .kind = TOKEN_END };

	for (;;) {
		const struct token token = token_next(tokens);

		if (token.kind == TOKEN_END || token.is_open)
			return false;
		if (token.kind == TOKEN_STRING &&
		    (body->is_block ? !is_word(&before, "language") : is_word(&before, "as"))) {
			take_literal(body, &token);
			return true;
		}
		before = token;
	}
}

bool
body_of(struct body *body, const struct statement *statement, struct arena *arena)
{
	struct tokens tokens = tokens_new(statement->sql);
	struct token token = token_next(&tokens);
	struct body found = { .is_block = is_word(&token, "do") };

	if (!found.is_block) {
		if (!is_word(&token, "create"))
			return false;
		token = token_next(&tokens);
		if (is_word(&token, "or")) {
			(void)token_next(&tokens); /* replace */
			token = token_next(&tokens);
		}
		if ((!is_word(&token, "function") && !is_word(&token, "procedure")) ||
		    !take_name(&found, &tokens, arena) || !take_parameters(&found, &tokens, arena))
			return false;
	}
	if (!take_body(&found, &tokens))
		return false;
	*body = found;
	return true;
}

const char *
body_line(const struct body *body, size_t number)
{
	const char *at = body->start;

	while (number > 1 && at < body->end) {
		const bool is_escape = body->backslashes && *at == '\\' && at + 1 < body->end;

		if (*at == '\n' || (is_escape && at[1] == 'n'))
			number--;
		at += is_escape ? 2 : 1;
	}
	while (at < body->end && (*at == ' ' || *at == '\t'))
		at++;
	return number == 1 && at < body->end ? at : NULL;
}

const char *
body_statement(const struct body *body, size_t number)
{
	struct tokens tokens = { body->start, body->end, false };
	size_t depth = 0;
	bool is_between = true;

	for (;;) {
		const struct token token = token_next(&tokens);

		if (token.kind == TOKEN_END)
			return NULL;
		if (is_between && !is_word(&token, ";")) {
			is_between = false;
			if (--number == 0)
				return token.at;
		}
		depth += is_word(&token, "(");
		depth -= depth > 0 && is_word(&token, ")");
		is_between |= depth == 0 && is_word(&token, ";");
	}
}

/* The word there, or as much of it as has to agree. */
static size_t
word_at(const char *at)
{
	const size_t length = strcspn(at, " \t\r\n");

	return length < AGREES ? length : AGREES;
}

/*
 * Only the first word and the one at the error, if it is not at the end, have to agree: PL/pgSQL blanks its INTO before it sends a query, so not all
 * of it stands in the file as it was sent, but at the same distances.
 */
static const char *
find(const struct body *body, const char *from, const char *query, size_t offset)
{
	const size_t start = word_at(query), at_error = word_at(query + offset);

	while (start > 0 && (size_t)(body->end - from) >= start) {
		const char *found = memmem(from, (size_t)(body->end - from), query, start);

		if (!found || (size_t)(body->end - found) < offset + at_error)
			return NULL;
		if (at_error ? memcmp(found + offset, query + offset, at_error) == 0
		             : memcmp(found, query, offset) == 0)
			return found + offset;
		from = found + 1;
	}
	return NULL;
}

const char *
body_find(const struct body *body, const char *from, const char *query, size_t position)
{
	const size_t prefix = strlen(PREFIX), blank = strspn(query, " \t\r\n");
	const size_t offset = utf8_bytes(query, strlen(query), position ? position - 1 : 0);
	const char *found = NULL;

	if (offset >= blank)
		found = find(body, from, query + blank, offset - blank);
	if (!found && offset >= prefix && strncmp(query, PREFIX, prefix) == 0)
		found = find(body, from, query + prefix, offset - prefix);
	return found;
}
