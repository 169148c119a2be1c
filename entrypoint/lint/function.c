/*
 * See function.h. A default is evaluated once for all rows unless a function in it is volatile; then
 * the table is rewritten. PostgreSQL's own and the grammar's are known here, of others the server knows.
 */
#include "function.h"

#include <stdbool.h>
#include <string.h>

#include "../arena.h"
#include "../token.h"
#include "act.h"
#include "words.h"

/* Stable or immutable, the words of the grammar that look like functions, and types with a length. */
static const char *const known[] = {
	"abs",
	"array",
	"age",
	"all",
	"any",
	"array_agg",
	"array_fill",
	"array_remove",
	"bit",
	"btrim",
	"cardinality",
	"cast",
	"ceil",
	"char",
	"character",
	"chr",
	"coalesce",
	"concat",
	"concat_ws",
	"convert_from",
	"convert_to",
	"current_database",
	"current_date",
	"current_schema",
	"current_setting",
	"current_time",
	"current_timestamp",
	"date",
	"date_part",
	"date_trunc",
	"decimal",
	"decode",
	"encode",
	"exists",
	"extract",
	"float",
	"floor",
	"format",
	"greatest",
	"hashtext",
	"in",
	"initcap",
	"int4range",
	"int8range",
	"interval",
	"json_build_array",
	"json_build_object",
	"jsonb_build_array",
	"jsonb_build_object",
	"least",
	"left",
	"length",
	"localtime",
	"localtimestamp",
	"lower",
	"lpad",
	"ltrim",
	"make_date",
	"make_interval",
	"make_time",
	"make_timestamp",
	"make_timestamptz",
	"md5",
	"mod",
	"now",
	"nullif",
	"numeric",
	"numrange",
	"position",
	"power",
	"repeat",
	"replace",
	"right",
	"round",
	"row",
	"rpad",
	"rtrim",
	"sha256",
	"split_part",
	"statement_timestamp",
	"string_to_array",
	"substr",
	"substring",
	"time",
	"timestamp",
	"timestamptz",
	"timezone",
	"to_char",
	"to_date",
	"to_json",
	"to_jsonb",
	"to_number",
	"to_timestamp",
	"to_tsvector",
	"transaction_timestamp",
	"trim",
	"trunc",
	"tsrange",
	"tstzrange",
	"daterange",
	"upper",
	"varbit",
	"varchar",
	"varying",
	"zone",
};

static bool
is_known(const char *name)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i], name) == 0)
			return true;
	return false;
}

struct list {
	const char **at;
	size_t count;
	struct arena *arena;
};

static void
collect(struct list *list, struct tokens expression)
{
	while (!words_are_over(expression)) {
		struct tokens ahead, inside;
		struct name name;

		if (words_take_name(&expression, &name, list->arena)) {
			ahead = expression;
			if (!words_take(&ahead, "(") || is_known(name.name))
				continue;
			list->at = arena_grow(list->arena, (void *)list->at, list->count,
			                      sizeof *list->at);
			list->at[list->count++] = name.name;
		} else if (words_take_group(&expression, &inside)) {
			collect(list, inside);
		} else {
			(void)token_next(&expression);
		}
	}
}

const char **
functions_doubtful(struct tokens expression, struct arena *arena)
{
	struct list list = { .arena = arena };

	collect(&list, expression);
	if (!list.count)
		return NULL;
	list.at = arena_grow(arena, (void *)list.at, list.count, sizeof *list.at);
	list.at[list.count] = NULL;
	return list.at;
}
