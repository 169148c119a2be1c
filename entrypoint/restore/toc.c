/* See toc.h. */
#include "../stream.h"

#include "toc.h"

#include <stdlib.h>
#include <string.h>

#define OPENSSL_SUPPRESS_DEPRECATED /* as in script/read.c */
#include <openssl/sha.h>

#include "../arena.h"
#include "../err.h"
#include "../scoped.h"
#include "cursor.h"
#include "entry.h"

#define OLDEST 12
#define NEWEST 16
/* No name is longer than 63 bytes, but what is shown of a COMMENT's or an ACL's object is several. */
#define LONGEST_NAME 65536
/* A definition: a function body, a list of large objects. A server takes no longer statement. */
#define LONGEST_TEXT ((int64_t)1 << 30)

/* K_OFFSET_... in pg_backup_archiver.h */
enum offset_flag { OFFSET_NOT_SET = 1, OFFSET_SET = 2, OFFSET_NO_DATA = 3 };

/* A sign, then intSize bytes, the lowest first; every pg_dump in use has four. */
bool
toc_number(struct cursor *cursor, int64_t *number, struct err *err)
{
	unsigned char bytes[5];

	if (!cursor_take(cursor, bytes, sizeof bytes, err))
		return false;
	if (bytes[0] > 1)
		return err_set(err, FAULT_WRONG, "%s: damaged: byte %lld should be a sign",
		               cursor->path, (long long)cursor->offset - 5);
	*number = bytes[1] | (int64_t)bytes[2] << 8 | (int64_t)bytes[3] << 16 |
	          (int64_t)bytes[4] << 24;
	if (bytes[0])
		*number = -*number;
	return true;
}

static bool
damaged(const struct cursor *cursor, const char *what, struct err *err)
{
	return err_set(err, FAULT_WRONG, "%s: damaged: %s, before byte %lld", cursor->path, what,
	               (long long)cursor->offset);
}

/* A text, "" for none, which is told by *is_null. */
static bool
read_text(struct cursor *cursor, const char **text, bool *is_null, struct arena *arena,
          struct err *err)
{
	int64_t length;
	char *to;

	if (!toc_number(cursor, &length, err))
		return false;
	*is_null = length < 0;
	*text = "";
	if (length <= 0)
		return length >= -1 || damaged(cursor, "a text of negative length", err);
	if (length > LONGEST_NAME)
		return damaged(cursor, "a name of more than 64 kB", err);
	to = arena_alloc(arena, (size_t)length + 1);
	if (!cursor_take(cursor, to, (size_t)length, err))
		return false;
	*text = to;
	return strlen(to) == (size_t)length || damaged(cursor, "a NUL byte in a name", err);
}

/* Of a text that is not kept. */
struct opening {
	char at[512]; /* its begin, with a NUL behind it */
	size_t length;
};

static void
add(struct opening *opening, const char *bytes, size_t length)
{
	const size_t room = sizeof opening->at - 1 - opening->length;

	if (length > room)
		length = room;
	memcpy(opening->at + opening->length, bytes, length);
	opening->length += length;
}

/* There may have been more. */
static bool
is_full(const struct opening *opening)
{
	return opening->length == sizeof opening->at - 1;
}

static bool
pass_text(struct cursor *cursor, struct opening *opening, struct err *err)
{
	const char *bytes;
	int64_t length;
	size_t got;

	*opening = (struct opening){ .length = 0 };
	if (!toc_number(cursor, &length, err))
		return false;
	if (length < -1 || length > LONGEST_TEXT)
		return damaged(cursor, "a text of impossible length", err);
	for (; length > 0; length -= (int64_t)got) {
		if (!cursor_piece(cursor, (size_t)length, &bytes, &got, err))
			return false;
		if (memchr(bytes, '\0', got))
			return damaged(cursor, "a NUL byte in a text", err);
		add(opening, bytes, got);
	}
	return true;
}

/* Digits; an object's number, or a dependency. */
static bool
read_digits(struct cursor *cursor, int64_t *number, bool *is_null, struct arena *arena,
            struct err *err)
{
	const char *text;

