/* Command: is what runs in this container well? For HEALTHCHECK and probes: it needs neither a shell nor curl. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * Asks the phase of the boot, the database by the application's connection, and what --http and --tcp name, each in turn
 * within health_timeout; operands (phase, database) choose of the first two. One line on standard output, as text or JSON;
 * FAULT_UNHEALTHY with nothing recorded at the first that is not well.
 */
bool health_run(struct boot *boot, struct err *err);
