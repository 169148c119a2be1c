/* `migrate accept VERSION`: a file that was changed after it ran is right as it is now. `migrate accept schema`: the schema is. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/* With the boot lock held. FAULT_USAGE without a version, FAULT_NO_SOURCE where no file has it. */
bool accept_run(struct boot *boot, struct err *err);
