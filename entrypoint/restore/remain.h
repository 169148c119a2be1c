/*
 * What remains of a database through a wipe: the objects that were there before, with owner, privileges and comment of the
 * schemas among them, and the default privileges. As a jsonb list that the server makes and reads; the journal holds it.
 */
#pragma once

struct arena;
struct db;

/* A scalar query for the list of what is there, with $1: '[]', and $2: schemas that are left alone (empty.h). */
const char *remain_list_sql(const struct db *db, struct arena *arena);

/* The same for a database that is new: the schema public as initdb makes it. */
const char *remain_new_sql(void);

/*
 * The same, with $1: '[]', and $2, for what an init script may have left in a database that is empty: all but functions, types and
 * what else lies in schemas, and the schemas that hold nothing else. What the rest needs stays with it.
 */
const char *remain_setup_sql(const struct db *db, struct arena *arena);

/*
 * The statements that lead back to a list, $1, a row each; $2: schemas that are left alone. First come schemas that are
 * missing, then owners, then privileges and comments, each in an answer of its own; none when all is as it was. Default
 * privileges of roles that we are not are left alone.
 */
const char *remain_mend_sql(struct arena *arena);
