/* The volumes of a backup: an archive each, beside its dump. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct files;
struct keep;
struct selection;
struct text;

/*
 * Of the volumes that are selected: can each be read, does its name lead a restore from the dump to its archive, and is none cut off
 * in the middle of a restore? FAULT_CONFIG, FAULT_WRONG. *files: in the arena. Owner: files_close, after a failure too.
 */
bool files_open(struct files **files, const struct boot *boot, const struct selection *selection,
                struct arena *arena, struct err *err);

/*
 * Behind the dump's snapshot, so that what its rows speak of is there: writes the archives into its folder, hidden, and proves each by
 * reading it as a restore does. FAULT_NO_SOURCE, FAULT_CANNOT_WRITE, FAULT_WRONG.
 */
bool files_write(struct files *files, const struct keep *dump, struct err *err);

/* Lines of the manifest, with their checksums. */
void files_tell(const struct files *files, struct text *manifest);

/* Gives all of them their names; the dump follows last, so that none is of a backup that is not there. */
bool files_finish(struct files *files, struct err *err);

/* The dump could not be finished: away with them. */
void files_withdraw(const struct files *files);

/* Accepts NULL. */
void files_close(struct files **files);
