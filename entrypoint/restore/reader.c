/* See reader.h. */
#include "reader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../signals.h"
#include "../stream.h"

#define PIECE ((size_t)1 << 18)
#define HEAD ((size_t)1 << 16)
/* More than anybody has a use for. */
#define DEEPEST 4

struct file {
	int descriptor;
	const char *path;
	char piece[PIECE];
};

/* What one compression holds, or the source; its beginning is looked at before it is read. */
struct level {
	stream_pull *pull;
	void *from;
	struct stream *stream; /* that `pull` reads; NULL: the source's own */
	char *piece;           /* of the stream */
	int64_t *taken;        /* counts what was pulled; NULL: nobody asks */
	char *head;
	size_t head_length, head_at;
	const char *rest; /* of the piece that filled the head */
	size_t rest_length;
};

struct reader {
	struct level levels[DEEPEST + 1];
	size_t depth; /* the level that is read */
	struct arena *arena;
	const char *codecs;
	bool is_proven, is_checked;
	int64_t taken, given;
	const char *at; /* of what reader_read was given and had no room for */
	size_t left;
};

static bool
pull_file(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct file *file = from;
	ssize_t got;

	do {
		if (!signals_check(err))
			return false;
		got = read(file->descriptor, file->piece, PIECE);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", file->path);
	*bytes = file->piece;
	*length = (size_t)got;
	return true;
}

static bool
pull_stream(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct level *level = from;

	*bytes = level->piece;
	return stream_read(level->stream, level->piece, PIECE, length, err);
}

static bool
pull_counted(struct level *level, const char **bytes, size_t *length, struct err *err)
{
	if (!level->pull(level->from, bytes, length, err))
		return false;
	if (level->taken)
		*level->taken += (int64_t)*length;
	return true;
}

/* The head first. A stream_pull of a level. */
static bool
pull_level(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct level *level = from;

	if (level->head_at < level->head_length) {
		*bytes = level->head + level->head_at;
		*length = level->head_length - level->head_at;
		level->head_at = level->head_length;
		return true;
	}
	if (level->rest_length) {
		*bytes = level->rest;
		*length = level->rest_length;
		level->rest_length = 0;
		return true;
	}
	return pull_counted(level, bytes, length, err);
}

static bool
fill_head(struct level *level, struct arena *arena, struct err *err)
{
	const char *bytes;
	size_t length, kept;

	level->head = arena_alloc(arena, HEAD);
	while (level->head_length < HEAD) {
		if (!pull_counted(level, &bytes, &length, err))
			return false;
		if (length == 0)
			return true;
		kept = length < HEAD - level->head_length ? length : HEAD - level->head_length;
		memcpy(level->head + level->head_length, bytes, kept);
		level->head_length += kept;
		level->rest = bytes + kept;
		level->rest_length = length - kept;
	}
	return true;
}

/* Takes one more compression off. */
static bool
descend(struct reader *reader, enum codec codec, const char *path, struct err *err)
{
	struct level *outer = &reader->levels[reader->depth];
	struct level *inner = outer + 1;
	const bool is_checked = stream_is_checked(codec, outer->head, outer->head_length);

	if (reader->depth == DEEPEST)
		return err_set(err, FAULT_WRONG, "%s: compressed more than %d times", path,
		               DEEPEST);
	if (codec == CODEC_GZIP && reader->is_proven)
		codec = CODEC_PROVEN_GZIP;
	inner->stream = stream_open(codec, path, pull_level, outer, reader->arena, err);
	if (!inner->stream)
		return false;
	reader->depth++;
	reader->is_checked |= is_checked;
	reader->codecs = arena_join(reader->arena, stream_codec_name(codec),
	                            *reader->codecs ? " in " : "", reader->codecs);
	inner->piece = arena_alloc(reader->arena, PIECE);
	inner->pull = pull_stream;
	inner->from = inner;
	return fill_head(inner, reader->arena, err);
}

static bool
open_on(struct reader **opened, reader_source *source, void *from, const char *path, bool is_proven,
        struct arena *arena, struct err *err)
{
	struct reader *reader = arena_alloc(arena, sizeof *reader);
	struct level *level = reader->levels;
	enum codec codec;

	*opened = reader;
	reader->arena = arena;
	reader->is_proven = is_proven;
	reader->codecs = "";
	level->pull = source;
	level->from = from;
	level->taken = &reader->taken;
	if (!fill_head(level, arena, err))
		return false;
	while ((codec = stream_codec(level->head, level->head_length)) != CODEC_NONE) {
		if (!descend(reader, codec, path, err))
			return false;
		level = &reader->levels[reader->depth];
	}
	return true;
}

bool
reader_open_on(struct reader **reader, reader_source *source, void *from, const char *path,
               struct arena *arena, struct err *err)
{
	return open_on(reader, source, from, path, false, arena, err);
}

bool
reader_open_proven(struct reader **reader, reader_source *source, void *from, const char *path,
                   struct arena *arena, struct err *err)
{
	return open_on(reader, source, from, path, true, arena, err);
}

bool
reader_open(struct reader **reader, int file, const char *path, struct arena *arena,
            struct err *err)
{
	struct file *from = arena_alloc(arena, sizeof *from);

	from->descriptor = file;
	from->path = path;
	return reader_open_on(reader, pull_file, from, path, arena, err);
}

const char *
reader_head(const struct reader *reader, size_t *length)
{
	*length = reader->levels[reader->depth].head_length;
	return reader->levels[reader->depth].head;
}

bool
reader_pull(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct reader *reader = from;

	if (reader->left) {
		*bytes = reader->at;
		*length = reader->left;
		reader->left = 0;
		return true;
	}
	if (!pull_level(&reader->levels[reader->depth], bytes, length, err))
		return false;
	reader->given += (int64_t)*length;
	return true;
}

/* Has all been taken that was looked at before, and can the codec write to where it is wanted? */
static bool
may_fill(const struct reader *reader)
{
	const struct level *level = &reader->levels[reader->depth];

	return level->stream && !reader->left && !level->rest_length &&
	       level->head_at == level->head_length;
}

/* Without a copy, and up to the end if that comes first. */
static bool
fill(struct reader *reader, char *bytes, size_t room, size_t *length, struct err *err)
{
	if (!stream_read(reader->levels[reader->depth].stream, bytes, room, length, err))
		return false;
	reader->given += (int64_t)*length;
	return true;
}

bool
reader_read(struct reader *reader, char *bytes, size_t room, size_t *length, struct err *err)
{
	size_t filled = 0, taken, got;
	const char *piece;

	while (filled < room) {
		if (may_fill(reader)) {
			if (!fill(reader, bytes + filled, room - filled, &got, err))
				return false;
			filled += got;
			break;
		}
		if (!reader_pull(reader, &piece, &got, err))
			return false;
		if (got == 0)
			break;
		taken = got < room - filled ? got : room - filled;
		memcpy(bytes + filled, piece, taken);
		filled += taken;
		reader->at = piece + taken;
		reader->left = got - taken;
	}
	*length = filled;
	return true;
}

int64_t
reader_taken(const struct reader *reader)
{
	return reader->taken;
}

int64_t
reader_given(const struct reader *reader)
{
	return reader->given - (int64_t)reader->left;
}

const char *
reader_codecs(const struct reader *reader)
{
	return reader->codecs;
}

bool
reader_is_checked(const struct reader *reader)
{
	return reader->is_checked;
}

void
reader_close(struct reader **reader)
{
	if (!*reader)
		return;
	for (size_t i = 0; i <= (*reader)->depth; i++)
		stream_close(&(*reader)->levels[i].stream);
	*reader = NULL;
}
