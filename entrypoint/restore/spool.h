/*
 * What must be read again and does not lie on a disk as it is needed: a file without a name in TMPDIR, which is gone when we are,
 * or a folder there. What a killed run has left of a folder is removed by the next one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

/* As stream_pull (stream.h). */
typedef bool spool_source(void *from, const char **bytes, size_t *length, struct err *err);

struct spool {
	const char *path; /* to open it by, again and again, in this process; of a folder by all */
	int descriptor;
	bool is_folder;
	const char *name, *place; /* of a folder in TMPDIR; TMPDIR */
};

/*
 * With room for so many bytes; 0: not known yet. FAULT_CANNOT_WRITE: there is no room for them, or TMPDIR cannot be written. Owner:
 * spool_close.
 */
bool spool_make_file(struct spool *spool, int64_t needed, struct arena *arena, struct err *err);
bool spool_make_folder(struct spool *spool, int64_t needed, struct arena *arena, struct err *err);

/* All that is pulled, into the file. FAULT_CANNOT_WRITE; what pull has failed with passes through. */
bool spool_fill(const struct spool *spool, spool_source *pull, void *from, struct err *err);

/* The same into a new file of the folder. FAULT_WRONG: there is one of that name. */
bool spool_add(const struct spool *spool, const char *name, spool_source *pull, void *from,
               struct err *err);

/* Gives a file of the folder a second name; one that is there stays. */
bool spool_link(const struct spool *spool, const char *name, const char *second, struct err *err);

/* Nothing is left of it. */
void spool_close(struct spool *spool);
