/* See content.h. */
#include "../stream.h"

#include "content.h"
#include "kind.h"
#include "prove.h"
#include "toc.h"

#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../words.h"
#include "archive.h"
#include "container.h"
#include "early.h"
#include "plain.h"
#include "reader.h"

void
content_list(struct found *found, const char *line)
{
	for (; *line; line++)
		text_add_char(found->list,
		              (unsigned char)*line < ' ' || *line == 127 ? '?' : *line);
	text_add_char(found->list, '\n');
}

/* Entries that only set the session; pg_restore does not list them either. */
static bool
is_setting(const char *kind)
{
	return strcmp(kind, "ENCODING") == 0 || strcmp(kind, "STDSTRINGS") == 0 ||
	       strcmp(kind, "SEARCHPATH") == 0;
}

static void
list_entry(struct found *found, const struct toc_entry *entry, struct arena *arena)
{
	const char *name = arena_join(arena, entry->schema, *entry->schema ? "." : "", entry->name);
	const char *size = entry->was_found ? prove_size(entry->size, arena) : "";

	content_list(found,
	             arena_print(arena, "%s %s%s%s", entry->kind, name, *size ? ", " : "", size));
}

void
content_take_toc(struct found *found, const struct toc *toc, struct arena *arena)
{
	/* What was not read yet is NULL. */
	found->database = arena_copy(arena, toc->database ? toc->database : "");
	found->server = arena_copy(arena, toc->server ? toc->server : "");
	found->tool = arena_copy(arena, toc->tool ? toc->tool : "");
	found->created = arena_copy(arena, toc->created ? toc->created : "");
	for (size_t i = 0; i < toc->count; i++)
		if (!is_setting(toc->entries[i].kind))
			list_entry(found, &toc->entries[i], arena);
}

static bool
prove_archive(struct found *found, struct reader *reader, const char *path, struct arena *arena,
              struct err *err)
{
	struct toc toc = { 0 };
	const bool is_whole = archive_prove(&toc, reader, path, arena, err);

	content_take_toc(found, &toc, arena);
	if (is_whole)
		found->order = early_list(&toc, arena);
	/* Adler-32 in zlib's streams; pg_dump asks neither zstd nor lz4 for a checksum. */
	found->cover = toc.codec == CODEC_ZLIB ? COVER_DATA : COVER_NONE;
	return is_whole;
}

/* Advice speaks of a FILE: of this one, unless it lies in another. */
static bool
refuse(enum kind kind, const char *path, int depth, struct arena *arena, struct err *err)
{
	const char *advice = kind_advice(kind), *file = advice ? strstr(advice, " FILE ") : NULL;

	(void)err_set(err, FAULT_WRONG, "%s: %s", path, kind_words(kind)); /* false below */
	if (!advice)
		return false;
	if (!file || depth > 0)
		return err_hint(err, "%s", advice);
	return err_hint(err, "%.*s %s %s", (int)(file - advice), advice, words_quoted(path, arena),
	                file + sizeof " FILE " - 1);
}

static bool
prove_kind(struct found *found, struct reader *reader, const char *path, int depth,
           struct arena *arena, struct err *err)
{
	if (found->kind == KIND_DUMP || found->kind == KIND_CLUSTER)
		return plain_prove(found, reader, path, arena, err);
	if (found->kind == KIND_CUSTOM)
		return prove_archive(found, reader, path, arena, err);
	if (kind_is_container(found->kind) && depth < CONTENT_DEEPEST)
		return container_prove(found, reader, path, depth, arena, err);
	return refuse(found->kind, path, depth, arena, err);
}

bool
content_prove(struct found *found, struct reader *reader, const char *path, int depth,
              struct arena *arena, struct err *err)
{
	size_t length;
	const char *head = reader_head(reader, &length);
	bool is_whole;

	*found = prove_nothing(arena);
	found->kind = kind_of(head, length);
	found->codecs = reader_codecs(reader);
	is_whole = prove_kind(found, reader, path, depth, arena, err);
	found->unpacked = reader_given(reader);
	if (!found->needed)
		found->needed = found->unpacked;
	if (reader_is_checked(reader))
		found->cover = COVER_ALL;
	return is_whole;
}
