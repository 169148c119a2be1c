/*
 * The login that loads dumps which nobody has read: the setting restore_as. A dump is SQL, and as a superuser it could run commands
 * on the server's host; no `set role` keeps it from that, since it may say `reset role`. A plain login of its own cannot.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct db;
struct err;
struct target;

/* Is a dump to be loaded by it? Not with --trusted. */
bool restorer_is_due(const struct boot *boot);

/* Its role; NULL: a dump is loaded by the boot's own. FAULT_CONFIG. In the arena. */
bool restorer_role(const char **role, const struct boot *boot, struct arena *arena,
                   struct err *err);

/*
 * A session of it in the database of the boot's session, on the same address; it ends when that of the lock breaks. All that is
 * restored belongs to it. FAULT_CONFIG: it is no plain login, may make nothing in the database, or its objects would be out of reach
 * for the boot's own role; with the statement that mends it. FAULT_LOGIN. Owner: db_close.
 */
struct db *restorer_open(struct boot *boot, struct target *target, struct arena *arena,
                         struct err *err);

/*
 * Our own schema stays the boot's: the login may write its rows until it is dismissed, but put no trigger there, which would run with
 * our rights one day. That it could not be dismissed is a warning.
 */
bool restorer_admit(struct boot *boot, const struct db *restorer, struct err *err);
void restorer_dismiss(struct boot *boot, const struct db *restorer);

/* The same after a run that was cut off behind what it loaded. Nothing where restore_as is not set. */
void restorer_dismiss_late(struct boot *boot);
