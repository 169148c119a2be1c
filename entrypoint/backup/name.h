/* The names of backup files: KIND_YYYYMMDD_HHMMSS.sql.gz, in UTC. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct arena;

#define BACKUP_BEFORE "pre_migration"

const char *backup_name(const char *kind, time_t when, struct arena *arena);

/* The archive of a volume beside the dump of that name: media_backup_prod_20240618_101112.tar.gz. Pure. */
const char *backup_archive_name(const char *volume, const char *dump, struct arena *arena);

/* 2024-06-18T10:11:12Z. Pure. */
const char *backup_time(time_t when, struct arena *arena);

/* The newest of a kind among sorted names, or NULL. Pure. */
const char *backup_name_newest(const char *const *names, size_t count, const char *kind);

/* Does it end as those names do, with a time behind something: _20240618_101112.sql.gz, .tar.gz? Pure. */
bool backup_name_is(const char *name, size_t length);

/* The command that restores a backup into an empty database, with the settings that made it, as words for a shell. Pure. */
const char *backup_restore_words(const char *path, struct arena *arena);
