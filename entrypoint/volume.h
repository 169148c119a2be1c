/*
 * A volume: a folder of files that belongs to the database. It is restored into a hidden folder of its own, because a mount point
 * cannot be renamed over, and only when all is there and synced its entries are renamed into their place. What is hidden tells
 * the next run how far a killed one has come.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct err;
struct volume_setting;

/* In a volume: folder for what is ours. */
#define VOLUME_HIDDEN ".pg-entrypoint"

enum volume_state {
	VOLUME_NEW, /* empty, and we have never seen it: if a database is full beside it, it was lost */
	VOLUME_KNOWN, /* empty, as we have seen it before */
	VOLUME_BEGUN, /* empty: a restore was cut off before all of it was there */
	VOLUME_READY, /* all of a restore is there, but perhaps not in its place */
	VOLUME_FULL,
};

/* What lies in it. */
struct volume_seen {
	bool has_entry, has_mark, has_tree, is_ready;
	bool is_replacing; /* what makes it full is the old one, which is yet to be put aside */
};

struct volume {
	const char *name, *path;
	bool is_critical;
	int folder, hidden, tree; /* open; -1: not, or not there */
	struct volume_seen seen;
	const char *awaited; /* is_ready: which database it waits for, as it was told; "": none */
	const char *entry;   /* the first that makes it full, or NULL */
	struct arena *arena;
};

/* Pure. */
enum volume_state volume_judge(const struct volume_seen *seen);

/* FAULT_CONFIG: it is not there. Names and path stay the setting's. Owner: volume_close, after a failure too. */
bool volume_open(struct volume *volume, const struct volume_setting *setting, struct arena *arena,
                 struct err *err);

/*
 * Waits until no other run is at it, keeps others from it until it is closed, and looks anew. FAULT_CANNOT_WRITE: it may not be
 * written. A signal ends it.
 */
bool volume_lock(struct volume *volume, struct err *err);

/*
 * With the lock: an empty hidden folder to unpack into, as volume->tree; what a killed run has left there is removed.
 * FAULT_CANNOT_WRITE. FAULT_WRONG: it is not empty any more.
 */
bool volume_begin(struct volume *volume, struct err *err);

/*
 * The same of one that is full, which stays as it is for now. When what is unpacked takes its place, the old one is kept in the
 * hidden folder, as before_20240618_101112; or is dropped.
 */
bool volume_begin_replacing(struct volume *volume, bool drops_old, struct err *err);

/* With so many bytes and files to come: FAULT_CANNOT_WRITE if there is no room for them. */
bool volume_has_room(const struct volume *volume, int64_t bytes, int64_t files, struct err *err);

/* With the lock: all of it is there and synced; `awaited` as in the struct. FAULT_CANNOT_WRITE. */
bool volume_be_ready(struct volume *volume, const char *awaited, struct err *err);

/*
 * With the lock: puts what is ready into its place, marks the volume as restored, and forgets the rest. The source is for messages;
 * NULL: that of a run that was cut off here. Can be cut off and done again. From its first step on it waits for no database.
 */
bool volume_place(struct volume *volume, const char *source, struct err *err);

/* With the lock: removes what is unpacked and not in its place; the volume is as it was before. */
bool volume_abandon(struct volume *volume, struct err *err);

/* We have seen it: from now on it may be empty beside a full database. FAULT_CANNOT_WRITE. */
bool volume_mark(struct volume *volume, struct err *err);

/* From what it was restored, and when, as its mark has it; "": it never was. In the volume's arena. */
const char *volume_origin(const struct volume *volume);

/* Says of a failure, but for a signal, which volume it was. Returns false. */
bool volume_blame(const struct volume *volume, struct err *err);

/* Accepts the empty one, {0} as well. */
void volume_close(struct volume *volume);
