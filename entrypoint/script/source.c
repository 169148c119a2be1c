/* Reading files that hold SQL: few system calls, since every start reads all of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../scoped.h"
#include "../script.h"
#include "../utf8.h"

#define PIECE ((size_t)65536)
/* The server takes messages up to 1 GB. */
#define LONGEST ((size_t)512 << 20)

/* One that is not full is the last: a file may give less at a time (FUSE, /proc), and its end is 0 bytes. */
static bool
read_piece(int descriptor, char *piece, size_t *length, const char *path, struct err *err)
{
	size_t filled = 0;
	ssize_t got;

	do {
		got = read(descriptor, piece + filled, PIECE - filled);
		filled += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && filled < PIECE) || (got < 0 && errno == EINTR));
	if (got < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", path);
	*length = filled;
	return true;
}

static bool
read_whole(int descriptor, struct source *source, struct arena *arena, struct err *err)
{
	char piece[PIECE];
	size_t length;
	struct text text;

	if (!read_piece(descriptor, piece, &length, source->path, err))
		return false;
	if (length < PIECE) {
		source->text = arena_copy_n(arena, piece, length);
		source->length = length;
		return true;
	}
	text = text_new(arena);
	text_add_n(&text, piece, length);
	while (length == PIECE) {
		if (!read_piece(descriptor, piece, &length, source->path, err))
			return false;
		text_add_n(&text, piece, length);
		if (text.length > LONGEST)
			return err_set(err, FAULT_WRONG, "%s: longer than 512 MB", source->path);
	}
	source->text = text.at;
	source->length = text.length;
	return true;
}

/* Nearly all text is ASCII: eight bytes at a time that have no high bit and no zero. */
static bool
is_plain(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return !((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080));
}

size_t
source_first_wrong(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t at = 0;

	while (at < length) {
		size_t character;

		if (length - at >= 8 && is_plain(bytes + at)) {
			at += 8;
			continue;
		}
		character = utf8_length(text + at, length - at);
		if (character == 0)
			break;
		at += character;
	}
	return at;
}

/* Names the byte, but does not show the line: it could not be printed. */
static bool
check_encoding(const struct source *source, struct err *err)
{
	const size_t wrong = source_first_wrong(source->text, source->length);
	struct place place;

	if (wrong == source->length)
		return true;
	place = place_at(source, wrong);
	if (source->text[wrong] == '\0')
		return err_set(err, FAULT_WRONG, "%s:%zu:%zu: a NUL byte", place.path, place.line,
		               place.column);
	(void)err_set(err, FAULT_WRONG, "%s:%zu:%zu: not UTF-8 (byte 0x%02x)", place.path,
	              place.line, place.column, (unsigned char)source->text[wrong]);
	return err_hint(err, "save the file as UTF-8");
}

bool
source_take(struct source *source, const char *text, size_t length, const char *path,
            struct err *err)
{
	const size_t mark = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	const struct source taken = { path, text + mark, length - mark, mark > 0 };

	if (!check_encoding(&taken, err))
		return false;
	*source = taken;
	return true;
}

bool
source_read(struct source *source, int folder, const char *name, const char *path,
            struct arena *arena, struct err *err)
{
	SCOPED(descriptor_close) int descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC);
	struct source read = { .path = path };

	if (descriptor < 0)
		return folder_blame(folder, name, path, err);
	return read_whole(descriptor, &read, arena, err) &&
	       source_take(source, read.text, read.length, path, err);
}
