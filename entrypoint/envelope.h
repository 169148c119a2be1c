/*
 * What stands around a migration in its transaction: SQL of ours before and after its own. Every form of
 * transaction (a file, a group) takes it from here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct migration;

struct envelope {
	const char *before; /* statements, separated by semicolons; "" where there are none */
	const char *after;
};

/*
 * The row of the ledger that fences out a second runner, and its end. `statements` is how many the file has. Where it
 * shares the transaction with others, is_shared.
 */
struct envelope envelope_of(const struct boot *boot, const struct migration *migration,
                            size_t statements, bool is_shared, struct arena *arena);

/* What ends a file's reign over the session: it may have taken another role. */
extern const char envelope_own_role[];
