/* plan and the like: what is and what would be, on standard output, as text or JSON. They only read. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;
struct migrations;
struct text;

/* err's fault is the exit code: FAULT_PENDING, FAULT_DRIFT (with no message), or 0. */
bool report_plan(struct boot *boot, struct err *err);
bool report_migrations(struct boot *boot, struct err *err);
bool report_seed_differences(struct boot *boot, struct err *err);

/* Session, files and the look: what every report begins with. */
bool report_learn(struct boot *boot, struct err *err);

/* A line, or an object of a JSON list, for each migration; only_open: that is not applied as it is. */
void report_add_migrations(struct text *page, const struct migrations *migrations, bool only_open,
                           bool as_json);

/* Do ledger and files contradict each other? with_warnings: also where the policy only warns. */
bool report_has_drift(const struct boot *boot, bool with_warnings);
