/* The files of a directory or tar archive of pg_dump, in whatever order they come by. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct parts;
struct reader;
struct toc;

/* In the arena. */
struct parts *parts_new(struct arena *arena);

/* Reads one to its end; the name is its own, without a folder: toc.dat, 3381.dat.gz. FAULT_WRONG: it is damaged. */
bool parts_add(struct parts *parts, const char *name, struct reader *reader, const char *path,
               struct err *err);

/* Are there all that the table of contents names, each ended as it should be? FAULT_WRONG. *toc: NULL while it was not there. */
bool parts_prove(struct parts *parts, const char *path, struct err *err);
struct toc *parts_toc(struct parts *parts);

/* Does a checksum stand over the data of each? */
bool parts_are_checked(const struct parts *parts);

/* Is a large object a file by itself, neither compressed nor with its length anywhere? A tar knows it, a folder does not. */
bool parts_are_bare(const struct parts *parts);
