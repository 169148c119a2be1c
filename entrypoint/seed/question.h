/* Which rows of a sheet are missing? One statement, read only, that any server answers quickly. */
#pragma once

struct arena;
struct question;
struct sheet;

/* SHAPE_VALUE: how many rows are missing. */
struct question question_missing(const struct sheet *sheet, struct arena *arena);

/*
 * With more rows than this it pays to ask for the first by itself: mostly all are there, or none.
 */
#define MANY_ROWS 1000

/* SHAPE_VALUE: is the first row missing? */
struct question question_first_missing(const struct sheet *sheet, struct arena *arena);

/* SHAPE_VALUE: is any row missing? */
struct question question_any_missing(const struct sheet *sheet, struct arena *arena);
