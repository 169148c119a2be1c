/* gzip and zlib. libarchive does not look at the CRC that ends a gzip member, so this is zlib's. */
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "../arena.h"
#include "../err.h"
#include "../stream.h"
#include "codec.h"

struct inflating {
	z_stream zip;
	bool has_ended; /* a member, and no other has begun */
};

static bool
inflate_open(struct stream *stream, struct arena *arena, struct err *err)
{
	struct inflating *inflating = arena_alloc(arena, sizeof *inflating);
	/* 16: gzip's header and trailer, and nothing else. */
	const int bits = MAX_WBITS + (stream->codec == CODEC_GZIP ? 16 : 0);

	stream->state = inflating;
	return inflateInit2(&inflating->zip, bits) == Z_OK ||
	       err_set(err, FAULT_SYSTEM, "%s: out of memory", stream->path);
}

static void
inflate_close(struct stream *stream)
{
	struct inflating *inflating = stream->state;

	(void)inflateEnd(&inflating->zip); /* fails only for one that was never begun */
}

static bool
begin_again(struct stream *stream, struct err *err)
{
	struct inflating *inflating = stream->state;
	bool begins;

	if (!codec_at_member(stream, &begins, err))
		return false;
	if (begins) {
		(void)inflateReset(&inflating->zip); /* fails for a misuse only */
		inflating->has_ended = false;
	}
	return true;
}

static bool
inflate_some(struct stream *stream, struct err *err)
{
	struct inflating *inflating = stream->state;
	z_stream *zip = &inflating->zip;
	int state;

	zip->next_in = (const Bytef *)stream->at;
	zip->avail_in = (uInt)stream->left;
	state = inflate(zip, Z_NO_FLUSH);
	stream->at += stream->left - zip->avail_in;
	stream->left = zip->avail_in;
	/* Z_BUF_ERROR only says that there is nothing left to do. */
	if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
		return err_set(err, FAULT_WRONG, "%s: damaged %s data near byte %lld: %s",
		               stream->path, stream_codec_name(stream->codec),
		               (long long)(stream->pulled - (int64_t)stream->left),
		               zip->msg ? zip->msg : "no reason given");
	inflating->has_ended = state == Z_STREAM_END;
	return true;
}

static bool
inflate_read(struct stream *stream, char *bytes, size_t room, size_t *length, struct err *err)
{
	struct inflating *inflating = stream->state;

	inflating->zip.next_out = (Bytef *)bytes;
	inflating->zip.avail_out = (uInt)room;
	while (inflating->zip.avail_out) {
		if (!stream->left && !stream->is_drained && !codec_pull(stream, err))
			return false;
		if (inflating->has_ended && !begin_again(stream, err))
			return false;
		if (stream->is_drained && inflating->has_ended)
			break;
		if (stream->is_drained)
			return codec_is_truncated(stream, err);
		if (!inflating->has_ended && !inflate_some(stream, err))
			return false;
	}
	*length = room - inflating->zip.avail_out;
	return true;
}

const struct codec_row codec_inflate = { inflate_open, inflate_read, inflate_close };
