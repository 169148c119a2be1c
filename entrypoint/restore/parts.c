/* See parts.h. Which files there are and what they hold is pg_backup_directory.c's; a tar has the same. */
#include "../stream.h"

#include <stdint.h>

#include "parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "archive.h"
#include "cursor.h"
#include "reader.h"
#include "toc.h"

struct part {
	const char *name; /* without what its compression adds */
	struct tail tail;
};

struct oids {
	uint32_t *at;
	size_t count;
};

struct parts {
	struct arena *arena;
	struct toc toc;
	bool has_toc;
	struct part *at;
	size_t count;
	struct oids listed,
		there;      /* large objects; there are many, so a name each would be too much */
	bool are_unchecked; /* one of them */
	bool are_bare;      /* a large object that nothing is around */
};

struct parts *
parts_new(struct arena *arena)
{
	struct parts *parts = arena_alloc(arena, sizeof *parts);

	parts->arena = arena;
	return parts;
}

struct toc *
parts_toc(struct parts *parts)
{
	return parts->has_toc ? &parts->toc : NULL;
}

bool
parts_are_checked(const struct parts *parts)
{
	return !parts->are_unchecked;
}

bool
parts_are_bare(const struct parts *parts)
{
	return parts->are_bare;
}

static void
oids_add(struct oids *oids, uint32_t oid, struct arena *arena)
{
	oids->at = arena_grow(arena, oids->at, oids->count, sizeof *oids->at);
	oids->at[oids->count++] = oid;
}

/* "16400" and what stands behind it. */
static bool
read_oid(const char *text, uint32_t *oid, const char **rest)
{
	char *end;
	const unsigned long number = strtoul(text, &end, 10);

	*oid = (uint32_t)number;
	*rest = end;
	return *text >= '1' && *text <= '9' && number <= UINT32_MAX;
}

/* "16400 blob_16400.dat" */
static bool
read_listed(struct parts *parts, const char *line, const char *path, struct err *err)
{
	char wanted[32];
	const char *rest;
	uint32_t oid;

	if (read_oid(line, &oid, &rest)) {
		(void)snprintf(wanted, sizeof wanted, " blob_%u.dat", (unsigned)oid);
		if (strcmp(rest, wanted) == 0) {
			oids_add(&parts->listed, oid, parts->arena);
			return true;
		}
	}
	return err_set(err, FAULT_WRONG, "%s: damaged: a line that names no large object", path);
}

static bool
read_list(struct parts *parts, struct cursor *cursor, struct err *err)
{
	char line[64];
	size_t length = 0;
	bool at_end;

	for (;;) {
		if (!cursor_at_end(cursor, &at_end, err))
			return false;
		if (at_end)
			return length == 0 ||
			       err_set(err, FAULT_WRONG, "%s: truncated", cursor->path);
		if (!cursor_take(cursor, &line[length], 1, err))
			return false;
		if (line[length] != '\n' && ++length < sizeof line)
			continue;
		line[length < sizeof line ? length : sizeof line - 1] = '\0';
		if (!read_listed(parts, line, cursor->path, err))
			return false;
		length = 0;
	}
}

static bool
read_toc(struct parts *parts, struct cursor *cursor, struct err *err)
{
	bool at_end;

	parts->has_toc = toc_read(&parts->toc, cursor, TOC_FILES, parts->arena, err) &&
	                 cursor_at_end(cursor, &at_end, err);
	return parts->has_toc &&
	       (at_end ||
	        err_set(err, FAULT_WRONG, "%s: something stands behind its end", cursor->path));
}

static bool
read_data(struct parts *parts, const char *name, struct reader *reader, struct err *err)
{
	struct tail tail = { .total = 0 };
	const char *bytes, *rest;
	uint32_t oid;
	size_t length;

	do {
		if (!reader_pull(reader, &bytes, &length, err))
			return false;
		tail_add(&tail, bytes, length);
	} while (length);
	parts->are_unchecked |= !reader_is_checked(reader);
	if (strncmp(name, "blob_", 5) == 0 && read_oid(name + 5, &oid, &rest)) {
		oids_add(&parts->there, oid, parts->arena);
		parts->are_bare |= !*reader_codecs(reader);
		return true;
	}
	parts->at = arena_grow(parts->arena, parts->at, parts->count, sizeof *parts->at);
	parts->at[parts->count++] = (struct part){ name, tail };
	return true;
}

static const char *
without_codec(const char *name, struct arena *arena)
{
	static const char *const ends[] = { ".gz", ".lz4", ".zst" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		const size_t length = strlen(name), size = strlen(ends[i]);

		if (length > size && strcmp(name + length - size, ends[i]) == 0)
			return arena_copy_n(arena, name, length - size);
	}
	return arena_copy(arena, name);
}

