/* What a start has done, for the line at its end: each step with what it did and how long it took. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct summary;
struct arena;
struct text;

/* The start begins now; it lives in the arena. */
struct summary *summary_new(struct arena *arena);

/* This step begins now, and the one before has ended. The name is kept, not copied. NULL: no step. */
void summary_step(struct summary *summary, const char *name);

/* What the step that runs has done: a count of what ("2", "applied"), or only words with count -1. `summary` may be NULL. */
void summary_note(struct summary *summary, int64_t count, const char *what);

/* Was there any step? */
bool summary_is_empty(const struct summary *summary);

/* "ready in 48 ms: wait 3 ms, migrate 2 applied 31 ms"; of steps without a note only those that took time. */
void summary_words(const struct summary *summary, struct text *line);

/* "duration_ms":48,"steps":[{"step":"migrate","count":2,"what":"applied","duration_ms":31}], all steps. */
void summary_members(const struct summary *summary, struct text *members);
