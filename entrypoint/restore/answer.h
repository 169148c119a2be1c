/* `restore --list` and `restore --check`: what a backup is and holds, and whether it is whole. Without a server. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * The command with one of them. FAULT_USAGE: not one source is named; else as prove_source (prove.h). What a damaged one lists
 * was read until there.
 */
bool answer_run(struct boot *boot, struct err *err);
