/* A file that appears whole or not at all: it is written beside under a hidden name, synced, then renamed. */
#pragma once

#include <stdbool.h>
#include <time.h>

struct arena;
struct err;

struct keep {
	struct arena *arena;
	const char *path; /* what it will be called: folder and name */
	const char *name;
	const char *folder_path;
	const char *hidden; /* its name until then; NULL: it was not made, or is renamed */
	time_t when;        /* the time in its name, or that of its beginning */
	int folder, file;   /* -1: not open; the file can be written and read */
};

/* A folder that can be written to? FAULT_CONFIG: there is none; FAULT_CANNOT_WRITE. The name is the setting's, or NULL. */
bool keep_check(const char *folder, const char *setting, struct err *err);

/*
 * Makes the hidden file, with mode 0600. With a kind (backup/name.h) its name is the first of now and the seconds that follow
 * that is not taken, also by another who writes just now; else it is `name`, which is replaced in the end. What killed runs
 * have left of backups is removed. FAULT_CANNOT_WRITE. Owner: keep_close.
 */
bool keep_begin(struct keep *keep, const char *folder, const char *kind, const char *name,
                struct arena *arena, struct err *err);

/* Brings it to the disk, so that reading it shows what is there. */
bool keep_sync(struct keep *keep, struct err *err);

/* Gives it its name, with a file for sha256sum -c beside, and one with the text of the manifest (restore/manifest.h; NULL: none). */
bool keep_finish(struct keep *keep, const char *hash, const char *manifest, struct err *err);

/* Takes back one that was finished, because what it belongs to could not be. */
void keep_withdraw(const struct keep *keep);

/* Accepts the empty one (descriptors -1). What was not finished is removed. */
void keep_close(struct keep *keep);