/* Of a large object that is empty, pg_dump writes an empty file where zstd or lz4 should begin. */
static bool
is_compressed_as_named(const char *plain, const char *name, const struct reader *reader)
{
	const char *end = name + strlen(plain);
	size_t length;

	(void)reader_head(reader, &length); /* only how much there is */
	return !*end || *reader_codecs(reader) ||
	       (length == 0 && strncmp(name, "blob_", 5) == 0 && strcmp(end, ".gz") != 0);
}

bool
parts_add(struct parts *parts, const char *name, struct reader *reader, const char *path,
          struct err *err)
{
	struct cursor cursor = { .reader = reader, .path = path };
	const char *plain = without_codec(name, parts->arena);
	const size_t length = strlen(plain);

	if (!is_compressed_as_named(plain, name, reader))
		return err_set(err, FAULT_WRONG,
		               "%s: truncated or damaged: nothing in it is compressed", path);
	if (strcmp(plain, "toc.dat") == 0)
		return read_toc(parts, &cursor, err);
	if (length > 4 && strcmp(plain + length - 4, ".toc") == 0) {
		parts->at = arena_grow(parts->arena, parts->at, parts->count, sizeof *parts->at);
		parts->at[parts->count++] = (struct part){ .name = plain };
		return read_list(parts, &cursor, err);
	}
	return read_data(parts, plain, reader, err);
}

static int
by_name(const void *left, const void *right)
{
	const struct part *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int
by_oid(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Of these two sorted lists the first one that differs. */
static bool
prove_objects(struct parts *parts, const char *path, struct err *err)
{
	struct oids *listed = &parts->listed, *there = &parts->there;
	size_t i = 0;

	if (listed->count)
		qsort(listed->at, listed->count, sizeof *listed->at, by_oid);
	if (there->count)
		qsort(there->at, there->count, sizeof *there->at, by_oid);
	while (i < listed->count && i < there->count && listed->at[i] == there->at[i])
		i++;
	if (i == listed->count && i == there->count)
		return true;
	if (i < listed->count && (i == there->count || listed->at[i] < there->at[i]))
		return err_set(err, FAULT_WRONG, "%s: not whole: blob_%u.dat is missing", path,
		               (unsigned)listed->at[i]);
	return err_set(err, FAULT_WRONG, "%s: not whole: no list names blob_%u.dat", path,
	               (unsigned)there->at[i]);
}

/* The file of an entry, where it is not the one that it names: lists of large objects have names of their own. */
static const char *
file_of(const struct parts *parts, const struct toc_entry *entry)
{
	if (!entry->is_objects || (parts->toc.minor >= 16 && strstr(entry->file, ".toc")))
		return entry->file;
	/* Before 1.16 there was but one. */
	return parts->toc.minor < 16
	             ? "blobs.toc"
	             : arena_print(parts->arena, "blobs_%lld.toc", (long long)entry->id);
}

static bool
prove_entry(struct parts *parts, struct toc_entry *entry, const char *path, struct err *err)
{
	const struct part wanted = { .name = file_of(parts, entry) };
	const struct part *part =
		parts->count ? bsearch(&wanted, parts->at, parts->count, sizeof *parts->at, by_name)
			     : NULL;

	if (!part)
		return err_set(err, FAULT_WRONG,
		               "%s: not whole: %s is missing, with the data of %s", path,
		               wanted.name, entry->name);
	entry->was_found = true;
	entry->size = part->tail.total;
	return strcmp(entry->kind, "TABLE DATA") != 0 ||
	       tail_is_whole(&part->tail, entry->is_copy) ||
	       err_set(err, FAULT_WRONG,
	               "%s: truncated or damaged: %s does not end as the data of %s end", path,
	               part->name, entry->name);
}

bool
parts_prove(struct parts *parts, const char *path, struct err *err)
{
	if (!parts->has_toc)
		return err_set(err, FAULT_WRONG, "%s: not whole: toc.dat is missing", path);
	if (parts->count)
		qsort(parts->at, parts->count, sizeof *parts->at, by_name);
	for (size_t i = 1; i < parts->count; i++)
		if (strcmp(parts->at[i].name, parts->at[i - 1].name) == 0)
			return err_set(err, FAULT_WRONG, "%s: %s is there twice", path,
			               parts->at[i].name);
	for (size_t i = 0; i < parts->toc.count; i++)
		if (parts->toc.entries[i].has_data &&
		    !prove_entry(parts, &parts->toc.entries[i], path, err))
			return false;
	return prove_objects(parts, path, err);
}
