/* See utf8.h. */
#include "utf8.h"

#include <libpq-fe.h>
#include <stdbool.h>

#define UTF8 6 /* PG_UTF8 in mb/pg_wchar.h */

static bool
continues_character(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

size_t
utf8_count(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += !continues_character(text[i]);
	return count;
}

size_t
utf8_bytes(const char *text, size_t length, size_t characters)
{
	size_t at = 0;

	while (characters-- > 0 && at < length) {
		at++;
		while (at < length && continues_character(text[at]))
			at++;
	}
	return at;
}

/* psql's tables, so that the caret stands where psql's would; what steers a terminal is shown as one `?`. */
size_t
utf8_width(const char *text)
{
	const int width = PQdsplen(text, UTF8);

	return width < 0 ? 1 : (size_t)width;
}
