/* See scram.h. */
#include "scram.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/random.h>

#define OPENSSL_SUPPRESS_DEPRECATED /* as in script/read.c */
#include <openssl/rand.h>
#include <openssl/sha.h>

/* Bytes: of a digest, and of what is hashed at once. */
#define DIGEST SHA256_DIGEST_LENGTH
#define BLOCK SHA256_CBLOCK

/* An HMAC (RFC 2104) whose key has been hashed; each message goes on from there. */
struct hmac {
	SHA256_CTX inner, outer;
};

static SHA256_CTX
begun_with(const uint8_t key[BLOCK], uint8_t mask)
{
	SHA256_CTX state;
	uint8_t block[BLOCK];

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ mask;
	SHA256_Init(&state);
	SHA256_Update(&state, block, BLOCK);
	return state;
}

static struct hmac
hmac_new(const char *password)
{
	const size_t length = strlen(password);
	uint8_t key[BLOCK] = { 0 };

	if (length > BLOCK)
		SHA256((const uint8_t *)password, length, key);
	else
		(void)memccpy(key, password, 0, BLOCK);
	return (struct hmac){ begun_with(key, 0x36), begun_with(key, 0x5c) };
}

/* The salt and the number of the block. */
static void
first(const struct hmac *hmac, const uint8_t *salt, size_t length, uint8_t digest[DIGEST])
{
	static const uint8_t number[] = { 0, 0, 0, 1 };
	SHA256_CTX inner = hmac->inner, outer = hmac->outer;

	SHA256_Update(&inner, salt, length);
	SHA256_Update(&inner, number, sizeof number);
	SHA256_Final(digest, &inner);
	SHA256_Update(&outer, digest, DIGEST);
	SHA256_Final(digest, &outer);
}

/* From the digest that begins the block to the one of the block, in its place. */
static void
next(const SHA256_CTX *begun, uint8_t block[BLOCK])
{
	SHA256_CTX state = *begun;

	SHA256_Transform(&state, block);
	for (size_t i = 0; i < DIGEST / sizeof *state.h; i++) {
		const uint32_t word = htonl(state.h[i]);

		memcpy(block + i * sizeof word, &word, sizeof word);
	}
}

/* NOLINTBEGIN(readability-function-size): its parameters are libpq's */
int
scram_salted_password(const char *password, int hash, int length, const uint8_t *salt,
                      int salt_length, int iterations, uint8_t *result, const char **reason)
{
	const struct hmac hmac = hmac_new(password);
	/* A digest behind the key's block, with the end that SHA-256 gives it: a bit, and how many there are in all. */
	uint8_t block[BLOCK] = { [DIGEST] = 0x80, [BLOCK - 2] = (BLOCK + DIGEST) * 8 >> 8 };

	(void)hash;
	if (length != DIGEST) {
		*reason = "the password is to be hashed by more than SHA-256";
		return -1;
	}
	first(&hmac, salt, (size_t)salt_length, block);
	memcpy(result, block, DIGEST);
	for (int i = 1; i < iterations; i++) {
		next(&hmac.inner, block);
		next(&hmac.outer, block);
		for (size_t at = 0; at < DIGEST; at++)
			result[at] ^= block[at];
	}
	return 0;
}
/* NOLINTEND(readability-function-size) */

bool
scram_random(void *bytes, size_t length)
{
	return getrandom(bytes, length, 0) == (ssize_t)length ||
	       RAND_bytes(bytes, (int)length) == 1;
}
