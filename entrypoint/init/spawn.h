/* The start of the child. */
#pragma once

#include <stdbool.h>

struct err;
struct supervisor;

/*
 * Sets child and terminal of the supervisor. False: the program cannot be run (the faults of program.h), or
 * FAULT_SYSTEM.
 */
bool spawn_child(struct supervisor *supervisor, struct err *err);
