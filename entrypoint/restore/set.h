/*
 * A backup set: a dump and what lies beside it and belongs to it, which is its manifest and the archives of files that the manifest
 * names, or that have the dump's time in their names.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct shipment;
struct text;
struct volume_settings;

struct set {
	const char *dump;     /* its path; of a link that has nothing beside it that of the file */
	const char *manifest; /* likewise; NULL: it has none */
	/* Paths, ending with NULL: first those that the manifest names, there or not, then those of the same time. */
	const char *const *archives;
	size_t named;
	const char *unread; /* why its folder could not be read; NULL: it was */
};

/*
 * Of a dump, also of one that is no file and has no set. FAULT_NO_SOURCE: its manifest cannot be read. FAULT_WRONG: that has a line
 * without a checksum. In the arena.
 */
bool set_read(struct set *set, const char *dump, const struct volume_settings *volumes,
              struct arena *arena, struct err *err);

/*
 * The archive of the volume of this index, if there is one, read to its end. FAULT_WRONG: two may be meant, it is damaged, missing,
 * or not as the manifest says. FAULT_NO_SOURCE: the folder cannot be read.
 */
bool set_ship(struct shipment *shipment, const struct set *set,
              const struct volume_settings *volumes, size_t volume, struct arena *arena,
              struct err *err);

/* Warns of archives that are of no volume. */
void set_tell_strange(const struct set *set, const struct volume_settings *volumes);

/*
 * Proves each as a restore does, those of no volume as far as they can be read, and tells of each that it is whole. One that only has
 * the time of the dump may be somebody else's: what is wrong with it is told, and no failure.
 */
bool set_prove(const struct set *set, const struct volume_settings *volumes, struct text *page,
               struct err *err);
