/*
 * Another migrator (`alembic upgrade head`), run as migrate_command under the boot lock, and migrate_command_check, which says
 * whether it has nothing to do. Without a check it is due at every start.
 */
#pragma once

#include <stdbool.h>

struct answer;
struct arena;
struct boot;
struct config;
struct err;
struct question;

/* Early: are there programs of these names? FAULT_CONFIG. */
bool migrator_check(const struct boot *boot, struct err *err);

/* By the last look: is the command to run? */
bool migrator_is_due(const struct boot *boot);

/* Is there a check, so that it will be known when the command has run somewhere else? */
bool migrator_can_tell(const struct config *config);

/* A check that is a query, for the look, which asks it; false: there is none. */
bool migrator_question(const struct config *config, struct question *question);

/* What a query's answer means; a value (of its first row and column, NULL: none) that is not true means: something is to do. */
bool migrator_is_done(const struct answer *answer);
bool migrator_proves(const char *value);

/* A check that is a command: runs it, and notes in boot->facts what it says. Nothing, where there is none. */
bool migrator_ask(struct boot *boot, struct err *err);

/* Runs the command, with no transaction open; then the check must say that nothing is left to do. FAULT_WRONG. */
bool migrator_run(struct boot *boot, struct err *err);
