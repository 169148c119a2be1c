/* See probe.h. */
#include "probe.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "arena.h"
#include "clock.h"
#include "err.h"
#include "reach.h"
#include "scoped.h"
#include "signals.h"

#define SCHEME "http://"
/* Bytes that are read until there is a status: that of the answer may stand behind others. */
#define HEAD_MOST ((size_t)65536)
/* As much of a line as a status needs. */
#define LINE ((size_t)32)
#define DRAIN_MOST ((size_t)65536)
#define DRAIN_MS 500

/* HOST, HOST:PORT, [ADDRESS]:PORT, :PORT. */
static bool
read_authority(struct probe *probe, const char *text, size_t length, struct arena *arena)
{
	const char *const whole = arena_copy_n(arena, text, length);
	const char *const bracket = *whole == '[' ? strchr(whole, ']') : NULL;
	const char *const colon = strchr(bracket ? bracket : whole, ':');
	const char *const end = bracket ? bracket : colon ? colon : whole + length;

	if (*whole == '[' && (!bracket || (bracket[1] && bracket[1] != ':')))
		return false;
	probe->authority = whole;
	probe->host = arena_copy_n(arena, whole + (bracket != NULL),
	                           (size_t)(end - whole) - (bracket != NULL));
	if (!*probe->host)
		probe->host = "localhost";
	if (*whole == ':')
		probe->authority = arena_join(arena, "localhost", whole, "");
	if (!colon)
		return true;
	probe->port = colon + 1;
	return reach_is_port(probe->port);
}

bool
probe_of_address(struct probe *probe, const char *address, struct arena *arena, struct err *err)
{
	*probe = (struct probe){ 0 };
	if (read_authority(probe, address, strlen(address), arena) && probe->port)
		return true;
	return err_set(err, FAULT_USAGE, "--tcp: %s is not HOST:PORT", address);
}

/* What would end the line of the request, or begin another. */
static bool
is_plain(const char *text)
{
	for (; *text; text++)
		if (!isgraph((unsigned char)*text))
			return false;
	return true;
}

bool
probe_of_url(struct probe *probe, const char *url, struct arena *arena, struct err *err)
{
	const char *const rest = url + strlen(SCHEME);
	size_t length;

	*probe = (struct probe){ 0 };
	if (strncmp(url, SCHEME, strlen(SCHEME)) != 0) {
		(void)err_set(err, FAULT_USAGE, "--http: %s does not begin with http://",
		              url); /* false below */
		return err_hint(err, "of a port that speaks TLS --tcp tells whether it is open");
	}
	length = strcspn(rest, "/?#");
	if (memchr(rest, '@', length))
		return err_set(err, FAULT_USAGE, "--http: a user is not sent");
	if (!is_plain(url) || !length || !read_authority(probe, rest, length, arena))
		return err_set(err, FAULT_USAGE, "--http: %s is not http://HOST[:PORT][/PATH]",
		               url);
	if (!probe->port)
		probe->port = "80";
	probe->path = arena_copy_n(arena, rest + length, strcspn(rest + length, "#"));
	if (*probe->path != '/')
		probe->path = arena_join(arena, "/", probe->path, "");
	return true;
}

int
probe_status(const char *line)
{
	const size_t digits = strncmp(line, "HTTP/1.", 7) == 0 && isdigit((unsigned char)line[7]) &&
	                                      line[8] == ' '
	                            ? strspn(line + 9, "0123456789")
	                            : 0;

	return digits == 3 && strchr(" \r\n", line[12]) ? (int)strtol(line + 9, NULL, 10) : 0;
}

static bool
await(int connection, short events, const struct probe *probe, int64_t deadline, struct err *err)
{
	struct pollfd polled = { .fd = connection, .events = events };
	int ready;

	if (!signals_poll(&polled, 1, deadline, &ready, err))
		return false;
	return ready == 1 || err_set(err, FAULT_NO_SERVER, "%s:%s does not answer in time",
	                             probe->host, probe->port);
}

static bool
send_whole(int connection, const struct probe *probe, const char *text, int64_t deadline,
           struct err *err)
{
	size_t left = strlen(text);

