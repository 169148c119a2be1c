/*
 * The bytes of a source with all its compressions taken off, by content and not by name: gzip, zstd, xz, bzip2, lz4, in each
 * other too. What is in a tar or a zip is opened member by member, not by this (stream/members.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct reader;

/* As stream_pull (stream.h): the next bytes, which stay until the next call; *length 0 is the end. */
typedef bool reader_source(void *from, const char **bytes, size_t *length, struct err *err);

/*
 * Reads the file from where it stands; the descriptor stays the caller's, the path is for messages. A noted signal ends any call.
 * FAULT_NO_SOURCE: it cannot be read. FAULT_WRONG: compressed more than four times, or what reader_read says of its beginning.
 * Owner: reader_close, after failure too.
 */
bool reader_open(struct reader **reader, int file, const char *path, struct arena *arena,
                 struct err *err);

/* The same of what a function gives. */
bool reader_open_on(struct reader **reader, reader_source *source, void *from, const char *path,
                    struct arena *arena, struct err *err);

/* The same, of what was read so to its end before: now gzip is read in half the time. */
bool reader_open_proven(struct reader **reader, reader_source *source, void *from, const char *path,
                        struct arena *arena, struct err *err);

/* The first bytes, 64 KB of them or all there are; they can be read all the same. Until the first read only. */
const char *reader_head(const struct reader *reader, size_t *length);

/*
 * Fills the room but at the end. *length 0: the end, and every checksum and length held, and nothing stands behind. FAULT_WRONG:
 * truncated, damaged, followed by something.
 */
bool reader_read(struct reader *reader, char *bytes, size_t room, size_t *length, struct err *err);

/* Without a copy; of a struct reader, so that one source can be read through another. */
bool reader_pull(void *reader, const char **bytes, size_t *length, struct err *err);

/* Bytes so far: of the file, for progress, and of what it holds. */
int64_t reader_taken(const struct reader *reader);
int64_t reader_given(const struct reader *reader);

/* "gzip", "gzip in zstd", ""; in the arena. */
const char *reader_codecs(const struct reader *reader);

/* Does a checksum stand over every byte that is given? */
bool reader_is_checked(const struct reader *reader);

/* Accepts NULL. */
void reader_close(struct reader **reader);
