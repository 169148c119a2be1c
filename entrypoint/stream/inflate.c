/* gzip and zlib. libarchive does not look at the CRC that ends a gzip member, so this is ISA-L's. */
#include <string.h>

#include <isa-l/igzip_lib.h>

#include "../arena.h"
#include "../err.h"
#include "../stream.h"
#include "codec.h"

struct inflating {
	struct inflate_state zip;
	bool has_ended; /* a member, and no other has begun */
};

static bool
inflate_open(struct stream *stream, struct arena *arena, struct err *err)
{
	struct inflating *inflating = arena_alloc(arena, sizeof *inflating);

	(void)err;
	stream->state = inflating;
	isal_inflate_init(&inflating->zip);
	inflating->zip.crc_flag = stream->codec == CODEC_GZIP ? ISAL_GZIP : ISAL_ZLIB;
	return true;
}

static void
inflate_close(struct stream *stream)
{
	(void)stream;
}

static const char *
reason(int state)
{
	switch (state) {
	case ISAL_INVALID_BLOCK:
		return "invalid block";
	case ISAL_INVALID_SYMBOL:
		return "invalid code";
	case ISAL_INVALID_LOOKBACK:
		return "invalid distance";
	case ISAL_INVALID_WRAPPER:
		return "invalid header";
	case ISAL_UNSUPPORTED_METHOD:
		return "unknown method";
	case ISAL_INCORRECT_CHECKSUM:
		return "its checksum or its length is another";
	default:
		return "it needs a dictionary";
	}
}

/* Behind a member: another one begins, or zeros fill the file up, as on a tape. */
static bool
begin_again(struct stream *stream, struct err *err)
{
	struct inflating *inflating = stream->state;

	if (stream->codec == CODEC_GZIP)
		while (stream->left && !*stream->at) {
			stream->at++;
			stream->left--;
		}
	if (!stream->left)
		return true;
	if (stream->codec != CODEC_GZIP || (unsigned char)*stream->at != 0x1f)
		return codec_is_followed(stream, err);
	isal_inflate_reset(&inflating->zip);
	inflating->has_ended = false;
	return true;
}

static bool
inflate_some(struct stream *stream, struct err *err)
{
	struct inflating *inflating = stream->state;
	struct inflate_state *zip = &inflating->zip;
	int state;

	zip->next_in = (uint8_t *)(uintptr_t)stream->at; /* it is only read */
	zip->avail_in = (uint32_t)stream->left;
	state = isal_inflate(zip);
	stream->at += stream->left - zip->avail_in;
	stream->left = zip->avail_in;
	if (state != ISAL_DECOMP_OK)
		return err_set(err, FAULT_WRONG, "%s: damaged %s data near byte %lld: %s",
		               stream->path, stream_codec_name(stream->codec),
		               (long long)(stream->pulled - (int64_t)stream->left), reason(state));
	inflating->has_ended = zip->block_state == ISAL_BLOCK_FINISH;
	return true;
}

static bool
inflate_read(struct stream *stream, char *bytes, size_t room, size_t *length, struct err *err)
{
	struct inflating *inflating = stream->state;
	struct inflate_state *zip = &inflating->zip;
	uint32_t before;

	zip->next_out = (uint8_t *)bytes;
	zip->avail_out = (uint32_t)room;
	while (zip->avail_out) {
		if (!stream->left && !stream->is_drained && !codec_pull(stream, err))
			return false;
		if (inflating->has_ended && !begin_again(stream, err))
			return false;
		if (stream->is_drained && inflating->has_ended)
			break;
		before = zip->avail_out;
		if (!inflating->has_ended && !inflate_some(stream, err))
			return false;
		/* It may have taken in more than it has given out so far. */
		if (stream->is_drained && !inflating->has_ended && zip->avail_out == before)
			return codec_is_truncated(stream, err);
	}
	*length = room - zip->avail_out;
	return true;
}

const struct codec_row codec_inflate = { inflate_open, inflate_read, inflate_close };
