/* The loader: a planned dump into an empty database, in one transaction. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;
struct plan;

/*
 * With the boot lock held. Nothing is left of it unless all of it is there, and its finished row in the journal. FAULT_WRONG: the
 * database is not empty, the dump is not whole or has changed since it was planned, a statement failed (told with its line).
 */
bool load_run(struct boot *boot, const struct plan *plan, struct err *err);
