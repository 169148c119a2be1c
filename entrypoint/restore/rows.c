/* See rows.h. */
#include "rows.h"

#include <string.h>

#include "../err.h"
#include "scan.h"
#include "window.h"

/* As long as \.\r\n: so much must be there to tell. */
#define MARK_SIZE ((size_t)4)

/* The length of the end mark that stands here with its line end, or 0. */
static size_t
mark_length(const char *at, const char *end)
{
	const char *const begin = at;

	if (end - at < 2 || at[0] != '\\' || at[1] != '.')
		return 0;
	at += 2;
	if (at < end && *at == '\r')
		at++;
	if (at < end && *at != '\n')
		return 0;
	return (size_t)(at - begin) + (at < end);
}

/*
 * How much of what is there are data for sure: whole lines before the mark if it is there. In one pass that counts them too: this
 * is what most of a dump is.
 */
static size_t
measure(const struct window *window, size_t *lines)
{
	const char *const from = window->bytes + window->at;
	const char *const end = window->bytes + window->length;
	const char *at = from, *line;
	size_t counted;

	for (*lines = 0; (line = scan_backslash(at, (size_t)(end - at), &counted)); at = line) {
		const bool can_tell = window->is_over || (size_t)(end - line) >= MARK_SIZE;

		*lines += counted;
		if (!can_tell || mark_length(line, end))
			return (size_t)(line - from);
	}
	*lines += counted;
	line = memrchr(from, '\n', (size_t)(end - from));
	return line ? (size_t)(line + 1 - from) : (size_t)(end - from);
}

bool
rows_next(struct rows *rows, struct window *window, const char **bytes, size_t *length,
          struct err *err)
{
	const char *from;
	size_t lines;

	/* A piece is as large as it can be: what is left of the window is not worth a round trip. */
	if (window->length - window->at < MARK_SIZE && !window->is_over &&
	    !window_more(window, err))
		return false;
	from = window->bytes + window->at;
	if (!rows->is_inside) {
		const size_t mark = mark_length(from, window->bytes + window->length);

		if (mark) {
			*length = 0;
			window_take(window, window->at + mark);
			return true;
		}
		if (!memchr(from, '\n', window->length - window->at) && !window->is_over &&
		    !window_more(window, err))
			return false;
		from = window->bytes + window->at;
	}
	*bytes = from;
	*length = measure(window, &lines);
	if (*length == 0) {
		(void)err_set(err, FAULT_WRONG, "the data of COPY have no end");
		(void)err_hint(err, "the dump was cut, or it is damaged");
		return err_at(err, window->path, rows->line, 0);
	}
	rows->is_inside = from[*length - 1] != '\n';
	rows->count += (int64_t)lines;
	window_take_lines(window, window->at + *length, lines);
	return true;
}
