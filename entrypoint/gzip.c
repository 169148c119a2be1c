/* See gzip.h. */
#include "gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>

#define OPENSSL_SUPPRESS_DEPRECATED /* as in script/read.c */
#include <openssl/sha.h>

#include "arena.h"
#include "clock.h"
#include "err.h"
#include "hash.h"
#include "signals.h"

/* Somebody waits for it. Measured on 133 MB of SQL: 1 takes 1.7 s and leaves 42 MB, 6 takes 3.4 s and leaves 39 MB. */
#define LEVEL 1
#define PIECE ((size_t)1 << 18)
/* The disk begins to write meanwhile, so that there is little left to wait for at the end. */
#define FLUSH_EVERY ((int64_t)8 << 20)

struct gzip {
	struct arena *arena;
	z_stream zip;
	SHA256_CTX hash;
	const char *name;
	int file;
	bool may_block; /* it is no regular file */
	int64_t added, written, flushed;
	unsigned char piece[PIECE];
};

struct gzip *
gzip_open(int file, const char *name, struct arena *arena, struct err *err)
{
	struct gzip *gzip = arena_alloc(arena, sizeof *gzip);
	struct stat status;

	gzip->arena = arena;
	gzip->name = name;
	gzip->file = file;
	gzip->may_block = fstat(file, &status) == 0 && !S_ISREG(status.st_mode);
	SHA256_Init(&gzip->hash);
	/* 16: gzip's header and trailer. */
	if (deflateInit2(&gzip->zip, LEVEL, Z_DEFLATED, MAX_WBITS + 16, MAX_MEM_LEVEL,
	                 Z_DEFAULT_STRATEGY) == Z_OK) {
		gzip->zip.next_out = gzip->piece;
		gzip->zip.avail_out = PIECE;
		return gzip;
	}
	err_set_(err, FAULT_SYSTEM, "%s: out of memory", name);
	return NULL;
}

static bool
write_some(struct gzip *gzip, const unsigned char **at, size_t *left, struct err *err)
{
	struct pollfd polled = { .fd = gzip->file, .events = POLLOUT };
	/* A pipe that is ready takes as many without a wait, in which no signal would be seen. */
	const size_t most = gzip->may_block && *left > PIPE_BUF ? PIPE_BUF : *left;
	ssize_t written;
	int ready;

	if (gzip->may_block && !signals_poll(&polled, 1, CLOCK_NEVER, &ready, err))
		return false;
	written = write(gzip->file, *at, most);
	if (written < 0)
		return errno == EINTR || err_errno(err, FAULT_CANNOT_WRITE, "%s", gzip->name);
	*at += written;
	*left -= (size_t)written;
	return true;
}

static bool
write_piece(struct gzip *gzip, struct err *err)
{
	const unsigned char *at = gzip->piece;
	size_t left = PIECE - gzip->zip.avail_out;

	SHA256_Update(&gzip->hash, at, left);
	gzip->written += (int64_t)left;
	while (left)
		if (!write_some(gzip, &at, &left, err))
			return false;
	if (!gzip->may_block && gzip->written - gzip->flushed >= FLUSH_EVERY) {
		/* No promise, only a beginning: fsync will tell. */
		(void)sync_file_range(gzip->file, gzip->flushed, gzip->written - gzip->flushed,
		                      SYNC_FILE_RANGE_WRITE);
		gzip->flushed = gzip->written;
	}
	gzip->zip.next_out = gzip->piece;
	gzip->zip.avail_out = PIECE;
	return true;
}

static bool
pack(struct gzip *gzip, int flush, struct err *err)
{
	do {
		if (!gzip->zip.avail_out && !write_piece(gzip, err))
			return false;
		/* Fails for a misuse only. */
		(void)deflate(&gzip->zip, flush);
	} while (!gzip->zip.avail_out);
	return true;
}

bool
gzip_add(struct gzip *gzip, const char *bytes, size_t length, struct err *err)
{
	gzip->zip.next_in = (const Bytef *)bytes;
	gzip->zip.avail_in = (uInt)length;
	gzip->added += (int64_t)length;
	return pack(gzip, Z_NO_FLUSH, err);
}

bool
gzip_finish(struct gzip *gzip, struct err *err)
{
	gzip->zip.avail_in = 0;
	return pack(gzip, Z_FINISH, err) && write_piece(gzip, err);
}

int64_t
gzip_added(const struct gzip *gzip)
{
	return gzip->added;
}

int64_t
gzip_written(const struct gzip *gzip)
{
	return gzip->written;
}

const char *
gzip_hash(struct gzip *gzip)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char *hex = arena_alloc(gzip->arena, HASH_SIZE);

	SHA256_Final(digest, &gzip->hash);
	hash_hex(hex, digest);
	return hex;
}

void
gzip_close(struct gzip **gzip)
{
	if (*gzip)
		(void)deflateEnd(&(*gzip)->zip); /* unfinished is fine: the file is given up then */
	*gzip = NULL;
}
