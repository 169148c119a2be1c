/* `migrate verify`: are ledger, files and the schema as the last run left them? It only reads. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * err's fault is the exit code: FAULT_DRIFT where they differ (each difference is named), FAULT_PENDING where files are only
 * not applied yet, FAULT_WRONG where nothing was stored to compare with.
 */
bool verify_run(struct boot *boot, struct err *err);
