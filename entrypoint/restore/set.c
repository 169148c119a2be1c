/* See set.h. */
#include "set.h"
#include "kind.h"
#include "prove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../folder.h"
#include "../log.h"
#include "../scoped.h"
#include "../sort.h"
#include "../volume.h"
#include "../volume/survey.h"
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
	const char *path = arena_join(reading->arena, reading->place, name, "");

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
	if (!manifest_archives(&names, text, set->manifest, reading->arena, err))
		return false;
	for (; *names; names++)
		add(reading, *names);
	set->named = reading->count;
	return true;
}

/* Of one that is there as it was before. */
static bool
is_encrypted_copy(const struct reading *reading, const char *name)
{
	static const char *const endings[] = { ".gpg", ".age", ".enc" };
	size_t length = 0;

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (folder_name_ends(name, endings[i]))
			length = strlen(name) - strlen(endings[i]);
	return length &&
	       faccessat(AT_FDCWD,
	                 arena_print(reading->arena, "%s%.*s", reading->place, (int)length, name),
	                 F_OK, 0) == 0;
}

static int
by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* One that cannot be looked at, a link that leads nowhere, may be meant all the same. */
static bool
is_archive(const struct reading *reading, int folder, const char *name,
           const struct volume_settings *volumes)
{
	struct stat status;

	return strcmp(name, reading->dump) != 0 && *name != '.' &&
	       shipment_is_beside(name, reading->dump, volumes, reading->arena) &&
	       (fstatat(folder, name, &status, 0) != 0 || S_ISREG(status.st_mode)) &&
	       !is_encrypted_copy(reading, name);
}

static void
read_folder(struct reading *reading, struct set *set, const struct volume_settings *volumes)
{
	const size_t named = reading->count;
	const struct dirent *entry;
	struct candidate wanted;
	DIR *stream;

	if (!candidate_read(&wanted, reading->dump, reading->arena) || !wanted.when)
		return;
	stream = opendir(*reading->place ? reading->place : ".");
	/* cppcheck-suppress readdirCalled ; readdir_r is the one that is deprecated */
	while (stream && (errno = 0, entry = readdir(stream)))
		if (is_archive(reading, dirfd(stream), entry->d_name, volumes))
			add(reading, entry->d_name);
	if (errno)
		set->unread = arena_copy(reading->arena, strerror(errno));
	if (stream)
		(void)closedir(stream); /* read only */
	if (reading->count > named)
		pg_qsort(reading->archives + named, reading->count - named,
		         sizeof *reading->archives, by_name);
}

static const char *
without_slashes(const char *path, struct arena *arena)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return arena_copy_n(arena, path, length);
}

static bool
read_beside(struct set *set, const char *path, const struct volume_settings *volumes,
            struct arena *arena, struct err *err)
{
	const char *name = candidate_name(path);
	struct reading reading = { .place = arena_copy_n(arena, path, (size_t)(name - path)),
		                   .dump = name,
		                   .arena = arena };

	*set = (struct set){ .dump = path };
	if (!read_manifest(&reading, set, err))
		return false;
	read_folder(&reading, set, volumes);
	reading.archives =
		arena_grow(arena, reading.archives, reading.count, sizeof *reading.archives);
	reading.archives[reading.count] = NULL;
	set->archives = reading.archives;
	return true;
}

/* The file that a link leads to; NULL: it is none. */
static const char *
find_linked(const char *path, struct arena *arena)
{
	struct stat status;
	const char *found;
	char *real;

	if (lstat(path, &status) != 0 || !S_ISLNK(status.st_mode))
		return NULL;
	real = realpath(path, NULL);
	found = real ? arena_copy(arena, real) : NULL;
	free(real);
	return found;
}

bool
set_read(struct set *set, const char *dump, const struct volume_settings *volumes,
         struct arena *arena, struct err *err)
{
	const char *path = without_slashes(dump, arena), *linked;

	if (!read_beside(set, path, volumes, arena, err))
		return false;
	linked = set->manifest || *set->archives ? NULL : find_linked(path, arena);
	return !linked || read_beside(set, linked, volumes, arena, err);
}

