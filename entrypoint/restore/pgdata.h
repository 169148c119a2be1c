/* `restore --pgdata ARCHIVE`: the data directory of a stopped server into an empty volume, without a server. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * Proves the archive, tells what is in it, unpacks it in a hidden folder of the volume, and moves it into its place with
 * global/pg_control last, without which no server starts. One that was cut off is finished or started over by the next. FAULT_WRONG:
 * the archive is damaged or no data directory, or the volume is not empty. FAULT_CANNOT_WRITE: the disk is full, the directory is not
 * there. FAULT_BUSY: another one is at it.
 */
bool pgdata_run(struct boot *boot, struct err *err);
