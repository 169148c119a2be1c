/* A tar (POSIX's pax form) that is written member by member. Include stream.h before. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct member;
struct tar;

/* A piece of a file that is stored; between them zeros are read, of which nothing is. */
struct extent {
	int64_t at, length;
};

/* What it becomes is given to `take`; the path is for messages. NULL: FAULT_SYSTEM. Owner: tar_close. */
struct tar *tar_open(const char *path, stream_take *take, void *to, struct arena *arena,
                     struct err *err);

/*
 * Begins a member (stream/members.h); of a file as many bytes follow as its size says. Extents, in their order, are those of a
 * file with holes; count 0: it has none. What take has failed with passes through.
 */
bool tar_begin(struct tar *tar, const struct member *member, const struct extent *extents,
               size_t count, struct err *err);

/* Its next bytes, the zeros of holes too. */
bool tar_add(struct tar *tar, const char *bytes, size_t length, struct err *err);

/* The two blocks of zeros that end it. */
bool tar_finish(struct tar *tar, struct err *err);

/* Accepts NULL. What was not finished has no end. */
void tar_close(struct tar **tar);
