/* Names in SQL text. */
#pragma once

struct arena;

/* Quoted as an identifier, always with its quotes; needs no session. */
const char *name_quoted(const char *name, struct arena *arena);
