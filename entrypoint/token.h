/*
 * The tokens of an SQL text, for looking at its words. Where a statement ends is not decided here
 * but by PostgreSQL's own lexer (lexer.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct tokens {
	const char *at, *end;
	bool backslashes; /* '...' knows escapes: standard_conforming_strings is off */
};

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,   /* an identifier or keyword */
	TOKEN_NAME,   /* "quoted" */
	TOKEN_STRING, /* '...', E'...', $$...$$ */
	TOKEN_OTHER,  /* a number, or one character of punctuation */
};

struct token {
	const char *at;
	size_t length;
	enum token_kind kind;
	bool is_open; /* the text ends inside it; TOKEN_END: inside a comment */
};

/* Those of a text that ends in NUL, whose strings know no escapes. */
struct tokens tokens_new(const char *text);

/* The next token; comments and white space are skipped. */
struct token token_next(struct tokens *tokens);

/* Does it say this word, in any case, or is it this punctuation, or a string with this content? */
bool token_is(const struct token *token, const char *word, size_t length);

/* The same with any of several, separated by bars: "a|b". */
bool token_is_one_of(const struct token *token, const char *choices, size_t length);

/* Behind white space. */
const char *token_skip_space(const char *at, const char *end);

/* Behind the one comment that starts here; `at`: there is none; NULL: it has no end. */
const char *token_skip_comment(const char *at, const char *end);

/* Behind white space and comments; *open_comment is a comment without end, else NULL. */
const char *token_skip_blank(const char *at, const char *end, const char **open_comment);

/* Behind the literal ('...', E'...', $$...$$) that starts here; `at` where none does. */
const char *token_skip_string(const char *at, const char *end, bool backslashes, bool *is_open);
