/* How a dump in plain SQL ends: the one thing that tells a whole one from one that was cut. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The last bytes of a text that comes in pieces. */
struct ending {
	char at[512];
	size_t length;
	int64_t total; /* bytes of the whole text */
};

void ending_add(struct ending *ending, const char *bytes, size_t length);

/* pg_dump's own last line, and behind it nothing but what belongs to it (blank and comment lines, \unrestrict). Pure. */
bool ending_is_whole(const struct ending *ending);
