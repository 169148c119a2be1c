/*
 * What compressed files hold. How they are compressed is told by their content, never by their name:
 * gzip, xz, zstd, bzip2, lz4.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct stream;
struct text;

/* Takes what a stream holds, piece by piece. */
typedef bool stream_take(void *to, const char *bytes, size_t length, struct err *err);

/*
 * Adds the content of a file of an open folder (AT_FDCWD: the current one), whole; the path is for
 * messages. FAULT_WRONG: not compressed, truncated, damaged (a gzip file's CRC and length are
 * checked; xz, zstd and lz4 where they carry a checksum), more than 512 MB. FAULT_NO_SOURCE: it
 * cannot be read. On failure part of it may have been added.
 */
bool stream_unpack(struct text *text, int folder, const char *name, const char *path,
                   struct err *err);

/* Gives the next bytes, which stay until the next call; *length 0 is the end. */
typedef bool stream_pull(void *from, const char **bytes, size_t *length, struct err *err);

enum codec {
	CODEC_NONE,
	CODEC_GZIP,
	CODEC_ZSTD,
	CODEC_XZ,
	CODEC_BZIP2,
	CODEC_LZ4,
	CODEC_ZLIB, /* known by none of its bytes: only where it is said to be */
	CODEC_PROVEN_GZIP, /* gzip that was read to its end before: in half the time, and not as strictly */
};

/* By the first bytes, six are enough. Pure. */
enum codec stream_codec(const char *head, size_t length);
const char *stream_codec_name(enum codec codec);

/* Does a checksum stand over all that it holds? Of gzip and bzip2 always; the others say so in their first 8 bytes. Pure. */
bool stream_is_checked(enum codec codec, const char *head, size_t length);

/* Takes one compression off what is pulled; the path is for messages. NULL: FAULT_SYSTEM. Owner: stream_close. */
struct stream *stream_open(enum codec codec, const char *path, stream_pull *pull, void *from,
                           struct arena *arena, struct err *err);

/*
 * Fills the room but at the end; *length 0: the end, and every checksum and length in it held. FAULT_WRONG: truncated, damaged,
 * or something stands behind the end (but zeros behind gzip, as on a tape). What pull has failed with passes through.
 */
bool stream_read(struct stream *stream, char *bytes, size_t room, size_t *length, struct err *err);

/* Accepts NULL. */
void stream_close(struct stream **stream);
