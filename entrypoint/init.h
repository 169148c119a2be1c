/*
 * Init mode: we stay, as process 1 or wherever we are, and the application is our child. Also other inits under
 * their own names.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct config;
struct err;

/*
 * First thing in main: are we called as tini or dumb-init, or by ourselves after a boot? Then *code is what to
 * exit with.
 */
bool init_main(int argc, char **argv, int *code);

/*
 * Becomes init mode for this program, by executing ourselves: what booting knew is in neither memory nor
 * environment then. Everything else is to be as the application shall find it. Comes back only with false.
 */
bool init_become(const struct config *config, char *const program[], struct arena *arena,
                 struct err *err);
