/* What the bytes of a source are, and whether they are whole: of a file, or of a member of a tar or zip. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct found;
struct reader;
struct toc;

/* More of them in each other are nobody's backup. */
#define CONTENT_DEEPEST 4

/* Of an open reader, to its end. FAULT_WRONG: damaged, or no backup. */
bool content_prove(struct found *found, struct reader *reader, const char *path, int depth,
                   struct arena *arena, struct err *err);

/* Adds what a table of contents says, and its entries to the list. */
void content_take_toc(struct found *found, const struct toc *toc, struct arena *arena);

/* A line of the list; bytes that would change it are shown as question marks. */
void content_list(struct found *found, const char *line);
