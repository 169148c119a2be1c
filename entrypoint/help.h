/* The answers of `help` and `version`. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;
struct request;

/* A line of a table of main.c; a table ends with a NULL name. */
struct help_row {
	const char *name;
	const char *help;
};

/* `help` prints usage, commands, steps and exit codes; `help settings` the table of settings; `help COMMAND` its lines. */
bool help_run(const struct request *request, const struct help_row *commands,
              const struct help_row *steps, struct err *err);

/* `version [--all] [--json]`: our version; with --all what the binary is made of. */
bool help_version(struct boot *boot, struct err *err);
