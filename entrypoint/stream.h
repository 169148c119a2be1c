/*
 * What compressed files hold. How they are compressed is told by their content, never by their name:
 * gzip, xz, zstd, bzip2, lz4.
 */
#pragma once

#include <stdbool.h>

struct err;
struct text;

/*
 * Adds the content of a file of an open folder (AT_FDCWD: the current one), whole; the path is for
 * messages. FAULT_WRONG: not compressed, truncated, damaged (a gzip file's CRC and length are
 * checked; xz, zstd and lz4 where they carry a checksum), more than 512 MB. FAULT_NO_SOURCE: it
 * cannot be read. On failure part of it may have been added.
 */
bool stream_unpack(struct text *text, int folder, const char *name, const char *path,
                   struct err *err);
