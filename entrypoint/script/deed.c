/* See deed.h. */
#include "deed.h"

#include "../pattern.h"
#include "../script.h"
#include "../token.h"

/*
 * The first row whose words (pattern.h) a statement starts with says what it is; none: DEED_PLAIN.
 */
static const struct row {
	const char *words;
	enum deed_kind kind;
	enum alone alone;
} rows[] = {
	{ "begin [work|transaction] $", DEED_BEGIN, ALONE_OTHER },
	{ "start transaction $", DEED_BEGIN, ALONE_OTHER },
	{ "begin|start", DEED_TRANSACTION, ALONE_OTHER },
	{ "commit|end [work|transaction] [and no chain] $", DEED_COMMIT, ALONE_OTHER },
	{ "commit|end", DEED_TRANSACTION, ALONE_OTHER },
	{ "rollback [work|transaction] to", DEED_PLAIN, ALONE_OTHER },
	{ "rollback|abort", DEED_TRANSACTION, ALONE_OTHER },
	{ "prepare transaction", DEED_TRANSACTION, ALONE_OTHER },

	{ "copy ... from stdin|stdout", DEED_COPY,
	  ALONE_OTHER }, /* gram.y takes both for the same */

	{ "create [unique] index concurrently on [only] RELATION", DEED_ALONE, ALONE_CREATE_INDEX },
	{ "create [unique] index concurrently [if not exists] NAME on [only] RELATION", DEED_ALONE,
	  ALONE_CREATE_INDEX },
	{ "drop index concurrently [if exists] NAME", DEED_ALONE, ALONE_DROP_INDEX },
	{ "reindex (concurrently) index|table [NAME]", DEED_ALONE, ALONE_REINDEX },
	{ "reindex [()] index|table concurrently [NAME]", DEED_ALONE, ALONE_REINDEX },
	{ "reindex (concurrently) schema [NAME]", DEED_ALONE, ALONE_REINDEX_SCHEMA },
	{ "reindex [()] schema concurrently [NAME]", DEED_ALONE, ALONE_REINDEX_SCHEMA },
	{ "reindex (concurrently) database|system", DEED_ALONE, ALONE_REINDEX_DATABASE },
	{ "reindex [()] database|system concurrently", DEED_ALONE, ALONE_REINDEX_DATABASE },
	{ "reindex [()] schema|database|system [NAME]", DEED_ALONE, ALONE_EXCLUSIVE },
	{ "alter table [if exists] [only] RELATION [*] detach partition NAME concurrently",
	  DEED_ALONE, ALONE_DETACH },

	{ "vacuum full", DEED_ALONE, ALONE_EXCLUSIVE },
	{ "vacuum (full)", DEED_ALONE, ALONE_EXCLUSIVE },
	{ "vacuum", DEED_ALONE, ALONE_REPEATABLE },
	{ "cluster [()] [verbose] $", DEED_ALONE, ALONE_EXCLUSIVE },
	/* Of a partitioned table these cannot run in a transaction either. */
	{ "reindex|cluster", DEED_PLAIN, ALONE_EXCLUSIVE },
	{ "discard all", DEED_ALONE, ALONE_REPEATABLE },
	{ "alter system", DEED_ALONE, ALONE_REPEATABLE },
	{ "alter database NAME set tablespace", DEED_ALONE, ALONE_REPEATABLE },
	{ "alter subscription NAME refresh|set publication", DEED_ALONE, ALONE_REPEATABLE },
	{ "alter subscription NAME add|drop publication", DEED_ALONE, ALONE_OTHER },
	{ "create database NAME", DEED_ALONE, ALONE_CREATE_DATABASE },
	{ "drop database [if exists] NAME", DEED_ALONE, ALONE_DROP_DATABASE },
	{ "create tablespace NAME", DEED_ALONE, ALONE_OTHER },
	{ "drop tablespace [if exists] NAME", DEED_ALONE, ALONE_OTHER },
	{ "create subscription NAME", DEED_ALONE, ALONE_OTHER },
	{ "drop subscription [if exists] NAME", DEED_ALONE, ALONE_OTHER },

	{ "set [session|local] standard_conforming_strings to|= off|false|no|0", DEED_STRINGS_OFF,
	  ALONE_OTHER },
	{ "set [session|local] standard_conforming_strings", DEED_STRINGS_ON, ALONE_OTHER },
	{ "reset standard_conforming_strings|all", DEED_STRINGS_ON, ALONE_OTHER },
};

static struct span
span_of(const struct token *name)
{
	return (struct span){ name->at, name->length };
}

struct deed
deed_of(const char *sql, size_t length, bool backslashes)
{
	const struct tokens tokens = { .at = sql, .end = sql + length, .backslashes = backslashes };
	struct tokens behind = tokens;
	const struct token first = token_next(&behind);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct token object = { 0 }, relation = { 0 };
		struct tokens ahead = tokens;

		if (pattern_begins(rows[i].words, &first) &&
		    pattern_fits(rows[i].words, &ahead, &object, &relation))
			return (struct deed){ .kind = rows[i].kind,
				              .alone = rows[i].alone,
				              .object = span_of(&object),
				              .relation = span_of(&relation) };
	}
	return (struct deed){ .kind = DEED_PLAIN };
}
