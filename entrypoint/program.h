/* Running a program: where it is found, and why it cannot be run. */
#pragma once

#include <stdbool.h>

struct err;

/*
 * As far as it can be told without doubt, and by_another says that it will be another user's to run:
 * FAULT_NOT_FOUND, or FAULT_CANNOT_RUN with the reason. A name with a slash is a path, any other is
 * searched in PATH.
 */
bool program_check(const char *name, bool by_another, struct err *err);

/* Becomes the program; comes back only when that fails, with false and the faults of program_check. */
bool program_execute(char *const argv[], struct err *err);
