/* lz4 by its own library: libarchive takes four bytes behind the last frame for nothing. */
#include <lz4frame.h>

#include "../arena.h"
#include "../err.h"
#include "../stream.h"
#include "codec.h"

struct unpacking {
	LZ4F_dctx *context;
	size_t wanted; /* 0: no frame has begun */
};

static bool
lz4_open(struct stream *stream, struct arena *arena, struct err *err)
{
	struct unpacking *unpacking = arena_alloc(arena, sizeof *unpacking);

	stream->state = unpacking;
	return !LZ4F_isError(LZ4F_createDecompressionContext(&unpacking->context, LZ4F_VERSION)) ||
	       err_set(err, FAULT_SYSTEM, "%s: out of memory", stream->path);
}

static void
lz4_close(struct stream *stream)
{
	struct unpacking *unpacking = stream->state;

	(void)LZ4F_freeDecompressionContext(
		unpacking->context); /* an unfinished frame is given up */
}

static bool
lz4_read(struct stream *stream, char *bytes, size_t room, size_t *length, struct err *err)
{
	struct unpacking *unpacking = stream->state;
	size_t taken, given;

	for (*length = 0; *length < room; *length += given) {
		if (!stream->left && !stream->is_drained && !codec_pull(stream, err))
			return false;
		if (stream->is_drained)
			return !unpacking->wanted || codec_is_truncated(stream, err);
		taken = stream->left;
		given = room - *length;
		unpacking->wanted = LZ4F_decompress(unpacking->context, bytes + *length, &given,
		                                    stream->at, &taken, NULL);
		if (LZ4F_isError(unpacking->wanted))
			return err_set(err, FAULT_WRONG, "%s: damaged lz4 data near byte %lld: %s",
			               stream->path,
			               (long long)(stream->pulled - (int64_t)stream->left),
			               LZ4F_getErrorName(unpacking->wanted));
		stream->at += taken;
		stream->left -= taken;
	}
	return true;
}

const struct codec_row codec_lz4 = { lz4_open, lz4_read, lz4_close };
