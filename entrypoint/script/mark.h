/* Marks: comments at the top of a script that are meant for us, `-- pg-entrypoint: WORDS`. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct script;

/* Reads all marks of script->source, and where the comments at its top end. */
bool mark_read_all(struct script *script, struct arena *arena, struct err *err);

/* The words of the mark that a comment holds, or NULL: it holds none. */
const char *mark_words(const char *comment, const char *end);
