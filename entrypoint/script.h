/*
 * A .sql file: its text, checksum and marks, cheap to read (every start reads all of them); and its
 * statements, split by PostgreSQL's own lexer, only for what is about to run.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct names; /* config.h */

#define CHECKSUM_SIZE 65 /* SHA-256 in hex */

/* A file as it lies on disk, without BOM. */
struct source {
	const char *path; /* for messages, and where \i starts from */
	const char *text; /* NUL-terminated */
	size_t length;
	bool has_mark; /* the file begins with a BOM */
};

struct place {
	const char *path;
	size_t line, column; /* 1-based, column in characters */
	const char *text;    /* the line, without its end */
	size_t length;
	const struct source *source;
};

/* -- pg-entrypoint: allow RULE REASON: what the lint (lint.h) would find there is meant so. */
struct allow {
	const char *rule;            /* as written: not known to exist */
	const struct source *source; /* NULL: the script's */
	size_t offset;               /* of the rule's name, for messages */
	const struct allow *next;
};

/* -- pg-entrypoint: after NAME: a script that runs before this one, as written. */
struct predecessor {
	const char *name;
	size_t offset; /* where it is named */
};

struct script {
	struct source source;
	const char *name;             /* file name: 0001_users.sql */
	char checksum[CHECKSUM_SIZE]; /* over the text without BOM, \r\n read as \n */
	bool no_transaction;          /* -- pg-entrypoint: no-transaction */
	struct names
		*variables; /* -- pg-entrypoint: vars a b? ; NULL: none. A trailing ? is kept */
	struct predecessor *after;
	size_t after_count;
	const char **included; /* paths of the files that its \i lines read in, theirs too */
	size_t included_count;
	const char *snapshot;       /* -- pg-entrypoint: snapshot VERSION; NULL: none */
	size_t snapshot_offset;     /* where its version stands */
	size_t head;                /* length of the comments at the top, where marks stand */
	const struct allow *allows; /* for the whole script */
	const struct batch
		*batch; /* what script_split gives (script_keep); NULL: it is still to do */
};

enum statement_kind {
	STATEMENT_PLAIN,
	STATEMENT_COPY,  /* COPY ... FROM STDIN with its data behind it */
	STATEMENT_ALONE, /* cannot run inside a transaction */
};

/* What a STATEMENT_ALONE does, or a plain one that turns out to be one (alone.c), as far as its effect can be proven in the catalog. */
enum alone {
	ALONE_OTHER,
	ALONE_CREATE_INDEX, /* CONCURRENTLY */
	ALONE_DROP_INDEX,   /* CONCURRENTLY */
	ALONE_REINDEX,      /* INDEX or TABLE CONCURRENTLY */
	ALONE_REINDEX_SCHEMA,
	ALONE_REINDEX_DATABASE,
	ALONE_REPEATABLE, /* may simply run again: VACUUM, ALTER SYSTEM, ... */
	ALONE_EXCLUSIVE, /* likewise, and keeps all others out of tables: VACUUM FULL, CLUSTER, ... */
	ALONE_CREATE_DATABASE,
	ALONE_DROP_DATABASE,
	ALONE_DETACH, /* ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY */
};

/* In the text sent, `inserted` bytes at `at` stand for `replaced` bytes of the source. */
struct splice {
	size_t at, inserted, replaced;
};

struct statement {
	enum statement_kind kind;
	enum alone alone;
	const char *sql;             /* as to be sent, without semicolon; may hold secrets */
	const struct source *source; /* the file it stands in (\i: another) */
	size_t offset;               /* of its first byte there */
	const char *
		object; /* index, database, partition as written (may be qualified and quoted); NULL */
	const char *relation;       /* table of the index or partition, as written; NULL */
	const struct allow *allows; /* of the marks above it */
	const char *data;           /* STATEMENT_COPY: the lines up to \. */
	size_t data_length;
	const struct splice
		*splices; /* where variables were put in; ends with one that replaces 0 */
};

struct batch {
	struct statement *statements;
	size_t count;
	bool has_alone; /* a statement that cannot run in a transaction */
	/*
	 * The source's text with the same offsets, meta-commands made comments and one outer BEGIN ...
	 * COMMIT pair blanked: may be sent whole, and completes `count` commands. NULL where it must go
	 * statement by statement: COPY data, \i, variables, standard_conforming_strings off, has_alone.
	 */
	const char *whole;
};

