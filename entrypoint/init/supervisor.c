/* See supervisor.h. Nothing here wakes up unless something has happened. */
#include "supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../clock.h"
#include "../log.h"
#include "../mapping.h"
#include "../signals.h"
#include "memory.h"
#include "offspring.h"
#include "spawn.h"

/* What KILL does not end in this time, nothing does: a disk that hangs, somebody else's privileges. */
#define KILL_TAKES 1000

static void
send(struct supervisor *supervisor, int signal)
{
	int failed;

	supervisor->sent |= supervisor_bit(signal);
	if (supervisor->has_ended) {
		offspring_signal(signal, supervisor->child);
		return;
	}
	failed = kill(supervisor->to_group ? -supervisor->child : supervisor->child, signal) != 0;
	supervisor->tell(supervisor, EVENT_SENT, signal, failed ? errno : 0);
}

static void
suspend(struct supervisor *supervisor)
{
	supervisor->tell(supervisor, EVENT_SUSPENDED, 0, 0);
	(void)kill(getpid(), SIGSTOP); /* as process 1 in vain */
}

/* By the rewriting table. */
static void
forward(struct supervisor *supervisor, int signal)
{
	const int as = supervisor->signals->to[signal];

	if (as != signal)
		supervisor->tell(supervisor, EVENT_CHANGED, signal, as);
	if (as == 0)
		supervisor->tell(supervisor, EVENT_KEPT, 0, 0);
	else
		send(supervisor, as);
}

/* What we say of a signal has no reader any more: to say something of that one would give the next. */
static bool
is_of_our_words(const siginfo_t *taken)
{
	return taken->si_signo == SIGPIPE && taken->si_code <= 0 && taken->si_pid == getpid();
}

/* False: it is not ours to give. A shell's fg makes it so, which does not know that the child is a group of its own. */
static bool
give_foreground(const struct supervisor *supervisor)
{
	return supervisor->terminal >= 0 && tcgetpgrp(supervisor->terminal) == getpgrp() &&
	       tcsetpgrp(supervisor->terminal, supervisor->child) == 0;
}

static bool
has_foreground(const struct supervisor *supervisor)
{
	return tcgetpgrp(supervisor->terminal) == supervisor->child || give_foreground(supervisor);
}

/* Of the terminal, to the group that it takes for the foreground. True: the child's has got it. */
static bool
pass_on_typed(const struct supervisor *supervisor, const siginfo_t *taken)
{
	if (!supervisor->follows_stops || supervisor->has_ended || taken->si_code <= 0 ||
	    !give_foreground(supervisor))
		return false;
	(void)kill(-supervisor->child, taken->si_signo); /* or it has ended meanwhile */
	return true;
}

static void
pass_on(struct supervisor *supervisor, const siginfo_t *taken)
{
	const uint64_t bit = supervisor_bit(taken->si_signo);

	if (is_of_our_words(taken))
		return;
	supervisor->tell(supervisor, EVENT_RECEIVED, taken->si_signo, 0);
	if (pass_on_typed(supervisor, taken))
		return;
	/* The terminal's own TSTP is for whom it has in the foreground, and they have got it. */
	if (supervisor->from_people & bit && taken->si_code > 0)
		return;
	if (supervisor->skip_once & bit) {
		supervisor->skip_once &= ~bit;
		supervisor->tell(supervisor, EVENT_SKIPPED, taken->si_signo, 0);
		return;
	}
	forward(supervisor, taken->si_signo);
	if (supervisor->suspends & bit)
		suspend(supervisor);
}

/* The code that a shell would have for this status, mapped. */
static int
code_of(const struct supervisor *supervisor, int status)
{
	const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);

	if (supervisor->maps_only_sent && code > 128 && code <= 192 &&
	    !(supervisor->sent & supervisor_bit(code - 128)))
		return code;
	return supervisor->codes->to[code];
}

