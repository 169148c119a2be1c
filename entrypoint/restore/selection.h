/* `--only db,volume:media`: which parts of a backup are restored. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct config;
struct err;
struct volume_settings;

struct selection {
	const char *text; /* NULL: all that there is */
	bool has_database;
};

/* FAULT_USAGE: a word that is neither `db` nor `volume:NAME` with the name of a volume that is set. */
bool selection_read(struct selection *selection, const char *text, const struct config *config,
                    struct arena *arena, struct err *err);

/* Is a volume of that name among them; is any of these? Pure. */
bool selection_has(const struct selection *selection, const char *name);
bool selection_has_any(const struct selection *selection, const struct volume_settings *volumes);

/* A source that a person named, `FILE` or `NAME=FILE`: the index of the volume of that name, or SIZE_MAX; and the file. Pure. */
size_t selection_split(const char **file, const char *word, const struct volume_settings *volumes);
