/* A target that is being made. */
#pragma once

struct arena;
struct target;

struct making {
	struct target *target;
	struct arena *arena;
};

/* Gives the value to log_secret if that keyword's values are secret. */
void making_secret(const char *keyword, const char *value);

/* Sets a keyword; an empty value leaves it to libpq. A password goes to log_secret. */
void making_set(struct making *making, const char *keyword, const char *value);

/* The form for messages. */
const char *making_safe(const struct target *target, struct arena *arena);

/* Adds our name and the form for messages. */
void making_finish(struct making *making);
