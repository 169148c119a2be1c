/* See stream.h. The only file that knows libarchive, and with gzip.c zlib. */
#include "stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "arena.h"
#include "err.h"
#include "folder.h"
#include "scoped.h"

#define PIECE ((size_t)65536)
/* As long as a .sql file may be (source.c). */
#define LONGEST ((size_t)512 << 20)

struct unpacking {
	const char *path;
	int file;
	stream_take *take;
	void *to;
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

/* Length 0 is the end. */
static bool
read_piece(const struct unpacking *from, char piece[PIECE], size_t *length, struct err *err)
{
	ssize_t got;

	do {
		got = read(from->file, piece, PIECE);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", from->path);
	*length = (size_t)got;
	return true;
}

/* Behind a member: another one begins, or zeros fill the file up, as on a tape. */
static bool
begins_again(z_stream *zip)
{
	while (zip->avail_in && !*zip->next_in) {
		zip->next_in++;
		zip->avail_in--;
	}
	return zip->avail_in && inflateReset(zip) == Z_OK;
}

/* All that the piece in *zip gives; *ended: it ended with the end of a member. */
static bool
inflate_piece(const struct unpacking *from, z_stream *zip, bool *ended, struct err *err)
{
	char piece[PIECE];
	int state;

	do {
		if (*ended && !begins_again(zip))
			return true;
		zip->next_out = (Bytef *)piece;
		zip->avail_out = sizeof piece;
		state = inflate(zip, Z_NO_FLUSH);
		/* Z_BUF_ERROR only says that there is nothing left to do. */
		if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
			return err_set(err, FAULT_WRONG, "%s: damaged gzip data: %s", from->path,
			               zip->msg ? zip->msg : "no reason given");
		*ended = state == Z_STREAM_END;
		if (!from->take(from->to, piece, sizeof piece - zip->avail_out, err))
			return false;
	} while (zip->avail_in || zip->avail_out == 0);
	return true;
}

static void
zip_close(z_stream *zip)
{
	(void)inflateEnd(zip); /* fails only for one that was never begun */
}

/* libarchive does not look at the CRC that ends a gzip member, so this is zlib's. */
bool
stream_gunzip(int file, const char *path, stream_take *take, void *to, struct err *err)
{
	const struct unpacking unpacking = { path, file, take, to };
	SCOPED(zip_close) z_stream zip = { 0 };
	char piece[PIECE];
	size_t length;
	bool ended = false;

	/* 16: gzip's header and trailer, and nothing else. */
	if (inflateInit2(&zip, MAX_WBITS + 16) != Z_OK)
		return err_set(err, FAULT_SYSTEM, "%s: out of memory", path);
	for (;;) {
		if (!read_piece(&unpacking, piece, &length, err))
			return false;
		if (length == 0)
			break;
		zip.next_in = (Bytef *)piece;
		zip.avail_in = (uInt)length;
		if (!inflate_piece(&unpacking, &zip, &ended, err))
			return false;
	}
	return ended || err_set(err, FAULT_WRONG, "%s: truncated gzip data", path);
}

static bool
blame(const struct unpacking *unpacking, struct archive *archive, struct err *err)
{
	const char *reason = archive_error_string(archive);

	return err_set(err, FAULT_WRONG, "%s: damaged or truncated: %s", unpacking->path,
	               reason ? reason : "no reason given");
}

/* Opens and finds the one entry that any stream is to the raw format. */
static bool
open_archive(const struct unpacking *unpacking, struct archive *archive, bool *is_empty,
             struct err *err)
{
	struct archive_entry *entry;
	int state;

	if (archive_read_support_filter_xz(archive) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(archive) != ARCHIVE_OK ||
	    archive_read_support_filter_bzip2(archive) != ARCHIVE_OK ||
	    archive_read_support_filter_lz4(archive) != ARCHIVE_OK ||
	    archive_read_support_format_raw(archive) != ARCHIVE_OK ||
	    archive_read_support_format_empty(archive) != ARCHIVE_OK)
		return err_set(err, FAULT_BUG, "libarchive lacks a codec: %s",
		               archive_error_string(archive));
	if (archive_read_open_fd(archive, unpacking->file, PIECE) != ARCHIVE_OK)
		return blame(unpacking, archive, err);
	if (archive_filter_code(archive, 0) == ARCHIVE_FILTER_NONE)
		return err_set(err, FAULT_WRONG,
		               "%s: compressed with neither gzip, xz, zstd, bzip2 nor lz4",
		               unpacking->path);
	state = archive_read_next_header(archive, &entry);
	/* To the format of what holds nothing, what cannot be unpacked is nothing too. */
	*is_empty = state == ARCHIVE_EOF && archive_errno(archive) == 0;
	return state == ARCHIVE_OK || *is_empty || blame(unpacking, archive, err);
}

static void
archive_close(struct archive **archive)
{
	(void)archive_read_free(*archive); /* read only */
}

static bool
unpack_archive(const struct unpacking *unpacking, struct err *err)
{
	SCOPED(archive_close) struct archive *archive = archive_read_new();
	char piece[PIECE];
	la_ssize_t length;
	bool is_empty = false;

	if (!archive)
		return err_set(err, FAULT_SYSTEM, "%s: out of memory", unpacking->path);
	if (!open_archive(unpacking, archive, &is_empty, err))
		return false;
	if (is_empty)
		return true;
	while ((length = archive_read_data(archive, piece, sizeof piece)) > 0)
		if (!unpacking->take(unpacking->to, piece, (size_t)length, err))
			return false;
	return length == 0 || blame(unpacking, archive, err);
}

bool
stream_unpack(struct text *text, int folder, const char *name, const char *path, struct err *err)
{
	SCOPED(descriptor_close) int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
	struct gathering gathering = { text, text->length, path };
	const struct unpacking unpacking = { path, file, gather, &gathering };
	unsigned char magic[2];

	if (file < 0)
		return folder_blame(folder, name, path, err);
	if (pread(file, magic, sizeof magic, 0) == (ssize_t)sizeof magic && magic[0] == 0x1f &&
	    magic[1] == 0x8b)
		return stream_gunzip(file, path, gather, &gathering, err);
	return unpack_archive(&unpacking, err);
}
