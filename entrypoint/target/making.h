/* A target that is being made. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct target;

struct making {
	struct target *target;
	struct arena *arena;
};

/* Are that keyword's values secret? */
bool making_is_secret(const char *keyword);

/* Gives the value to log_secret if they are. */
void making_secret(const char *keyword, const char *value);

/* Sets a keyword; an empty value leaves it to libpq. A password goes to log_secret. */
void making_set(struct making *making, const char *keyword, const char *value);

/*
 * The name of a server, a role or a database that holds :// is a URL in the wrong place, perhaps with its password: it goes to
 * log_secret, and it is FAULT_CONFIG that names where it stands.
 */
bool making_check(const char *keyword, const char *value, const char *where, struct err *err);

/* The form for messages. */
const char *making_safe(const struct target *target, struct arena *arena);

/* Adds our name and the form for messages. */
void making_finish(struct making *making);
