/* See scan.h. */
#include "scan.h"

#include <stdbool.h>
#include <string.h>

/* Loops of this length and no branch are what a compiler makes vector instructions of; musl's memchr() has none. */
#define BLOCK ((size_t)128)
#define SHORT_BLOCK ((size_t)16)

static size_t
lines_of_block(const char *bytes)
{
	unsigned char lines = 0;

	for (size_t i = 0; i < BLOCK; i++)
		lines = (unsigned char)(lines + (bytes[i] == '\n'));
	return lines;
}

/* A statement is often shorter than a block. */
static size_t
lines_of_short_block(const char *bytes)
{
	unsigned char lines = 0;

	for (size_t i = 0; i < SHORT_BLOCK; i++)
		lines = (unsigned char)(lines + (bytes[i] == '\n'));
	return lines;
}

size_t
scan_lines(const char *bytes, size_t length)
{
	size_t lines = 0, i = 0;

	for (; length - i >= BLOCK; i += BLOCK)
		lines += lines_of_block(bytes + i);
	for (; length - i >= SHORT_BLOCK; i += SHORT_BLOCK)
		lines += lines_of_short_block(bytes + i);
	for (; i < length; i++)
		lines += bytes[i] == '\n';
	return lines;
}

const char *
scan_zero(const char *bytes, size_t length)
{
	size_t i = 0;

	for (; length - i >= BLOCK; i += BLOCK) {
		unsigned char found = 0;

		for (size_t j = 0; j < BLOCK; j++)
			found = (unsigned char)(found | (bytes[i + j] == 0));
		if (found)
			break;
	}
	return memchr(bytes + i, 0, length - i);
}

/* Needs one byte more than a block. */
static bool
has_backslash(const char *bytes)
{
	unsigned char found = 0;

	for (size_t i = 0; i < BLOCK; i++)
		found = (unsigned char)(found | ((bytes[i] == '\n') & (bytes[i + 1] == '\\')));
	return found;
}

const char *
scan_backslash(const char *bytes, size_t length, size_t *lines)
{
	size_t i = 0;

	*lines = 0;
	while (i < length) {
		if (length - i > BLOCK && !has_backslash(bytes + i)) {
			*lines += lines_of_block(bytes + i);
			i += BLOCK;
			continue;
		}
		for (size_t end = length - i > BLOCK ? i + BLOCK : length; i < end; i++) {
			if (bytes[i] != '\n')
				continue;
			++*lines;
			if (i + 1 < length && bytes[i + 1] == '\\')
				return bytes + i + 1;
		}
	}
	return NULL;
}
