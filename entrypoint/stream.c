/* See stream.h. */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"
#include "folder.h"
#include "scoped.h"

#define PIECE ((size_t)65536)
/* As long as a .sql file may be (source.c). */
#define LONGEST ((size_t)512 << 20)

struct file {
	int descriptor;
	const char *path;
	char piece[PIECE];
};

struct gathering {
	struct text *text;
	size_t before; /* what the text held already */
	const char *path;
};

static bool
gather(void *to, const char *bytes, size_t length, struct err *err)
{
	const struct gathering *gathering = to;

	if (length > LONGEST - (gathering->text->length - gathering->before))
		return err_set(err, FAULT_WRONG, "%s: holds more than 512 MB", gathering->path);
	text_add_n(gathering->text, bytes, length);
	return true;
}

/* A stream_pull. */
static bool
read_piece(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct file *file = from;
	ssize_t got;

	do {
		got = read(file->descriptor, file->piece, PIECE);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", file->path);
	*bytes = file->piece;
	*length = (size_t)got;
	return true;
}

static bool
unpack(enum codec codec, struct file *file, stream_take *take, void *to, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(stream_close)
	struct stream *stream = stream_open(codec, file->path, read_piece, file, &arena, err);
	char piece[PIECE];
	size_t length;

	if (!stream)
		return false;
	do {
		if (!stream_read(stream, piece, sizeof piece, &length, err) ||
		    !take(to, piece, length, err))
			return false;
	} while (length);
	return true;
}

bool
stream_unpack(struct text *text, int folder, const char *name, const char *path, struct err *err)
{
	SCOPED(descriptor_close) int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
	struct gathering gathering = { text, text->length, path };
	struct file from = { .descriptor = file, .path = path };
	char head[6];
	ssize_t length;
	enum codec codec;

	if (file < 0)
		return folder_blame(folder, name, path, err);
	length = pread(file, head, sizeof head, 0);
	codec = stream_codec(head, length > 0 ? (size_t)length : 0);
	return codec == CODEC_NONE
	             ? err_set(err, FAULT_WRONG,
	                       "%s: compressed with neither gzip, xz, zstd, bzip2 nor lz4", path)
	             : unpack(codec, &from, gather, &gathering, err);
}
