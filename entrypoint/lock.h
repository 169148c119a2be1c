/* The boot lock, as far as others ask about it; see lock.c. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct config;
struct db;
struct err;

/* SQL of the advisory key: a bigint that derives from database and schema. */
const char *lock_key_sql(const struct config *config, struct db *db, struct arena *arena);

/* Who holds it, for people: pid, address, phase, since when; NULL: nobody. */
bool lock_holder(struct boot *boot, const char **words, struct arena *arena, struct err *err);

/* Lets those who wait see which step we are at; with the lock held. */
bool lock_tell(struct boot *boot, const char *phase, struct err *err);

/*
 * Takes the lock and looks again, as the step does, but without a judgement of what is seen, and without making our schema.
 * FAULT_CONFIG where that is there and cannot be written.
 */
bool lock_take(struct boot *boot, struct err *err);
