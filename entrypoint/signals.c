/* See signals.h. The only file that knows sigaction. */
#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "signals/name.h"

static const int ours[] = { SIGTERM, SIGINT, SIGQUIT, SIGCHLD, SIGPIPE };
#define OURS (sizeof ours / sizeof *ours)

static volatile sig_atomic_t noted;
static struct {
	uint64_t mask;
	struct sigaction actions[OURS];
} received;
static sigset_t while_waiting;

static void
note(int signal)
{
	if (signal == SIGCHLD)
		return; /* it only has to interrupt the wait */
	if (noted)
		_exit(128 + signal);
	noted = signal;
}

/*
 * The kernel's own call: libc's keeps the signals 32 to 34 for itself, so a mask that it gives and takes
 * is not the one that was received.
 */
static void
change_mask(int how, uint64_t mask, uint64_t *before)
{
	(void)syscall(SYS_rt_sigprocmask, how, &mask, before,
	              sizeof mask); /* fails for bad pointers only */
}

static uint64_t
bit(int signal)
{
	return (uint64_t)1 << (signal - 1);
}

void
signals_open(void)
{
	uint64_t blocked = 0, waiting;

	for (size_t i = 0; i < OURS; i++)
		blocked |= bit(ours[i]);
	/* First: with the first handler musl unblocks two signals of its own. */
	change_mask(SIG_BLOCK, blocked, &received.mask);
	for (size_t i = 0; i < OURS; i++) {
		struct sigaction action = { .sa_handler = ours[i] == SIGPIPE ? SIG_IGN : note };

		(void)sigaction(ours[i], &action, &received.actions[i]); /* these signals exist */
	}
	waiting = received.mask & ~blocked;
	(void)sigemptyset(&while_waiting);
	memcpy(&while_waiting, &waiting, sizeof waiting);
}

void
signals_restore(void)
{
	for (size_t i = 0; i < OURS; i++)
		(void)sigaction(ours[i], &received.actions[i], NULL); /* was valid when received */
	change_mask(SIG_SETMASK, received.mask, NULL);
}

bool
signals_check(struct err *err)
{
	sigset_t pending;

	/* One that waits behind the mask counts as noted: work without waits must end too. */
	(void)sigpending(&pending);
	for (size_t i = 0; !noted && i < 3; i++)
		if (sigismember(&pending, ours[i]) == 1)
			(void)sigsuspend(&while_waiting); /* returns at once, noted */
	if (!noted)
		return true;
	return err_set(err, FAULT_SIGNAL + noted, "ended by %s", signal_name(noted));
}

bool
signals_poll(struct pollfd *polled, unsigned count, int64_t deadline, int *ready, struct err *err)
{
	for (;;) {
		const int64_t left = clock_left(deadline);
		const struct timespec wait = { .tv_sec = left / 1000,
			                       .tv_nsec = left % 1000 * 1000000 };

		/* It interrupted an earlier wait, and interrupts no other. */
		*ready = 0;
		if (noted)
			return signals_check(err);
		*ready = ppoll(polled, count, deadline == CLOCK_NEVER ? NULL : &wait,
		               &while_waiting);
		if (!signals_check(err))
			return false;
		if (*ready >= 0)
			return true;
		if (errno != EINTR)
			return err_errno(err, FAULT_SYSTEM, "poll");
		if (count == 0 && clock_passed(deadline)) {
			*ready = 0;
			return true;
		}
	}
}

bool
signals_pause(int64_t wait, struct err *err)
{
	int ready;

	return signals_poll(NULL, 0, clock_ahead(wait), &ready, err);
}

/* True when it has ended. */
static bool
reap(pid_t child, int *status)
{
	pid_t ended;

	do
		ended = waitpid(child, status, WNOHANG);
	while (ended < 0 && errno == EINTR);
	return ended != 0;
}

/* SIGCHLD interrupts the wait: it must come back to look. */
static void
doze(int64_t wait)
{
	const struct timespec length = { .tv_sec = wait / 1000, .tv_nsec = wait % 1000 * 1000000 };

	(void)ppoll(NULL, 0, &length, &while_waiting);
}

void
signals_end_child(pid_t child)
{
	int64_t deadline;
	int status;

	(void)kill(-child, noted ? noted : SIGTERM); /* may have ended meanwhile */
	for (deadline = clock_ahead(500); !reap(child, &status) && !clock_passed(deadline);)
		doze(20);
	(void)kill(-child, SIGKILL);
}

bool
signals_await_child(pid_t child, int *status, signals_guard *guard, void *guarded, struct err *err)
{
	while (signals_check(err) && guard(guarded, err)) {
		if (reap(child, status))
			return true;
		/* Longer than any SIGCHLD takes; shorter than anyone minds, should one be lost. */
		doze(1000);
	}
	signals_end_child(child);
	return false;
}

uint64_t
signals_hand_on(void)
{
	change_mask(SIG_SETMASK, UINT64_MAX, NULL);
	for (size_t i = 0; i < OURS; i++)
		(void)sigaction(ours[i], &received.actions[i], NULL); /* was valid when received */
	return received.mask;
}

void
signals_open_init(const uint64_t *mask)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };

	change_mask(SIG_SETMASK, UINT64_MAX, &received.mask);
	if (mask)
		received.mask = *mask;
	for (size_t i = 0; i < OURS; i++)
		(void)sigaction(ours[i], ours[i] == SIGCHLD ? &usual : NULL, &received.actions[i]);
}

void
signals_clear(void)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };

	for (int i = 1; i <= SIGNALS; i++)
		(void)sigaction(i, &usual, NULL); /* in vain for KILL, STOP and those of the libc */
	change_mask(SIG_SETMASK, 0, NULL);
}

bool
signals_take(siginfo_t *taken, int64_t deadline)
{
	const uint64_t all = UINT64_MAX;

	for (;;) {
		const int64_t left = clock_left(deadline);
		const struct timespec wait = { .tv_sec = left / 1000,
			                       .tv_nsec = left % 1000 * 1000000 };

		if (syscall(SYS_rt_sigtimedwait, &all, taken,
		            deadline == CLOCK_NEVER ? NULL : &wait, sizeof all) > 0)
			return true;
		/* Else it was interrupted: by a debugger, or by a SIGCONT. */
		if (errno == EAGAIN)
			return false;
	}
}
