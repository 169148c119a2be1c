/*
 * Signals from the first instruction, as process 1 too: TERM, INT and QUIT are noted while we wait,
 * and only then (they are blocked in between, so none is lost). A second one ends us at once.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct pollfd;

/* First call of main: remembers mask and dispositions as received. */
void signals_open(void);

/* Gives back mask and dispositions exactly as received; also for a child between fork and exec. */
void signals_restore(void);

/* The noted signal as a failure (128 + n), or true. */
bool signals_check(struct err *err);

/* poll(2) until the deadline (clock.h), a descriptor is ready (*ready > 0) or a signal is noted (false). */
bool signals_poll(struct pollfd *polled, unsigned count, int64_t deadline, int *ready,
                  struct err *err);

/* Sleeps; false when a signal is noted. */
bool signals_pause(int64_t wait, struct err *err);

/* Asked every second while a child runs: may it go on? */
typedef bool signals_guard(void *guarded, struct err *err);

/*
 * Waits for a child of ours and takes its wait status. A noted signal is passed on to its process
 * group, a guard that says no ends it with TERM; if it has not ended half a second later, it is
 * killed; then false.
 */
bool signals_await_child(pid_t child, int *status, signals_guard *guard, void *guarded,
                         struct err *err);

/* Ends a child of ours in the same way, with the noted signal or with TERM. */
void signals_end_child(pid_t child);

/*
 * Init mode, where none of the above holds: all 64 signals are blocked for good, with the kernel's own mask,
 * and taken one by one. None gets lost, though process 1 has no handler for any.
 */

/* For the exec of ourselves: gives back dispositions, blocks everything, and tells the mask that was received. */
uint64_t signals_hand_on(void);

/*
 * The first call of init mode: blocks everything and remembers mask and dispositions as received, for
 * signals_restore in the child; the mask is this one where an earlier self has blocked it all. SIGCHLD is
 * no longer ignored, or nobody would learn how a child has ended.
 */
void signals_open_init(const uint64_t *mask);

/* In place of signals_restore, for a child that is to begin with no signal blocked or ignored. */
void signals_clear(void);

/* Waits for a signal; false when the deadline (clock.h) has passed without one. */
bool signals_take(siginfo_t *taken, int64_t deadline);
