/* schema.sql: loaded into an empty database instead of all migrations up to its version. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct facts;
struct migrations;

/* Does this run go as far as the snapshot, or to a version below it? Pure. */
bool snapshot_is_wanted(const struct migrations *migrations);

/* It is to be loaded: what it covers is not pending then. Or it is not, after all. Pure. */
void snapshot_cover(struct migrations *migrations, bool is_due);

/*
 * A database that is not new has to have come past the version of the snapshot, or get there by files; one that is new, and
 * is to stay below it, cannot: where files up to it are gone, what they did would be missing without a word. FAULT_WRONG. Pure.
 */
bool snapshot_judge(const struct migrations *migrations, const struct facts *facts,
                    struct err *err);

/* SQL that records what it covers as applied; and its version, also where the files up to it are gone. */
const char *snapshot_record_sql(const struct boot *boot, struct arena *arena);
