/* Characters of UTF-8 text, and how wide a terminal shows them. */
#pragma once

#include <stddef.h>

/* The bytes of the character that stands at `text`, of which so many are left (at least one); 0: it is not UTF-8, or a NUL. */
size_t utf8_length(const char *text, size_t left);

/* How many characters these bytes are. */
size_t utf8_count(const char *text, size_t length);

/* How many bytes a number of characters takes, at most `length`. */
size_t utf8_bytes(const char *text, size_t length, size_t characters);

/* Columns of a terminal that the character at `text` takes: 0 (it combines), 1 or 2. */
size_t utf8_width(const char *text);
