/* See spawn.h. */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../program.h"
#include "../scoped.h"
#include "../signals.h"
#include "supervisor.h"

/* Our controlling terminal, whoever has its foreground: a descriptor that is open already, or a new one, or -1. */
static int
find_terminal(void)
{
	for (int terminal = STDIN_FILENO; terminal <= STDERR_FILENO; terminal++)
		if (tcgetpgrp(terminal) >= 0)
			return terminal;
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* What runs in the background stays there. */
static bool
settle_in_group(const struct supervisor *supervisor, struct err *err)
{
	const bool was_in_foreground =
		supervisor->terminal >= 0 && tcgetpgrp(supervisor->terminal) == getpgrp();

	if (setpgid(0, 0) != 0)
		return err_errno(err, FAULT_SYSTEM, "setpgid");
	if (was_in_foreground && tcsetpgrp(supervisor->terminal, getpid()) != 0)
		return err_errno(err, FAULT_SYSTEM, "tcsetpgrp");
	return true;
}

/* The child. Nobody is stopped for this: TTOU is blocked. */
static bool
settle(const struct supervisor *supervisor, struct err *err)
{
	switch (supervisor->home) {
	case HOME_GROUP:
		return settle_in_group(supervisor, err);
	case HOME_SESSION:
		if (setsid() < 0)
			return err_errno(err, FAULT_SYSTEM, "setsid");
		if (ioctl(STDIN_FILENO, TIOCSCTTY, 0) == 0)
			supervisor->tell(supervisor, EVENT_TERMINAL, 0, 0);
		else
			supervisor->tell(supervisor, EVENT_TERMINAL, 0, errno);
		break;
	case HOME_OURS:
		break;
	}
	return true;
}

/* Else it would go on where nobody reaps, stops or restarts it. The kernel kills what process 1 leaves by itself. */
static bool
die_with(const struct supervisor *supervisor, pid_t parent, struct err *err)
{
	if (!supervisor->dies_with_us || parent == 1)
		return true;
	return (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent) ||
	       err_errno(err, FAULT_SYSTEM, "prctl");
}

/* In the child, whose memory is ours until it has become the program: what it says in err we read. */
static _Noreturn void
become(const struct supervisor *supervisor, pid_t parent, char **by_shell, struct err *err)
{
	if (settle(supervisor, err) && die_with(supervisor, parent, err)) {
		if (supervisor->is_fresh)
			signals_clear();
		else
			signals_restore();
		(void)program_execute(supervisor->program, by_shell, err);
	}
	_exit(err->fault);
}

/* dumb-init's way: the terminal leaves us for good, so that the child's session can have it. */
static void
give_up_terminal(struct supervisor *supervisor)
{
	if (ioctl(STDIN_FILENO, TIOCNOTTY) != 0) {
		supervisor->tell(supervisor, EVENT_DETACHED, 0, errno);
		return;
	}
	/* To the leader of a session the kernel sends these two for it. */
	if (getsid(0) == getpid())
		supervisor->skip_once = supervisor_bit(SIGHUP) | supervisor_bit(SIGCONT);
	supervisor->tell(supervisor, EVENT_DETACHED, 0, 0);
}

/* Nobody's pipe or socket stays open because we do. */
static void
close_others(struct supervisor *supervisor)
{
	unsigned first = STDERR_FILENO + 1;

	if (supervisor->terminal > STDERR_FILENO)
		supervisor->terminal = dup2(supervisor->terminal, (int)first++);
	(void)syscall(SYS_close_range, first, ~0U, 0); /* Linux 5.9; before it, they stay */
}

bool
spawn_child(struct supervisor *supervisor, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const pid_t us = getpid();
	char **const by_shell =
		supervisor->takes_texts ? program_shell_words(supervisor->program, &arena) : NULL;

	supervisor->terminal = supervisor->home == HOME_GROUP ? find_terminal() : -1;
	if (supervisor->home == HOME_SESSION)
		give_up_terminal(supervisor);
	/* We go on when the child has become the program: then its group is there, and can be signalled. */
	supervisor->child = vfork();
	if (supervisor->child == 0)
		become(supervisor, us, by_shell, err);
	if (supervisor->child < 0)
		return err_errno(err, FAULT_SYSTEM, "vfork");
	if (err->fault) {
		(void)waitpid(supervisor->child, NULL, 0); /* it has ended */
		return false;
	}
	if (supervisor->closes_others)
		close_others(supervisor);
	if (supervisor->goes_to_root)
		(void)!chdir("/"); /* or we stay where we are */
	return true;
}