	if (!read_text(cursor, &text, is_null, arena, err))
		return false;
	*number = strtoll(text, NULL, 10);
	return (*is_null || (*text && !text[strspn(text, "0123456789")])) ||
	       damaged(cursor, "a number that is none", err);
}

static bool
read_version(struct toc *toc, struct cursor *cursor, enum toc_format format, struct err *err)
{
	unsigned char
		head[11]; /* PGDMP, version in three parts, sizes of numbers and offsets, format */

	if (!cursor_take(cursor, head, sizeof head, err))
		return false;
	if (memcmp(head, "PGDMP", 5) != 0)
		return err_set(err, FAULT_WRONG, "%s: no archive of pg_dump", cursor->path);
	toc->minor = head[6];
	if (head[5] != 1 || head[6] < OLDEST || head[6] > NEWEST) {
		(void)err_set(err, FAULT_WRONG, "%s: an archive of version %d.%d", cursor->path,
		              head[5], head[6]); /* false below */
		return err_hint(err, "from 1.%d (pg_dump 9.0) to 1.%d (pg_dump 18) can be read",
		                OLDEST, NEWEST);
	}
	if (head[8] != 4 || head[9] != 8)
		return damaged(cursor, "sizes of numbers that no pg_dump writes", err);
	return head[10] == (unsigned char)format ||
	       err_set(err, FAULT_WRONG, "%s: damaged: format %d instead of %d", cursor->path,
	               head[10], (int)format);
}

static bool
read_codec(struct toc *toc, struct cursor *cursor, struct err *err)
{
	static const enum codec codecs[] = { CODEC_NONE, CODEC_ZLIB, CODEC_LZ4, CODEC_ZSTD };
	unsigned char code;
	int64_t level;

	if (toc->minor < 15) {
		if (!toc_number(cursor, &level, err))
			return false;
		toc->codec = level ? CODEC_ZLIB : CODEC_NONE;
		return (level >= -1 && level <= 9) ||
		       damaged(cursor, "an impossible level of compression", err);
	}
	if (!cursor_take(cursor, &code, 1, err))
		return false;
	if (code >= sizeof codecs / sizeof *codecs)
		return damaged(cursor, "an unknown compression", err);
	toc->codec = codecs[code];
	return true;
}

static bool
read_time(struct toc *toc, struct cursor *cursor, struct arena *arena, struct err *err)
{
	/* struct tm: seconds, minutes, hours, day, month from 0, year from 1900, daylight saving. */
	static const int64_t most[] = { 60, 59, 23, 31, 11, 8000, 1 };
	int64_t parts[7];

	for (size_t i = 0; i < 7; i++) {
		if (!toc_number(cursor, &parts[i], err))
			return false;
		if (parts[i] < (i == 6 ? -1 : 0) || parts[i] > most[i])
			return damaged(cursor, "an impossible time", err);
	}
	toc->created = arena_print(arena, "%04d-%02d-%02d %02d:%02d:%02d", (int)parts[5] + 1900,
	                           (int)parts[4] + 1, (int)parts[3], (int)parts[2], (int)parts[1],
	                           (int)parts[0]);
	return true;
}

static bool
read_head(struct toc *toc, struct cursor *cursor, enum toc_format format, struct arena *arena,
          struct err *err)
{
	bool is_null;

	return read_version(toc, cursor, format, err) && read_codec(toc, cursor, err) &&
	       read_time(toc, cursor, arena, err) &&
	       read_text(cursor, &toc->database, &is_null, arena, err) &&
	       read_text(cursor, &toc->server, &is_null, arena, err) &&
	       read_text(cursor, &toc->tool, &is_null, arena, err);
}

/* What pg_restore needs, of which we look at the beginning: definition, drop statement; and the COPY. */
static bool
read_statements(struct toc_entry *entry, struct opening *copy, struct cursor *cursor,
                struct err *err)
{
	struct opening definition, drop;

