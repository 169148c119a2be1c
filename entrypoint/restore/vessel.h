/*
 * The directory that a cold backup goes into, and the hidden folder in it where it is unpacked: at every instant the directory is as it
 * was, or has no global/pg_control, or is whole.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct arena;
struct err;

struct vessel {
	const char *path;
	const char *source; /* what is restored: its seal is known again by the next run */
	int folder, hidden, tree;
	bool is_sealed; /* all of it is unpacked already, by a run that was cut off */
	int owners;     /* enum owners (unpack.h), after vessel_choose_owner */
	uid_t user;
	gid_t group;
};

/*
 * Opens the directory, which is made where it lies in a mounted volume, and keeps others out. What a run that was cut off has left is
 * taken up (is_sealed) or is to be started over. FAULT_WRONG: it is not empty. FAULT_CANNOT_WRITE: it is not there. FAULT_BUSY: another
 * run has it. Owner: vessel_close.
 */
bool vessel_open(struct vessel *vessel, const char *path, const char *source, struct arena *arena,
                 struct err *err);
void vessel_close(struct vessel *vessel);

/* The directory's owner, unless that is root: then that of the archive. Nobody's is set where we are not root. */
void vessel_choose_owner(struct vessel *vessel, uid_t ours, int64_t user, int64_t group);

/* Away with what is hidden. */
bool vessel_clear(struct vessel *vessel, struct err *err);

/* An empty tree, for unpacking. */
bool vessel_begin(struct vessel *vessel, struct err *err);

/* The tree is whole, and synced: from now on the next run would go on with it. pg_control is laid aside. */
bool vessel_seal(struct vessel *vessel, struct err *err);

/* Into its place, pg_control last; then what is hidden goes. */
bool vessel_place(struct vessel *vessel, struct err *err);
