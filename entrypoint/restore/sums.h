/* Checksums that lie beside a file: NAME.sha256, NAME.md5, and what a manifest says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct sums;

/*
 * Those of a file, as sha256sum, md5sum and their BSD kin write them. The manifest is that of the dump which it belongs to; NULL: its
 * own. NULL in *sums: there are none. FAULT_NO_SOURCE, FAULT_WRONG: one is there, but cannot be read, or does not name this file,
 * which a manifest need not. In the arena.
 */
bool sums_open(struct sums **sums, const char *path, const char *manifest, struct arena *arena,
               struct err *err);

/* The file's bytes, all of them, in turn. Accepts NULL. */
void sums_add(struct sums *sums, const char *bytes, size_t length);

/* FAULT_WRONG: one says something else. *path: of the one that held, NULL if there is none. */
bool sums_compare(struct sums *sums, const char **path, struct err *err);
