/* What `health` asks besides the database: does somebody accept connections, and what does a page answer? */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

/* Where a probe goes to. */
struct probe {
	const char *host, *port;
	const char *path;      /* of a page, with its query; NULL: only a connection */
	const char *authority; /* the header Host */
};

/* "HOST:PORT", "[::1]:PORT", ":PORT" (localhost). FAULT_USAGE. Pure. */
bool probe_of_address(struct probe *probe, const char *address, struct arena *arena,
                      struct err *err);

/* "http://HOST[:PORT][/PATH]"; nothing else, no user, no blanks. FAULT_USAGE. Pure. */
bool probe_of_url(struct probe *probe, const char *url, struct arena *arena, struct err *err);

/* The status of the first line of an answer: "HTTP/1.1 200 OK"; 0: it is none. Pure. */
int probe_status(const char *line);

/*
 * Connects, and where there is a path asks for it: *status is then what it answers (RFC 9112; interim answers are none), not
 * followed if it is a redirection. Nobody accepts, no answer before the deadline (clock.h), or none of HTTP: FAULT_NO_SERVER.
 */
bool probe_run(const struct probe *probe, int64_t deadline, int *status, struct err *err);
