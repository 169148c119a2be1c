/* Checksums and hashes as other tools compute them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena;
struct script;

/* The ends of lines, for tools that take every byte. */
enum { ENDS_AS_THEY_ARE, ENDS_LF, ENDS_CRLF, ENDS_COUNT };

/* sha384:HEX over the bytes of the file, with its BOM. The script's text must be the whole file. */
char *checksum_sqlx(const struct script *script, int ends, struct arena *arena);

/* crc32:NUMBER, signed, over the lines without their ends and without BOM. */
char *checksum_flyway(const struct script *script, int ends, struct arena *arena);

/* CRC-32 as of zlib, goes on from an earlier one (0: none). */
uint32_t crc32_of(uint32_t crc, const char *bytes, size_t length);

/* Java's String.hashCode of UTF-8 text. */
int32_t java_hash(const char *text);
