/* A dump that was written, read back to its end: is it whole, and which rows are in it? */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct fillings;

/*
 * Reads a file from its beginning as a restore would: is it undamaged, so many bytes of SQL that pg_dump ended, and can each
 * statement be told from the next? Adds the rows of each table. FAULT_WRONG if not. A signal ends it.
 */
bool census_take(struct fillings *fillings, int file, const char *path, int64_t total,
                 struct err *err);
