/* plan, status and the like: what is and what would be, on standard output, as text or JSON. They only read. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/* err's fault is the exit code: FAULT_PENDING, FAULT_DRIFT (with no message), or 0. */
bool report_plan(struct boot *boot, struct err *err);
bool report_status(struct boot *boot, struct err *err);
bool report_migrations(struct boot *boot, struct err *err);
bool report_seed_differences(struct boot *boot, struct err *err);
