/* A name in the text of a dump, as the server stores it. */
#pragma once

struct arena;
struct token;

/*
 * Of a word (in small letters), a quoted name or a string (without their quotes); anything else as it stands. A name with a
 * schema must come without it. Pure.
 */
const char *name_of(const struct token *token, struct arena *arena);
