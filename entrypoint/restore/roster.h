/*
 * The order of what a load does behind the rows, with several sessions: as the dump has it wherever two statements mind each other,
 * else the largest table first. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct item;
struct roster;

struct task {
	struct chore chore; /* include chore.h before */
	const char *sql;
	size_t length, line;
	const char *toc;
	size_t settings; /* so many of the dump's stand before it */
	int64_t weight;  /* of the time that it will take */
	int64_t bytes;   /* of the rows that an index is made of; 0: it makes none */
	bool is_slow;    /* GIN and the like */
	bool may_fail;   /* it is no part of the dump */
	bool is_bare;    /* it can run in no transaction */
	bool is_late;    /* it gave way to rows: it is for when they are there */
	bool is_alone;   /* it has met another: nothing is to run beside it */
	bool is_running, is_done;
};

enum outcome { OUTCOME_DONE, OUTCOME_GAVE_WAY, OUTCOME_FAILED };

/* In the arena. */
struct roster *roster_new(struct arena *arena);

/* What is known of it; the rest is left to the caller. It stays where it is. */
struct task *roster_add(struct roster *roster, const struct chore *chore);

/* Likewise, before all that minds its table. None of that has begun. */
struct task *roster_add_before(struct roster *roster, const struct chore *chore);

/*
 * Does what is left for its table take longer than all that is left does with so many sessions? Then it holds up the end. All that is left
 * is more than the roster knows, by so much weight.
 */
bool roster_is_longest(const struct roster *roster, const struct task *task, size_t sessions,
                       int64_t more);

/*
 * The next that may begin beside those that run, and beside rows; NULL: none at the moment. Then it runs, until roster_end. One that
 * gave way is not to begin beside rows again, one that has failed is to be tried alone.
 */
struct task *roster_next(struct roster *roster, bool is_beside);
void roster_end(struct roster *roster, struct task *task, enum outcome outcome);

/* Is there one soon that can run in no transaction, or does one run? */
bool roster_has_bare(const struct roster *roster);

/* The next behind an ordered one, if it is one too and has the same settings: they may be sent together. It runs then. */
struct task *roster_next_ordered(struct roster *roster, const struct task *task);

bool roster_is_done(const struct roster *roster);
