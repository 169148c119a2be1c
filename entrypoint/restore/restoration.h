/*
 * The journal of a restore that takes several transactions. Its row is written before anything else and holds the list of what
 * was there (remain.h); a mark in the ledger stops every start until it is finished. Killed in between, it is found, and what
 * it has made is dropped. All of it needs the boot lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct err;

struct restoration {
	const char *source; /* what is restored, for people; NULL: no restore is under way */
	size_t run;         /* counts the tries; a try that is not the last can write nothing */
	const char *list;   /* of remain.h */
};

/* The one that is under way, of a run that was killed (strings in the arena). A database without our schema has none. */
bool restoration_read(struct boot *boot, struct restoration *restoration, struct arena *arena,
                      struct err *err);

/* Makes room for its list in our journal, as far as there is none: who loads may have to be somebody else than its owner. */
bool restoration_prepare(struct boot *boot, struct arena *arena, struct err *err);

/* Notes what is there, and that a restore begins; makes our schema. */
bool restoration_begin(struct boot *boot, const char *source, struct restoration *restoration,
                       struct arena *arena, struct err *err);

/*
 * Takes over one that was killed: waits until none of its transactions runs any more, for as long as lock_retry_for; then drops
 * what it has made, also rows of our own schema. It is under way as the next run then, from another source if that is given.
 */
bool restoration_take_over(struct boot *boot, struct restoration *restoration, const char *source,
                           size_t *dropped, struct arena *arena, struct err *err);

/* After that: there is none under way, as if none had been. */
bool restoration_forget(struct boot *boot, const struct restoration *restoration,
                        struct arena *arena, struct err *err);

/* After a failure of what begins with this SQL: was there a take-over? Then FAULT_BUSY. Returns false. */
bool restoration_blame(struct err *err);

/*
 * SQL for each of its transactions, its first statement: holds the row against a take-over, and fails (22012) if there was one.
 * Several transactions may hold it at a time.
 */
const char *restoration_fence_sql(const struct boot *boot, const struct restoration *restoration,
                                  struct arena *arena);

/* SQL for its last transaction: it is finished, and starts may go on. */
const char *restoration_finish_sql(const struct boot *boot, const struct restoration *restoration,
                                   struct arena *arena);

/* The same for one that was a single transaction: noted and finished at its end. */
const char *restoration_whole_sql(const struct boot *boot, const char *source, struct arena *arena);
