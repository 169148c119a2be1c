/* Running a program: where it is found, and why it cannot be run. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;

/*
 * As far as it can be told without doubt, and by_another says that it will be another user's to run:
 * FAULT_NOT_FOUND, or FAULT_CANNOT_RUN with the reason. A name with a slash is a path, any other is
 * searched in PATH.
 */
bool program_check(const char *name, bool by_another, struct err *err);

/* For program_execute: the words of /bin/sh for a file with these arguments, which come behind its name. */
char **program_shell_words(char *const argv[], struct arena *arena);

/*
 * Becomes the program; comes back only when that fails, with false and the faults of program_check. With by_shell
 * (else NULL) a text without a #! line is run by /bin/sh, as execvp of glibc does it.
 */
bool program_execute(char *const argv[], char *by_shell[], struct err *err);
