/* The parts of one statement of a script: the text to be sent, and COPY's data. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct statement;

/* A variable in a source: its value stands for `length` bytes. */
struct use {
	size_t offset, length;
	const char *literal;
};

struct uses {
	struct use *at;
	size_t count;
};

/* Sets sql and splices from what source and offset say, up to `end`; space at its end is left out. */
void statement_set_sql(struct statement *statement, size_t end, const struct uses *uses,
                       struct arena *arena);

/*
 * Sets data and data_length: the lines behind the one where the statement ends, of which the offset
 * `at` is behind the semicolon. *behind is the offset behind their end mark.
 */
bool statement_set_data(struct statement *statement, size_t at, size_t *behind, struct err *err);
