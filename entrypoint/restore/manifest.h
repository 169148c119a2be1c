/* What `backup` writes beside a dump: the rows of each table, so that a restore can prove that all of them arrived. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct config;
struct err;
struct fillings;
struct text;

/* Behind the name of the dump. */
#define MANIFEST ".manifest"

/* Tables and their rows, a line each: "rows 1000 public.t", with the table as COPY names it. Pure. */
void manifest_add_rows(struct text *text, const struct fillings *fillings);

/*
 * The archives that a text of these and other lines names: "SHA256 (NAME) = HEX" above "volume ..."; ends with NULL. Others' manifests
 * name what does not belong to the dump. FAULT_WRONG: without such a checksum; path and line are told. Pure.
 */
bool manifest_archives(const char *const **archives, const char *text, const char *path,
                       struct arena *arena, struct err *err);

/* That of a source, and its path; NULL: it has none. FAULT_NO_SOURCE: it cannot be read. In the arena. */
bool manifest_read(const char **path, const char **text, const char *source, struct arena *arena,
                   struct err *err);

/* The rows that a text of these and other lines says. FAULT_WRONG: one of them says none; path and line are told. Pure. */
bool manifest_rows(struct fillings *said, const char *text, const char *path, struct err *err);

/*
 * Is it what was loaded? Tables of these schemas (the last is NULL) do not count: of those not all rows are taken. FAULT_WRONG: of
 * a table there are more or fewer rows; path: what says so. Pure.
 */
bool manifest_compare(const struct fillings *said, const struct fillings *loaded,
                      const char *const *schemas, const char *path, struct err *err);

/*
 * All of that with the one beside a source, before what was loaded is marked as done; where there is none, nothing is proven.
 * Our own schema and foreign_schemas do not count. FAULT_NO_SOURCE: it cannot be read.
 */
bool manifest_prove(const char *source, const struct fillings *loaded, const struct config *config,
                    struct err *err);
