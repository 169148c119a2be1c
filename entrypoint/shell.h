/* A .sh file in a child of ours, with the connection in libpq's variables. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/* Can it be run? What is missing (a shell, its interpreter) is FAULT_CONFIG. The path holds a slash. */
bool shell_check(const char *path, struct err *err);

/*
 * As the official postgres image does it: an executable file runs by its #! line, one without such a
 * line by the shell; one that is not executable is read by a shell that stops at the first error
 * (bash where there is one). It has no standard input, its output goes to our standard error, and it is
 * a process group of its own. FAULT_WRONG: it ended with anything but 0. FAULT_NO_SERVER: it was
 * ended, because the boot lock was lost.
 */
bool shell_run(struct boot *boot, const char *path, struct err *err);
