/*
 * The archive of a volume, and where it lies: a file, or a member of a bundle. Named like the volume: media_backup_*.tar.gz,
 * nexus-media-2026-01-01.tar.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct account;
struct arena;
struct err;
struct survey;
struct unpacked;
struct volume;
struct volume_settings;

struct shipment {
	const char *file;  /* to open; NULL: there is none */
	const char *label; /* what to call it */
	size_t member; /* of that file the one of this number, from 1; 0: it is the file itself */
};

/* Whose archive has this name: the index of the volume with the longest name in it, as a word; SIZE_MAX: nobody's. Pure. */
size_t shipment_owner(const char *name, const struct volume_settings *volumes);

/* Sets it, which was none before. FAULT_WRONG: it was: there are two for one volume. */
bool shipment_put(struct shipment *shipment, const struct shipment *found, struct err *err);

/*
 * Those in a bundle: a shipment each. FAULT_WRONG: there are two for one. The label's text is made in the arena.
 */
bool shipment_find_in(struct shipment *shipments, const char *bundle, const char *label,
                      const struct volume_settings *volumes, struct arena *arena, struct err *err);

/*
 * Of the archives beside a dump, by both names: whose this one is, if it is of the same moment and of no other environment; else
 * SIZE_MAX. Pure.
 */
size_t shipment_belongs(const char *name, const char *dump, const struct volume_settings *volumes,
                        struct arena *arena);

/* Likewise, whose it is or not: also one that is called as those of volumes are. Pure. */
bool shipment_is_beside(const char *name, const char *dump, const struct volume_settings *volumes,
                        struct arena *arena);

/* What it will become. FAULT_WRONG: damaged, no tar and no zip, or with members that may not be unpacked. */
bool shipment_survey(struct survey *survey, const struct shipment *shipment,
                     const struct volume *volume, struct arena *arena, struct err *err);

/* Unpacks it into volume->tree. Owner NULL: as in the archive. FAULT_WRONG, FAULT_CANNOT_WRITE: part of it is there. */
bool shipment_unpack(struct unpacked *unpacked, const struct shipment *shipment,
                     const struct survey *survey, const struct volume *volume,
                     const struct account *owner, struct err *err);
