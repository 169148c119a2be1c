/*
 * A program in a child of ours: a process group of its own, and the connection of our work session, if there is
 * one, in libpq's variables, never in its arguments.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct boot;
struct err;

struct child {
	char *const *words;       /* the name and the arguments; end with NULL */
	const char *file;         /* what is executed; NULL: words[0], searched in PATH */
	const char *database_url; /* its DATABASE_URL; NULL: as it is */
	int input;                /* its standard input; -1: none */
	int output, errors; /* its standard output and error; both of ours must be kept open */

	pid_t pid; /* from here on child.c's */
	int report;
};

/* Without input, and with output and errors both our standard error. */
struct child child_of(char *const *words);

/* FAULT_SYSTEM; that the program cannot be run is told by child_await. Owner: child_await or child_end. */
bool child_start(struct child *child, const struct boot *boot, struct err *err);

/*
 * Until it ends, *status as of waitpid. False: it could not be run (FAULT_CANNOT_RUN, FAULT_NOT_FOUND), or a signal came or the
 * boot lock was lost, and it was ended for that.
 */
bool child_await(struct child *child, struct boot *boot, int *status, struct err *err);

/* Is it over with the lock, if we have it? For those who do something else while the child runs. FAULT_NO_SERVER. */
bool child_may_go_on(const struct boot *boot, struct err *err);

/* Ends it, with what it has started. */
void child_end(struct child *child);

/* The whole of it: started, awaited, and FAULT_WRONG with `name` where it ended with anything but 0. */
bool child_run(struct child *child, const char *name, struct boot *boot, struct err *err);

/* How it ended, in words: FAULT_WRONG unless with 0. Pure. */
bool child_judge(const char *name, int status, struct err *err);
