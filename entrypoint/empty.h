/*
 * Is the database empty? It is while it holds no relation of the user's, with rows or without, and no large object. Members
 * of extensions, our schema and foreign_schemas never count, nor do functions, types, schemas without relations and
 * extensions. The one definition of it; any doubt, such as a failure to ask, means that it is not.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct config;
struct db;
struct err;
struct question;

/* Asks for what empty_find finds, null where it is empty. */
struct question empty_question(const struct config *config, struct arena *arena);

/* The same as SQL without parameters. */
const char *empty_relation_sql(struct db *db, const struct config *config, struct arena *arena);

/* The oid of a relation, "0" for a large object, NULL: it is empty. */
bool empty_find(struct db *db, const struct config *config, const char **relation,
                struct arena *arena, struct err *err);

/*
 * What makes it not empty, for people: "14 tables, first with rows public.users"; NULL: it is empty. Which tables have rows is
 * told as far as we may read them; the session is left outside a transaction.
 */
bool empty_describe(struct db *db, const struct config *config, const char **words,
                    struct arena *arena, struct err *err);

/* The schemas whose objects are not the user's, ours first, as an array for SQL: {"entrypoint","auth"}. */
const char *empty_schemas(const struct config *config, struct arena *arena);
