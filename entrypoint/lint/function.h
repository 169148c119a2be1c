/* Functions in the default of a column that is added: is it one value for all rows? */
#pragma once

struct arena;
struct tokens;

/* The functions in an expression that are not known to be stable; ends with NULL. NULL: none. */
const char **functions_doubtful(struct tokens expression, struct arena *arena);
