/* What the server and the database offer to a dump, as far as it matters to what is done with its statements. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct config;
struct db;
struct err;

struct grounds {
	int version; /* as PQserverVersion: 150018 */
	const char *user, *database;
	const char *schema; /* ours */
	bool is_successor; /* the database is to take the place of another, whose comment it gets */
	/*
	 * "KIND NAME", sorted. setting; privileged: a setting that only a superuser sets; role; tablespace; method (of access);
	 * available, trusted, installed: an extension; language: it came with one; schema, publication, server, event (trigger),
	 * routine (its function, as written), foreign (a schema of foreign_schemas): it is there, and stays when what an init script has left is dropped; may:
	 * superuser, public (it counts as the user's own).
	 */
	const char **known;
	size_t count;
};

/* One query. */
bool grounds_ask(struct grounds *grounds, struct db *db, const struct config *config,
                 struct arena *arena, struct err *err);

bool grounds_has(const struct grounds *grounds, const char *kind, const char *name);
