/*
 * Whose migrations the files are: our own, or those of another tool, read in place. One row a tool (format/table.c): how
 * the name of a file and its sections are read, its history table, and what is written there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer;
struct arena;
struct config;
struct db;
struct err;
struct folder;
struct format;
struct script;
struct text;

/* What one row of another tool's history says. */
enum past_state {
	PAST_APPLIED,
	PAST_REVERTED, /* taken back: the version is pending again */
	PAST_FAILED,   /* begun, and not known to be whole (dirty) */
	PAST_UP_TO,    /* this version is the newest that was applied; those before are not named */
	PAST_BASELINE, /* this one and all before count as applied */
	PAST_MARK,     /* of no migration */
};

struct past {
	enum past_state state;
	const char *version;  /* as struct migration has it */
	const char *name;     /* for people */
	const char *checksum; /* as struct peer has it, or NULL */
	const char *at;       /* when; NULL: the table does not say */
	int64_t order;        /* a later row of a version decides */
};

/* How another tool knows a file. */
struct peer {
	const struct format *format;
	const char *description;
	const char *file;     /* its name */
	const char *checksum; /* KIND:VALUE, as the tool computes it; NULL: it keeps none */
	const char *evidence; /* why it is taken for a file of that tool; NULL: somebody says so */
	bool is_foreign;      /* no SQL: its text is not read */
	bool is_baseline;     /* stands for all up to its version, on a new database */
	const char *refusal;  /* why it cannot be run here; NULL: it can */
	const char *refused_at; /* where in the script's text; NULL: the whole file */
};

/* What a file's name says. */
struct peer_file {
	bool is_named; /* as the tool names its files; else the rest is not set */
	bool is_down;  /* of the migration of its version */
	bool is_repeatable;
	const char *version, *name;
	struct peer *peer;
};

struct history_table {
	const char *database, *schema, *name; /* as they are */
	const char *quoted;                   /* "schema"."name" */
	bool has_schema;                      /* that schema is there */
};

/* A row that is to be written or removed. */
struct record {
	struct db *db;
	const struct history_table *table;
	const struct peer *peer;
	const char *version;
	const char *before;  /* the version before it, NULL: none */
	const char *started; /* SQL: when it was begun */
};

struct stem;    /* format/name.h */
struct heading; /* format/section.h */

struct format {
	const char *name;
	bool (*read_stem)(struct stem *stem, const char *text,
	                  struct arena *arena); /* NULL: our own */
	const char *const *foreign; /* endings of its migrations that are no SQL; ends with NULL */
	struct heading (*read_heading)(const char *line, size_t length); /* NULL: no sections */
	const char *alone_top; /* a file that begins with it runs outside a transaction, or NULL */
	char *(*checksum)(const struct script *script, int form, struct arena *arena);
	int (*compare)(const char *one, const char *other); /* order and identity of versions */

	const char *schema,
		*table;      /* where its history is; schema NULL: the first of the search path */
	const char *columns; /* all that the table has, sorted, to know it by */
	const char *asked;   /* those that are read, in this order */
	struct past (*take)(const struct answer *answer, int row, struct arena *arena);
	const char *create; /* after "create table NAME "; in it and in `then` %t is the table, */
	const char *then;   /* %p the name of its key and %i of an index; a statement, or NULL */
	void (*keys)(struct text *keys,
	             const struct history_table *table); /* advisory, ", " in front of each */
	void (*add)(struct text *sql, const struct record *record);
	void (*remove)(struct text *sql, const struct record *record);
	const char *mend;       /* what makes a failed row a whole one; NULL: there are none */
	bool heads_once;        /* only the first heading of a kind is one, and none is needed */
	bool keeps_newest_only; /* its history is one row, the newest version */
};

/* In the order of the setting migrations_format, behind `auto`: our own first. */
extern const struct format formats[];
extern const size_t formats_count;

/* NULL: there is none of that name. */
const struct format *format_find(const char *name);

/*
 * By the setting, else by the files. Where these could be several tools' the answer is the likeliest, and candidates
 * (NULL-terminated, in the arena) are those whose history table decides; else candidates is NULL. Evidence is for people.
 */
bool format_choose(const struct format **format, const struct format ***candidates,
                   const char **evidence, const struct folder *folder, const struct config *config,
                   struct arena *arena, struct err *err);

/* The same, from names and the text of the first that ends in plain .sql. Pure. */
const struct format *format_by_files(const char *const *names, size_t count, const char *first,
                                     const struct format ***candidates, const char **evidence,
                                     struct arena *arena);

/* Whose comment stands at the top of a file, and what it looks like; NULL: nobody's. Pure. */
const struct format *format_by_marker(const char *text, const char **looks);

/* What is to be written so that a file of that name (and migration of that name) can be taken back. Pure. */
const char *format_down_of(const struct format *format, const char *file, const char *name,
                           struct arena *arena);

/* The hint where a folder has files of several tools. */
#define FORMAT_REMEDY                                                                              \
	"give each tool a folder of its own; or say whose these are: set migrations_format"

/* One that is no migration of the tool's is only not named. Pure. */
void format_read_name(struct peer_file *read, const struct format *format, const char *file,
                      struct arena *arena);

/* And what is in it: script has its name and path; *down is a section of it, or NULL. On any thread. */
bool format_read_text(struct peer *peer, struct script *script, struct script **down,
                      const struct folder *folder, struct arena *arena, struct err *err);

/* Has the script this checksum of the tool's, also with the other ends of lines? */
bool format_checksum_is(const struct peer *peer, const struct script *script, const char *checksum,
                        struct arena *arena);

int format_compare(const struct format *format, const char *one, const char *other);
