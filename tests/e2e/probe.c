/*
 * An application that tells what it was given, and a parent that gives odd things:
 *
 *	probe show [ARG...]       prints signals, descriptors, directory, mask, arguments, environment, input
 *	probe odd PROGRAM...      becomes PROGRAM with odd signals blocked and ignored, odd descriptors and umask
 *	probe signals             prints the number of each signal that comes, after the word ready; TERM ends it
 *	probe send PID            sends each signal from 1 to 64 but KILL, STOP, CHLD, and CONT and TERM
 *	probe orphans COUNT       leaves so many orphans that end at once; 1 if a zombie is left of them, with its number
 *	probe foster PROGRAM...   runs PROGRAM as a subreaper that does not reap
 *	probe group               ignores USR1, and has a child that does not; 0 if that is ended by one before USR2 comes
 *	probe terminal PROGRAM... runs PROGRAM on a new terminal, which gets what is read and whose output is written
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int
show(char **argv)
{
	static const char *const wanted[] = { "SigBlk", "SigIgn", "SigCgt", "Umask",     "Uid",
		                              "Gid",    "Groups", "CapEff", "NoNewPrivs" };
	char line[512], path[4096];
	FILE *status = fopen("/proc/self/status", "r");

	while (status && fgets(line, sizeof line, status))
		for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
			if (!strncmp(line, wanted[i], strlen(wanted[i])))
				fputs(line, stdout);
	if (status)
		fclose(status);
	for (int i = 0; i < 1024; i++)
		if (fcntl(i, F_GETFD) >= 0)
			printf("descriptor %d flags %d\n", i, fcntl(i, F_GETFL) & O_NONBLOCK);
	printf("pid %d\n", getpid());
	printf("directory %s\n", getcwd(path, sizeof path));
	for (int i = 0; argv[i]; i++)
		printf("argument <%s>\n", argv[i]);
	for (int i = 0; environ[i]; i++)
		printf("variable %s\n", environ[i]);
	while (fgets(line, sizeof line, stdin))
		printf("input %s", line);
	return 0;
}

static int
odd(char **argv)
{
	/* Blocked: HUP, USR2, and the real-time signals 32 to 34 and 64 that libraries like to hide. */
	uint64_t blocked = 1ull << (SIGHUP - 1) | 1ull << (SIGUSR2 - 1) | 7ull << 31 | 1ull << 63;
	int extra = open("/dev/null", O_RDONLY);

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &blocked, NULL, 8);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	dup2(extra, 5);
	dup2(extra, 17);
	umask(027);
	execvp(argv[0], argv);
	return 127;
}

static int
signals(void)
{
	uint64_t all = ~0ull;
	siginfo_t got;

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, 8);
	puts("ready");
	fflush(stdout);
	while (syscall(SYS_rt_sigtimedwait, &all, &got, NULL, 8) > 0) {
		printf("%d\n", got.si_signo);
		fflush(stdout);
		if (got.si_signo == SIGTERM)
			break;
	}
	return 0;
}

static int
send_all(pid_t pid)
{
	for (int i = 1; i <= 64; i++)
		if (i != SIGKILL && i != SIGSTOP && i != SIGCHLD && i != SIGTERM && i != SIGCONT &&
		    syscall(SYS_kill, pid, i) != 0)
			return 1;
	return 0;
}

static pid_t
leave_orphan(int ends[2])
{
	pid_t middle = fork(), orphan = 0;

	if (middle == 0) {
		orphan = fork();
		_exit(orphan > 0 && write(ends[1], &orphan, sizeof orphan) != sizeof orphan);
	}
	waitpid(middle, NULL, 0);
	return read(ends[0], &orphan, sizeof orphan) == sizeof orphan ? orphan : -1;
}

static int
is_zombie(pid_t pid)
{
	char path[64], line[128] = "";
	int file;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	file = open(path, O_RDONLY);
	(void)!read(file, line, sizeof line - 1);
	close(file);
	return strstr(line, ") Z ") != NULL;
}

static int
orphans(int count)
{
	pid_t *pids = calloc(count, sizeof *pids);
	int ends[2], left = 0;

	if (!pids || pipe(ends) != 0)
		return 2;
	for (int i = 0; i < count; i++)
		if ((pids[i] = leave_orphan(ends)) < 0)
			return 2;
	for (int try = 0; try < 30; try++) {
		left = 0;
		for (int i = 0; i < count; i++)
			left += is_zombie(pids[i]);
		if (!left)
			break;
		usleep(100000);
	}
	printf("zombies %d\n", left);
	return left != 0;
}

static int
foster(char **argv)
{
	pid_t pid;
	int status;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static volatile sig_atomic_t given_up;

static void
give_up(int signal)
{
	given_up = signal;
}

static int
group(void)
{
	int status = 0;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		for (;;)
			pause();
	}
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, give_up);
	puts("ready");
	fflush(stdout);
	for (int i = 0; i < 3000 && !given_up && waitpid(pid, &status, WNOHANG) == 0; i++)
		usleep(10000);
	kill(pid, SIGKILL);
	return !(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
}

static int
terminal(char **argv)
{
	int master, status;
	pid_t pid = forkpty(&master, NULL, NULL, NULL);
	struct pollfd polled[2] = { { 0, POLLIN, 0 }, { master, POLLIN, 0 } };
	char bytes[4096];

	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	for (;;) {
		ssize_t length;

		poll(polled, 2, -1);
		if (polled[1].revents) {
			length = read(master, bytes, sizeof bytes);
			if (length <= 0 || write(1, bytes, (size_t)length) < 0)
				break;
		} else if (polled[0].revents) {
			length = read(0, bytes, sizeof bytes);
			if (length <= 0)
				polled[0].fd = -1;
			else if (write(master, bytes, (size_t)length) < 0)
				break;
		}
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (argc > 2 && !strcmp(what, "odd"))
		return odd(argv + 2);
	if (!strcmp(what, "signals"))
		return signals();
	if (argc > 2 && !strcmp(what, "send"))
		return send_all(atoi(argv[2]));
	if (argc > 2 && !strcmp(what, "orphans"))
		return orphans(atoi(argv[2]));
	if (argc > 2 && !strcmp(what, "foster"))
		return foster(argv + 2);
	if (!strcmp(what, "group"))
		return group();
	if (argc > 2 && !strcmp(what, "terminal"))
		return terminal(argv + 2);
	return show(argv);
}
