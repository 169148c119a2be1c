/*
 * What is told of work that takes long: which file and statement, for how long, how far the server says it is, and who keeps
 * it waiting. Asked on the lock session, since the work session is busy.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch;
struct boot;

/* From now on the work is on this file; the name is kept, not copied. NULL: on none. */
void progress_file(struct boot *boot, const char *name);

/* The next statement of the file, which may tell what is done of it; i = batch->count: all of them at once. */
void progress_statement(struct boot *boot, const struct batch *batch, size_t i);

/* The batch is no longer sent, and may be dropped. */
void progress_sent(struct boot *boot);

/* Starts the telling; with the lock held. */
void progress_watch(struct boot *boot);

/* When a statement that ran for so many ms is looked at again. Pure. */
int64_t progress_pause(int64_t ran);
