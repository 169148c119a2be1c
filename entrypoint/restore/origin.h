/*
 * Where a dump comes from, as a script: a file of plain SQL, or an archive of pg_dump (custom, directory, tar), which the pg_restore in
 * this binary turns into one.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct origin;
struct reader;
struct supply;

/* FAULT_NO_SOURCE: it is not there. Owner: origin_close. */
struct origin *origin_open(const struct supply *supply, struct boot *boot, struct arena *arena,
                           struct err *err);

struct reader *origin_reader(struct origin *origin);

/* What to call it where lines are counted. */
const char *origin_label(const struct origin *origin);

/* After its end was read: was the archive read well? FAULT_WRONG with pg_restore's words. */
bool origin_finish(struct origin *origin, struct err *err);

/* After what was read made no sense: if pg_restore has failed, that is the reason. Returns false. */
bool origin_failed(struct origin *origin, struct err *err);

/* Accepts NULL; ends pg_restore where it still runs. */
void origin_close(struct origin **origin);
