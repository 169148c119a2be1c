/* See ending.h. */
#include "ending.h"

#include <string.h>

/* pg_dump writes it after all else has gone well (pg_backup_archiver.c, RestoreArchive). */
static const char MARK[] = "\n-- PostgreSQL database dump complete\n";

void
ending_add(struct ending *ending, const char *bytes, size_t length)
{
	const size_t room = sizeof ending->at;

	ending->total += (int64_t)length;
	if (length > room) {
		bytes += length - room;
		length = room;
	}
	if (ending->length + length > room) {
		const size_t kept = room - length;

		memmove(ending->at, ending->at + ending->length - kept, kept);
		ending->length = kept;
	}
	memcpy(ending->at + ending->length, bytes, length);
	ending->length += length;
}

/* May this line stand behind the mark? */
static bool
is_closing(const char *line, size_t length)
{
	static const char unrestrict[] = "\\unrestrict ";

	return length == 0 || (length == 2 && memcmp(line, "--", 2) == 0) ||
	       (length > sizeof unrestrict && memcmp(line, unrestrict, sizeof unrestrict - 1) == 0);
}

bool
ending_is_whole(const struct ending *ending)
{
	const char *const end = ending->at + ending->length;
	const char *at = memmem(ending->at, ending->length, MARK, sizeof MARK - 1);

	if (!at || end[-1] != '\n')
		return false;
	for (at += sizeof MARK - 1; at < end; at++) {
		const size_t length =
			(size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at);

		if (!is_closing(at, length))
			return false;
		at += length;
	}
	return true;
}
