/* See archive.h. The layout of the blocks is pg_backup_custom.c's. */
#include "../stream.h"

#include <stdint.h>

#include "archive.h"

#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../scoped.h"
#include "cursor.h"
#include "toc.h"

#define PIECE ((size_t)1 << 18)

enum block_type { BLOCK_DATA = 1, BLOCK_OBJECTS = 3 };

struct walk {
	struct cursor *cursor;
	const struct toc *toc;
	char *piece;
};

/* The pieces that hold one stream: each with its length before it, 0 behind the last. */
struct chunks {
	struct cursor *cursor;
	size_t left; /* of the piece that is read */
	bool has_ended;
};

void
tail_add(struct tail *tail, const char *bytes, size_t length)
{
	const size_t room = sizeof tail->at;
	const size_t taken = length < room ? length : room;

	tail->total += (int64_t)length;
	memmove(tail->at, tail->at + taken, room - taken);
	memcpy(tail->at + room - taken, bytes + length - taken, taken);
}

/* dumpTableData_copy and dumpTableData_insert in pg_dump.c. */
bool
tail_is_whole(const struct tail *tail, bool is_copy)
{
	if (is_copy)
		return tail->total >= 5 && memcmp(tail->at, "\\.\n\n\n", 5) == 0;
	if (tail->total <= 2)
		return tail->total == 2 && memcmp(tail->at + 3, "\n\n", 2) == 0;
	return memcmp(tail->at + 1, ";\n\n\n", 4) == 0;
}

static bool
begin_chunk(struct chunks *chunks, struct err *err)
{
	int64_t length;

	if (!toc_number(chunks->cursor, &length, err))
		return false;
	if (length < 0)
		return err_set(err, FAULT_WRONG,
		               "%s: damaged: data of negative length at byte %lld",
		               chunks->cursor->path, (long long)chunks->cursor->offset - 5);
	chunks->left = (size_t)length;
	chunks->has_ended = length == 0;
	return true;
}

/* A stream_pull. */
static bool
pull_chunk(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct chunks *chunks = from;

	*length = 0;
	if (!chunks->left && !chunks->has_ended && !begin_chunk(chunks, err))
		return false;
	if (chunks->has_ended)
		return true;
	if (!cursor_piece(chunks->cursor, chunks->left, bytes, length, err))
		return false;
	chunks->left -= *length;
	return true;
}

/* One stream, of which nothing is kept but its end. */
static bool
walk_stream(const struct walk *walk, const char *of, struct tail *tail, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(stream_close) struct stream *stream = NULL;
	struct chunks chunks = { .cursor = walk->cursor };
	const enum codec codec = walk->toc->codec;
	const char *bytes = walk->piece;
	size_t length;

	if (!begin_chunk(&chunks, err))
		return false;
	if (chunks.has_ended)
		return true;
	if (codec != CODEC_NONE) {
		const char *path = arena_print(&arena, "%s: data of %s", walk->cursor->path, of);

		stream = stream_open(codec, path, pull_chunk, &chunks, &arena, err);
		if (!stream)
			return false;
	}
	do {
		if (!(stream ? stream_read(stream, walk->piece, PIECE, &length, err)
		             : pull_chunk(&chunks, &bytes, &length, err)))
			return false;
		tail_add(tail, bytes, length);
	} while (length);
	return true;
}

static bool
walk_objects(const struct walk *walk, struct toc_entry *entry, struct err *err)
{
	int64_t number;

	for (;;) {
		struct tail tail = { .total = 0 };

		if (!toc_number(walk->cursor, &number, err))
			return false;
		if (number == 0)
			return true;
		if (!walk_stream(walk, "large objects", &tail, err))
			return false;
		entry->size += tail.total;
	}
}

static bool
walk_table(const struct walk *walk, struct toc_entry *entry, struct err *err)
{
	struct tail tail = { .total = 0 };

	if (!walk_stream(walk, entry->name, &tail, err))
		return false;
	entry->size = tail.total;
	return strcmp(entry->kind, "TABLE DATA") != 0 || tail_is_whole(&tail, entry->is_copy) ||
	       err_set(err, FAULT_WRONG, "%s: damaged: the data of %s do not end as data end",
	               walk->cursor->path, entry->name);
}

static bool
walk_block(const struct walk *walk, struct err *err)
{
	struct cursor *cursor = walk->cursor;
	const int64_t offset = cursor->offset;
	struct toc_entry *entry;
	unsigned char block;
	int64_t id;

	if (!cursor_take(cursor, &block, 1, err) || !toc_number(cursor, &id, err))
		return false;
	entry = toc_find(walk->toc, id);
	if (!entry || !entry->has_data || entry->was_found ||
	    block != (entry->is_objects ? BLOCK_OBJECTS : BLOCK_DATA))
		return err_set(err, FAULT_WRONG,
		               "%s: damaged, or something stands behind its end: no data of this "
		               "archive can stand at byte %lld",
		               cursor->path, (long long)offset);
	if (entry->offset && entry->offset != offset)
		return err_set(err, FAULT_WRONG,
		               "%s: damaged: the data of %s stand at byte %lld, not at %lld",
		               cursor->path, entry->name, (long long)offset,
		               (long long)entry->offset);
	entry->was_found = true;
	entry->offset = offset;
	return entry->is_objects ? walk_objects(walk, entry, err) : walk_table(walk, entry, err);
}

/* Once nothing stands there any more that can be data. */
static bool
prove_found(const struct walk *walk, bool at_end, struct err *err)
{
	const struct toc *toc = walk->toc;

	for (size_t i = 0; i < toc->count; i++)
		if (toc->entries[i].has_data && !toc->entries[i].was_found)
			return err_set(err, FAULT_WRONG,
			               "%s: %s at byte %lld, without the data of %s",
			               walk->cursor->path,
			               at_end ? "truncated: it ends" : "damaged: its data end",
			               (long long)walk->cursor->offset, toc->entries[i].name);
	return true;
}

static bool
prove_end(const struct walk *walk, struct err *err)
{
	struct cursor *cursor = walk->cursor;
	bool at_end;

	if (!toc_read_again(walk->toc, cursor, err) || !cursor_at_end(cursor, &at_end, err))
		return false;
	return at_end ||
	       err_set(err, FAULT_WRONG, "%s: something stands behind its end, at byte %lld",
	               cursor->path, (long long)cursor->offset);
}

bool
archive_prove(struct toc *toc, struct reader *reader, const char *path, struct arena *arena,
              struct err *err)
{
	SCOPED(arena_drop) struct arena own = { 0 };
	struct cursor cursor = { .reader = reader, .path = path };
	const struct walk walk = { &cursor, toc, arena_alloc(&own, PIECE) };
	bool at_end;

	if (!toc_read(toc, &cursor, TOC_CUSTOM, arena, err))
		return false;
	for (;;) {
		if (!cursor_at_end(&cursor, &at_end, err))
			return false;
		/* The table of contents once more: it begins with the sign of a number, and no block begins so. */
		if (at_end || *cursor.at == '\0')
			break;
		if (!walk_block(&walk, err))
			return false;
	}
	return prove_found(&walk, at_end, err) && (at_end || prove_end(&walk, err));
}
