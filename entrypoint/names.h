/* Names in SQL text. */
#pragma once

struct arena;

/* Quoted as an identifier, always with its quotes; needs no session. */
const char *name_quoted(const char *name, struct arena *arena);

/* Quoted as a string, for people to copy: where there is a session, db_literal knows more. */
const char *name_literal(const char *value, struct arena *arena);
