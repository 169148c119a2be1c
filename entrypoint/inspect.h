/* Step and command: what the lint finds in migrations (lint.h), under the policy `lint`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct boot;
struct err;
struct text;

/* Something is pending, and the policy is not off. */
bool inspect_is_due(const struct boot *boot);

/* A warning for each finding in what is pending; FAULT_WRONG where there is one and lint = error. */
bool inspect_run(struct boot *boot, struct err *err);

/* `migrate lint [VERSION] [--json] [--server-version=N]`: without a server's version one is asked. */
bool inspect_command(struct boot *boot, struct err *err);

/*
 * For plan: adds the findings in what is pending, a line each or members of a JSON array, and counts
 * them. Nothing where the policy is off.
 */
bool inspect_add(struct boot *boot, struct text *page, bool as_json, size_t *count,
                 struct err *err);

/* FAULT_WRONG, if there are findings and lint = error. */
bool inspect_judge(const struct boot *boot, size_t count, struct err *err);