/*
 * Reads a file of an open folder (AT_FDCWD: the current one), whole; an empty one is fine. Fails
 * FAULT_NO_SOURCE; one that holds NUL bytes or is not UTF-8: FAULT_WRONG. The path is kept, not copied.
 */
bool source_read(struct source *source, int folder, const char *name, const char *path,
                 struct arena *arena, struct err *err);

/* The same of a text that is in memory already, NUL-terminated, and stays there. */
bool source_take(struct source *source, const char *text, size_t length, const char *path,
                 struct err *err);

/* The offset of the first byte that is not UTF-8, or a NUL; `length` where all is well. */
size_t source_first_wrong(const char *text, size_t length);

/*
 * Makes a script of a source: checksum (what \i reads in counts as well) and marks. Unknown marks are
 * an error with file:line.
 */
bool script_read(struct script *script, const struct source *source, const char *name,
                 struct arena *arena, struct err *err);

/* Gives the value of a variable (NULL: it is not set), or fails. */
typedef bool script_variable(const char *name, bool may_be_missing, const char **value,
                             struct arena *arena, struct err *err);

/*
 * The checksum of a script with its variables: its own, "+", and four hex digits over names and values.
 * Only 16 bits, because everyone may read the ledger: a whole digest would let a reader try passwords
 * without asking the server. A variable may be missing as in script_split.
 */
bool script_checksum_with(const struct script *script, script_variable *variable,
                          const char **checksum, struct arena *arena, struct err *err);

/*
 * Splits. Refuses with file:line:column, before anything is sent: transaction control (except one
 * outer pair), meta-commands other than \echo \set ON_ERROR_STOP \i \ir \restrict \unrestrict,
 * unterminated quotes and comments, COPY data without end, marks below the top (but `allow` above a
 * statement). \i and \ir stay within the folder of the file. A declared variable without value is FAULT_CONFIG, or SQL's null
 * where its name ends with a `?`.
 */
bool script_split(struct batch *batch, const struct script *script, script_variable *variable,
                  struct arena *arena, struct err *err);

/*
 * *script becomes one that has been split already, in `arena`, which takes over `other`, where the batch lies. Returns false, and
 * does neither, for what can be large or secret: a script that reads in others, or has variables.
 */
bool script_keep(const struct script **script, const struct batch *batch, struct arena *arena,
                 struct arena *other);

/* File, line, column of a byte offset. */
struct place place_at(const struct source *source, size_t offset);

/* Of a 1-based character position in what was sent for a statement. */
struct place place_in_statement(const struct statement *statement, size_t position);

/* Of a 1-based character position in batch.whole. */
struct place place_in_source(const struct source *source, size_t position);

/*
 * Puts "file:line:column: " in front of what, and the line with a caret in front of the detail.
 * The literal behind PASSWORD is blanked. Returns false.
 */
bool place_blame(const struct place *place, struct err *err);

/* Puts "file:line:column: in FUNCTION" and the line with a caret in front of the detail. */
void place_mention(const struct place *place, const char *function, struct err *err);

/* What the server has said of a failure besides a position in the statement. */
struct hearsay {
	const char *context;      /* its CONTEXT, or NULL */
	const char *internal;     /* the query of a function that failed, or NULL */
	size_t internal_position; /* in it, 1-based in characters; 0: none */
};

/* Functions of the same file that an error came through. */
#define TRACE_MOST 3
struct trace {
	bool has_own;
	struct place
		own; /* in the failing statement itself: its DO block, or the function that it makes */
	struct place at
		[TRACE_MOST]; /* in functions that other statements before it have made, innermost first */
	const char *functions[TRACE_MOST]; /* what the server calls them */
	size_t count;
};

/*
 * Finds the lines of functions that the CONTEXT speaks of, as far as they are made by the failing statement of the batch
 * or one before it. What is not certain (overloaded names, words in another language) is left out. Pure.
 */
struct trace trace_find(const struct batch *batch, size_t failing, const struct hearsay *hearsay,
                        struct arena *arena);

/* Mentions those places in the detail. */
void trace_tell(const struct trace *trace, struct err *err);
