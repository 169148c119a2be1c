/*
 * What a restore is made from: a source that was proven to be whole (prove.h), and of a kind that can be restored. What cannot be
 * read again where it lies (standard input, an archive in a codec, a dump in a bundle) is unpacked into TMPDIR first (spool.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct spool;

struct supply {
	const char *path;  /* as it was named; "standard input" */
	const char *label; /* what to call it in messages: "full.tar.gz: db_backup.sql" */
	const char *file;  /* what to open; as often as one likes, by this process alone */
	bool is_archive;   /* of pg_dump; else plain SQL */
	bool is_folder;    /* a directory archive */
	const char *order; /* early_list of it; NULL: as it stands */
	const char *bundle,
		*bundle_label; /* likewise, what the dump was in; NULL: it lies by itself */
	size_t archives;       /* of files, in the bundle */
	struct spool **spools;
	size_t spool_count;
};

/*
 * Reads all of the file or folder; "-" is standard input. The path must live on. FAULT_NO_SOURCE: it is not there. FAULT_WRONG: it
 * is damaged, or holds no dump that can be restored, or several. FAULT_CANNOT_WRITE: TMPDIR has no room for what is to be unpacked.
 * Owner: supply_close, after a failure too.
 */
bool supply_prove(struct supply *supply, const char *path, struct arena *arena, struct err *err);

/* Warns of archives in its bundle, but for those that are taken. */
void supply_tell_left(const struct supply *supply, size_t taken);

/* Accepts the empty one. */
void supply_close(struct supply *supply);
