/* Commands: to take over a database that another tool has migrated, and to say that migrations are applied already. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/* `migrate adopt --check`: what would be believed, and why; writes nothing. */
bool adopt_check(struct boot *boot, struct err *err);

/* `migrate adopt`: writes to our ledger what the other tool has applied. Needs the boot lock and a look. */
bool adopt_run(struct boot *boot, struct err *err);

/* The same before something else is done by hand, and another look; nothing where there is no history of another tool. */
bool adopt_before(struct boot *boot, struct err *err);

/* `migrate baseline VERSION`: all up to it count as applied, and are not run. Likewise. */
bool baseline_run(struct boot *boot, struct err *err);
