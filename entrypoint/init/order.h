/*
 * What the self that has booted tells the one that is init mode: words in front of the program, such as
 * `stop_timeout=500`, each only where it differs from the usual. Whoever lists processes sees them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct err;

struct order {
	uint64_t blocked; /* the signal mask as received */
	bool to_group;    /* signals go to the application's process group */
	bool logs_json;
	int log_level;        /* enum log_level */
	int64_t stop_timeout; /* ms */
	const struct mapping *signals, *codes;
};

/* The arguments, in the arena: the title, the words, --, the program. */
char **order_write(const struct order *order, const char *title, char *const program[],
                   struct arena *arena);

/*
 * The order that these words (without the title) are, which is complete in any case; the program that follows
 * them, or NULL: nobody but us writes them, and we have not (FAULT_USAGE).
 */
char **order_read(struct order *order, char **words, struct arena *arena, struct err *err);
