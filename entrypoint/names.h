/* Names in SQL text. */
#pragma once

struct arena;
struct text;

/* Quoted as an identifier, always with its quotes; needs no session. */
const char *name_quoted(const char *name, struct arena *arena);

/* Quoted as a string, for people to copy: where there is a session, db_literal knows more. */
const char *name_literal(const char *value, struct arena *arena);

/* As the next element of an array in text, behind the "{" of its first; of any encoding. The caller adds the "}". */
void name_add_element(struct text *array, const char *name);
