/* See deed.h. */
#include "deed.h"

#include <string.h>

#include "../script.h"
#include "../token.h"

/*
 * The first row whose words a statement starts with says what it is; none: DEED_PLAIN. In the words
 *
 *	a|b             is one of these, [a b] may be missing, $ is the end of the statement
 *	NAME, RELATION  are names, kept as object and relation
 *	()              is anything in parentheses, (a) as well, with the word a directly in it
 *	...             is anything up to the next word, which then must be there
 */
static const struct row {
	const char *words;
	enum deed_kind kind;
	enum alone alone;
} rows[] = {
	{ "begin [work|transaction] $", DEED_BEGIN, ALONE_OTHER },
	{ "start transaction $", DEED_BEGIN, ALONE_OTHER },
	{ "begin|start", DEED_TRANSACTION, ALONE_OTHER },
	{ "commit|end [work|transaction] [and no chain] $", DEED_COMMIT, ALONE_OTHER },
	{ "commit|end", DEED_TRANSACTION, ALONE_OTHER },
	{ "rollback [work|transaction] to", DEED_PLAIN, ALONE_OTHER },
	{ "rollback|abort", DEED_TRANSACTION, ALONE_OTHER },
	{ "prepare transaction", DEED_TRANSACTION, ALONE_OTHER },

	{ "copy ... from stdin|stdout", DEED_COPY,
	  ALONE_OTHER }, /* gram.y takes both for the same */

	{ "create [unique] index concurrently on [only] RELATION", DEED_ALONE, ALONE_CREATE_INDEX },
	{ "create [unique] index concurrently [if not exists] NAME on [only] RELATION", DEED_ALONE,
	  ALONE_CREATE_INDEX },
	{ "drop index concurrently [if exists] NAME", DEED_ALONE, ALONE_DROP_INDEX },
	{ "reindex (concurrently) index|table [NAME]", DEED_ALONE, ALONE_REINDEX },
	{ "reindex [()] index|table concurrently [NAME]", DEED_ALONE, ALONE_REINDEX },
	{ "reindex (concurrently) schema [NAME]", DEED_ALONE, ALONE_REINDEX_SCHEMA },
	{ "reindex [()] schema concurrently [NAME]", DEED_ALONE, ALONE_REINDEX_SCHEMA },
	{ "reindex (concurrently) database|system", DEED_ALONE, ALONE_REINDEX_DATABASE },
	{ "reindex [()] database|system concurrently", DEED_ALONE, ALONE_REINDEX_DATABASE },
	{ "reindex [()] schema|database|system [NAME]", DEED_ALONE, ALONE_EXCLUSIVE },
	{ "alter table [if exists] [only] RELATION [*] detach partition NAME concurrently",
	  DEED_ALONE, ALONE_DETACH },

	{ "vacuum full", DEED_ALONE, ALONE_EXCLUSIVE },
	{ "vacuum (full)", DEED_ALONE, ALONE_EXCLUSIVE },
	{ "vacuum", DEED_ALONE, ALONE_REPEATABLE },
	{ "cluster [()] [verbose] $", DEED_ALONE, ALONE_EXCLUSIVE },
	{ "discard all", DEED_ALONE, ALONE_REPEATABLE },
	{ "alter system", DEED_ALONE, ALONE_REPEATABLE },
	{ "alter database NAME set tablespace", DEED_ALONE, ALONE_REPEATABLE },
	{ "alter subscription NAME refresh|set publication", DEED_ALONE, ALONE_REPEATABLE },
	{ "alter subscription NAME add|drop publication", DEED_ALONE, ALONE_OTHER },
	{ "create database NAME", DEED_ALONE, ALONE_CREATE_DATABASE },
	{ "drop database [if exists] NAME", DEED_ALONE, ALONE_DROP_DATABASE },
	{ "create tablespace NAME", DEED_ALONE, ALONE_OTHER },
	{ "drop tablespace [if exists] NAME", DEED_ALONE, ALONE_OTHER },
	{ "create subscription NAME", DEED_ALONE, ALONE_OTHER },
	{ "drop subscription [if exists] NAME", DEED_ALONE, ALONE_OTHER },

	{ "set [session|local] standard_conforming_strings to|= off|false|no|0", DEED_STRINGS_OFF,
	  ALONE_OTHER },
	{ "set [session|local] standard_conforming_strings", DEED_STRINGS_ON, ALONE_OTHER },
	{ "reset standard_conforming_strings|all", DEED_STRINGS_ON, ALONE_OTHER },
};

