/* `migrate down [VERSION|N]` and `migrate redo`: migrations are undone by their down files. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * With the boot lock held. In production only with --confirm; nothing is undone unless all that is asked for can be.
 * FAULT_USAGE, FAULT_WRONG, FAULT_NO_SOURCE as undo.h says.
 */
bool down_run(struct boot *boot, struct err *err);

/* The newest, and applies it again: a transaction each. */
bool redo_run(struct boot *boot, struct err *err);
