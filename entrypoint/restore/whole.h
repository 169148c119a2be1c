/* A planned dump into an empty database in one transaction: small ones, and those that only one session may load. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct fillings;
struct plan;

/*
 * Nothing is left of it unless all of it is there, and its finished row in the journal. FAULT_WRONG: the database is not empty, the
 * dump has changed since it was planned, a statement failed (told with its line).
 */
bool whole_run(struct boot *boot, const struct plan *plan, struct fillings *fillings,
               struct arena *arena, struct err *err);