	if (!pass_text(cursor, &definition, err) || !pass_text(cursor, &drop, err) ||
	    !pass_text(cursor, copy, err))
		return false;
	entry->is_index = !is_full(&definition) && entry_makes_index(entry->kind, definition.at);
	entry->is_slow = entry_is_slow(definition.at);
	entry->is_copy = copy->length > 0;
	return true;
}

static bool
read_needs(struct toc_entry *entry, struct cursor *cursor, struct arena *arena, struct err *err)
{
	int64_t number;
	bool is_null;

	for (;;) {
		if (!read_digits(cursor, &number, &is_null, arena, err))
			return false;
		if (is_null)
			return true;
		entry->needs =
			arena_grow(arena, entry->needs, entry->need_count, sizeof *entry->needs);
		entry->needs[entry->need_count++] = number;
	}
}

static bool
read_names(const struct toc *toc, struct toc_entry *entry, struct cursor *cursor,
           struct arena *arena, struct err *err)
{
	const char *ignored, *oids;
	int64_t relation_kind;
	bool is_null;

	if (!read_text(cursor, &entry->schema, &is_null, arena, err) ||
	    !read_text(cursor, &ignored, &is_null, arena, err) /* tablespace */ ||
	    (toc->minor >= 14 && !read_text(cursor, &ignored, &is_null, arena, err)) ||
	    (toc->minor >= 16 && !toc_number(cursor, &relation_kind, err)) ||
	    !read_text(cursor, &ignored, &is_null, arena, err) /* owner */ ||
	    !read_text(cursor, &oids, &is_null, arena, err))
		return false;
	if (strcmp(oids, "true") != 0 && strcmp(oids, "false") != 0)
		return damaged(cursor, "neither true nor false", err);
	return read_needs(entry, cursor, arena, err);
}

/* No part of the digest where there are data: it is not known yet when the table is written for the first time. */
static bool
take_offset(struct cursor *cursor, unsigned char bytes[9], struct err *err)
{
	SHA256_CTX *digest = cursor->digest;
	bool was_taken;

	cursor->digest = NULL;
	was_taken = cursor_take(cursor, bytes, 9, err);
	cursor->digest = digest;
	if (was_taken && bytes[0] == OFFSET_NO_DATA)
		SHA256_Update(digest, bytes, 9);
	return was_taken;
}

/* Where the data are: a flag and eight bytes; or the name of a file. */
static bool
read_place(struct toc_entry *entry, struct cursor *cursor, enum toc_format format,
           struct arena *arena, struct err *err)
{
	unsigned char bytes[9];
	bool is_null;

	if (format == TOC_FILES) {
		if (!read_text(cursor, &entry->file, &is_null, arena, err))
			return false;
		entry->has_data = *entry->file;
		return (!strchr(entry->file, '/') && strcmp(entry->file, "..") != 0) ||
		       damaged(cursor, "a file name that leads elsewhere", err);
	}
	if (!take_offset(cursor, bytes, err))
		return false;
	if (bytes[0] < OFFSET_NOT_SET || bytes[0] > OFFSET_NO_DATA)
		return damaged(cursor, "an offset of unknown sort", err);
	entry->has_data = bytes[0] != OFFSET_NO_DATA;
	for (size_t i = 8; i > 0 && bytes[0] == OFFSET_SET; i--)
		entry->offset = (int64_t)((uint64_t)entry->offset << 8 | bytes[i]);
	return true;
}

static bool
read_entry(const struct toc *toc, struct toc_entry *entry, struct cursor *cursor,
           enum toc_format format, struct arena *arena, struct err *err)
{
	int64_t had_dumper, section, ignored;
	struct opening copy;
	bool is_null;

