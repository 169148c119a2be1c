/* Functions that a statement makes: their name, their parameters, and where the lines of their body stand. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct statement;

struct body {
	const char *schema, *name; /* as the server knows them; schema NULL: not written */
	const char *parameters;    /* their text, without comments and spaces */
	size_t arguments;          /* parameters that a caller gives */
	const char *start, *end;   /* of the literal in the statement's sql, without its quotes */
	bool backslashes;          /* E'...' */
	bool is_block;             /* of DO: no name, no parameters */
};

/* Does this statement make a function or procedure with a literal as its body, or is it DO? */
bool body_of(struct body *body, const struct statement *statement, struct arena *arena);

/* Where line `number` (1-based) of the body begins, behind its indentation; NULL: it has not so many. */
const char *body_line(const struct body *body, size_t number);

/* Where statement `number` of the body begins, for a body that is plain SQL; NULL: it has not so many. */
const char *body_statement(const struct body *body, size_t number);

/*
 * The character `position` (1-based) of a query that the function has sent, in the body, looked for from `from` on: as far
 * as the query stands there as it was sent. NULL: it does not.
 */
const char *body_find(const struct body *body, const char *from, const char *query,
                      size_t position);