	while (left) {
		const ssize_t sent = send(connection, text, left, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return err_errno(err, FAULT_NO_SERVER, "%s:%s", probe->host, probe->port);
		if (sent < 0 && !await(connection, POLLOUT, probe, deadline, err))
			return false;
		text += sent > 0 ? sent : 0;
		left -= sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

/* An answer that is read byte by byte: how long its first lines are nobody knows. */
struct answering {
	const struct probe *probe;
	int connection;
	int64_t deadline;
	char bytes[512];
	size_t at, filled;
	size_t left; /* so many more are read; at its end, and at that of the answer, 0 */
};

/* Of what has come; where that is used up, it is waited for more. */
static bool
fill(struct answering *answering, struct err *err)
{
	const struct probe *probe = answering->probe;
	ssize_t got = -1;

	if (answering->at < answering->filled || !answering->left)
		return true;
	while (got < 0) {
		if (!await(answering->connection, POLLIN, probe, answering->deadline, err))
			return false;
		got = recv(answering->connection, answering->bytes, sizeof answering->bytes, 0);
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return err_errno(err, FAULT_NO_SERVER, "%s:%s", probe->host, probe->port);
	}
	answering->at = 0;
	answering->filled = (size_t)got;
	answering->left = answering->left > (size_t)got && got ? answering->left - (size_t)got : 0;
	return true;
}

/* A line with its end, or as much as there is room for: then the next piece goes on with it. "" at the end of the answer. */
static bool
receive_piece(struct answering *answering, char line[LINE], bool *is_cut, struct err *err)
{
	size_t length = 0;
	char c = 0;

	while (c != '\n' && length < LINE - 1) {
		if (!fill(answering, err))
			return false;
		if (answering->at == answering->filled)
			break;
		c = answering->bytes[answering->at++];
		line[length++] = c;
	}
	line[length] = '\0';
	*is_cut = length == LINE - 1 && c != '\n';
	return true;
}

/* The line that ends the head, or the end of the answer. */
static bool
is_last(const char *line)
{
	return !*line || strcmp(line, "\n") == 0 || strcmp(line, "\r\n") == 0;
}

static bool
skip_head(struct answering *answering, bool is_cut, struct err *err)
{
	char line[LINE] = "";
	bool was_cut;

	do {
		was_cut = is_cut;
		if (!receive_piece(answering, line, &is_cut, err))
			return false;
	} while (was_cut || !is_last(line));
	return true;
}

/* 101 is an answer: there is no other one behind it (RFC 9110 15.2.2). */
static bool
is_interim(int status)
{
	return status >= 100 && status < 200 && status != 101;
}

static bool
receive_status(int connection, const struct probe *probe, int64_t deadline, int *status,
               struct err *err)
{
	struct answering answering = {
		.probe = probe, .connection = connection, .deadline = deadline, .left = HEAD_MOST
	};
	char line[LINE] = "";
	bool is_cut;

	do {
		if (!receive_piece(&answering, line, &is_cut, err))
			return false;
		*status = probe_status(line);
		if (is_interim(*status) && !skip_head(&answering, is_cut, err))
			return false;
	} while (is_interim(*status));
	return *status || err_set(err, FAULT_NO_SERVER, "%s:%s does not answer as HTTP does",
	                          probe->host, probe->port);
}

/*
 * The rest of the answer, within reason: whoever closes before makes the kernel send a reset, and many a server logs that as an
 * error, at each probe.
 */
static void
drain(int connection, const struct probe *probe, int64_t deadline)
{
	const int64_t enough = clock_now() + DRAIN_MS;
	size_t left = DRAIN_MOST;
	struct err ignored = { 0 };
	char rest[4096];

	while (left >= sizeof rest &&
	       await(connection, POLLIN, probe, deadline < enough ? deadline : enough, &ignored)) {
		const ssize_t got = recv(connection, rest, sizeof rest, 0);

		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return;
		left -= got > 0 ? (size_t)got : 0;
	}
}

bool
probe_run(const struct probe *probe, int64_t deadline, int *status, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(descriptor_close) int connection = -1;

	*status = 0;
	if (!reach_connect(probe->host, probe->port, deadline, &connection, err))
		return false;
	if (!probe->path)
		return true;
	if (!send_whole(connection, probe,
	                arena_print(&arena,
	                            "GET %s HTTP/1.1\r\nHost: %s\r\n"
	                            "User-Agent: pg-entrypoint/" TOOL_VERSION "\r\n"
	                            "Accept: */*\r\nConnection: close\r\n\r\n",
	                            probe->path, probe->authority),
	                deadline, err) ||
	    !receive_status(connection, probe, deadline, status, err))
		return false;
	drain(connection, probe, deadline);
	return true;
}
