/* A tar or a zip: what it is of, and whether all of it that is a backup is whole. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct err;
struct found;
struct reader;

/* Does so much come out of so little that nobody can have meant it? More than 1 GB, and 500 times as much. Pure. */
bool container_is_bomb(int64_t unpacked, int64_t packed);

/* FAULT_WRONG, of a member too, if it belongs to the backup: what people keep in a volume may be as damaged as it likes. */
bool container_prove(struct found *found, struct reader *reader, const char *path, int depth,
                     struct arena *arena, struct err *err);

/* The same of what is known to be files: reads it to its end, whatever they are named and hold. */
bool container_pass(struct reader *reader, const char *path, struct err *err);
