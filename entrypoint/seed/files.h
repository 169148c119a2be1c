/* The seed files that hold for the environment, in their order. */
#pragma once

#include <stddef.h>

struct script;
struct sheet;

/* Either rows or a script. */
struct seed_file {
	const char *name; /* "common/30_travelers.ini" */
	struct sheet *sheet;
	struct script *script;
};

struct seeds {
	struct seed_file *files;
	size_t count;
	size_t sheet_count, script_count;
};
