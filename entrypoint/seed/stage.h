/*
 * The rows of a sheet in a temporary table, converted by the server to the types of their columns:
 * what does not fit is found here, with its line.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct err;
struct sheet;
struct text;
struct trait;

/*
 * The temporary table: columns c0, c1, ... as in the sheet, rows in its order. And where they have more than one shape,
 * that, and the run: rows that follow each other and give the same columns have one number, from 0.
 */
#define STAGE "pg_temp.pg_entrypoint_rows"

/* A shape says for each column: '-' not given, 'n' null and in the key, 'v' else. */
struct stage {
	const struct sheet *sheet;
	const struct trait *traits; /* columns.h */
	size_t rows;                /* only the first ones */
	const char **shapes;        /* the different ones */
	size_t shape_count;         /* with more than one the table has it and the run */
	struct arena *arena;
};

/*
 * Makes and fills the table; references must be resolved, rows with one that found nothing are
 * left out. A value that does not fit: err, with *was_placed when its line is known.
 */
bool stage_fill(struct boot *boot, struct stage *stage, bool *was_placed, struct err *err);
bool stage_drop(struct boot *boot, struct err *err);

/* Do all rows give that column? */
bool stage_always_gives(const struct stage *stage, size_t column);

/* The row of the sheet that is the n-th of the table, from 1. */
size_t stage_row(const struct stage *stage, size_t n);
/* The n-th from this row on. */
size_t stage_row_from(const struct stage *stage, size_t row, size_t n);

/*
 * A condition that a row t of the sheet's table has the key of k, a row of the stage of that
 * shape: "t.a = k.c0 and t.b is null".
 */
void stage_add_match(const struct stage *stage, const char *shape, struct text *sql);

/* The condition on all rows that give the same columns as those of this shape; NULL: an earlier one has them. */
const char *stage_alike(const struct stage *stage, size_t shape, struct arena *arena);

/* "k.shape = 1 and ", or nothing where there is but one. */
void stage_add_shape(const struct stage *stage, size_t shape, struct text *sql);
