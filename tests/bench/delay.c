/*
 * delay PORT MICROSECONDS: a proxy on a free loopback port, which it prints, to the given one. Each burst of
 * the server's answers arrives that much later, as if the server were further away.
 */
#define _GNU_SOURCE /* ppoll */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

static struct sockaddr_in
loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static long long
nanoseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return now.tv_sec * SECOND + now.tv_nsec;
}

static bool
write_whole(int to, const char *bytes, ssize_t length)
{
	while (length > 0) {
		const ssize_t written = write(to, bytes, (size_t)length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		length -= written;
	}
	return true;
}

/* What can be read now, on to the other side; false at the end. */
static bool
pass_on(int from, int to)
{
	static char bytes[1 << 18];
	const ssize_t length = read(from, bytes, sizeof bytes);

	return length > 0 && write_whole(to, bytes, length);
}

static void
serve(int client, int server, long long delay)
{
	long long due =
		0; /* when what the server has said since may be passed on; 0: it said nothing */

	for (;;) {
		const long long left = due ? due - nanoseconds() : 0;
		const struct timespec pause = { left / SECOND, left % SECOND };
		struct pollfd polled[] = {
			{ .fd = client, .events = POLLIN },
			{ .fd = due ? -1 : server, .events = POLLIN },
		};

		if (due && left <= 0) {
			due = 0;
			if (!pass_on(server, client))
				return;
			continue;
		}
		if (ppoll(polled, 2, due ? &pause : NULL, NULL) < 0)
			return;
		if (polled[0].revents && !pass_on(client, server))
			return;
		if (polled[1].revents)
			due = nanoseconds() + delay;
	}
}

static int
connect_to(int port)
{
	const struct sockaddr_in address = loopback(port);
	const int server = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(server, (const struct sockaddr *)&address, sizeof address) != 0)
		return -1;
	return server;
}

static void
at_once(int connection)
{
	const int yes = 1;

	(void)setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes,
	                 sizeof yes); /* slower without */
}

int
main(int argc, char **argv)
{
	struct sockaddr_in address = loopback(0);
	socklen_t size = sizeof address;
	const int listener = socket(AF_INET, SOCK_STREAM, 0);
	int client;

	if (argc != 3)
		return 64;
	if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
	    listen(listener, 64) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
		perror("delay");
		return 1;
	}
	(void)printf("%d\n", ntohs(address.sin_port));
	(void)fflush(stdout);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);

	/* A process for each connection; they end with it. */
	while ((client = accept(listener, NULL, NULL)) >= 0) {
		if (fork() == 0) {
			const int server = connect_to(atoi(argv[1]));

			(void)close(listener);
			/* The kernel would sleep 50 us longer. */
			(void)prctl(PR_SET_TIMERSLACK, 1UL);
			if (server < 0)
				_exit(1);
			at_once(client);
			at_once(server);
			serve(client, server, atoll(argv[2]) * 1000);
			_exit(0);
		}
		(void)close(client);
	}
	return 1;
}