static void
end(struct supervisor *supervisor, int status)
{
	supervisor->code = code_of(supervisor, status);
	supervisor->tell(supervisor, EVENT_ENDED, supervisor->child, status);
	if (supervisor->farewell)
		forward(supervisor, supervisor->farewell);
	supervisor->has_ended = true;
	supervisor->deadline = clock_ahead(supervisor->stop_timeout);
	/* Whoever still runs: ^C is for us now. A shell may have taken it back already. */
	if (supervisor->terminal >= 0 && tcgetpgrp(supervisor->terminal) == supervisor->child)
		(void)tcsetpgrp(supervisor->terminal, getpgrp());
}

/*
 * ^Z was for the child, or it wants the terminal. The shell that waits for us has to see it, or nobody could go on; where there
 * is none, since we are process 1, it is without effect. One that has brought us to the foreground already has done its part.
 */
static void
follow_stop(struct supervisor *supervisor, int signal)
{
	if (signal == SIGSTOP || supervisor->terminal < 0)
		return; /* somebody wants it so */
	if ((signal != SIGTTIN && signal != SIGTTOU) || !has_foreground(supervisor)) {
		suspend(supervisor);
		/* The shell has brought us back, in the foreground or not. */
		(void)give_foreground(supervisor);
	}
	(void)kill(-supervisor->child, SIGCONT); /* or it has ended meanwhile */
}

/* Signals of several children may come as one. False when no child is left. */
static bool
reap(struct supervisor *supervisor)
{
	const int options = WNOHANG | (supervisor->follows_stops ? WUNTRACED : 0);
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, options)) > 0) {
		if (WIFSTOPPED(status)) {
			if (pid == supervisor->child)
				follow_stop(supervisor, WSTOPSIG(status));
			continue;
		}
		supervisor->tell(supervisor, EVENT_REAPED, pid, status);
		if (pid == supervisor->child && !supervisor->has_ended)
			end(supervisor, status);
	}
	supervisor->tell(supervisor, EVENT_IDLE, pid == 0, 0);
	return pid == 0;
}

/* Who is stopped takes no TERM before it goes on. */
static void
end_left(const struct supervisor *supervisor)
{
	offspring_signal(SIGTERM, supervisor->child);
	offspring_signal(SIGCONT, supervisor->child);
}

/* The child has ended, but not all that it has started. True: there is no more to do for them. */
static bool
drain(struct supervisor *supervisor)
{
	if (supervisor->is_killing)
		return clock_passed(supervisor->deadline);
	if (supervisor->stop_timeout > 0 && !clock_passed(supervisor->deadline))
		return false;
	if (supervisor->stop_timeout > 0)
		offspring_tell_left(supervisor->stop_timeout);
	offspring_signal(SIGKILL, supervisor->child);
	supervisor->is_killing = true;
	supervisor->deadline = clock_ahead(KILL_TAKES);
	return false;
}

static void
serve(struct supervisor *supervisor)
{
	siginfo_t taken;
	bool has_children = true;

	for (;;) {
		const bool had_ended = supervisor->has_ended;
		const bool is_late = !signals_take(&taken, supervisor->deadline);

		if (!is_late && taken.si_signo == SIGCHLD) {
			supervisor->tell(supervisor, EVENT_RECEIVED, SIGCHLD, 0);
			has_children = reap(supervisor);
			/* What the dead have left is ours by now, and may be new. */
			if (supervisor->is_killing)
				offspring_signal(SIGKILL, supervisor->child);
		} else if (!is_late) {
			pass_on(supervisor, &taken);
		}
		if (!supervisor->has_ended)
			continue;
		if (!supervisor->drains || !has_children)
			return;
		if (!had_ended && supervisor->stop_timeout > 0)
			end_left(supervisor);
		if (drain(supervisor))
			return;
	}
}

bool
supervisor_run(struct supervisor *supervisor, int *code, struct err *err)
{
	log_hurry();
	supervisor->deadline = CLOCK_NEVER;
	if (!spawn_child(supervisor, err))
		return false;
	supervisor->tell(supervisor, EVENT_STARTED, supervisor->child, 0);
	memory_give_back();
	serve(supervisor);
	supervisor->tell(supervisor, EVENT_LEFT, supervisor->code, 0);
	*code = supervisor->code;
	return true;
}
