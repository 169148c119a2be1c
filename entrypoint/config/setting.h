/* The table of settings, and how the text of a value becomes a member of struct config. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct config;
struct err;

enum kind {
	KIND_TEXT,
	KIND_SECRET, /* as text, but no message quotes it */
	KIND_FLAG,   /* yes or no; with choices: the second is true */
	KIND_DURATION,
	KIND_LIMIT, /* a duration; none and 0 are CLOCK_NEVER */
	KIND_CHOICE,
	KIND_NAMES,
	KIND_FOLDER, /* the default only where it exists */
	KIND_SCHEMA,
	KIND_ENVIRONMENT,
	KIND_VERSION, /* of a migration, or its file */
	KIND_COMMAND, /* a program with its arguments */
	KIND_PROOF,   /* the same, or a query */
	KIND_VOLUMES, /* name:/path, name:/path:critical */
	KIND_JOBS,    /* how many things at a time; the default is words for it */
	KIND_CODES,   /* exit codes and what becomes of them */
	KIND_SIGNALS, /* the same of signals */
};

struct setting {
	const char *key;
	enum kind kind;
	size_t at;           /* offset in struct config */
	const char *initial; /* the default; "": none */
	const char *help;
	const char *const *choices; /* ends with NULL */
};

/* Ends with a NULL key. */
extern const struct setting settings[];
extern const size_t settings_count;

/* What was set, and where: "--only", "ENTRYPOINT_ONLY", "/etc/pg-entrypoint.ini:3". Value NULL: not set. */
struct given {
	const char *value;
	const char *source;
};

/* The index of the length bytes at key (dashes are read as underscores), or settings_count. */
size_t setting_find(const char *key, size_t length);

/* The key that somebody probably meant, or NULL: one or two letters off, or cut short. */
const char *setting_near(const char *key);

/* ENTRYPOINT_ and the key in capitals. */
const char *setting_variable(const char *key, struct arena *arena);

/* Of KIND_VOLUMES; as setting_store, into a struct volume_settings. */
bool setting_store_volumes(const struct setting *setting, const struct given *given, void *member,
                           struct arena *arena, struct err *err);

/* Stores a value in its member; FAULT_CONFIG as "SOURCE: ...". */
bool setting_store(const struct setting *setting, const struct given *given, struct config *config,
                   struct arena *arena, struct err *err);
