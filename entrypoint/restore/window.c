/* See window.h. */
#include "window.h"

#include <stdlib.h>
#include <string.h>

#include "../err.h"
#include "reader.h"
#include "scan.h"

#define PIECE ((size_t)262144)
#define MOST ((size_t)1 << 30) /* what the server takes (MaxAllocSize) */

void
window_take_lines(struct window *window, size_t to, size_t lines)
{
	window->line += lines;
	window->at = to;
}

void
window_take(struct window *window, size_t to)
{
	window_take_lines(window, to, scan_lines(window->bytes + window->at, to - window->at));
}

static bool
make_room(struct window *window, struct err *err)
{
	const size_t left = window->length - window->at;
	size_t room = window->room ? window->room : PIECE;
	char *bytes;

	if (window->bytes)
		memmove(window->bytes, window->bytes + window->at, left);
	window->before += (int64_t)window->at;
	window->at = 0;
	window->length = left;
	/* One long statement is no reason to hold so much from then on. */
	while (room > PIECE && left * 4 < room)
		room /= 2;
	while (left * 2 > room && room < MOST)
		room *= 2;
	if (left >= room)
		return err_set(err, FAULT_WRONG, "%s:%zu: a statement of more than 1 GB",
		               window->path, window->line);
	if (window->bytes && room == window->room)
		return true;
	bytes = realloc(window->bytes, room + 1);
	if (!bytes)
		return err_set(err, FAULT_SYSTEM, "%s:%zu: out of memory for a statement of %zu MB",
		               window->path, window->line, room >> 20);
	window->bytes = bytes;
	window->room = room;
	return true;
}

static bool
refuse_zero(const struct window *window, const char *zero, struct err *err)
{
	const char *from = window->bytes + window->at;

	return err_set(err, FAULT_WRONG,
	               "%s:%zu: a NUL byte: this is no text, or its file was damaged in a crash",
	               window->path, window->line + scan_lines(from, (size_t)(zero - from)));
}

/* What only the beginning of a text can have. */
static bool
look_at_mark(struct window *window, struct err *err)
{
	const char *bytes = window->bytes;

	if (window->length >= 2 &&
	    (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0)) {
		(void)err_set(err, FAULT_WRONG, "%s: UTF-16 text", window->path);
		return err_hint(err, "PowerShell's > writes that: let pg_dump write the file "
		                     "itself, with --file");
	}
	if (window->length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		window->at = 3;
	return true;
}

bool
window_more(struct window *window, struct err *err)
{
	const bool is_first = !window->bytes;
	size_t old, length;
	const char *zero;

	if (!make_room(window, err))
		return false;
	old = window->length;
	while (!window->is_over && window->length < window->room) {
		if (!reader_read(window->reader, window->bytes + window->length,
		                 window->room - window->length, &length, err))
			return false;
		window->length += length;
		window->is_over = length == 0;
	}
	if (is_first && !look_at_mark(window, err))
		return false;
	zero = scan_zero(window->bytes + old, window->length - old);
	return !zero || refuse_zero(window, zero, err);
}

void
window_drop(struct window *window)
{
	free(window->bytes);
	*window = (struct window){ 0 };
}
