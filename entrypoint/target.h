/*
 * Where to connect: libpq's keywords and values, made from a URL in any of the usual dialects or
 * from the environment. Pure, but for reading the environment through config_variable.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

/* Parallel arrays for PQconnectStartParams; both end with NULL. */
struct target {
	const char **keywords;
	const char **values;
	size_t count;
	const char *from; /* what it came from, for messages: "DATABASE_URL", "PGHOST", ... */
	const char *safe; /* "postgresql://user@host:port/database", never a password */
	const char *search_path; /* Prisma's ?schema=, jdbc's ?currentSchema=, as SQL; else NULL */
	const char *left_out; /* query keys that libpq does not know, for a debug line; else NULL */
	const char *
		mistaken; /* those of them that are nearly libpq's: "sslmod (sslmode?)"; else NULL */
	bool is_unprotected; /* one of these is about how the connection is protected */
};

/*
 * A connection URL or a libpq keyword string: postgres:// postgresql:// postgresql+asyncpg://
 * jdbc:postgresql://, several hosts, ?host=/socket/dir, percent-encoding (a % without two hex digits
 * stands for itself), passwords with raw @ / ? # (target/url.c says where the user part ends then).
 * Passwords go to log_secret, and the text as a whole unless it surely holds none. FAULT_CONFIG names `from`, never the text.
 */
bool target_parse(struct target *target, const char *url, const char *from, struct arena *arena,
                  struct err *err);

/* Does it begin as one of these URLs does? */
bool target_is_url(const char *text);

/*
 * From url (or, when NULL, from the environment: DATABASE_URL, else PGHOST PGHOSTADDR PGSERVICE
 * PGUSER PGDATABASE (then libpq's own variables fill in the rest), else POSTGRES_*, else DB_*, each
 * with _FILE; a family that lacks its host is passed over for one that has it). Nothing at all is
 * FAULT_CONFIG that lists them. What was left out is told in a debug line, and in a warning where it is nearly one of
 * libpq's; FAULT_CONFIG where that one protects the connection.
 */
bool target_find(struct target *target, const char *url, const char *from, struct arena *arena,
                 struct err *err);

/* After a login that was refused: a hint at what was set and not read. Returns false. */
bool target_advise(const struct target *target, struct err *err);

/* After a statement that missed a schema: a hint at the search_path of the URL. Returns false. */
bool target_advise_path(const struct target *target, struct err *err);

/* The URL of a target, with its password: postgresql://, percent-encoded, what is no part of it behind a ?. */
const char *target_url(const struct target *target, struct arena *arena);

/* The value of a keyword, or NULL. */
const char *target_value(const struct target *target, const char *keyword);

/* A copy with one keyword set (replaced or added). */
struct target target_with(const struct target *target, const char *keyword, const char *value,
                          struct arena *arena);
