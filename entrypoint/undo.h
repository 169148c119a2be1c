/* Migrations that are to be undone by their down files, and undoing one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct entry;
struct err;
struct format;
struct ledger;
struct migration;
struct migrations;
struct script;

struct undo {
	const struct entry *entry;         /* its row of the ledger */
	const struct migration *migration; /* NULL: no file has it */
	const struct script *down;         /* NULL: there is none */
};

struct undos {
	struct undo *at; /* newest first */
	size_t count;
};

/* What an operand of `migrate down` is, beside the versions that are applied. */
enum reach {
	REACH_ONE,     /* none was given: the newest */
	REACH_NUMBER,  /* so many */
	REACH_VERSION, /* all behind it (0: all): written as in the file's name, with its zeros, or the name, or the file */
	REACH_EITHER,  /* could be both: nothing is guessed */
	REACH_UNKNOWN,
};

/* *count: how many of the newest that means. The ledger is in the order of this format's versions (NULL: ours). Pure. */
enum reach undo_reach(const struct ledger *ledger, const struct format *format, const char *word,
                      size_t *count);

/*
 * What a word means, with the files of boot->migrations and the rows of the last look. Nothing applied, or not so many:
 * FAULT_WRONG; a version that nobody knows: FAULT_NO_SOURCE; ambiguous: FAULT_USAGE.
 */
bool undos_choose(struct undos *undos, struct boot *boot, const char *word, struct arena *arena,
                  struct err *err);

/* May each be undone? Edited since (on_edited), half applied, no down file or an empty one, one that cannot be sent: FAULT_WRONG, FAULT_NO_SOURCE. */
bool undos_judge(const struct undos *undos, struct boot *boot, struct err *err);

/* "0003_c.sql, 0002_b.sql", for people. */
const char *undos_names(const struct undos *undos, struct arena *arena);

/*
 * Runs its down file, in one transaction with the removal of its row; one that cannot run in a transaction statement by
 * statement, so that a killed run is gone on with.
 */
bool undo_apply(struct boot *boot, const struct undo *undo, struct err *err);
