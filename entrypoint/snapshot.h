/* schema.sql: loaded into an empty database instead of all migrations up to its version. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct migrations;

/* It is to be loaded: what it covers is not pending then. Or it is not, after all. Pure. */
void snapshot_cover(struct migrations *migrations, bool is_due);

/* SQL that records what it covers as applied; and its version, also where the files up to it are gone. */
const char *snapshot_record_sql(const struct boot *boot, struct arena *arena);
