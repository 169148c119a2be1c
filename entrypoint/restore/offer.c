/* See offer.h. */
#include "offer.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../scoped.h"
#include "../sort.h"
#include "candidate.h"
#include "glance.h"
#include "moment.h"

/* A file that only holds a name is no longer than this, nor is what matters of a manifest. */
#define SHORT 16384

/* Of a file what fits, or NULL. */
static const char *
first_text(int folder, const char *name, bool *is_all, struct arena *arena)
{
	SCOPED(descriptor_close)
	int file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char text[SHORT];
	ssize_t length;

	if (file < 0)
		return NULL;
	length = read(file, text, sizeof text);
	*is_all = length < (ssize_t)sizeof text;
	return length < 0 ? NULL : arena_copy_n(arena, text, (size_t)length);
}

/* The text of a short file, or NULL. */
static const char *
short_text(int folder, const char *name, struct arena *arena)
{
	bool is_all;
	const char *text = first_text(folder, name, &is_all, arena);

	return text && is_all ? text : NULL;
}

/* Its whole lines, as far as they fit: behind what is said of the backup stand the rows of each table. */
static const char *
manifest_text(int folder, const char *name, struct arena *arena)
{
	bool is_all;
	const char *text = first_text(folder, name, &is_all, arena), *newline;

	if (!text || is_all)
		return text;
	newline = strrchr(text, '\n');
	return newline ? arena_copy_n(arena, text, (size_t)(newline - text)) : NULL;
}

static void
read_manifest(struct candidate *candidate, int folder, struct arena *arena)
{
	static const char *const endings[] = { ".meta", ".manifest", ".json", ".manifest.json" };
	size_t bare = strcspn(candidate->name, ".");

	/* backup.sql.gz.meta, backup.meta */
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		const char *text =
			manifest_text(folder, arena_join(arena, candidate->name, endings[i], ""),
		                      arena);

		if (!text)
			text = manifest_text(folder,
			                     arena_print(arena, "%.*s%s", (int)bare,
			                                 candidate->name, endings[i]),
			                     arena);
		if (text)
			candidate_read_manifest(candidate, text, arena);
	}
}

/* What a link leads to, or a file that holds but a name; in this folder. */
static const char *
read_target(int folder, const char *name, struct arena *arena)
{
	char target[4096];
	const ssize_t length = readlinkat(folder, name, target, sizeof target - 1);
	const char *text;
	struct stat status;
	char *found;

	if (length > 0) {
		target[length] = '\0';
		return arena_copy(arena, folder_base_name(target));
	}
	text = short_text(folder, name, arena);
	if (!text || !*text)
		return NULL;
	found = arena_copy_n(arena, text, strcspn(text, "\r\n"));
	text = folder_base_name(found);
	return *text && fstatat(folder, text, &status, 0) == 0 ? text : NULL;
}

/* Of two names of one file the one with a date is meant. */
static void
find_hard_links(struct offer *offer, const struct stat *stats)
{
	assert(stats || offer->count == 0); /* one for each */
	for (size_t i = 0; i < offer->count; i++)
		for (size_t j = 0; j < offer->count && offer->candidates[i].is_latest &&
		                   !offer->candidates[i].target;
		     j++)
			if (offer->candidates[j].when && !offer->candidates[j].is_latest &&
			    stats[i].st_ino == stats[j].st_ino &&
			    stats[i].st_dev == stats[j].st_dev)
				offer->candidates[i].target = offer->candidates[j].name;
}

static void
add(struct offer *offer, struct stat **stats, int folder, const char *name, struct arena *arena)
{
	struct candidate candidate;

	if (!candidate_read(&candidate, name, arena))
		return;
	read_manifest(&candidate, folder, arena);
	if (candidate.is_latest)
		candidate.target = read_target(folder, name, arena);
	offer->candidates = arena_grow(arena, offer->candidates, offer->count, sizeof candidate);
	*stats = arena_grow(arena, *stats, offer->count, sizeof **stats);
	if (fstatat(folder, name, &(*stats)[offer->count], 0) != 0)
		(*stats)[offer->count] = (struct stat){ 0 }; /* it is gone again */
	offer->candidates[offer->count++] = candidate;
}

/* A folder that pg_dump -Fd has written. */
static bool
is_archive(int folder, const char *name, struct arena *arena)
{
	struct stat status;

	return fstatat(folder, arena_join(arena, name, "/toc.dat", ""), &status, 0) == 0 ||
	       fstatat(folder, arena_join(arena, name, "/toc.dat.gz", ""), &status, 0) == 0;
}

