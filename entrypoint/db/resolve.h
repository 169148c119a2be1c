/* Names to addresses, without blocking: getaddrinfo has no deadline and sees no signal. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct err;

/*
 * The addresses of a host, numeric, NULL-terminated, in the arena; asked in a child process that the
 * deadline or a signal ends. Fails FAULT_NO_SERVER.
 */
bool resolve(const char *host, int64_t deadline, const char ***addresses, struct arena *arena,
             struct err *err);

/* A socket folder, or an address as it stands: nothing to resolve. */
bool resolve_is_needless(const char *host);
