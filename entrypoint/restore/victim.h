/* What a wipe drops: every object of the database that is neither kept nor part of something else. */
#pragma once

struct arena;
struct db;

/*
 * SQL that lists the next objects to drop, with $1: what is kept (jsonb of remain.h), $2: schemas that are left alone (empty.h),
 * $3: how many. Each row: the statement that drops it, its words ("table public.users"), may we (boolean). Those that others
 * lean on come last, so a drop takes little else with it; what goes with something else is not there the next time.
 * What we may not drop and lies in no schema (a superuser's extensions, event triggers and the like) is left out.
 */
const char *victim_sql(const struct db *db, struct arena *arena);

/*
 * "with ..., found as (...)": the objects that a wipe would drop, with classid, objid, space (the schema, or NULL), may and
 * rank; $1 and $2 as above.
 */
const char *victim_found_sql(const struct db *db, struct arena *arena);
