/*
 * stopwatch LOG PROGRAM [ARG...]: runs the program once, its output into LOG, and prints
 * "MICROSECONDS PEAK-KILOBYTES EXIT-STATUS". Static and small, because the kernel counts the memory of
 * the process that starts another as the other's peak.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long
microseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int
main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	long long begin, end;
	int failure, status;
	pid_t child;

	if (argc < 3)
		return 64;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, argv[1],
	                                       O_WRONLY | O_CREAT | O_TRUNC, 0644);
	(void)posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);

	begin = microseconds();
	failure = posix_spawn(&child, argv[2], &actions, NULL, argv + 2, environ);
	if (failure) {
		(void)fprintf(stderr, "%s: %s\n", argv[2], strerror(failure));
		return 1;
	}
	while (wait4(child, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return 1;
	end = microseconds();
	(void)printf("%lld %ld %d\n", end - begin, usage.ru_maxrss,
	             WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
