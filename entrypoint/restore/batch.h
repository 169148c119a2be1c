/* Statements of a dump that are sent together, and where each of them stands. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct batch;
struct db_place;
struct err;

/* The label is what to call the dump; it is kept. Owner: batch_close. */
struct batch *batch_new(const char *label, struct arena *arena);
void batch_close(struct batch **batch);

/* A statement of the dump, with what pg_dump calls it; or one of ours, which is not blamed. Copied. */
void batch_add(struct batch *batch, const char *sql, size_t length, size_t line, const char *toc);
void batch_add_ours(struct batch *batch, const char *sql);

/* What is to be sent; statements of the dump in it, and its length. */
const char *batch_sql(const struct batch *batch);
size_t batch_count(const struct batch *batch);
size_t batch_length(const struct batch *batch);

/* What pg_dump calls its last statement. */
const char *batch_toc(const struct batch *batch);

/* Is what failed one of ours? */
bool batch_failed_in_ours(const struct batch *batch, const struct db_place *place);

/*
 * Tells where the statement stands that failed: by the character that the server names, else by how many were completed. Returns
 * false.
 */
bool batch_blame(const struct batch *batch, const struct db_place *place, struct err *err);

/* It is empty then. */
void batch_clear(struct batch *batch);
