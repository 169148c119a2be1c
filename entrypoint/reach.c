/* See reach.h. */
#include "reach.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "config.h"
#include "db/resolve.h"
#include "err.h"
#include "log.h"
#include "scoped.h"
#include "signals.h"

#define ONE_TRY 1000

struct goal {
	const char *name;
	const char *path;        /* file: */
	const char *host, *port; /* tcp:// */
	bool is_reached;
};

bool
reach_is_port(const char *text)
{
	const size_t digits = strspn(text, "0123456789");
	const long number = digits && digits <= 5 ? strtol(text, NULL, 10) : 0;

	return !text[digits] && number >= 1 && number <= 65535;
}

static bool
read_goal(struct goal *goal, const char *name, struct arena *arena, struct err *err)
{
	const char *colon = strrchr(name, ':');

	*goal = (struct goal){ .name = name };
	if (strncmp(name, "file:/", 6) == 0) {
		goal->path = name + 5;
		return true;
	}
	if (strncmp(name, "tcp://", 6) == 0 && colon > name + 6) {
		const bool has_brackets = name[6] == '[' && colon[-1] == ']';

		goal->host = arena_copy_n(arena, name + 6 + has_brackets,
		                          (size_t)(colon - name) - 6 - 2 * (size_t)has_brackets);
		goal->port = colon + 1;
		return reach_is_port(goal->port) ||
		       err_set(err, FAULT_CONFIG, "wait_for: %s has no port from 1 to 65535", name);
	}
	return err_set(err, FAULT_CONFIG, "wait_for: %s is neither tcp://host:port nor file:/path",
	               name);
}

/* A connection begun to a numeric address, or -1 with errno. */
static int
begin_connection(const char *address, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		                        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	int begun = -1, failed;

	if (getaddrinfo(address, port, &hints, &found) != 0)
		return -1;
	begun = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (begun >= 0 && connect(begun, found->ai_addr, found->ai_addrlen) != 0 &&
	    errno != EINPROGRESS) {
		failed = errno;
		(void)close(begun); /* nothing was written */
		begun = -1;
		errno = failed;
	}
	failed = errno;
	freeaddrinfo(found);
	errno = failed;
	return begun;
}

/* One address; *connection stays -1 where it does not accept, and failed says why. */
static bool
try_address(const char *address, const char *port, int64_t deadline, int *connection, int *failed,
            struct err *err)
{
	struct pollfd polled = { .fd = begin_connection(address, port), .events = POLLOUT };
	socklen_t size = sizeof *failed;
	int ready;

	*failed = errno;
	if (polled.fd < 0)
		return true;
	if (!signals_poll(&polled, 1, deadline, &ready, err)) {
		(void)close(polled.fd); /* nothing was written */
		return false;
	}
	*failed = ETIMEDOUT;
	if (ready == 1 && getsockopt(polled.fd, SOL_SOCKET, SO_ERROR, failed, &size) == 0 &&
	    *failed == 0)
		*connection = polled.fd;
	else
		(void)close(polled.fd); /* nothing was written */
	return true;
}

/* Our system knows no way there: of a host that has other addresses, this says least. */
static bool
is_ours(int failed)
{
	return failed == EADDRNOTAVAIL || failed == EAFNOSUPPORT || failed == ENETUNREACH;
}

static size_t
count_of(const char *const *addresses)
{
	size_t count = 0;

	while (addresses[count])
		count++;
	return count;
}

static bool
find_addresses(const char *host, int64_t deadline, const char ***addresses, struct arena *arena,
               struct err *err)
{
	/* RFC 6761: the name is no question for anybody. */
	static const char *const loopback[] = { "127.0.0.1", "::1" };
	const bool is_loopback = strcmp(host, "localhost") == 0;

	if (!is_loopback && !resolve_is_needless(host))
		return resolve(host, deadline, addresses, arena, err);
	*addresses = arena_alloc(arena, 3 * sizeof **addresses);
	(*addresses)[0] = is_loopback ? loopback[0] : host;
	(*addresses)[1] = is_loopback ? loopback[1] : NULL;
	return true;
}

/* Each address has its share of what is left. Where none accepts, *connection is -1, and errno why. */
static bool
try_addresses(const char *const *addresses, const char *port, int64_t deadline, int *connection,
              struct err *err)
{
	size_t left = count_of(addresses);
	int failed = 0, latest;

	*connection = -1;
	for (; left && *connection < 0; left--, addresses++) {
		const int64_t share = clock_left(deadline) / (int64_t)left;

		if (!try_address(*addresses, port, clock_ahead(share), connection, &latest, err))
			return false;
		if (!failed || !is_ours(latest))
			failed = latest;
	}
	errno = failed;
	return true;
}

bool
reach_connect(const char *host, const char *port, int64_t deadline, int *connection,
              struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char **addresses;

	if (!find_addresses(host, deadline, &addresses, &arena, err) ||
	    !try_addresses(addresses, port, deadline, connection, err))
		return false;
	return *connection >= 0 || err_errno(err, FAULT_NO_SERVER, "%s:%s", host, port);
}

static int64_t
sooner(int64_t one, int64_t other)
{
	return one < other ? one : other;
}

/* One try at a host: ONE_TRY for its name, and for each of its addresses. */
static bool
try_host(struct goal *goal, int64_t deadline, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(descriptor_close) int connection = -1;
	const char **addresses;
	int64_t limit = sooner(clock_ahead(ONE_TRY), deadline);

	if (!find_addresses(goal->host, limit, &addresses, &arena, err)) {
		if (err->fault != FAULT_NO_SERVER)
			return false;
		err_clear(err); /* a name that is not known yet */
		return true;
	}
	limit = sooner(clock_ahead(ONE_TRY * (int64_t)count_of(addresses)), deadline);
	if (!try_addresses(addresses, goal->port, limit, &connection, err))
		return false;
	goal->is_reached = connection >= 0;
	return true;
}

static bool
try_goal(struct goal *goal, int64_t deadline, struct err *err)
{
	if (goal->path)
		goal->is_reached = access(goal->path, F_OK) == 0;
	else if (!try_host(goal, deadline, err))
		return false;
	if (goal->is_reached)
		log_info("%s is there", goal->name);
	return true;
}

/* One round over all that are not there yet; *missing is one of them, or NULL. */
static bool
try_all(struct goal *goals, size_t count, int64_t deadline, const char **missing, struct err *err)
{
	*missing = NULL;
	for (size_t i = 0; i < count; i++) {
		if (!goals[i].is_reached && !try_goal(&goals[i], deadline, err))
			return false;
		if (!goals[i].is_reached)
			*missing = goals[i].name;
	}
	return true;
}

bool
reach_all(const struct names *targets, int64_t deadline, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct goal *goals = arena_alloc(&arena, (targets->count + 1) * sizeof *goals);
	struct backoff backoff = { 50, 1000 };
	const char *missing;

	for (size_t i = 0; i < targets->count; i++)
		if (!read_goal(&goals[i], targets->at[i], &arena, err))
			return false;
	for (;;) {
		if (!try_all(goals, targets->count, deadline, &missing, err))
			return false;
		if (!missing)
			return true;
		if (clock_passed(deadline))
			return err_set(err, FAULT_NO_SERVER,
			               "wait_for: %s is not there within wait_timeout", missing);
		if (backoff.next == 50)
			log_info("waiting for %s", missing);
		if (!signals_pause(backoff_pause_until(&backoff, deadline), err))
			return false;
	}
}
