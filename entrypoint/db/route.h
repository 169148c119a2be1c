/* The ways to the server: every address of every host that a target names. Inside of db.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct target;

/* One address gets this long: enough for TLS and SCRAM on a busy machine, and a black hole ends. */
#define ADDRESS_WAIT 5000

struct route {
	const char *host, *address, *port; /* address NULL: libpq finds it out */
};

struct routes {
	struct route *at;
	size_t count;
	size_t hosts;
	bool names_attributes; /* target_session_attrs is set, and not libpq's default */
};

/*
 * Looks up names where it must, each within ADDRESS_WAIT and the deadline. A host that has no address is
 * left out, and err says why when none is left; false only when a signal was noted or the system failed.
 */
bool routes_find(struct routes *routes, const struct target *target, int64_t deadline,
                 struct arena *arena, struct err *err);
