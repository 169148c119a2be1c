/* global/pg_control: what a server says of its data directory, last of all when it stops. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer than any server's; what is behind is zeros. */
#define CONTROL_LONGEST 512

struct control {
	uint64_t system; /* its identifier */
	uint32_t catalog;
	uint32_t state;
	int64_t changed; /* s since 1970 */
};

enum control_verdict {
	CONTROL_GOOD,
	CONTROL_SHORT,
	CONTROL_SWAPPED, /* of a machine with the other byte order */
	CONTROL_DAMAGED, /* its checksum does not hold */
};

/*
 * The layout is that of src/include/catalog/pg_control.h, whose beginning is the same in 9.5 to 18. What stands behind it is not, but
 * its end is a CRC-32C over all before, so that is where one holds. Pure.
 */
enum control_verdict control_read(struct control *control, const char *bytes, size_t length);

/* Was the server stopped in an orderly way, so that its files belong together? */
bool control_is_at_rest(const struct control *control);

/* "in production", as pg_controldata has it. */
const char *control_state(const struct control *control);
