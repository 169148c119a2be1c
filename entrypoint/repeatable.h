/* The order of repeatables: by name, but for what `-- pg-entrypoint: after NAME` demands. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct migrations;

/*
 * Puts the repeatables into the order of application: of those that nothing holds back always the
 * first by name. A name that no repeatable has, and a circle, are FAULT_WRONG with file:line:column.
 */
bool repeatables_order(struct migrations *migrations, struct arena *arena, struct err *err);

/* Sorts all by version, as the ledger is, or back into the order of application. */
void repeatables_sort(struct migrations *migrations, bool is_by_rank);

/*
 * Where the ledger is newer than all these files, a repeatable that ran with another text stays as it is: that is of a
 * newer image, whose application may run now. One that never ran, was cut off or is to run again still is to run. Pure.
 */
void repeatables_yield(struct migrations *migrations);

/*
 * What comes after a repeatable that is to run is to run again too: what the first makes anew
 * (`drop view ... cascade`) may have taken the second with it. Pure.
 */
void repeatables_spread(struct migrations *migrations);
