/*
 * The items of a dump in plain SQL as they stream by, with one statement at most in memory. Where statements end is told by
 * PostgreSQL's own lexer; the data of COPY are never read as SQL; of psql's meta-commands only those that pg_dump writes are
 * known, and none is carried out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct reader;
struct items;
struct tokens;

enum item_kind {
	ITEM_END,
	ITEM_STATEMENT,
	ITEM_COPY,    /* COPY ... FROM stdin; its data follow */
	ITEM_CONNECT, /* \connect: what follows belongs to another database */
};

/* Lives until the next call. */
struct item {
	enum item_kind kind;
	const char *sql; /* without semicolon and the comments before it, NUL-terminated */
	size_t length;
	size_t line; /* 1-based, where it begins */
	int64_t at;  /* its first byte, counted in the text */
	const char *
		toc; /* what pg_dump's comment above calls it, "actor (TABLE)"; "" if nothing does. A hint: anyone can write it */
	const char *schema;   /* in which that lies, by the same comment; "-": in none */
	const char *database; /* ITEM_CONNECT: its name */
	bool backslashes;     /* '...' knows escapes in it */
};

/* Its tokens from there on. Pure. */
struct tokens item_tokens(const struct item *item, const char *from);

/* What the comments said so far. */
struct dump {
	char server[64], tool[64]; /* "15.18": dumped from, dumped by; "" if they did not say */
	bool is_cluster;           /* of pg_dumpall */
	bool is_whole;             /* true only at ITEM_END: the mark was seen that ends a dump */
};

/* The path is for messages, and kept. Owner: items_close; the reader must live on. */
struct items *items_open(struct reader *reader, const char *path, struct arena *arena);
void items_close(struct items **items);

/*
 * The next item; data that were not taken are passed over. FAULT_WRONG with file:line: what is not SQL as pg_dump writes it
 * (it ends inside of something, holds NUL bytes, is UTF-16, has another meta-command or a wrong \unrestrict).
 */
bool items_next(struct items *items, struct item *item, struct err *err);

/*
 * The next piece of the data of COPY, which ends with a line wherever that fits into 256 KB; length 0 is their end. Lives
 * until the next call. *line: of its first byte.
 */
bool items_data(struct items *items, const char **bytes, size_t *length, size_t *line,
                struct err *err);

/* Lines of data since the COPY. */
int64_t items_rows(const struct items *items);

const struct dump *items_dump(const struct items *items);
