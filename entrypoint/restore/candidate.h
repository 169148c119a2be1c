/*
 * Which backup of a folder is restored by itself: the newest full or database backup of this environment. What is not sure is
 * never taken, only named by a person. All of it is pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct moment;

enum backup_kind {
	BACKUP_FULL,     /* full_backup_*: database and volumes */
	BACKUP_DATABASE, /* backup_ENV_*, db_backup_*, database_backup_*, a date alone */
	BACKUP_EARLIER,  /* pre_migration_* and the like: a state that somebody wanted to leave */
	BACKUP_TEST,     /* test_* */
	BACKUP_VOLUME,   /* media_backup_*, static_backup_*, *_volume_* */
	BACKUP_UNKNOWN,
};

enum choice {
	CHOICE_TAKEN,
	CHOICE_OLDER,
	CHOICE_EQUAL, /* as new as another, and nothing tells which is meant: neither is taken */
	CHOICE_OTHER_ENVIRONMENT,
	CHOICE_ONLY_NAMED, /* by its kind */
	CHOICE_NO_DATABASE,
	CHOICE_UNKNOWN, /* the name says neither kind nor environment */
	CHOICE_UNDATED,
	CHOICE_FUTURE,
	CHOICE_SAME,    /* it stands for another one of the list */
	CHOICE_POINTER, /* a copy called latest, beside those that have a date */
};

struct candidate {
	const char *name;
	enum backup_kind kind;
	const char *environment;   /* NULL: nothing says one */
	const char *words;         /* of the name, where one would stand; NULL: none do */
	const struct moment *when; /* NULL: nothing says it */
	bool is_latest;            /* *_latest, LATEST */
	const char *target;        /* of such: the name that it stands for, or NULL */
	enum choice choice;
	const char *than; /* CHOICE_OLDER, CHOICE_EQUAL, CHOICE_SAME: the other's name */
};

/* Of a source, as it is called: without the folders on the way to it. Pure. */
const char *candidate_name(const char *path);

/* Names of files have no capitals and separators that count: EU-West, eu_west. Pure. */
bool candidate_is_same(const char *environment, const char *other);

/* What a name says. False: it is no backup, but belongs to one (a checksum, a manifest, a log), or is one being written. */
bool candidate_read(struct candidate *candidate, const char *name, struct arena *arena);

/*
 * What a manifest beside it says stands over the name: lines KEY=VALUE or `KEY: VALUE`, of which environment, date and kind
 * count, in the spellings of the scripts (ENV, BACKUP_DATE, TIMESTAMP, BACKUP_TYPE ...), quotes and commas of JSON too.
 */
void candidate_read_manifest(struct candidate *candidate, const char *text, struct arena *arena);

/* Sets what becomes of each; the one that is taken, or NULL. now: s since 1970. */
const struct candidate *candidates_choose(struct candidate *candidates, size_t count,
                                          const char *environment, int64_t now);

/* "taken", "older than NAME", ... */
const char *candidate_reason(const struct candidate *candidate, struct arena *arena);
const char *candidate_kind_words(enum backup_kind kind);

/* Is it as young as restore_max_age (ms; CLOCK_NEVER: any) demands? One without a date is not. */
bool candidate_is_young(const struct candidate *candidate, int64_t max_age, int64_t now);
