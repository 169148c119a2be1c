/* zstd, xz and bzip2 by libarchive. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "../arena.h"
#include "../err.h"
#include "../stream.h"
#include "codec.h"

struct filtering {
	struct archive *archive;
	struct stream *stream;
	struct err *err; /* of the call under way, for what pull says */
	bool has_failed; /* pull has */
	bool is_open, has_ended;
};

static la_ssize_t
give(struct archive *archive, void *to, const void **bytes)
{
	struct filtering *filtering = to;
	struct stream *stream = filtering->stream;
	la_ssize_t given;

	if (!codec_pull(stream, filtering->err)) {
		filtering->has_failed = true;
		archive_set_error(archive, EIO, "reading");
		return -1;
	}
	*bytes = stream->at;
	given = (la_ssize_t)stream->left;
	stream->left = 0;
	return given;
}

static bool
blame(const struct filtering *filtering, struct err *err)
{
	const char *reason = archive_error_string(filtering->archive);
	const struct stream *stream = filtering->stream;

	return filtering->has_failed
	             ? false
	             : err_set(err, FAULT_WRONG, "%s: damaged or truncated %s data: %s",
	                       stream->path, stream_codec_name(stream->codec),
	                       reason ? reason : "no reason given");
}

static bool
filter_open(struct stream *stream, struct arena *arena, struct err *err)
{
	struct filtering *filtering = arena_alloc(arena, sizeof *filtering);
	struct archive *archive = archive_read_new();
	int state;

	filtering->archive = archive;
	filtering->stream = stream;
	stream->state = filtering;
	if (!archive)
		return err_set(err, FAULT_SYSTEM, "%s: out of memory", stream->path);
	/* Only this one: to recognize what is in it is the caller's. */
	state = archive_read_append_filter(archive,
	                                   stream->codec == CODEC_ZSTD ? ARCHIVE_FILTER_ZSTD
	                                   : stream->codec == CODEC_XZ ? ARCHIVE_FILTER_XZ
	                                                               : ARCHIVE_FILTER_BZIP2);
	return (state == ARCHIVE_OK && archive_read_support_format_raw(archive) == ARCHIVE_OK &&
	        archive_read_support_format_empty(archive) == ARCHIVE_OK) ||
	       err_set(err, FAULT_BUG, "libarchive lacks a codec: %s",
	               archive_error_string(archive));
}

static void
filter_close(struct stream *stream)
{
	struct filtering *filtering = stream->state;

	(void)archive_read_free(filtering->archive); /* read only */
}

/* Opens and finds the one entry that any stream is to the raw format. */
static bool
begin(struct filtering *filtering, struct err *err)
{
	struct archive *archive = filtering->archive;
	struct archive_entry *entry;
	int state;

	filtering->is_open = true;
	/* What it cannot unpack it takes for nothing, and forgets at the next call. */
	if (archive_read_open(archive, filtering, NULL, give, NULL) != ARCHIVE_OK ||
	    archive_errno(archive) != 0)
		return blame(filtering, err);
	state = archive_read_next_header(archive, &entry);
	filtering->has_ended = state == ARCHIVE_EOF;
	return state == ARCHIVE_OK || filtering->has_ended || blame(filtering, err);
}

/* libarchive reads on where it stops to understand. */
static bool
prove_end(struct filtering *filtering, struct err *err)
{
	struct stream *stream = filtering->stream;

	filtering->has_ended = true;
	if (!stream->is_drained && !codec_pull(stream, err))
		return false;
	return (stream->left == 0 &&
	        archive_filter_bytes(filtering->archive, -1) == stream->pulled) ||
	       codec_is_followed(stream, err);
}

static bool
filter_read(struct stream *stream, char *bytes, size_t room, size_t *length, struct err *err)
{
	struct filtering *filtering = stream->state;
	la_ssize_t got = 0;

	filtering->err = err;
	if (!filtering->is_open && !begin(filtering, err))
		return false;
	if (!filtering->has_ended)
		got = archive_read_data(filtering->archive, bytes, room);
	if (got < 0)
		return blame(filtering, err);
	*length = (size_t)got;
	return got > 0 || prove_end(filtering, err);
}

const struct codec_row codec_filter = { filter_open, filter_read, filter_close };
