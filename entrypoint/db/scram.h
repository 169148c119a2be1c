/*
 * What takes time in a login by SCRAM, linked in the place of libpq's own (--wrap, in the Makefile). libpq makes an HMAC anew for each of some
 * thousand iterations, 9 of the 12 ms of a login, and OpenSSL's PBKDF2 copies one, 1.3 ms; its random numbers start a
 * provider for 18 bytes, 1 ms.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The salted password, which is PBKDF2 (RFC 8018) of one block with HMAC-SHA-256. Parameters are those of common/scram-common.h; hash
 * is SHA-256, the only one there is. 0, or -1 with the reason, which is not to be freed.
 */
int scram_salted_password(const char *password, int hash, int length, const uint8_t *salt,
                          int salt_length, int iterations, uint8_t *result,
                          const char **reason) __asm__("__wrap_scram_SaltedPassword");

/* As in port.h: these bytes, unforeseeable. From the kernel; by OpenSSL where that is too old to have them. */
bool scram_random(void *bytes, size_t length) __asm__("__wrap_pg_strong_random");
