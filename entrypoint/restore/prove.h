/* The proof of a backup before anything is written, without a server: every byte of it is read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct text;

/* Which of its bytes a checksum stands over: if one of them changes, that is seen for sure. */
enum cover { COVER_NONE, COVER_DATA /* but names and definitions */, COVER_ALL };

/* What a source is and holds. Include kind.h before. Texts are "" where nothing is said. */
struct found {
	enum kind kind;
	const char *codecs; /* "gzip", "gzip in zstd" */
	enum cover cover;
	const char *sums; /* the file with checksums beside it, which held */
	int64_t size;     /* of the file; of a directory all that was read */
	int64_t unpacked;
	const char *database, *server, *tool, *created;
	bool has_crlf;     /* its lines end as on Windows */
	bool has_no_ends;  /* large objects may have been cut unseen */
	struct text *list; /* what is in it, a line each */
	const char *order; /* early_list; NULL: as it stands */
	/* For those who unpack it (extract.h). */
	size_t dumps;           /* of a bundle: those that may be meant */
	size_t other_dumps;     /* which are not called like one, as those are */
	size_t archives;        /* of volumes, in it */
	const char *dump;       /* the one in it */
	size_t dump_at;         /* its number among the members, from 1 */
	int64_t needed;         /* bytes of what is unpacked */
	bool is_tar_of_pg_dump; /* KIND_PARTS: pg_restore reads it as it is */
};

/* Of which nothing is known yet. */
struct found prove_nothing(struct arena *arena);

/*
 * A file, "-" for standard input, or the folder of a directory archive. FAULT_NO_SOURCE: it is not there or cannot be read.
 * FAULT_WRONG: truncated, damaged, empty, or no backup; in words. found holds what is known until then. Tells every few seconds
 * how far it is; a signal ends it.
 */
bool prove_source(struct found *found, const char *path, struct arena *arena, struct err *err);

/*
 * The same of a volume's archive: what lies in it may be a dump, and damaged. The manifest (its path) is that of the dump which it
 * belongs to; NULL: there is none.
 */
bool prove_volume(const char *path, const char *manifest, struct arena *arena, struct err *err);

/* The same of an open file that was unpacked, from its beginning; the label is for messages. */
bool prove_again(struct found *found, int file, const char *label, struct arena *arena,
                 struct err *err);

/* "12 kB" */
const char *prove_size(int64_t size, struct arena *arena);
