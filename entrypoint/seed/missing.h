/* Is a row of a sheet missing, and which? Asked before anything is locked. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct sheet;

/*
 * Within the transaction that is open. *missing is the sheet with no rows where none is missing; else with those that may be:
 * the ones that are missing where it has references, as what became of the rows that the others refer to is of no matter (a
 * name may have changed, or come twice), else all. All too where the server refuses the question: what follows finds the
 * line that is to blame.
 */
bool missing_rows(struct boot *boot, const struct sheet *sheet, struct sheet *missing,
                  struct arena *arena, struct err *err);
