/* `restore` without one source: which there are, and which could be meant. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * `restore`: with --check or --list as answer_run (answer.h). Without a source prints those of restore_from and backup_dir
 * (FAULT_NO_SOURCE where they are not there); of several sources tells the newest; always false then. Not for
 * one source alone.
 */
bool listing_run(struct boot *boot, struct err *err);