static bool
pattern_is(const char *pattern, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(pattern, word, length) == 0;
}

/* a|b */
static bool
is_one_of(const struct token *token, const char *pattern, size_t length)
{
	const char *const end = pattern + length;

	while (pattern < end) {
		const char *bar = memchr(pattern, '|', (size_t)(end - pattern));
		const char *stop = bar ? bar : end;

		if (token_is(token, pattern, (size_t)(stop - pattern)))
			return true;
		pattern = bar ? bar + 1 : end;
	}
	return false;
}

static bool
take_word(const char *pattern, size_t length, struct tokens *tokens)
{
	const struct token token = token_next(tokens);

	if (pattern_is(pattern, length, "$"))
		return token.kind == TOKEN_END;
	return is_one_of(&token, pattern, length);
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
take_name(struct tokens *tokens, struct span *name)
{
	struct token token = token_next(tokens);
	const char *const start = token.at;

	if (!is_identifier(&token))
		return false;
	for (;;) {
		struct tokens ahead = *tokens;
		struct token dot;

		*name = (struct span){ start, (size_t)(token.at + token.length - start) };
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
		if (token_is(&token, word, length))
			return true;
		if (take_parentheses("", 0, &behind_parentheses))
			*tokens = behind_parentheses;
	}
}

/* One word of a pattern, brackets apart. */
static bool
take(const char *word, size_t length, struct tokens *tokens, struct deed *deed)
{
	if (pattern_is(word, length, "NAME"))
		return take_name(tokens, &deed->object);
	if (pattern_is(word, length, "RELATION"))
		return take_name(tokens, &deed->relation);
	if (*word == '(')
		return take_parentheses(word + 1, length - 2, tokens);
	return take_word(word, length, tokens);
}

static size_t
word_length(const char *pattern, const char *end)
{
	const char *space = memchr(pattern, ' ', (size_t)(end - pattern));

	return (size_t)((space ? space : end) - pattern);
}

/* All words from pattern to end, without brackets; in vain leaves tokens as they are. */
static bool
take_words(const char *pattern, const char *end, struct tokens *tokens, struct deed *deed)
{
	struct tokens ahead = *tokens;
	bool seek = false;

	while (pattern < end) {
		const size_t length = word_length(pattern, end);

		if (pattern_is(pattern, length, "..."))
			seek = true;
		else if (seek ? !take_until(pattern, length, &ahead)
		              : !take(pattern, length, &ahead, deed))
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

static bool
row_fits(const char *pattern, struct tokens tokens, struct deed *deed)
{
	while (*pattern) {
		if (*pattern == '[') {
			const char *close = strchr(pattern, ']');

			(void)take_words(pattern + 1, close, &tokens, deed); /* it may be missing */
			pattern = close + 1;
		} else {
			const char *bracket = strchr(pattern, '[');
			const char *end = bracket ? bracket : pattern + strlen(pattern);

			if (!take_words(pattern, end, &tokens, deed))
				return false;
			pattern = end;
		}
		while (*pattern == ' ')
			pattern++;
	}
	return true;
}

struct deed
deed_of(const char *sql, size_t length, bool backslashes)
{
	const struct tokens tokens = { .at = sql, .end = sql + length, .backslashes = backslashes };
	struct tokens behind = tokens;
	const struct token first = token_next(&behind);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct deed deed = { .kind = rows[i].kind, .alone = rows[i].alone };

		/* All begin with a word, which for most is another one. */
		if (is_one_of(&first, rows[i].words, strcspn(rows[i].words, " ")) &&
		    row_fits(rows[i].words, tokens, &deed))
			return deed;
	}
	return (struct deed){ .kind = DEED_PLAIN };
}
