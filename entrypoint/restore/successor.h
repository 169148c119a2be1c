/*
 * The database that is to take another one's place: made empty beside it, with all that belongs to the database itself (owner,
 * encoding and locale, settings, grants, connection limit), and swapped with it by two renames in one transaction.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct db;
struct err;

struct successor {
	const char *name; /* the database that is replaced, that of the boot's session */
	const char *next; /* the new one, until it is swapped */
	const char *kept; /* the old one, afterwards */
	bool is_made;     /* the new one, by this run */
	struct arena *arena;
};

/*
 * Names all three, and asks whether the session's role may do all that will be done. FAULT_CONFIG with the grant to give, and
 * where a prepared transaction would be in the way; a warning where replication slots stay with the old one.
 */
bool successor_choose(struct successor *successor, struct boot *boot, struct arena *arena,
                      struct err *err);

/* The databases that stand beside this one by such names: kept, or left by a run that was cut off. "a, b", or "". In the arena. */
bool successor_beside(const char **names, struct boot *boot, struct arena *arena, struct err *err);

/* Makes it; what a run that was cut off has left of it is dropped. FAULT_WRONG: something else has that name. */
bool successor_make(struct successor *successor, struct boot *boot, struct err *err);

/* A session in it, on the address of the boot's, which ends when that of the lock breaks. Owner: db_close. */
struct db *successor_open(const struct successor *successor, struct boot *boot, struct err *err);

/* What belongs to the old database itself: the grants, or the rest, which is to take effect only when all is loaded. What a superuser alone may do is warned of, with the statement. */
bool successor_dress(const struct successor *successor, struct boot *boot, bool grants,
                     struct err *err);

/*
 * Drops it again, after a failure, if this run has made it; that it could not be dropped is a warning. keeper: a session in neither
 * (successor_keeper).
 */
void successor_drop(const struct successor *successor, struct db *keeper);

/*
 * Ends all sessions of the old database, ours too, and swaps; *words says whose they were, in the arena. All or nothing; tried for
 * lock_retry_for. keeper: a session in neither of the two (successor_keeper).
 */
bool successor_swap(const struct successor *successor, struct boot *boot, struct db *keeper,
                    const char **words, struct err *err);

/* A session in a database that always is there. Owner: db_close. */
struct db *successor_keeper(const struct successor *successor, struct boot *boot, struct err *err);
