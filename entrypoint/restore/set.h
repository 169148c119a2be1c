/*
 * A backup set: a dump and what lies beside it and belongs to it, which is its manifest and the archives of files that the manifest
 * names, or that have the dump's time in their names.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct shipment;
struct text;
struct volume_settings;

struct set {
	const char *dump;            /* its path; a folder for a directory archive */
	const char *manifest;        /* likewise; NULL: it has none */
	const char *const *archives; /* their paths, ending with NULL; need not be there */
};

/*
 * Of a dump, also of one that is no file and has no set. FAULT_NO_SOURCE: its folder or its manifest cannot be read. In the arena.
 */
bool set_read(struct set *set, const char *dump, const struct volume_settings *volumes,
              struct arena *arena, struct err *err);

/* Each archive as that of its volume: a shipment each. FAULT_WRONG: there are two for one. */
bool set_ship(struct shipment *shipments, const struct set *set,
              const struct volume_settings *volumes, struct err *err);

/* Warns of archives that are of no volume. */
void set_tell_strange(const struct set *set, const struct volume_settings *volumes);

/* Reads one to its end. FAULT_WRONG: damaged, missing, not as the manifest says. */
bool set_prove_archive(const struct set *set, const char *archive, struct arena *arena,
                       struct err *err);

/* All of them, and tells of each that it is whole. */
bool set_prove(const struct set *set, struct text *page, struct err *err);
