/*
 * The table of contents of pg_dump's archives, versions 1.12 (pg_dump 9.0) to 1.16 (18), as pg_backup_archiver.c writes it. It
 * serves the proof of wholeness and the listing only: what is restored is read by pg_restore itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct cursor;
struct err;

enum toc_format { TOC_CUSTOM = 1, TOC_FILES = 3 /* directory and tar */ };

struct toc_entry {
	int64_t id;
	const char *kind, *schema, *name; /* "TABLE DATA"; schema may be empty */
	int64_t *needs;                   /* entries that come before it, by their numbers */
	size_t need_count;
	bool is_index;    /* all that it does is to make one, or a constraint that is one */
	bool is_slow;     /* which takes much longer than a B-tree: GIN, GiST */
	bool is_own_copy; /* its data go to the table that it names */
	bool has_data;
	bool is_objects;  /* large objects */
	bool is_copy;     /* its data are those of a COPY, which has an end mark */
	int64_t offset;   /* of its data in a custom archive; 0: not set, until they are found */
	const char *file; /* of its data in the others, or NULL */
	bool was_found;   /* its data, by who proves them */
	int64_t size;     /* of its data, unpacked */
};

struct toc {
	int minor; /* 14: version 1.14 */
	enum codec codec;
	const char *created; /* "2026-11-25 15:41:07", the clock of the machine that wrote it */
	const char *database, *server, *tool; /* versions: "15.18"; "" if not said */
	struct toc_entry *entries;
	size_t count;
	struct toc_entry **by_id;
	unsigned char digest[32]; /* of all entries, but for the offsets of data */
};

/* FAULT_WRONG: another version, another format, nonsense in it, truncated. In the arena. */
bool toc_read(struct toc *toc, struct cursor *cursor, enum toc_format format, struct arena *arena,
              struct err *err);

/*
 * The table as it stands behind the data too where a custom archive was written to standard output, and that appends: offsets are
 * to replace the first, and do not (pg_dump 17 and 18 append always: SetOutput in pg_backup_archiver.c). FAULT_WRONG: it differs, or
 * says another offset than where the data were found.
 */
bool toc_read_again(const struct toc *toc, struct cursor *cursor, struct err *err);

/* NULL: there is none of that number. */
struct toc_entry *toc_find(const struct toc *toc, int64_t id);

/* A number as archives have them: FAULT_WRONG if it does not fit into four bytes. */
bool toc_number(struct cursor *cursor, int64_t *number, struct err *err);
