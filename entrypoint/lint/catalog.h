/* What is asked of the server's catalog, in one round trip or two: of what acts name and did not make. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct act;
struct arena;
struct db;
struct err;
struct scene;
struct thing;
struct things;

struct catalog {
	struct things *things;
	struct thing **relations, **functions; /* columns too; in the order of asking */
	size_t relation_count, function_count;
};

/* Notes what is to be asked for an act, of which the scene does not know everything. */
void catalog_want(struct catalog *catalog, const struct scene *scene, const struct act *act);

/* Fills the things. `schema` is ours: what is in it does not count. */
bool catalog_ask(struct catalog *catalog, struct db *db, const char *schema, struct arena *arena,
                 struct err *err);
