/*
 * `migrate rehearse`: all that is pending, in one transaction, statement by statement, and back. Tells how long each
 * took and which locks it was the first to take.
 */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * With the boot lock held, under the judgement of a boot. Files that cannot run in a transaction are named and left out.
 * Nothing stays but what the server does not take back (numbers of sequences, which are named).
 */
bool rehearse_run(struct boot *boot, struct err *err);
