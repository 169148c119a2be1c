/* Command: the state of the database, on standard output, as text or JSON. It only reads. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

bool status_run(struct boot *boot, struct err *err);
