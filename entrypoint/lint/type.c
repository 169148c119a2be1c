/*
 * See type.h. What PostgreSQL need not rewrite (ATColumnChangeRequiresRewrite in tablecmds.c): the same
 * bytes, and a length that only grows (the support functions of varchar, varbit, numeric, timestamp).
 */
#include "type.h"

#include <stdlib.h>
#include <string.h>

#include "../token.h"
#include "words.h"

struct type {
	const char *name;   /* canonical */
	long numbers[2];    /* of (n) or (n,m); -1: none */
	struct tokens rest; /* [] and the like */
};

/* The words of a type, and the name that stands for all of its spellings. */
static const struct spelling {
	const char *words, *name;
} spellings[] = {
	{ "varchar", "varchar" },
	{ "character varying", "varchar" },
	{ "text", "text" },
	{ "numeric|decimal|dec", "numeric" },
	{ "varbit", "varbit" },
	{ "bit varying", "varbit" },
	{ "timestamptz", "timestamptz" },
	{ "timestamp", "timestamp" },
	{ "timetz", "timetz" },
	{ "time", "time" },
	{ "int|int4|integer", "integer" },
	{ "int2|smallint", "smallint" },
	{ "int8|bigint", "bigint" },
	{ "bool|boolean", "boolean" },
	{ "float4|real", "real" },
	{ "float8", "double" },
	{ "double precision", "double" },
	{ "char|character|bpchar", "char" },
	{ "cidr", "cidr" },
	{ "inet", "inet" },
};

static void
read_numbers(struct type *type, struct tokens inside)
{
	for (size_t i = 0; i < 2; i++) {
		const struct token token = token_next(&inside);

		if (token.kind == TOKEN_END)
			return;
		type->numbers[i] = strtol(token.at, NULL, 10);
		if (i == 0 && type->name && strcmp(type->name, "numeric") == 0)
			type->numbers[1] = 0;
		(void)words_take(&inside, ",");
	}
}

/* False: a type that is not known here. */
static bool
read_type(struct type *type, const char *text)
{
	struct tokens tokens = tokens_new(text);
	struct tokens inside;

	*type = (struct type){ .numbers = { -1, -1 } };
	(void)words_take(&tokens, "pg_catalog .");
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings && !type->name; i++)
		if (words_take(&tokens, spellings[i].words))
			type->name = spellings[i].name;
	if (!type->name)
		return false;
	if (words_take_group(&tokens, &inside))
		read_numbers(type, inside);
	if (words_take(&tokens, "with time zone"))
		type->name = strcmp(type->name, "time") == 0 ? "timetz" : "timestamptz";
	(void)words_take(&tokens, "without time zone");
	type->rest = tokens;
	return true;
}

static bool
is_pair(const struct type *from, const struct type *to, const char *first, const char *second)
{
	return strcmp(from->name, first) == 0 && strcmp(to->name, second) == 0;
}

/* The same type with at least as much room; -1 is as much as there can be. */
static bool
grows(const struct type *from, const struct type *to)
{
	static const char *const growing[] = { "varchar",     "varbit", "numeric", "timestamp",
		                               "timestamptz", "time",   "timetz" };
	bool may_grow = false;

	if (strcmp(from->name, to->name) != 0)
		return false;
	if (memcmp(from->numbers, to->numbers, sizeof from->numbers) == 0)
		return true;
	for (size_t i = 0; i < sizeof growing / sizeof *growing; i++)
		may_grow |= strcmp(growing[i], from->name) == 0;
	if (!may_grow)
		return false;
	if (to->numbers[0] < 0)
		return true;
	return from->numbers[0] >= 0 && from->numbers[0] <= to->numbers[0] &&
	       from->numbers[1] == to->numbers[1];
}

bool
type_change_is_free(const char *from, const char *to)
{
	struct type old, new;

	if (strcmp(from, to) == 0)
		return true;
	if (!read_type(&old, from) || !read_type(&new, to))
		return false;
	if (!words_are_over(old.rest) || !words_are_over(new.rest))
		return false;
	return grows(&old, &new) || is_pair(&old, &new, "varchar", "text") ||
	       (is_pair(&old, &new, "text", "varchar") && new.numbers[0] < 0) ||
	       is_pair(&old, &new, "cidr", "inet");
}
