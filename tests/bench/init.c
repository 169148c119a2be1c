/*
 * Measures an init beside others. Each prints one number, the median of its rounds, or what it says.
 *
 *	init start ROUNDS INIT...           microseconds from the start of INIT with this program as its child, which
 *	                                    ends at once, to INIT's end
 *	init signal ROUNDS INIT...          microseconds from a signal to INIT, as process 1, until its child has it
 *	init reap COUNT INIT...             orphans reaped per second by INIT, as process 1, of COUNT that end together
 *	init memory INIT...                 kilobytes that are resident a moment after the start: all, and those of
 *	                                    nobody else
 *
 * Behind INIT... it puts its own path and a word that tells what the child has to do. The first word of INIT... may be
 * NAME=PATH: what is executed under that name.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the child writes to. */
#define TELL 8

static long long
nanoseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
compare(const void *a, const void *b)
{
	const long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

static double
median(long long *times, int count)
{
	qsort(times, (size_t)count, sizeof *times, compare);
	return (double)times[count / 2];
}

/* ---- the child of the init ------------------------------------------------------------------------------------ */

static void
tell(long long word)
{
	if (write(TELL, &word, sizeof word) != sizeof word)
		die("write");
}

/* Tells of each USR1 when it came. */
static int
be_signalled(void)
{
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	tell(0);
	while (sigwait(&set, &got) == 0)
		tell(nanoseconds());
	return 1;
}

/* COUNT orphans end at once; tells the nanoseconds until none of them is left, not even as a zombie. */
static int
leave_orphans(int count)
{
	pid_t *pids = calloc((size_t)count, sizeof *pids);
	int gate[2], report[2];
	long long from;

	if (!pids || pipe2(gate, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0)
		die("pipe");
	for (int i = 0; i < count; i++) {
		pid_t middle = fork();
		char byte;

		if (middle == 0) {
			const pid_t child = fork();

			close(gate[1]);
			if (child == 0) {
				(void)!read(gate[0], &byte, 1);
				_exit(0);
			}
			_exit(write(report[1], &child, sizeof child) != sizeof child);
		}
		(void)waitpid(middle, NULL, 0);
		if (middle < 0 || read(report[0], &pids[i], sizeof pids[i]) != sizeof pids[i])
			die("fork");
	}
	from = nanoseconds();
	close(gate[1]);
	for (int i = 0; i < count; i++)
		while (kill(pids[i], 0) == 0)
			sched_yield();
	tell(nanoseconds() - from);
	free(pids);
	return 0;
}

static int
be_there(void)
{
	tell(0);
	pause();
	return 0;
}

/* ---- the measurements ----------------------------------------------------------------------------------------- */

/* An init with its arguments, and what it executes. */
struct command {
	const char *path;
	char **words;
};

static struct command
command_of(char **init, const char *duty, const char *number)
{
	static char self[4096];
	char *equals = strchr(*init, '=');
	size_t count = 0;
	char **command;

	if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
		die("readlink");
	while (init[count])
		count++;
	command = calloc(count + 4, sizeof *command);
	if (!command)
		die("calloc");
	memcpy(command, init, count * sizeof *command);
	command[count] = self;
	command[count + 1] = strdup(duty);
	command[count + 2] = number ? strdup(number) : NULL;
	if (!equals)
		return (struct command){ *init, command };
	command[0] = strndup(*init, (size_t)(equals - *init));
	return (struct command){ equals + 1, command };
}

/* As process 1 of a namespace of its own, or as usual. *from: what the child tells. */
static pid_t
start(struct command command, int is_first, int *from)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		die("pipe");
	pid = (pid_t)syscall(SYS_clone, SIGCHLD | (is_first ? CLONE_NEWPID : 0), NULL, NULL, NULL,
	                     NULL);
	if (pid == 0) {
		dup2(ends[1], TELL);
		execv(command.path, command.words);
		die(command.path);
	}
	if (pid < 0)
		die("clone");
	close(ends[1]);
	*from = ends[0];
	return pid;
}

static long long
hear(int from)
{
	long long word;

	if (read(from, &word, sizeof word) != sizeof word) {
		fputs("the child says nothing\n", stderr);
		exit(1);
	}
	return word;
}

static void
stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
measure_start(int rounds, char **init)
{
	long long *times = calloc((size_t)rounds, sizeof *times);
	struct command command = command_of(init, "end", NULL);

	for (int i = -3; i < rounds; i++) {
		const long long from = nanoseconds();
		int status;
		pid_t pid = vfork();

		if (pid == 0) {
			execv(command.path, command.words);
			_exit(127);
		}
		if (waitpid(pid, &status, 0) != pid || status != 0)
			die(command.path);
		if (i >= 0)
			times[i] = nanoseconds() - from;
	}
	printf("%.1f\n", median(times, rounds) / 1000);
}

static void
measure_signal(int rounds, char **init)
{
	long long *times = calloc((size_t)rounds, sizeof *times);
	int from;
	pid_t pid = start(command_of(init, "signalled", NULL), 1, &from);

	(void)hear(from);
	usleep(50000); /* all have gone to sleep */
	for (int i = -10; i < rounds; i++) {
		const long long sent = nanoseconds();

		kill(pid, SIGUSR1);
		if (i < 0)
			(void)hear(from);
		else
			times[i] = hear(from) - sent;
		usleep(500);
	}
	printf("%.1f\n", median(times, rounds) / 1000);
	stop(pid);
}

static void
measure_reap(const char *count, char **init)
{
	int from;
	pid_t pid = start(command_of(init, "orphans", count), 1, &from);

	printf("%.0f\n", (double)atoi(count) / ((double)hear(from) / 1e9));
	stop(pid);
}

static long
kilobytes(const char *line, const char *name)
{
	return strncmp(line, name, strlen(name)) == 0 ? strtol(line + strlen(name), NULL, 10) : 0;
}

static void
measure_memory(char **init)
{
	char path[64], line[256];
	long resident = 0, own = 0;
	int from;
	pid_t pid = start(command_of(init, "there", NULL), 0, &from);
	FILE *file;

	(void)hear(from);
	usleep(100000);
	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
	file = fopen(path, "r");
	if (!file)
		die(path);
	while (fgets(line, sizeof line, file)) {
		resident += kilobytes(line, "Rss:");
		own += kilobytes(line, "Private_Dirty:");
	}
	fclose(file);
	printf("%ld %ld\n", resident, own);
	kill(pid, SIGTERM); /* the child's end, and so its own */
	waitpid(pid, NULL, 0);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "end") == 0)
		return 0;
	if (strcmp(what, "signalled") == 0)
		return be_signalled();
	if (strcmp(what, "orphans") == 0)
		return leave_orphans(atoi(argv[2]));
	if (strcmp(what, "there") == 0)
		return be_there();
	if (argc < 4)
		return 64;
	if (strcmp(what, "memory") == 0)
		measure_memory(argv + 2);
	else if (strcmp(what, "start") == 0)
		measure_start(atoi(argv[2]), argv + 3);
	else if (strcmp(what, "signal") == 0)
		measure_signal(atoi(argv[2]), argv + 3);
	else if (strcmp(what, "reap") == 0)
		measure_reap(argv[2], argv + 3);
	else
		return 64;
	return 0;
}