	if (!toc_number(cursor, &entry->id, err) || !toc_number(cursor, &had_dumper, err) ||
	    !read_digits(cursor, &ignored, &is_null, arena, err) ||
	    !read_digits(cursor, &ignored, &is_null, arena, err) ||
	    !read_text(cursor, &entry->name, &is_null, arena, err) ||
	    !read_text(cursor, &entry->kind, &is_null, arena, err) ||
	    !toc_number(cursor, &section, err) || !read_statements(entry, &copy, cursor, err) ||
	    !read_names(toc, entry, cursor, arena, err) ||
	    !read_place(entry, cursor, format, arena, err))
		return false;
	if (entry->id <= 0 || had_dumper < 0 || had_dumper > 1 || section < 1 || section > 4)
		return damaged(cursor, "an entry with impossible numbers", err);
	if (!*entry->kind)
		return damaged(cursor, "an entry without a kind", err);
	entry->is_own_copy = entry_copies_into(copy.at, entry->schema, entry->name);
	entry->is_objects = strcmp(entry->kind, "BLOBS") == 0;
	return !entry->has_data || had_dumper ||
	       damaged(cursor, "data of an entry that has none", err);
}

static int
by_id(const void *left, const void *right)
{
	const struct toc_entry *const *a = left, *const *b = right;

	return ((*a)->id > (*b)->id) - ((*a)->id < (*b)->id);
}

static bool
sort_entries(struct toc *toc, const struct cursor *cursor, struct arena *arena, struct err *err)
{
	toc->by_id = arena_alloc(arena, (toc->count + 1) * sizeof(struct toc_entry *));
	for (size_t i = 0; i < toc->count; i++)
		toc->by_id[i] = &toc->entries[i];
	qsort(toc->by_id, toc->count, sizeof(struct toc_entry *), by_id);
	for (size_t i = 1; i < toc->count; i++)
		if (toc->by_id[i]->id == toc->by_id[i - 1]->id)
			return damaged(cursor, "two entries of one number", err);
	return true;
}

static bool
read_entries(struct toc *toc, struct cursor *cursor, enum toc_format format, struct arena *arena,
             struct err *err)
{
	int64_t count;

	if (!toc_number(cursor, &count, err))
		return false;
	if (count < 0)
		return damaged(cursor, "a negative number of entries", err);
	while ((int64_t)toc->count < count) {
		struct toc_entry *entry;

		toc->entries = arena_grow(arena, toc->entries, toc->count, sizeof *toc->entries);
		entry = &toc->entries[toc->count];
		*entry = (struct toc_entry){ .file = "" };
		if (!read_entry(toc, entry, cursor, format, arena, err))
			return false;
		toc->count++;
	}
	return true;
}

static bool
digest_entries(struct toc *toc, struct cursor *cursor, enum toc_format format, struct arena *arena,
               struct err *err)
{
	SHA256_CTX digest;
	bool was_read;

	SHA256_Init(&digest);
	cursor->digest = &digest;
	was_read = read_entries(toc, cursor, format, arena, err);
	cursor->digest = NULL;
	SHA256_Final(toc->digest, &digest);
	return was_read;
}

bool
toc_read(struct toc *toc, struct cursor *cursor, enum toc_format format, struct arena *arena,
         struct err *err)
{
	*toc = (struct toc){ 0 };
	return read_head(toc, cursor, format, arena, err) &&
	       digest_entries(toc, cursor, format, arena, err) &&
	       sort_entries(toc, cursor, arena, err);
}

bool
toc_read_again(const struct toc *toc, struct cursor *cursor, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct toc again = { .minor = toc->minor };

	if (!digest_entries(&again, cursor, TOC_CUSTOM, &arena, err))
		return false;
	if (memcmp(again.digest, toc->digest, sizeof toc->digest) != 0)
		return damaged(cursor, "another table of contents than at its beginning", err);
	for (size_t i = 0; i < toc->count; i++)
		if (again.entries[i].offset != toc->entries[i].offset)
			return damaged(cursor, "an offset at which no such data stand", err);
	return true;
}

struct toc_entry *
toc_find(const struct toc *toc, int64_t id)
{
	const struct toc_entry wanted = { .id = id };
	const struct toc_entry *key = &wanted;
	struct toc_entry **found =
		bsearch(&key, toc->by_id, toc->count, sizeof(struct toc_entry *), by_id);

	return found ? *found : NULL;
}
