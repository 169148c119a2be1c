/* See codec.h and stream.h. */
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../stream.h"
#include "codec.h"

static const struct {
	const char *name;
	const char *magic; /* NULL: none */
	size_t length;
	const struct codec_row *row;
} codecs[] = {
	[CODEC_NONE] = { "none", NULL, 0, NULL },
	[CODEC_GZIP] = { "gzip", "\x1f\x8b", 2, &codec_inflate },
	[CODEC_ZSTD] = { "zstd", "\x28\xb5\x2f\xfd", 4, &codec_filter },
	[CODEC_XZ] = { "xz",
	               "\xfd"
	               "7zXZ\0",
	               6, &codec_filter },
	[CODEC_BZIP2] = { "bzip2", "BZh", 3, &codec_filter },
	[CODEC_LZ4] = { "lz4", "\x04\x22\x4d\x18", 4, &codec_lz4 },
	[CODEC_ZLIB] = { "zlib", NULL, 0, &codec_inflate },
	[CODEC_PROVEN_GZIP] = { "gzip", NULL, 0, &codec_igzip },
};

enum codec
stream_codec(const char *head, size_t length)
{
	for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
		if (codecs[i].magic && length >= codecs[i].length &&
		    memcmp(head, codecs[i].magic, codecs[i].length) == 0)
			return (enum codec)i;
	return CODEC_NONE;
}

const char *
stream_codec_name(enum codec codec)
{
	return codecs[codec].name;
}

/* Where it is said: zstd's RFC 8878 3.1.1.1, lz4_Frame_format.md (of all of it, or of each block), xz-file-format 2.1.1.2. */
bool
stream_is_checked(enum codec codec, const char *head, size_t length)
{
	switch (codec) {
	case CODEC_NONE:
		return false;
	case CODEC_ZSTD:
		return length > 4 && head[4] & 0x04;
	case CODEC_LZ4:
		return length > 4 && head[4] & 0x14;
	case CODEC_XZ:
		return length > 7 && head[7] & 0x0f;
	case CODEC_GZIP:
	case CODEC_BZIP2:
	case CODEC_ZLIB:
	case CODEC_PROVEN_GZIP:
		break;
	}
	return true;
}

struct stream *
stream_open(enum codec codec, const char *path, stream_pull *pull, void *from, struct arena *arena,
            struct err *err)
{
	struct stream *stream = arena_alloc(arena, sizeof *stream);

	*stream = (struct stream){
		.row = codecs[codec].row, .codec = codec, .path = path, .pull = pull, .from = from
	};
	if (stream->row->open(stream, arena, err))
		return stream;
	stream_close(&stream);
	return NULL;
}

bool
stream_read(struct stream *stream, char *bytes, size_t room, size_t *length, struct err *err)
{
	return stream->row->read(stream, bytes, room, length, err);
}

void
stream_close(struct stream **stream)
{
	if (*stream)
		(*stream)->row->close(*stream);
	*stream = NULL;
}

bool
codec_pull(struct stream *stream, struct err *err)
{
	if (!stream->pull(stream->from, &stream->at, &stream->left, err))
		return false;
	stream->pulled += (int64_t)stream->left;
	stream->is_drained = stream->left == 0;
	return true;
}

bool
codec_is_truncated(const struct stream *stream, struct err *err)
{
	return err_set(err, FAULT_WRONG, "%s: truncated %s data: it ends at byte %lld",
	               stream->path, stream_codec_name(stream->codec), (long long)stream->pulled);
}

bool
codec_is_followed(const struct stream *stream, struct err *err)
{
	return err_set(err, FAULT_WRONG, "%s: something stands behind the end of its %s data",
	               stream->path, stream_codec_name(stream->codec));
}

bool
codec_at_member(struct stream *stream, bool *begins, struct err *err)
{
	const bool has_members = stream->codec != CODEC_ZLIB;

	while (has_members && stream->left && !*stream->at) {
		stream->at++;
		stream->left--;
	}
	*begins = stream->left;
	return !*begins || (has_members && (unsigned char)*stream->at == 0x1f) ||
	       codec_is_followed(stream, err);
}
