/* `restore SOURCE`: a backup into an empty database, all of it or nothing. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * With the boot lock held, proves this source, says what is done with it, and fills the database. FAULT_WRONG: it or the database is not as
 * it must be, and nothing was changed.
 */
bool restore_source(struct boot *boot, const char *path, struct err *err);

/*
 * Before anything else: names what a pattern among the operands means. FAULT_USAGE: options that do not go together. FAULT_NO_SOURCE:
 * what is to be restored is not there, for which no server need be waited for.
 */
bool restore_prepare(struct boot *boot, struct err *err);

/* The same, as the command. FAULT_WRONG: the source or the database is not as it must be, and nothing was changed. */
bool restore_run(struct boot *boot, struct err *err);

/*
 * Is no database written: --check, --list, --plan, --lint, or not one source? Nor is it with --pgdata (restore/pgdata.h), and with
 * --only and no `db` behind it.
 */
bool restore_only_says(const struct boot *boot);

/*
 * Says it. --check, --list, not one source: restore/listing.h. --plan: asks the server what it has, and prints what would be kept, mapped and dropped,
 * and why. --replace with a volume: FAULT_USAGE. --lint: what a dump that is not trusted could do with our rights; FAULT_WRONG where there is anything; needs no server.
 */
bool restore_say(struct boot *boot, struct err *err);
