/* See pattern.h. */
#include "pattern.h"

#include <string.h>

#include "token.h"

struct names {
	struct token *object, *relation;
};

static bool
pattern_is(const char *pattern, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(pattern, word, length) == 0;
}

static bool
take_word(const char *pattern, size_t length, struct tokens *tokens)
{
	const struct token token = token_next(tokens);

	if (pattern_is(pattern, length, "$"))
		return token.kind == TOKEN_END;
	return token_is_one_of(&token, pattern, length);
}

static bool
is_identifier(const struct token *token)
{
	/* Of the keywords that can stand in front of a name in rows, these two are reserved. */
	return token->kind == TOKEN_NAME ||
	       (token->kind == TOKEN_WORD && !token_is(token, "on", 2) &&
	        !token_is(token, "only", 4));
}

/* schema."name" */
static bool
take_name(struct tokens *tokens, struct token *name)
{
	struct token token = token_next(tokens);
	const char *const start = token.at;

	if (!is_identifier(&token))
		return false;
	for (;;) {
		struct tokens ahead = *tokens;
		struct token dot;

		name->kind = token.kind;
		name->at = start;
		name->length = (size_t)(token.at + token.length - start);
		dot = token_next(&ahead);
		if (!token_is(&dot, ".", 1))
			return true;
		token = token_next(&ahead);
		if (token.kind != TOKEN_WORD && token.kind != TOKEN_NAME)
			return true;
		*tokens = ahead;
	}
}

/* Balanced parentheses, with that word directly in them where it is not empty. */
static bool
take_parentheses(const char *word, size_t length, struct tokens *tokens)
{
	struct token token = token_next(tokens);
	size_t depth = 1;
	bool has_word = length == 0;

	if (!token_is(&token, "(", 1))
		return false;
	while (depth > 0) {
		token = token_next(tokens);
		if (token.kind == TOKEN_END)
			return false;
		if (token_is(&token, "(", 1))
			depth++;
		else if (token_is(&token, ")", 1))
			depth--;
		else if (depth == 1 && token_is(&token, word, length))
			has_word = true;
	}
	return has_word;
}

/* Anything up to a word outside parentheses, and that word. */
static bool
take_until(const char *word, size_t length, struct tokens *tokens)
{
	for (;;) {
		struct tokens behind_parentheses = *tokens;
		const struct token token = token_next(tokens);

		if (token.kind == TOKEN_END)
			return false;
		if (token_is_one_of(&token, word, length))
			return true;
		if (take_parentheses("", 0, &behind_parentheses))
			*tokens = behind_parentheses;
	}
}

/* One word of a pattern, brackets apart. */
static bool
take(const char *word, size_t length, struct tokens *tokens, const struct names *names)
{
	if (pattern_is(word, length, "NAME"))
		return take_name(tokens, names->object);
	if (pattern_is(word, length, "RELATION"))
		return take_name(tokens, names->relation);
	if (*word == '(')
		return take_parentheses(word + 1, length - 2, tokens);
	return take_word(word, length, tokens);
}

static size_t
word_length(const char *pattern, const char *end)
{
	const char *at = pattern;

	while (at < end && *at != ' ')
		at++;
	return (size_t)(at - pattern);
}

/* All words from pattern to end, without brackets; in vain leaves tokens as they are. */
static bool
take_words(const char *pattern, const char *end, struct tokens *tokens, const struct names *names)
{
	struct tokens ahead = *tokens;
	bool seek = false;

	while (pattern < end) {
		const size_t length = word_length(pattern, end);

		if (pattern_is(pattern, length, "..."))
			seek = true;
		else if (seek ? !take_until(pattern, length, &ahead)
		              : !take(pattern, length, &ahead, names))
			return false;
		else
			seek = false;
		pattern += length;
		if (pattern < end)
			pattern++;
	}
	*tokens = ahead;
	return true;
}

bool
pattern_begins(const char *pattern, const struct token *first)
{
	/* By hand: each statement is held against dozens of patterns. */
	for (const char *word = pattern;; word++) {
		const char *end = word;

		while (*end && *end != ' ' && *end != '|')
			end++;
		if (token_is(first, word, (size_t)(end - word)))
			return true;
		if (*end != '|')
			return false;
		word = end;
	}
}

bool
pattern_fits(const char *pattern, struct tokens *tokens, struct token *object,
             struct token *relation)
{
	const struct names names = { object, relation };

	*object = *relation = (struct token){ 0 };
	while (*pattern) {
		if (*pattern == '[') {
			const char *close = strchr(pattern, ']');

			(void)take_words(pattern + 1, close, tokens,
			                 &names); /* it may be missing */
			pattern = close + 1;
		} else {
			const char *bracket = strchr(pattern, '[');
			const char *end = bracket ? bracket : pattern + strlen(pattern);

			if (!take_words(pattern, end, tokens, &names))
				return false;
			pattern = end;
		}
		while (*pattern == ' ')
			pattern++;
	}
	return true;
}
