/* What is printed, with the secrets in it blanked and without what steers a terminal. log_secret is here too. */
#pragma once

#include <stddef.h>

struct text;

/* Adds these words. `room`: of a buffer that cuts what is too long for it; 0: none does. */
void redact(struct text *line, const char *words, size_t room);

/*
 * Adds JSON, blanked only in strings: a number or a word of JSON that looks like a secret is none, and without it nobody
 * could read the rest.
 */
void redact_json(struct text *line, const char *json);
