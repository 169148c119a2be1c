/* The database that a restore fills: it has to be empty (empty.h), and is cleared of what does not count. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;

/*
 * Within the open transaction, which is abandoned on failure. FAULT_WRONG: the database is not empty, in words. Drops what an init script
 * may have left (wipe.h), and says so: *leftovers, or NULL. Makes our schema, and takes the rows out of it that speak of migrations and seeds: they
 * were of another state than the one that comes now.
 */
bool vacancy_clear(struct boot *boot, const char **leftovers, struct arena *arena, struct err *err);

/* Records that it is not empty, with what is in it and the way to replace it. FAULT_WRONG. Outside a transaction. Returns false. */
bool vacancy_refuse(struct boot *boot, struct arena *arena, struct err *err);
