/* See resolve.h. */
#include "resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../arena.h"
#include "../clock.h"
#include "../err.h"
#include "../scoped.h"
#include "../signals.h"

bool
resolve_is_needless(const char *host)
{
	struct in6_addr address;

	return *host == '/' || *host == '@' || inet_pton(AF_INET, host, &address) == 1 ||
	       inet_pton(AF_INET6, host, &address) == 1;
}

/* The child: one address a line, or "!" and the reason. Never returns. */
static _Noreturn void
look_up(const char *host, int answer)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char address[NI_MAXHOST];
	const int failed = getaddrinfo(host, NULL, &hints, &found);

	if (failed)
		(void)dprintf(answer, "!%s\n", gai_strerror(failed)); /* no reader: no matter */
	for (; found; found = found->ai_next)
		if (getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address, NULL, 0,
		                NI_NUMERICHOST) == 0)
			(void)dprintf(answer, "%s\n", address);
	_exit(0);
}

/* Reads to the end or until the deadline; then what came is not whole. */
static bool
read_answer(int answer, const char *host, int64_t deadline, struct text *text, struct err *err)
{
	struct pollfd polled = { .fd = answer, .events = POLLIN };
	char piece[1024];
	int ready;

	for (;;) {
		ssize_t length;

		if (!signals_poll(&polled, 1, deadline, &ready, err))
			return false;
		if (ready == 0)
			return err_set(err, FAULT_NO_SERVER,
			               "could not look up host name \"%s\" in time", host);
		length = read(answer, piece, sizeof piece);
		if (length == 0)
			return true;
		if (length < 0 && errno != EINTR)
			return err_errno(err, FAULT_SYSTEM, "looking up \"%s\"", host);
		if (length > 0)
			text_add_n(text, piece, (size_t)length);
	}
}

bool
resolve(const char *host, int64_t deadline, const char ***addresses, struct arena *arena,
        struct err *err)
{
	SCOPED(descriptor_close) int reading = -1;
	struct text text = text_new(arena);
	size_t count = 0;
	int ends[2], status;
	bool was_read;
	char *rest;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_errno(err, FAULT_SYSTEM, "pipe");
	child = fork();
	if (child == 0) {
		signals_restore();
		look_up(host, ends[1]);
	}
	(void)close(ends[1]);
	reading = ends[0];
	if (child < 0)
		return err_errno(err, FAULT_SYSTEM, "fork");
	was_read = read_answer(reading, host, deadline, &text, err);
	(void)kill(child, SIGKILL); /* it has answered, or it never will */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!was_read)
		return false;
	if (*text.at == '!' || !*text.at)
		return err_set(err, FAULT_NO_SERVER,
		               "could not translate host name \"%s\" to address: %.*s", host,
		               (int)strcspn(text.at + (*text.at == '!'), "\n"),
		               text.at + (*text.at == '!'));
	*addresses = NULL;
	for (char *one = strtok_r(text.at, "\n", &rest); one; one = strtok_r(NULL, "\n", &rest)) {
		*addresses = arena_grow(arena, (void *)*addresses, count, sizeof **addresses);
		(*addresses)[count++] = one;
	}
	*addresses = arena_grow(arena, (void *)*addresses, count, sizeof **addresses);
	(*addresses)[count] = NULL;
	return true;
}
