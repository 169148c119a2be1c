/* `migrate new NAME`: the next migration and its down file, from a template. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;

/*
 * The version behind `newest` (NULL: there is none), in its own style: a number of as many digits, a timestamp of 14, a date
 * of 8. now: YYYYMMDDHHMMSS. Pure.
 */
const char *new_version(const char *newest, const char *now, struct arena *arena);

/* A name for a file from what a person calls it: "Add users" is add_users; NULL: nothing is left, or it has other characters. Pure. */
const char *new_name(const char *words, struct arena *arena);

/* Prints both paths. Never overwrites: FAULT_CANNOT_WRITE. FAULT_USAGE for a name that cannot be. */
bool new_run(struct boot *boot, struct err *err);
