/* Files of another tool as migrations. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct migration;
struct migrations;
struct script;

/*
 * What the name of a file says, as migrations->format reads it: all but its script. False: it is none, which is told; *is_down:
 * it takes back the one of its version.
 */
bool peer_read_name(struct migration *migration, bool *is_down, const struct migrations *migrations,
                    const char *path, const char *file, struct arena *arena);

/* It is no migration that only its own tool can run: FAULT_WRONG with file and line. */
bool peer_may_run(const struct migration *migration, struct err *err);

/* Reads the file of its own that takes it back: migration->down has its path. */
bool peer_read_down(const struct migration *migration, struct script *script, struct arena *arena,
                    struct err *err);
