/* A gzip file that is written piece by piece, and its SHA-256. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct gzip;

/* The descriptor stays the caller's; the name is for messages. NULL: FAULT_SYSTEM. Owner: gzip_close. */
struct gzip *gzip_open(int file, const char *name, struct arena *arena, struct err *err);

/* FAULT_CANNOT_WRITE. Where the file is a pipe, a signal that comes while it is full is a failure. */
bool gzip_add(struct gzip *gzip, const char *bytes, size_t length, struct err *err);

/* Writes what is left, and the trailer; without it what was written is told from a whole file. */
bool gzip_finish(struct gzip *gzip, struct err *err);

/* Bytes that were added, and that were written. */
int64_t gzip_added(const struct gzip *gzip);
int64_t gzip_written(const struct gzip *gzip);

/* Of the finished file, HASH_SIZE bytes in the arena. */
const char *gzip_hash(struct gzip *gzip);

/* Accepts NULL. */
void gzip_close(struct gzip **gzip);
