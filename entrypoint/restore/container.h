/* A tar or a zip: what it is of, and whether all of it that is a backup is whole. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct found;
struct reader;

/* FAULT_WRONG, of a member too, if it belongs to the backup: what people keep in a volume may be as damaged as it likes. */
bool container_prove(struct found *found, struct reader *reader, const char *path, int depth,
                     struct arena *arena, struct err *err);
