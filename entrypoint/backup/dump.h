/* The pg_dump of this binary, in a child, and its output into a gzip file. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct gzip;

/*
 * The whole database of the work session, as plain SQL. FAULT_WRONG with pg_dump's own words, and the grant where one is missing; FAULT_BUSY: a table was locked for
 * longer than a migration is tried for; FAULT_CONFIG: the server is behind a pooler.
 */
bool dump_run(struct boot *boot, struct gzip *gzip, struct arena *arena, struct err *err);

/* What pg_dump's failure is: FAULT_BUSY where it had waited for a lock until its limit. Pure. */
bool dump_blame(const char *words, int status, bool waited_long, struct err *err);
