/*
 * The files of a tar or a zip below an open folder, whatever its members say of themselves. Names that are absolute or have `..`
 * in them, links that lead out, members behind a link, devices and what is there twice end it with FAULT_WRONG; nothing outside
 * of the folder is ever touched. Nobody else may write into the folder meanwhile: let it be a hidden one that is renamed at the
 * end (tree.h). Extended attributes are not taken. Memory grows with the number of folders only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct arena;
struct err;
struct member;
struct members;

/* To whom what is unpacked belongs. */
enum owners {
	OWNERS_OURS,  /* to us: no owner is set */
	OWNERS_GIVEN, /* to user and group below; FAULT_CANNOT_WRITE where we may not */
	OWNERS_KEPT,  /* as in the archive; to us where we may not, which is counted */
};

struct unpacking {
	const char *
		below; /* the folder of the archive that is meant, "var/lib/data"; "": all. Its own member is
	                      taken too, for the folder's own attributes; what lies beside it is left out */
	bool (*takes)(
		const char *name); /* NULL: all. Is it to be unpacked? By its name below `below` */
	enum owners owners;
	uid_t user;
	gid_t group;
	mode_t modes;       /* which bits of a mode are kept: 0777, 0700 */
	mode_t folder_bits; /* of a folder these too: 03000, which harm nobody there */
	int64_t most;       /* bytes that all files may have together */
	/* Whose owner and mode a folder gets that has no member of its own, the top too; NULL: it is ours alone. */
	const struct stat *mold;
};

struct unpacked {
	int64_t files, folders, links; /* hard links are files */
	int64_t bytes;
	int64_t beside;  /* members that were left out, because they do not lie in `below` */
	int64_t strange; /* OWNERS_KEPT: whose owner was not kept */
};

/* Where a member goes, below the folder; in the arena. */
struct placed {
	/* Without double slashes and the like; "": it is the folder itself; NULL: it is left out. */
	const char *name;
	bool is_beside; /* because it does not lie in `below` */
	/* Of a hard link the name of that file below the folder, of a symbolic one as it stands. */
	const char *target;
};

/*
 * FAULT_WRONG: it may not be unpacked; the path is that of the archive, for messages. Sees one member only: that it lies behind a
 * link, or is there twice, is seen when it is unpacked. Pure.
 */
bool unpack_judge(struct placed *placed, const struct member *member,
                  const struct unpacking *unpacking, const char *path, struct arena *arena,
                  struct err *err);

/*
 * All of them, to the end of the archive, with modes and times, and synced to the disk when it returns. FAULT_CANNOT_WRITE: the
 * disk is full, or it may not be written there. On failure part of it is there. A noted signal ends it.
 */
bool unpack_run(struct unpacked *unpacked, int folder, struct members *members,
                const struct unpacking *unpacking, const char *path, struct err *err);
