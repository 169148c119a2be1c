/* pg_dump and pg_restore, inside of this binary: which of the three we are tells argv[0]. */
#pragma once

#include <stdbool.h>

/* When argv[0] ends in the name of a tool: runs it, and its exit code is in *code. */
bool pgtools_main(int argc, char **argv, int *code);
