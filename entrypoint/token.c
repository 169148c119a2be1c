/* See token.h. The rules are those of src/backend/parser/scan.l. */
#include "token.h"

#include <string.h>
#include <strings.h>

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r'); /* \t \n \v \f \r */
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
starts_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool
continues_word(char c)
{
	return starts_word(c) || is_digit(c) || c == '$';
}

/* Behind a comment that may hold others, or NULL where it has no end. */
static const char *
skip_block_comment(const char *at, const char *end)
{
	size_t depth = 0;

	for (; end - at >= 2; at++) {
		if (at[0] == '/' && at[1] == '*') {
			depth++;
			at++;
		} else if (at[0] == '*' && at[1] == '/') {
			at++;
			if (--depth == 0)
				return at + 1;
		}
	}
	return NULL;
}

const char *
token_skip_space(const char *at, const char *end)
{
	while (at < end && is_space(*at))
		at++;
	return at;
}

const char *
token_skip_comment(const char *at, const char *end)
{
	if (end - at >= 2 && at[0] == '/' && at[1] == '*')
		return skip_block_comment(at, end);
	if (end - at >= 2 && at[0] == '-' && at[1] == '-')
		while (at < end && *at != '\n' && *at != '\r')
			at++;
	return at;
}

const char *
token_skip_blank(const char *at, const char *end, const char **open_comment)
{
	*open_comment = NULL;
	for (;;) {
		const char *behind;

		at = token_skip_space(at, end);
		behind = token_skip_comment(at, end);
		if (behind == at)
			return at;
		if (!behind) {
			*open_comment = at;
			return end;
		}
		at = behind;
	}
}

/* Behind the quote that closes; `at` is behind the one that opened. */
static const char *
skip_quoted(const char *at, const char *end, char quote, bool backslashes, bool *is_open)
{
	for (; at < end; at++) {
		if (backslashes && *at == '\\' && end - at >= 2) {
			at++;
		} else if (*at == quote) {
			if (end - at < 2 || at[1] != quote)
				return at + 1;
			at++;
		}
	}
	*is_open = true;
	return end;
}

/* Behind $tag$...$tag$, or `at` where no such literal starts. */
static const char *
skip_dollar_quoted(const char *at, const char *end, bool *is_open)
{
	const char *tag_end = at + 1;
	const char *close;
	size_t tag;

	if (tag_end < end && starts_word(*tag_end))
		while (tag_end < end && (starts_word(*tag_end) || is_digit(*tag_end)))
			tag_end++;
	if (tag_end >= end || *tag_end != '$')
		return at;
	tag = (size_t)(tag_end + 1 - at);
	close = memmem(at + tag, (size_t)(end - at) - tag, at, tag);
	if (close)
		return close + tag;
	*is_open = true;
	return end;
}

const char *
token_skip_string(const char *at, const char *end, bool backslashes, bool *is_open)
{
	const size_t left = (size_t)(end - at);

	*is_open = false;
	if (left >= 1 && at[0] == '\'')
		return skip_quoted(at + 1, end, '\'', backslashes, is_open);
	if (left >= 1 && at[0] == '$')
		return skip_dollar_quoted(at, end, is_open);
	if (left >= 2 && at[1] == '\'' && strchr("eE", at[0]))
		return skip_quoted(at + 2, end, '\'', true, is_open);
	if (left >= 2 && at[1] == '\'' && strchr("bBxXnN", at[0]))
		return skip_quoted(at + 2, end, '\'', false, is_open);
	if (left >= 3 && at[2] == '\'' && at[1] == '&' && strchr("uU", at[0]))
		return skip_quoted(at + 3, end, '\'', false, is_open);
	return at;
}

static const char *
skip_name(const char *at, const char *end, bool *is_open)
{
	const size_t left = (size_t)(end - at);

	if (left >= 1 && at[0] == '"')
		return skip_quoted(at + 1, end, '"', false, is_open);
	if (left >= 3 && at[2] == '"' && at[1] == '&' && strchr("uU", at[0]))
		return skip_quoted(at + 3, end, '"', false, is_open);
	return at;
}

static const char *
skip_plain(const char *at, const char *end)
{
	if (starts_word(*at)) {
		while (at < end && continues_word(*at))
			at++;
	} else if (is_digit(*at)) {
		while (at < end && (continues_word(*at) || *at == '.'))
			at++;
	} else {
		at++;
	}
	return at;
}

/* All literals and quoted names begin so, and hardly anything else does. */
static bool
may_be_quoted(const char *at, const char *end)
{
	return *at == '\'' || *at == '"' || *at == '$' ||
	       (end - at >= 2 && (at[1] == '\'' || at[1] == '&'));
}

struct tokens
tokens_new(const char *text)
{
	return (struct tokens){ text, text + strlen(text), false };
}

struct token
token_next(struct tokens *tokens)
{
	const char *open_comment;
	struct token token = { .kind = TOKEN_END };
	const char *behind;

	token.at = token_skip_blank(tokens->at, tokens->end, &open_comment);
	tokens->at = token.at;
	if (token.at == tokens->end) {
		token.is_open = open_comment != NULL;
		if (open_comment)
			token.at = open_comment;
		return token;
	}
	behind = token.at;
	if (may_be_quoted(token.at, tokens->end)) {
		behind = token_skip_string(token.at, tokens->end, tokens->backslashes,
		                           &token.is_open);
		token.kind = TOKEN_STRING;
		if (behind == token.at) {
			behind = skip_name(token.at, tokens->end, &token.is_open);
			token.kind = TOKEN_NAME;
		}
	}
	if (behind == token.at) {
		behind = skip_plain(token.at, tokens->end);
		token.kind = starts_word(*token.at) ? TOKEN_WORD : TOKEN_OTHER;
	}
	token.length = (size_t)(behind - token.at);
	tokens->at = behind;
	return token;
}

bool
token_is(const struct token *token, const char *word, size_t length)
{
	if (token->kind == TOKEN_STRING)
		return token->length == length + 2 && token->at[0] == '\'' &&
		       strncasecmp(token->at + 1, word, length) == 0;
	return (token->kind == TOKEN_WORD || token->kind == TOKEN_OTHER) &&
	       token->length == length && strncasecmp(token->at, word, length) == 0;
}

bool
token_is_one_of(const struct token *token, const char *choices, size_t length)
{
	const char *const end = choices + length;

	while (choices < end) {
		const char *stop = choices;

		while (stop < end && *stop != '|')
			stop++;
		if (token_is(token, choices, (size_t)(stop - choices)))
			return true;
		choices = stop + 1;
	}
	return false;
}
