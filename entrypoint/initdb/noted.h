/* What of initdb.d is committed, by the names of the files, in rows of the journal: where a run that failed goes on. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct config;
struct db;
struct err;

/* What is noted of a file by a run that has not come to its end. */
struct noted {
	const char *file;
	size_t statements; /* of it that are done; of a script 1 */
	bool is_done;      /* all of it is */
	bool is_place; /* a version that noted no names had come to this file: all in front of it counts as done */
	const char *
		digest; /* of those statements (begun.h); NULL: an earlier version has noted none */
	const char *kind; /* of its row in the journal */
};

struct noted_files {
	struct noted *at;
	size_t count;
};

/* All in the arena. */
bool noted_read(struct noted_files *files, struct db *db, const struct config *config,
                struct arena *arena, struct err *err);

/* Is all of the file done? If not, so many of its statements are. Pure. */
bool noted_is_done(const struct noted_files *files, const char *file, bool is_shell,
                   size_t *statements);

/* SQL that notes a file, with the digest of so many statements where it is half run; that notes the end of the run, with its last file, and forgets the single ones. */
const char *noted_done_sql(struct db *db, const struct config *config, const char *file,
                           struct arena *arena);
const char *noted_half_sql(struct db *db, const struct config *config, const char *file,
                           size_t statements, const char *digest, struct arena *arena);
const char *noted_end_sql(struct db *db, const struct config *config, const char *last,
                          struct arena *arena);
