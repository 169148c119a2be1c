/* Characters of UTF-8 text, and how wide a terminal shows them. */
#pragma once

#include <stddef.h>

/* How many characters these bytes are. */
size_t utf8_count(const char *text, size_t length);

/* How many bytes a number of characters takes, at most `length`. */
size_t utf8_bytes(const char *text, size_t length, size_t characters);

/* Columns of a terminal that the character at `text` takes: 0 (it combines), 1 or 2. */
size_t utf8_width(const char *text);
