/*
 * gzip that was proven by zlib before, by ISA-L, in half the time. It takes a few headers and codes that zlib refuses, and that
 * pg_restore would; the checksum and the length behind a member it compares as well.
 */
#include <isa-l/igzip_lib.h>

#include "../arena.h"
#include "../err.h"
#include "../stream.h"
#include "codec.h"

struct igzip {
	struct inflate_state zip;
	struct isal_gzip_header header; /* outlasts a piece that ends in it */
	bool has_header, has_ended;     /* of a member; and no other has begun */
};

static bool
igzip_open(struct stream *stream, struct arena *arena, struct err *err)
{
	struct igzip *igzip = arena_alloc(arena, sizeof *igzip);

	(void)err;
	stream->state = igzip;
	isal_inflate_init(&igzip->zip);
	igzip->zip.crc_flag = ISAL_GZIP_NO_HDR_VER;
	return true;
}

/* All of it lies in the arena. */
static void
igzip_close(struct stream *stream)
{
	(void)stream;
}

static bool
begin_again(struct stream *stream, struct err *err)
{
	struct igzip *igzip = stream->state;
	bool begins;

	if (!codec_at_member(stream, &begins, err))
		return false;
	if (begins) {
		isal_inflate_reset(&igzip->zip);
		igzip->has_header = false;
		igzip->has_ended = false;
	}
	return true;
}

static bool
inflate_some(struct stream *stream, struct err *err)
{
	struct igzip *igzip = stream->state;
	struct inflate_state *zip = &igzip->zip;
	int state = ISAL_DECOMP_OK;

	zip->next_in = (uint8_t *)(uintptr_t)stream->at; /* it is only read */
	zip->avail_in = (uint32_t)stream->left;
	if (!igzip->has_header) {
		state = isal_read_gzip_header(zip, &igzip->header);
		igzip->has_header = state == ISAL_DECOMP_OK;
	}
	if (igzip->has_header)
		state = isal_inflate(zip);
	stream->at += stream->left - zip->avail_in;
	stream->left = zip->avail_in;
	/* Above, it only says that there is nothing left to do. */
	if (state < ISAL_DECOMP_OK)
		return err_set(err, FAULT_WRONG,
		               "%s: damaged gzip data near byte %lld (igzip's error %d)",
		               stream->path, (long long)(stream->pulled - (int64_t)stream->left),
		               state);
	igzip->has_ended = igzip->has_header && zip->block_state == ISAL_BLOCK_FINISH;
	return true;
}

static bool
igzip_read(struct stream *stream, char *bytes, size_t room, size_t *length, struct err *err)
{
	struct igzip *igzip = stream->state;
	struct inflate_state *zip = &igzip->zip;
	uint32_t before;

	zip->next_out = (uint8_t *)bytes;
	zip->avail_out = (uint32_t)room;
	while (zip->avail_out) {
		if (!stream->left && !stream->is_drained && !codec_pull(stream, err))
			return false;
		if (igzip->has_ended && !begin_again(stream, err))
			return false;
		if (stream->is_drained && igzip->has_ended)
			break;
		before = zip->avail_out;
		if (!igzip->has_ended && !inflate_some(stream, err))
			return false;
		/* It may have taken in more than it has given out so far. */
		if (stream->is_drained && !igzip->has_ended && zip->avail_out == before)
			return codec_is_truncated(stream, err);
	}
	*length = room - zip->avail_out;
	return true;
}

const struct codec_row codec_igzip = { igzip_open, igzip_read, igzip_close };