bool
offer_is_folder(const char *path)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
	       !is_archive(AT_FDCWD, path, &arena);
}

static int
newest_first(const void *left, const void *right)
{
	const struct candidate *one = left, *other = right;

	if (!one->when != !other->when)
		return one->when ? -1 : 1;
	if (one->when && one->when->from != other->when->from)
		return one->when->from < other->when->from ? 1 : -1;
	return strcmp(one->name, other->name);
}

bool
offer_read(struct offer *offer, const char *path, const char *environment, struct arena *arena,
           struct err *err)
{
	SCOPED(folder_close) struct folder folder = { .descriptor = -1 };
	struct stat *stats = NULL;

	if (!folder_open(&folder, path, arena, err))
		return false;
	*offer = (struct offer){ .folder = arena_copy(arena, path),
		                 .looked_at = folder.count + folder.ignored_count };
	for (size_t i = 0; i < folder.count; i++)
		add(offer, &stats, folder.descriptor, folder.names[i], arena);
	for (size_t i = 0; i < folder.ignored_count; i++)
		if (is_archive(folder.descriptor, folder.ignored[i], arena))
			add(offer, &stats, folder.descriptor, folder.ignored[i], arena);
	find_hard_links(offer, stats);
	pg_qsort(offer->candidates, offer->count, sizeof *offer->candidates, newest_first);
	offer->taken = candidates_choose(offer->candidates, offer->count, environment,
	                                 (int64_t)time(NULL));
	return true;
}

bool
offer_read_one(struct candidate *candidate, const char *path, struct arena *arena)
{
	const char *name = candidate_name(path);
	const char *parent = arena_print(arena, "%.*s.", (int)(strlen(path) - strlen(name)), path);
	SCOPED(descriptor_close) int folder = open(parent, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (!candidate_read(candidate, name, arena))
		return false;
	if (folder >= 0)
		read_manifest(candidate, folder, arena);
	return true;
}

static const char *
size_words(int folder, const char *name, struct arena *arena)
{
	struct stat status;
	int64_t tenths; /* of kB, MB, GB */

	if (fstatat(folder, name, &status, 0) != 0 || S_ISDIR(status.st_mode))
		return "-";
	if (status.st_size < 1000)
		return arena_print(arena, "%lld B", (long long)status.st_size);
	tenths = (int64_t)status.st_size / 100;
	for (size_t i = 0;; i++, tenths /= 1000)
		if (tenths < 10000 || i == 2)
			return arena_print(arena, "%lld.%lld %cB", (long long)tenths / 10,
			                   (long long)tenths % 10, "kMG"[i]);
}

/* The line of one, under the titles below. */
static void
add_line(struct text *page, const struct candidate *candidate, int folder)
{
	text_print(page, "%-19s  %-15s  %-11s  %9s  %-11s  %s (%s)\n",
	           candidate->when ? moment_words(candidate->when, page->arena) : "-",
	           candidate_kind_words(candidate->kind),
	           candidate->environment ? candidate->environment : "-",
	           size_words(folder, candidate->name, page->arena),
	           glance_words(folder, candidate->name), candidate->name,
	           candidate_reason(candidate, page->arena));
}

const char *
offer_path(const struct offer *offer, const struct candidate *candidate, struct arena *arena)
{
	return arena_join(arena, offer->folder, folder_name_ends(offer->folder, "/") ? "" : "/",
	                  candidate->name);
}

const char *
offer_words(const struct offer *offer, size_t most, struct arena *arena)
{
	SCOPED(descriptor_close)
	int folder = open(offer->folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	struct text page = text_new(arena);

	text_print(&page, "%s: %zu backup%s\n", offer->folder, offer->count,
	           offer->count == 1 ? "" : "s");
	if (offer->count)
		text_print(&page, "%-19s  %-15s  %-11s  %9s  %-11s  %s\n", "date (UTC)", "kind",
		           "environment", "size", "whole", "file");
	for (size_t i = 0; i < offer->count && i < most; i++)
		add_line(&page, &offer->candidates[i], folder);
	if (offer->count > most)
		text_print(&page, "and %zu more: `pg-entrypoint restore` lists them\n",
		           offer->count - most);
	return page.at;
}
