/*
 * The lint: what in migrations locks tables for long, or breaks programs that still run while they are
 * applied. By the words of the statements (lint/act.h), by what other statements of the same set made,
 * and by the server's catalog where a session is there. The rules are one table, lint/rule.c.
 *
 * What stands in the body of a function or a DO is not looked at.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct db;
struct err;
struct script;
struct source;
struct text;

struct finding {
	const char *rule;
	const struct source *source;
	size_t offset;
	const char *message, *hint;
};

struct findings {
	struct finding *at;
	size_t count;
};

struct lint;

/* For a server of that version (as PQserverVersion). Lives in the arena. */
struct lint *lint_new(int server_version, struct arena *arena);

enum lint_use {
	LINT_PENDING, /* part of the set that is applied together */
	LINT_ALONE,   /* a set of its own: what the files before made is in use */
	LINT_APPLIED, /* read for what it made and proved, not judged */
};

/*
 * Reads one file more, in the order of application. What the lexer refuses and marks that allow an
 * unknown rule are FAULT_WRONG. Keeps the acts, not the statements. The source must live on.
 */
bool lint_read(struct lint *lint, const struct script *script, enum lint_use use, struct err *err);

/* Asks the server's catalog about all that was read, except what it makes itself. `schema` is ours. */
bool lint_ask(struct lint *lint, struct db *db, const char *schema, struct err *err);

/* The rules, what each of them finds, and the safe form. */
void lint_describe(struct text *page);

/* What was found, in the order of the files. */
struct findings lint_judge(struct lint *lint);
