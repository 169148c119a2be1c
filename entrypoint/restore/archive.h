/* A custom archive of pg_dump: is all in it that its table of contents promises? */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct reader;
struct toc;

/*
 * Reads it to its end: the table of contents, a block of data for each entry that has some, where it is said to be, each
 * decompressed and ended as it should be; nothing behind the last but, maybe, the same table (toc_read_again). FAULT_WRONG. An
 * archive that was written into a pipe says nothing of offsets, and is as good. toc: in the arena, as far as it was read on
 * failure too.
 */
bool archive_prove(struct toc *toc, struct reader *reader, const char *path, struct arena *arena,
                   struct err *err);

/* The last bytes of an entry's data. */
struct tail {
	char at[5];
	int64_t total;
};

void tail_add(struct tail *tail, const char *bytes, size_t length);

/* Does what pg_dump writes for a table end so? is_copy: by COPY, else by INSERTs. Pure. */
bool tail_is_whole(const struct tail *tail, bool is_copy);
