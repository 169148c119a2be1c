/* What other drivers call libpq's keywords. */
#pragma once

#include <stdbool.h>

struct arena;

/* libpq's keyword for a key of a URL, or "search_path", or NULL when it means nothing to us. */
const char *dialect_keyword(const char *key);

/* Is that keyword of libpq's about who may read along, or whom we talk to? */
bool dialect_protects(const char *keyword);

/* The key that was meant by one that is none, or NULL. */
const char *dialect_near(const char *key);

/* libpq's value for the value of that key; for "search_path" quoted names as SQL has them. */
const char *dialect_value(const char *key, const char *value, struct arena *arena);
