/*
 * INSERT statements of a dump as rows of COPY: ten times faster, and the same where every value is a literal that the type's input
 * function reads as the statement would. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct item;
struct text;
struct token;

/* What a column takes besides quoted literals and NULL. */
enum insert_type {
	INSERT_OTHER,
	INSERT_INTEGER, /* digits */
	INSERT_NUMBER,  /* digits, a point, an exponent */
	INSERT_BOOLEAN, /* true, false */
	INSERT_BITS,    /* B'...' */
};

/* INSERT INTO table [(columns)] [OVERRIDING SYSTEM VALUE] VALUES: spans of the statement. */
struct insert {
	const char *table;
	size_t table_length;
	const char *columns; /* with their parentheses; NULL: none are named */
	size_t columns_length;
	const char *values;
};

/*
 * The length of an INSERT that stands here whole, up to its semicolon, as long as it holds nothing that takes a lexer to read: names,
 * numbers and quoted literals without a prefix. 0: something else. standard_conforming_strings must be on.
 */
size_t insert_length(const char *at, const char *end);

/* The table of any INSERT, as it is written. False: it is another statement. */
bool insert_table(struct token *table, const struct item *item);

/* False: it is another statement, or one that says more. */
bool insert_read(struct insert *insert, const struct item *item);

/* The same of a statement that begins with the same bytes as this one does up to its values; else false. */
bool insert_read_alike(struct insert *insert, const struct item *item, const struct insert *one,
                       const char *beginning, size_t length);

/* Is it into the same columns? */
bool insert_is_like(const struct insert *one, const struct insert *other);

/*
 * Adds the rows to the text and counts them. False, with the text as it was: something is no literal, or the number of values is not
 * that of the columns.
 */
bool insert_add(const struct insert *insert, const struct item *item, const enum insert_type *types,
                size_t columns, struct text *text, size_t *rows);
