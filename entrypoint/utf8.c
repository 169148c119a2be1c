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
utf8_length(const char *text, size_t left)
{
	const unsigned char *at = (const unsigned char *)text;
	const unsigned char first = at[0];
	const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

	if (first == 0 || (first >= 0x80 && first < 0xC2) || first > 0xF4 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if (!continues_character(text[i]))
			return 0;
	/* Longer than need be, surrogates, beyond U+10FFFF. */
	if ((first == 0xE0 && at[1] < 0xA0) || (first == 0xED && at[1] > 0x9F) ||
	    (first == 0xF0 && at[1] < 0x90) || (first == 0xF4 && at[1] > 0x8F))
		return 0;
	return length;
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
