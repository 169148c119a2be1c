/* See checksum.h. */
#include "checksum.h"

#include <stdbool.h>
#include <string.h>

/* As in script/read.c: the EVP interface would start a provider. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "../arena.h"
#include "../script.h"

/* One bit at a time would be felt at a thousand files; half a byte at a time is a table of 16. */
uint32_t
crc32_of(uint32_t crc, const char *bytes, size_t length)
{
	static const uint32_t steps[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	crc = ~crc;
	for (size_t i = 0; i < length; i++) {
		crc ^= (unsigned char)bytes[i];
		crc = (crc >> 4) ^ steps[crc & 15];
		crc = (crc >> 4) ^ steps[crc & 15];
	}
	return ~crc;
}

char *
checksum_flyway(const struct script *script, int ends, struct arena *arena)
{
	const char *at = script->source.text;
	const char *const end = at + script->source.length;
	uint32_t crc = 0;

	(void)ends; /* they do not count */
	while (at < end) {
		const size_t length = strcspn(at, "\r\n");

		crc = crc32_of(crc, at, length);
		at += length + (at + length < end);
	}
	return arena_print(arena, "crc32:%d", (int)(int32_t)crc);
}

/* Without line ends, or with one in front of the others' place. */
static void
hash_lines(SHA512_CTX *hash, const struct source *source, const char *ending)
{
	const char *at = source->text;
	const char *const end = at + source->length;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		if (newline && stop > at && stop[-1] == '\r')
			stop--;
		SHA384_Update(hash, at, (size_t)(stop - at));
		if (newline)
			SHA384_Update(hash, ending, strlen(ending));
		at = newline ? newline + 1 : end;
	}
}

char *
checksum_sqlx(const struct script *script, int ends, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	const struct source *source = &script->source;
	unsigned char digest[SHA384_DIGEST_LENGTH];
	struct text text = text_new(arena);
	SHA512_CTX hash;

	SHA384_Init(&hash);
	if (source->has_mark && ends == ENDS_AS_THEY_ARE)
		SHA384_Update(&hash, "\xEF\xBB\xBF", 3);
	if (ends == ENDS_AS_THEY_ARE)
		SHA384_Update(&hash, source->text, source->length);
	else
		hash_lines(&hash, source, ends == ENDS_LF ? "\n" : "\r\n");
	SHA384_Final(digest, &hash);
	text_add(&text, "sha384:");
	for (size_t i = 0; i < sizeof digest; i++) {
		text_add_char(&text, digits[digest[i] >> 4]);
		text_add_char(&text, digits[digest[i] & 15]);
	}
	return text.at;
}

static uint32_t
add_unit(uint32_t hash, uint32_t unit)
{
	return hash * 31 + unit;
}

int32_t
java_hash(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	uint32_t hash = 0;

	while (*at) {
		uint32_t point = *at++;
		int more = point >= 0xF0 ? 3 : point >= 0xE0 ? 2 : point >= 0xC0 ? 1 : 0;

		point &= more ? 0x3Fu >> more : 0x7Fu;
		for (; more && *at; more--)
			point = point << 6 | (*at++ & 0x3Fu);
		/* It counts in UTF-16. */
		if (point >= 0x10000) {
			hash = add_unit(hash, 0xD800 + ((point - 0x10000) >> 10));
			point = 0xDC00 + ((point - 0x10000) & 0x3FF);
		}
		hash = add_unit(hash, point);
	}
	return (int32_t)hash;
}
