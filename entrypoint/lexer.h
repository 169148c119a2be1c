/*
 * PostgreSQL's own lexer (psqlscan, as in psql) over a text: where statements end, and where psql's
 * meta-commands and variables stand. lexer.c is the only file that knows it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct lexer;

/* What stopped the lexer; lexer_at says where. */
enum lexer_stop {
	LEXER_SEMICOLON, /* a statement has ended: behind its semicolon */
	LEXER_BACKSLASH, /* on the backslash of a meta-command; goes on with lexer_skip only */
	LEXER_PSQL,      /* on what only psql knows inside a statement: \; \: :{?name}. The end */
	LEXER_END,       /* the end of the text, perhaps of a statement without semicolon */
	LEXER_IN_STRING, /* the end of the text, inside of ... */
	LEXER_IN_NAME,
	LEXER_IN_COMMENT,
	LEXER_IN_PARENTHESES,
	LEXER_IN_BODY, /* begin atomic ... without end */
	LEXER_NO_MEMORY,
};

/* Told every :'name' that stands where psql would put a value in. */
typedef void lexer_variable(void *to, const char *name, size_t offset);

/* Lives in the arena, but holds more: owner lexer_close. The text must live on. variable: NULL, nobody is told. */
struct lexer *lexer_open(const char *text, size_t length, lexer_variable *variable, void *to,
                         struct arena *arena);
void lexer_close(struct lexer **lexer);

enum lexer_stop lexer_next(struct lexer *lexer);
size_t lexer_at(const struct lexer *lexer);

/* Goes on with another text, at the beginning of a statement; offsets count from its start. */
void lexer_reset(struct lexer *lexer, const char *text, size_t length);

/* Goes on at a later offset, as if there were nothing in between. */
void lexer_skip(struct lexer *lexer, size_t offset);

/* '...' knows backslash escapes from here on: standard_conforming_strings is off. */
void lexer_set_backslashes(struct lexer *lexer, bool backslashes);
