/* A folder with all that is in it, made beside and then put in its place. No link is ever followed. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;

/*
 * The first entry of an open folder that makes it not empty, in the arena, or NULL. lost+found, .gitkeep and .keep do not count,
 * nor does the name `beside` (NULL: none). The path is for messages. FAULT_CANNOT_WRITE: it cannot be read.
 */
bool tree_find_entry(int folder, const char *beside, const char **entry, const char *path,
                     struct arena *arena, struct err *err);

/* Removes an entry of an open folder with all that is below it; what is not there is removed already. FAULT_CANNOT_WRITE. */
bool tree_remove(int folder, const char *name, const char *path, struct err *err);

/*
 * Could tree_move take every entry out of this open folder, but `beside` and lost+found? Not another file system's that is
 * mounted there, nor, for other than root, a folder that may not be written. FAULT_CANNOT_WRITE with the first that stays.
 */
bool tree_can_move(int from, const char *beside, const char *path, struct err *err);

/*
 * Moves every entry of one open folder into another of the same file system, and syncs both; nothing there is replaced. `beside`:
 * a name that stays, and lost+found too (NULL: all go). One that was cut off is finished by the same call. FAULT_CANNOT_WRITE: an entry of that name is there, or it may not be done.
 */
bool tree_move(int from, int to, const char *beside, const char *path, struct err *err);
