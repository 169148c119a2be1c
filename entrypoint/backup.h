/* Backups of the database: one before migrations, one when it is asked for. Each is whole, or is not there. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/* Early, before anything is asked of the server: can a backup be written if it has to be? FAULT_CONFIG, FAULT_CANNOT_WRITE. */
bool backup_check(const struct boot *boot, struct err *err);

/*
 * With the boot lock held and something about to change the schema: writes pre_migration_YYYYMMDD_HHMMSS.sql.gz into backup_dir,
 * once in a boot; its path is in boot->backup then. Does nothing where backup_before_migrate is off or the database is empty.
 */
bool backup_before_migrate(struct boot *boot, struct err *err);

/* After a failed change: adds to err the file that was written before it, and how to go back. False. */
bool backup_advise(const struct boot *boot, struct err *err);

/* The same of the newest pre_migration_* in backup_dir, where a change cannot be undone; adds nothing where there is none. False. */
bool backup_advise_newest(const struct boot *boot, struct err *err);

/* Command: backup [FILE|FOLDER|-]. */
bool backup_run(struct boot *boot, struct err *err);
