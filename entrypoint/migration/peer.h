/* Files of another tool as migrations. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct folder;
struct migration;
struct migrations;

/* Reads one of migrations->format: to the others, or to the down files. */
bool peer_add_file(struct migrations *migrations, struct migrations *downs,
                   const struct folder *folder, const char *file, struct arena *arena,
                   struct err *err);

/* It is no migration that only its own tool can run: FAULT_WRONG with file and line. */
bool peer_may_run(const struct migration *migration, struct err *err);
