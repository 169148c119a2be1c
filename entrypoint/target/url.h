/* The syntax of connection URLs: where the parts are, and what they say when decoded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A piece of the URL, as it is written there. */
struct span {
	const char *at;
	size_t length;
};

struct url {
	struct span user, password; /* length 0: none */
	struct span hosts;          /* h1:1,[::1]:2 */
	struct span database;
	struct span query;
};

/* What follows `postgresql://` in one of its spellings; NULL: it begins with none of them. */
const char *url_rest(const char *text, bool *is_jdbc);

/*
 * Finds the parts of what url_rest gave. A password may hold raw @ : / ? #: the user part ends at the
 * first @ behind which the rest can be a server (hosts of a host's letters, ports of digits, no @ in
 * the database, none in the query but in the value of a keyword that is known). With no such @ there
 * is no user part. On failure *fault says why, quoting nothing.
 */
bool url_split(struct url *url, const char *rest, const char **fault);

/* Percent-decoded; a % without two hex digits stands for itself. NULL: it would hold a NUL. */
const char *url_decode(struct span span, struct arena *arena);

/* Takes the next of a list off its front, with the length up to the separator; false at its end. */
bool url_next(struct span *list, char separator, struct span *next);
