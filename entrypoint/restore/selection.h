/* `--only db,volume:media`: which parts of a backup are restored. */
#pragma once

#include <stdbool.h>

struct arena;
struct config;
struct err;

struct selection {
	const char *text; /* NULL: all that there is */
	bool has_database;
};

/* FAULT_USAGE: a word that is neither `db` nor `volume:NAME` with the name of a volume that is set. */
bool selection_read(struct selection *selection, const char *text, const struct config *config,
                    struct arena *arena, struct err *err);

/* Is a volume of that name among them? Pure. */
bool selection_has(const struct selection *selection, const char *name);
