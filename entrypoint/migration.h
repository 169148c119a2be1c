/* The files of migrations_dir, and what each of them means beside the ledger. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct config;
struct entry;
struct err;
struct format;
struct ledger;
struct peer;
struct script;

enum verdict {
	VERDICT_DONE,
	VERDICT_APPLY,
	VERDICT_REPEAT,       /* a repeatable that is new or has changed */
	VERDICT_RESUME,       /* a file outside a transaction that was interrupted */
	VERDICT_OUT_OF_ORDER, /* new, but older than the newest that is applied */
	VERDICT_EDITED,       /* applied, and changed since */
	VERDICT_UNFINISHED,   /* half applied, and changed since in what is done (begun.h) */
	VERDICT_UNDOING,      /* half undone, outside a transaction: `migrate down` goes on */
	VERDICT_LATER,        /* to be applied, but not by this run: behind its limit */
	VERDICT_COVERED,      /* not applied, and the snapshot that is to be loaded has it */
	VERDICT_NEWER,        /* a repeatable that a newer image has changed: left as it is */
};

struct migration {
	const struct script *script;
	const char
		*version; /* digits as written; of 8-digit dates and repeatables the whole name */
	const char *name; /* without .sql */
	const char *checksum; /* of the text; of a repeatable (but not with expect_schema) of its
	                         variables too */
	const struct script
		*down;     /* what takes it back, as far as is known: see migration_read_down */
	struct peer *peer; /* how another tool knows it; NULL: it is of our own format */
	bool is_repeatable;
	const char **after; /* repeatables that run before this one, by their names */
	size_t after_count;
	bool runs_alone; /* outside a transaction: was begun so (begun.h), or, once it was proofread, has to */
	bool is_proofread;
	size_t rank; /* in the order of application */
	enum verdict verdict;
	const struct entry *entry; /* its row of the ledger, or NULL */
	size_t begun; /* VERDICT_UNFINISHED: statements that were begun; 0: not known */
	bool is_told; /* the warning about it */
};

struct migrations {
	struct migration *at; /* in the order of application: versions, then repeatables */
	size_t count;
	size_t limit; /* no more than so many from the front are to be applied */
	const struct format *format;
	const struct format *
		*candidates;     /* a history table decides between these; NULL: it is certain */
	const char *evidence;    /* why this format, for people */
	bool is_guessed;         /* by the files, and not said by a setting or our ledger */
	bool is_ranked;          /* a repeatable stands elsewhere than its name says */
	struct script *snapshot; /* schema.sql, which stands for all up to a version; NULL: none */
	struct script *before;   /* before.sql and after.sql, around all that is pending */
	struct script *after;
	const struct entry **missing; /* finished in the ledger, not on disk */
	size_t missing_count;
	bool is_missing_told;       /* the warning about them */
	bool is_newer_told;         /* that about repeatables of a newer image */
	const struct entry *orphan; /* half applied, and its file is gone; NULL: none */
	bool is_first;              /* the ledger has none: no migration was ever applied */
	size_t pending;
	const char *newest; /* the newest version in the ledger; NULL: none */
	const char *newest_finished;
	struct arena *arena; /* that of all this */
	size_t kept;         /* bytes of statements that are kept (script_keep) */
};

/*
 * Reads the folder. Names that are no migration but end in .sql, and two files of one version, are
 * FAULT_WRONG; other files draw a warning. No folder: an empty list.
 */
bool migrations_read(struct migrations **migrations, const struct config *config,
                     struct arena *arena, struct err *err);

/*
 * What takes it back: a section of its file, or the file beside it, which is read only here, since no start has to know
 * it. *down is NULL where there is none.
 */
bool migration_read_down(const struct migration *migration, const struct script **down,
                         struct arena *arena, struct err *err);

/* Compares with the ledger: verdicts, missing, pending. Pure. */
void migrations_match(struct migrations *migrations, const struct ledger *ledger,
                      struct arena *arena);

/* Versions, as the format of this file orders and identifies them. Pure. */
int migration_compare(const struct migration *migration, const char *one, const char *other);

/* The version as its row of the ledger has it, or will: a file that was renamed from 0001_x.sql to 1_x.sql is the same one. Pure. */
const char *migration_row(const struct migration *migration);

/* The one that a person names by its version, its name or its file (also with the path in front); NULL: none. Pure. */
const struct migration *migrations_find(const struct migrations *migrations, const char *word);

/* Of those whose files are gone, by the name, or that of the file. Pure. */
const struct entry *migrations_find_missing(const struct migrations *migrations, const char *word);

/* As migrations_find, or FAULT_NO_SOURCE with what may have been meant. */
bool migrations_name(const struct migrations *migrations, const char *word,
                     const struct migration **migration, struct err *err);

/* From the next match on nothing behind this one is to be applied; as migrations_name. */
bool migrations_limit(struct migrations *migrations, const char *word, struct err *err);

/* One verdict. newest may be NULL. Pure. */
enum verdict migration_verdict(const struct migration *migration, const struct entry *entry,
                               const char *newest);

/* Has the snapshot of these files what that version did? */
bool migrations_cover(const struct migrations *migrations, const char *version);

/* Is there something to run for it, under the policies? */
bool migration_is_pending(const struct migration *migration);

/* Holds on_edited, on_missing, on_out_of_order against the verdicts: warns, once, or fails FAULT_WRONG. */
bool migrations_judge(struct migrations *migrations, const struct config *config, struct err *err);

/* Will that say when a migration was started? Pure. */
bool migrations_tell_times(const struct migrations *migrations);

/* The newest version that is finished; with_pending: or will be once this run is through. NULL: none. Pure. */
const char *migrations_newest(const struct migrations *migrations, bool with_pending);

/*
 * Is the database at this version (or file, as migrations_find) at least? with_pending: or will be, once that is applied.
 * FAULT_WRONG if not (min_version). Pure.
 */
bool migrations_judge_least(const struct migrations *migrations, const char *least,
                            bool with_pending, struct err *err);

/*
 * Splits all that is pending, so that what cannot be sent (transaction control, commands of psql, a
 * variable without value) is refused before anything runs. The result is dropped: it is made again
 * when its turn comes, so that memory holds one file at a time.
 */
bool migrations_proofread(struct migrations *migrations, struct err *err);

const char *verdict_name(enum verdict verdict);

/* That of its verdict, for people: a repeatable that is new has not changed. Pure. */
const char *migration_state(const struct migration *migration);
