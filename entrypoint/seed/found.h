/* Are rows found by their key, now that they are inserted? Else they would come again at every start. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct boot;
struct err;
struct sheet;
struct trait;

/*
 * Asks what the next start will ask, of the first `rows` rows; but nothing where table and keys are of a kind that
 * every row is found. One that is not: FAULT_WRONG as "path:line: ...", without sqlstate.
 */
bool rows_are_found(struct boot *boot, const struct sheet *sheet, size_t rows,
                    const struct trait *traits, struct err *err);
