/*
 * The salted password of SCRAM. RFC 5802 has it hashed some thousand times, for which libpq makes an HMAC anew each time: 9 of the 12 ms of a
 * login. It is PBKDF2 (RFC 8018), which OpenSSL does in a quarter of that. Linked in the place of libpq's (--wrap, in the Makefile).
 */
#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

/* As in common/scram-common.h; there is SHA-256 only. 0, or -1 with the reason, which is not to be freed. */
int salted_password(const char *password, int hash, int length, const uint8_t *salt,
                    int salt_length, int iterations, uint8_t *result,
                    const char **reason) __asm__("__wrap_scram_SaltedPassword");

/* NOLINTBEGIN(readability-function-size): its parameters are libpq's */
int
salted_password(const char *password, int hash, int length, const uint8_t *salt, int salt_length,
                int iterations, uint8_t *result, const char **reason)
{
	(void)hash;
	if (length == 32 && PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, salt_length,
	                                      iterations, EVP_sha256(), length, result) == 1)
		return 0;
	*reason = "the password could not be hashed";
	return -1;
}
/* NOLINTEND(readability-function-size) */
