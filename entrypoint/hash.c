/* See hash.h. */
#include "hash.h"

void
hash_hex(char hex[HASH_SIZE], const unsigned char digest[32])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 32; i++) {
		*hex++ = digits[digest[i] >> 4];
		*hex++ = digits[digest[i] & 15];
	}
	*hex = '\0';
}
