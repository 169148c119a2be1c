/* Step: become the application. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * What can be told of the program and its user before any work is done, so that a typing error fails
 * at once: FAULT_NOT_FOUND, FAULT_CANNOT_RUN, FAULT_CONFIG. Doubt passes.
 */
bool become_check(const struct boot *boot, struct err *err);
