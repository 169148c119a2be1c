/* What config/read.c needs of the environment besides config_variable. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

/* ENTRYPOINT_CONFIG, which has no _FILE form; NULL when not set. */
const char *environment_config_file(void);

/*
 * ENTRYPOINT_ variables that no setting has: FAULT_CONFIG where a setting's name is near, else one
 * warning for all of them. What Kubernetes makes for a service named entrypoint is not meant for us.
 */
bool environment_check(struct arena *arena, struct err *err);

/* A whole file, NUL-terminated; FAULT_CONFIG as "SOURCE: ...", also when it holds a NUL. */
bool environment_file(const char *path, const char *source, const char **bytes, size_t *length,
                      struct arena *arena, struct err *err);
