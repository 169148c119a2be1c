/* Connections that are no sessions: further targets of the wait, and what `health` asks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct names;

/* tcp://host:port and file:/path, all at once, until all are there; FAULT_NO_SERVER names what is not, FAULT_CONFIG what is neither. */
bool reach_all(const struct names *targets, int64_t deadline, struct err *err);

/* Digits, 1 to 65535. Pure. */
bool reach_is_port(const char *text);

/* A connection to the first address of the host that accepts one; the caller closes it. Nobody does: FAULT_NO_SERVER. */
bool reach_connect(const char *host, const char *port, int64_t deadline, int *connection,
                   struct err *err);
