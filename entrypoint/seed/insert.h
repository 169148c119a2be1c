/* The missing rows of a sheet into its table, and no others. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct boot;
struct err;
struct sheet;

/*
 * Within the transaction that is open: asks first, without a lock, and if a row is missing locks
 * the table until the transaction ends. What the rows themselves are to blame for: FAULT_WRONG as
 * "path:line: ...". Failures of the lock keep their sqlstate: the transaction may be tried again.
 */
bool insert_missing(struct boot *boot, const struct sheet *sheet, size_t *inserted,
                    struct err *err);
