/* SHA-256 as people write it. The digest itself is OpenSSL's (openssl/sha.h). */
#pragma once

/* With the NUL. */
#define HASH_SIZE 65

/* Of the 32 bytes of a digest. */
void hash_hex(char hex[HASH_SIZE], const unsigned char digest[32]);
