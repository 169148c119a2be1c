/* See set.h. */
#include "set.h"
#include "kind.h"
#include "prove.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../folder.h"
#include "../log.h"
#include "../scoped.h"
#include "candidate.h"
#include "manifest.h"
#include "shipment.h"

/* The archives of a set while it is read. */
struct reading {
	const char *place; /* "backups/", "" */
	const char *dump;  /* by its name */
	const char **archives;
	size_t count;
	struct arena *arena;
};

static void
add(struct reading *reading, const char *name)
{
	const char *path = arena_join(reading->arena, reading->place, folder_base_name(name), "");

	for (size_t i = 0; i < reading->count; i++)
		if (strcmp(reading->archives[i], path) == 0)
			return;
	reading->archives = arena_grow(reading->arena, reading->archives, reading->count,
	                               sizeof *reading->archives);
	reading->archives[reading->count++] = path;
}

static bool
read_manifest(struct reading *reading, struct set *set, struct err *err)
{
	const char *text, *const *names;

	if (!manifest_read(&set->manifest, &text, set->dump, reading->arena, err))
		return false;
	if (!set->manifest)
		return true;
	for (names = manifest_files(text, reading->arena); *names; names++)
		if (strcmp(folder_base_name(*names), reading->dump) != 0)
			add(reading, *names);
	return true;
}

/* Of one that is there as it was before. */
static bool
is_encrypted_copy(const struct folder *folder, const char *name, struct arena *arena)
{
	static const char *const endings[] = { ".gpg", ".age", ".enc" };
	size_t length = 0;

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (folder_name_ends(name, endings[i]))
			length = strlen(name) - strlen(endings[i]);
	return length &&
	       faccessat(folder->descriptor, arena_copy_n(arena, name, length), F_OK, 0) == 0;
}

static bool
read_folder(struct reading *reading, const struct volume_settings *volumes, struct err *err)
{
	SCOPED(folder_close) struct folder folder = { .descriptor = -1 };
	struct err ignored = { 0 }; /* nobody needs what lies there, then */
	struct candidate wanted;

	if (!candidate_read(&wanted, reading->dump, reading->arena) || !wanted.when)
		return true;
	if (!folder_open(&folder, *reading->place ? reading->place : ".", reading->arena,
	                 volumes->count ? err : &ignored))
		return !volumes->count;
	for (size_t i = 0; i < folder.count; i++)
		if (shipment_is_beside(folder.names[i], reading->dump, volumes, reading->arena) &&
		    !is_encrypted_copy(&folder, folder.names[i], reading->arena))
			add(reading, folder.names[i]);
	return true;
}

bool
set_read(struct set *set, const char *dump, const struct volume_settings *volumes,
         struct arena *arena, struct err *err)
{
	const char *name = candidate_name(dump);
	struct reading reading = { .place = arena_copy_n(arena, dump, (size_t)(name - dump)),
		                   .dump = name,
		                   .arena = arena };

	*set = (struct set){ .dump = dump };
	if (!read_manifest(&reading, set, err) || !read_folder(&reading, volumes, err))
		return false;
	reading.archives =
		arena_grow(arena, reading.archives, reading.count, sizeof *reading.archives);
	reading.archives[reading.count] = NULL;
	set->archives = reading.archives;
	return true;
}

static bool
is_there(const struct set *set, const char *archive, struct err *err)
{
	if (faccessat(AT_FDCWD, archive, F_OK, 0) == 0)
		return true;
	(void)err_set(err, FAULT_WRONG, "%s: not whole: %s is missing, which %s names", set->dump,
	              archive, candidate_name(set->manifest)); /* false below */
	return err_hint(err, "put it beside the dump again; --only db: the database alone");
}

bool
set_ship(struct shipment *shipments, const struct set *set, const struct volume_settings *volumes,
         struct err *err)
{
	for (const char *const *at = set->archives; *at; at++) {
		const size_t owner = shipment_owner(*at, volumes);

		if (owner < volumes->count &&
		    !shipment_put(&shipments[owner], &(struct shipment){ *at, *at, 0 }, err))
			return false;
	}
	return true;
}

void
set_tell_strange(const struct set *set, const struct volume_settings *volumes)
{
	for (const char *const *at = set->archives; *at; at++)
		if (shipment_owner(*at, volumes) == SIZE_MAX)
			log_warn("%s belongs to this backup, and `volumes` names no folder for it: "
			         "it is not restored",
			         *at);
}

bool
set_prove_archive(const struct set *set, const char *archive, struct arena *arena, struct err *err)
{
	return is_there(set, archive, err) && prove_volume(archive, set->manifest, arena, err);
}

bool
set_prove(const struct set *set, struct text *page, struct err *err)
{
	for (const char *const *at = set->archives; *at; at++) {
		SCOPED(arena_drop) struct arena arena = { 0 };

		if (!set_prove_archive(set, *at, &arena, err))
			return false;
		text_print(page, "with it: %s, whole\n", *at);
	}
	return true;
}
