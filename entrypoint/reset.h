/* Command: makes the database as new, whatever it holds. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * Drops all but foreign_schemas, and what belongs to others and lies in no schema; our own schema last. Needs the boot lock, and
 * in production the phrase of confirm.h. Cut off, it leaves a mark that stops every start until it is run again.
 */
bool reset_run(struct boot *boot, struct err *err);
