/* The salted password of SCRAM is OpenSSL's PBKDF2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "db/scram.h"

/* Around one block of the hash, which 64 bytes fill. */
#define LONGEST 130

static void
is_pbkdf2(const char *password, const uint8_t *salt, int salted, int times)
{
	uint8_t ours[32], theirs[32];
	const char *reason;

	assert_int_equal(PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, salted, times,
	                                   EVP_sha256(), sizeof theirs, theirs),
	                 1);
	assert_int_equal(scram_salted_password(password, 0, sizeof ours, salt, salted, times, ours,
	                                       &reason),
	                 0);
	assert_memory_equal(ours, theirs, sizeof ours);
}

static void
a_password_is_salted_as_by_pbkdf2(void **state)
{
	static const int salts[] = { 0, 1, 16, 60, 64, 100 }, iterations[] = { 1, 2, 3 };
	char password[LONGEST + 1] = "";
	uint8_t salt[100];

	(void)state;
	assert_true(scram_random(salt, sizeof salt));
	for (int length = 0; length <= LONGEST; length++) {
		for (int i = 0; i < length; i++)
			password[i] = (char)(1 + (length + i * 7) % 255);
		for (size_t i = 0; i < sizeof salts / sizeof *salts; i++)
			for (size_t k = 0; k < sizeof iterations / sizeof *iterations; k++)
				is_pbkdf2(password, salt, salts[i], iterations[k]);
	}
	is_pbkdf2("a password", salt, 16, 4096);
}

static void
a_longer_hash_is_refused(void **state)
{
	uint8_t ours[64] = { 0 };
	const char *reason = NULL;

	(void)state;
	assert_int_equal(scram_salted_password("x", 0, sizeof ours, ours, 0, 1, ours, &reason), -1);
	assert_non_null(reason);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_is_salted_as_by_pbkdf2),
		cmocka_unit_test(a_longer_hash_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
