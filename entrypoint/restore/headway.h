/* How far a load has come, for whoever waits: a bar on a terminal, else a line every few seconds; with log = json an event with numbers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct phase;
struct reader;

struct headway {
	struct reader *reader;            /* of the dump as a script; NULL: nothing is told */
	int64_t size;                     /* of all of it; 0: not known */
	int64_t rows;                     /* sent */
	const char *doing;                /* a table; behind the rows what pg_dump calls it */
	struct phase *phase;              /* of the boot (phase.h) */
	int64_t since, tell_at, phase_at; /* clock.h */
};

/* What is told at a moment. */
struct headway_state {
	int64_t bytes, size, rows;
	int64_t took; /* ms */
	const char *doing;
};

void headway_begin(struct headway *headway, struct reader *reader, int64_t size,
                   struct phase *phase);
void headway_end(struct headway *headway);

/* Tells people, and the phase, if it is time. */
void headway_tick(struct headway *headway);

/* When it is time (clock.h). */
int64_t headway_next(const struct headway *headway);

/* "43 %, 120 of 285 MB, 1204000 rows, 56 MB/s, 3 s left, public.t" Pure. */
const char *headway_words(const struct headway_state *state, struct arena *arena);

/* The same behind a bar of so many characters, "[#####.....]". Pure. */
const char *headway_bar(const struct headway_state *state, size_t width, struct arena *arena);

/* Members of a JSON object, a comma before each. Pure. */
const char *headway_members(const struct headway_state *state, struct arena *arena);
