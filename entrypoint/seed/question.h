/* Which rows of a sheet are missing? One statement, read only, that any server answers quickly. */
#pragma once

#include <stdbool.h>

struct arena;
struct question;
struct sheet;

/* SHAPE_VALUE: how many rows are missing. */
struct question question_missing(const struct sheet *sheet, struct arena *arena);

/* SHAPE_ROWS: the numbers of those rows, from 0, in their order. */
struct question question_missing_rows(const struct sheet *sheet, struct arena *arena);

/* SHAPE_VALUE: is the first row missing? */
struct question question_first_missing(const struct sheet *sheet, struct arena *arena);

/* SHAPE_VALUE: is any row missing? */
struct question question_any_missing(const struct sheet *sheet, struct arena *arena);

/*
 * All keys of a large sheet are megabytes to send. It pays to ask for its first row before: mostly all rows are there,
 * or none.
 */
bool question_is_large(const struct sheet *sheet);
