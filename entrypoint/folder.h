/* The files of a folder. A link is what it points to. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

struct folder {
	const char *path;
	int descriptor;     /* for openat; closed by folder_close */
	const char **names; /* sorted bytewise; none that begins with a dot, no subfolders */
	size_t count;
	const char **ignored; /* subfolders and what else is no file, sorted too */
	size_t ignored_count;
};

/*
 * Records errno of a file in that folder (AT_FDCWD: none) that could not be opened; where the permission is missing, with
 * mode and owner of what is closed, and who we are. FAULT_NO_SOURCE. Returns false.
 */
bool folder_blame(int folder, const char *name, const char *path, struct err *err);

/*
 * A folder, or an entry of it, that cannot be read (a dangling link) is FAULT_NO_SOURCE, never an
 * empty folder. Owner: folder_close.
 */
bool folder_open(struct folder *folder, const char *path, struct arena *arena, struct err *err);
/* Accepts {0}. The names stay, they live in the arena. */
void folder_close(struct folder *folder);

/* What stands behind the last slash of a path, or all of it; "" where it ends with one. Pure. */
const char *folder_base_name(const char *path);

/* Does the name of a file end so, with something in front? */
bool folder_name_ends(const char *name, const char *end);

/* Does what stands at a path lie below the folder? Both as realpath(3) gives them. Pure. */
bool folder_holds(const char *real_folder, const char *real_path);
