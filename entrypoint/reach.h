/* Further targets of the wait: wait_for. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct names;

/* tcp://host:port and file:/path, all at once, until all are there; FAULT_NO_SERVER names what is not, FAULT_CONFIG what is neither. */
bool reach_all(const struct names *targets, int64_t deadline, struct err *err);
