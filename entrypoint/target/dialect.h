/* What other drivers call libpq's keywords. */
#pragma once

/* libpq's keyword for a key of a URL, or "search_path", or NULL when it means nothing to us. */
const char *dialect_keyword(const char *key);

/* libpq's value for the value of that key. */
const char *dialect_value(const char *key, const char *value);
