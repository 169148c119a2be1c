/*
 * Marks: comments that are meant for us, `-- pg-entrypoint: WORDS`. They stand at the top of a script;
 * `allow` may also stand above the statement that it is meant for.
 */
#pragma once

#include <stdbool.h>

struct allow;
struct arena;
struct err;
struct script;
struct source;

/* Reads all marks of script->source, and where the comments at its top end. */
bool mark_read_all(struct script *script, struct arena *arena, struct err *err);

/*
 * Reads a comment below the top, up to `end`: an `allow` is put in front of *allows, other marks would
 * have no effect and are FAULT_WRONG. A comment that is no mark is fine.
 */
bool mark_read_below(const struct allow **allows, const struct source *source, const char *comment,
                     const char *end, struct arena *arena, struct err *err);
