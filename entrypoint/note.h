/* What a run that changed the schema leaves in our tables, for later starts and for `migrate verify`. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/* One relation, by which a start sees that the database lost its tables; and the fingerprint of the catalog. */
bool note_result(struct boot *boot, struct err *err);