/* One of ours: by the manifest, and not by its time alone. */
static bool
is_named(const struct set *set, const char *archive)
{
	size_t i = 0;

	while (i < set->named && set->archives[i] != archive)
		i++;
	return i < set->named;
}

static bool
prove_archive(const struct set *set, const char *archive, struct arena *arena, struct err *err)
{
	if (!is_named(set, archive) || faccessat(AT_FDCWD, archive, F_OK, 0) == 0)
		return prove_volume(archive, set->manifest, arena, err);
	(void)err_set(err, FAULT_WRONG, "%s: not whole: %s is missing, which %s names", set->dump,
	              archive, candidate_name(set->manifest)); /* false below */
	return err_hint(err, "put it beside the dump again; --only db: the database alone");
}

bool
set_ship(struct shipment *shipment, const struct set *set, const struct volume_settings *volumes,
         size_t volume, struct arena *arena, struct err *err)
{
	const char *lost = NULL;

	for (size_t i = 0; set->archives[i]; i++) {
		const char *path = set->archives[i];

		/* The manifest knows better than the clock. */
		if (i == set->named && shipment->file)
			break;
		if (shipment_owner(path, volumes) != volume)
			continue;
		if (i >= set->named && faccessat(AT_FDCWD, path, F_OK, 0) != 0)
			lost = path;
		else if (!shipment_put(shipment, &(struct shipment){ path, path, 0 }, err))
			return false;
	}
	if (!shipment->file && lost)
		*shipment = (struct shipment){ lost, lost, 0 };
	if (!shipment->file && set->unread)
		return err_set(err, FAULT_NO_SOURCE, "what lies beside %s: %s", set->dump,
		               set->unread);
	return !shipment->file || prove_archive(set, shipment->file, arena, err);
}

void
set_tell_strange(const struct set *set, const struct volume_settings *volumes)
{
	for (const char *const *at = set->archives; *at; at++) {
		const char *words = is_named(set, *at) ? "belongs to" : "has the time of";

		if (shipment_owner(*at, volumes) != SIZE_MAX)
			continue;
		if (faccessat(AT_FDCWD, *at, F_OK, 0) != 0)
			log_warn("%s is missing, which %s this backup", *at, words);
		else
			log_warn("%s %s this backup, and `volumes` names no folder for it: it is "
			         "not restored",
			         *at, words);
	}
}

/* Of the volumes that are set: could their files be unpacked, too? */
static bool
prove_volumes(const struct set *set, const struct volume_settings *volumes, struct text *page,
              struct err *err)
{
	for (size_t i = 0; i < volumes->count; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		const struct volume volume = { .name = volumes->at[i].name,
			                       .path = volumes->at[i].path };
		struct shipment shipment = { 0 };
		struct survey survey;

		if (!set_ship(&shipment, set, volumes, i, &arena, err) ||
		    (shipment.file && !shipment_survey(&survey, &shipment, &volume, &arena, err)))
			return volume_blame(&volume, err);
		if (shipment.file)
			text_print(page, "with it: %s, whole\n", shipment.file);
	}
	return true;
}

bool
set_prove(const struct set *set, const struct volume_settings *volumes, struct text *page,
          struct err *err)
{
	if (!prove_volumes(set, volumes, page, err))
		return false;
	for (size_t i = 0; set->archives[i]; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct err refused = { 0 };
		const char *path = set->archives[i];

		if (shipment_owner(path, volumes) != SIZE_MAX)
			continue;
		if (prove_archive(set, path, &arena, &refused)) {
			text_print(page, "with it: %s, whole\n", path);
			continue;
		}
		if (i < set->named || refused.fault >= FAULT_SIGNAL) {
			*err = refused;
			return false;
		}
		text_print(page, "beside it, of the same time, but perhaps not its own: %s\n",
		           refused.what);
	}
	if (set->unread)
		text_print(page, "what else lies beside it could not be looked for: %s\n",
		           set->unread);
	return true;
}
