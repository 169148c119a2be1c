/* `restore --replace SOURCE`: a database that is not empty, by a new one with what a backup holds. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;
struct supply;
struct volumes;

/* Loads a source into the database of the boot's session, which is empty; the volumes are unpacked, and not yet in their place. */
typedef bool replace_fill(struct boot *boot, const struct supply *supply, struct volumes *volumes,
                          struct err *err);

/*
 * With the boot lock held, and a proven supply: makes a database beside it, fills it, and swaps the two at the end, in one transaction.
 * At every instant the name stands for all of the old one or all of the new one. The old one is kept under a dated name, unless
 * --no-safety-copy. The volumes (volumes_find; NULL: none) follow once it is done: cut off in between, the next start sees by the
 * database that they are due. FAULT_USAGE without the phrase; FAULT_CONFIG with the grant where the role may not. The boot's session is one in
 * the new database then, and the application's own login is proven.
 */
bool replace_run(struct boot *boot, const struct supply *supply, struct volumes *volumes,
                 replace_fill *fill, struct err *err);
