/*
 * The phase that a boot is in: one line in a small file, for `health` in another process of the same container. The file is
 * replaced whole, so a reader sees the old line or the new one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct err;
struct phase; /* that is written */

struct phase_record {
	char name[16]; /* waiting, restoring, initialising, migrating, seeding, checking, running,
	                     done, failed */
	int64_t since; /* seconds since 1970 */
	char detail[200]; /* "3 of 24: 0003_parts.sql"; "": nothing */
};

/* For phase_tell; there is no file from now on until it writes one. */
struct phase *phase_new(const char *path, struct arena *arena);

/* From now on it ends where the file says running: an application has been started meanwhile, which is what counts. */
void phase_give_way(struct phase *phase);

/*
 * Writes the file anew unless it says that already, or was written for the same phase less than 100 ms before: what follows each
 * other so quickly is held until phase_catch_up. One that cannot be written is told in a line, once, and is no failure; a
 * folder that does not exist is made. `phase` may be NULL: nothing is kept. Details that are too long are cut.
 */
void phase_tell(struct phase *phase, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Held from the beginning: most often the next phase comes at once. */
void phase_hold(struct phase *phase, const char *name, const char *detail);

/* Writes what is held: it takes longer after all. `phase` may be NULL. */
void phase_catch_up(struct phase *phase);

/* One line of the file: "migrating 1767225600 3 of 24: 0003_parts.sql". False: it is none. */
bool phase_parse(struct phase_record *record, const char *line);

/* Reads it; FAULT_NO_SOURCE where there is none, or none that can be read. */
bool phase_read(struct phase_record *record, const char *path, struct err *err);

/* Does it say that the application runs? */
bool phase_is_running(const char *path);
