/*
 * What compressed files hold. How they are compressed is told by their content, never by their name:
 * gzip, xz, zstd, bzip2, lz4.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;
struct text;

/* Takes what a stream holds, piece by piece. */
typedef bool stream_take(void *to, const char *bytes, size_t length, struct err *err);

/*
 * Gives all that a gzip file holds, from where it stands to its end; the path is for messages. FAULT_WRONG: truncated or
 * damaged (CRC and length are checked, so take has seen all of it before that is told). FAULT_NO_SOURCE: it cannot be read.
 */
bool stream_gunzip(int file, const char *path, stream_take *take, void *to, struct err *err);

/*
 * Adds the content of a file of an open folder (AT_FDCWD: the current one), whole; the path is for
 * messages. FAULT_WRONG: not compressed, truncated, damaged (a gzip file's CRC and length are
 * checked; xz, zstd and lz4 where they carry a checksum), more than 512 MB. FAULT_NO_SOURCE: it
 * cannot be read. On failure part of it may have been added.
 */
bool stream_unpack(struct text *text, int folder, const char *name, const char *path,
                   struct err *err);
