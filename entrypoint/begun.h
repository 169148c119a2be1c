/*
 * What has begun of a file outside a transaction may not be edited any more; what is still to come may. The journal keeps
 * a digest of the statements that were begun, beside the row of the ledger that counts those that are done.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct batch;
struct boot;
struct entry;
struct err;
struct script;

/*
 * [n] is that of the first n statements, up to all: of their texts as written, so without what stands between them, line
 * ends and values of variables. Pure.
 */
const char *const *begun_digests(const struct batch *batch, struct arena *arena);

/* The kind of that row of the journal. */
const char *begun_kind(const char *version, struct arena *arena);

/* SQL that notes the digest of the first `count` statements, 0 when the file is begun. */
const char *begun_sql(const struct boot *boot, const char *version, const char *digest,
                      size_t count, struct arena *arena);

/*
 * Does the script begin with the statements that were begun of that version? *count is how many. One that cannot be split
 * may, which is told when it is proofread.
 */
bool begun_is_kept(struct boot *boot, const struct entry *entry, const struct script *script,
                   bool *is_kept, size_t *count, struct err *err);

/*
 * Half applied files: those that have changed since and may go on all the same are pending from now on, and outside a
 * transaction, even where nothing in them asks for that any more.
 */
bool begun_settle(struct boot *boot, struct err *err);
