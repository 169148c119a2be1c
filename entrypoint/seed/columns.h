/* Do the tables and columns exist that a sheet names? And what kind are its columns? */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct sheet;

/* What matters of a column. */
struct trait {
	const char *sequence; /* of a number: owned, or drawn from by default; quoted; or NULL */
	bool is_text;         /* equal values are equal texts */
	bool is_domain;
	bool is_kept; /* what is inserted is found again, unless it is a text that ends in a blank */
};

/*
 * One for each column of the sheet. A table or column that is missing, a column that cannot be
 * written, a key that cannot be compared or is another time at each start: FAULT_WRONG as "path:line: ...".
 */
bool columns_check(struct boot *boot, const struct sheet *sheet, struct trait **traits,
                   struct arena *arena, struct err *err);
