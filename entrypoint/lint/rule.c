/* See rule.h. */
#include "rule.h"

#include <ctype.h>
#include <string.h>

#include "../arena.h"
#include "../spelling.h"
#include "act.h"
#include "decide.h"
#include "scene.h"
#include "words.h"

#define TWO_FILES "two files, so that the lock of the first is not held during the second: "
#define NOT_VALID_THEN_VALIDATE                                                                    \
	TWO_FILES "add it NOT VALID; then alter table ... validate constraint"
#define TWO_RELEASES                                                                               \
	"first release a program that does without; drop it in a later release, and allow this there"
#define KEEP_THE_NAME                                                                               \
	"add the new one beside it and keep both alike until no running program uses the old one; " \
	"or a view of the old name"
#define ADD_AND_FILL                                                                               \
	"add the column without it, set the default for new rows, fill the old rows in portions"
#define NEW_COLUMN                                                                                  \
	"add a column of the new type, fill it in portions, let the program change over, drop the " \
	"old one"

const struct rule rules[] = {
	{ "index-not-concurrently", ACT_CREATE_INDEX, decide_blocking_index,
	  "nobody can write to {table} until the index is built",
	  "create index concurrently, in a file of its own", 0, 0 },
	{ "index-not-concurrently", ACT_CREATE_INDEX, decide_blocking_partitioned_index,
	  "nobody can write to {table} and its partitions until all indexes are built",
	  "create index on only {table}; then, for each partition, create index concurrently and "
	  "alter index ... attach partition",
	  0, 0 },
	{ "drop-index-not-concurrently", ACT_DROP_INDEX, decide_not_concurrent,
	  "nobody can read or write the table of {table}, from when it waits for the longest query "
	  "until the end of the transaction",
	  "drop index concurrently, in a file of its own", 0, 0 },
	{ "reindex-not-concurrently", ACT_REINDEX, decide_not_concurrent,
	  "nobody can write to {table}, nor read by the index, until it is built anew",
	  "reindex ... concurrently, in a file of its own", 0, 0 },
	{ "volatile-default", ACT_ADD_COLUMN, decide_volatile_default,
	  "{function}() may give each row another value: {table} is rewritten, and nobody can read "
	  "or write it meanwhile",
	  ADD_AND_FILL, 0, 0 },
	{ "filled-column", ACT_ADD_COLUMN, decide_fills_rows,
	  "{words} is filled in all rows: {table} is rewritten, and nobody can read or write it "
	  "meanwhile",
	  ADD_AND_FILL ", then make it what it shall be", 0, 0 },
	{ "not-null-without-default", ACT_ADD_COLUMN, decide_never_null,
	  "a column that is NOT NULL and has no default cannot be added to {table} if it has rows, "
	  "and running programs that do not know {object} can insert none",
	  "give it a default; or add it without NOT NULL, fill it, and see set-not-null", 0, 0 },
	{ "type-change", ACT_SET_TYPE, decide_rewriting_type,
	  "{object} from {from} to {type}: {table} and its indexes are rewritten, and nobody can "
	  "read or write it meanwhile",
	  NEW_COLUMN, 0, 0 },
	{ "type-change", ACT_SET_TYPE, decide_unknown_type,
	  "{object} to {type}: unless its type now is one that needs no rewriting (it is not known "
	  "here), {table} is rewritten, and nobody can read or write it meanwhile",
	  NEW_COLUMN, 0, 0 },
	{ "set-not-null", ACT_SET_NOT_NULL, decide_unproven_not_null,
	  "{table} is read whole, to find NULL in {object}, and nobody can read or write it meanwhile",
	  TWO_FILES "add constraint ... check ({object} is not null) not valid; then validate "
	            "constraint, set not null, and drop the constraint",
	  18, 0 },
	{ "set-not-null", ACT_SET_NOT_NULL, decide_unproven_not_null,
	  "{table} is read whole, to find NULL in {object}, and nobody can read or write it meanwhile",
	  TWO_FILES "add constraint ... not null {object} not valid; then validate constraint", 0,
	  18 },
	{ "foreign-key-not-valid", ACT_ADD_FOREIGN_KEY, decide_plain_checked_at_once,
	  "all rows of {table} are checked, and nobody can write to it and the table that it refers "
	  "to meanwhile",
	  NOT_VALID_THEN_VALIDATE, 0, 0 },
	{ "foreign-key-not-valid", ACT_ADD_FOREIGN_KEY, decide_partitioned_checked_at_once,
	  "all rows of {table} are checked, and nobody can write to it and the table that it refers "
	  "to meanwhile",
	  "add it to each partition first, NOT VALID, and validate it there; then to the table", 18,
	  0 },
	{ "foreign-key-not-valid", ACT_ADD_FOREIGN_KEY, decide_partitioned_checked_at_once,
	  "all rows of {table} are checked, and nobody can write to it and the table that it refers "
	  "to meanwhile",
	  NOT_VALID_THEN_VALIDATE, 0, 18 },
	{ "check-not-valid", ACT_ADD_CHECK, decide_checked_at_once,
	  "all rows of {table} are checked, and nobody can read or write it meanwhile",
	  NOT_VALID_THEN_VALIDATE, 0, 0 },
	{ "validate-at-once", ACT_VALIDATE, decide_validated_at_once,
	  "the lock that added {object} to {table} is still held while all rows are checked",
	  "validate it in a file of its own, or mark this one no-transaction", 0, 0 },
	{ "unique-without-index", ACT_ADD_UNIQUE, decide_filled,
	  "{words}: nobody can read or write {table} until its index is built",
	  "create unique index concurrently, in a file of its own; then add constraint ... using "
	  "index",
	  0, 0 },
	{ "drop-column", ACT_DROP_COLUMN, decide_used_column,
	  "programs that still run and use {object} of {table} fail from now on", TWO_RELEASES, 0,
	  0 },
	{ "drop-table", ACT_DROP_TABLE, decide_old,
	  "programs that still run and use {table} fail from now on, and its rows are gone",
	  TWO_RELEASES, 0, 0 },
	{ "drop-table", ACT_DROP_SCHEMA, decide_old,
	  "programs that still run and use what is in {table} fail from now on, and its rows are gone",
	  TWO_RELEASES, 0, 0 },
	{ "rename-column", ACT_RENAME_COLUMN, decide_used_column,
	  "programs that still run and use {object} of {table} fail from now on", KEEP_THE_NAME, 0,
	  0 },
	{ "rename-table", ACT_RENAME_TABLE, decide_old,
	  "programs that still run and use {table} fail from now on", KEEP_THE_NAME, 0, 0 },
	{ "set-schema", ACT_SET_SCHEMA, decide_old,
	  "programs that still run and use {table} fail from now on", KEEP_THE_NAME, 0, 0 },
	{ "truncate", ACT_TRUNCATE, decide_filled,
	  "the rows of {table} are gone, and nobody can read or write it until the end of the "
	  "transaction",
	  "delete from {table} in portions, if programs still use it", 0, 0 },
	{ "table-rewrite", ACT_REWRITE, decide_rewritten,
	  "{words}: {table} is rewritten, and nobody can read or write it meanwhile",
	  "do it in a maintenance window, and allow this there", 0, 0 },
	{ "vacuum-full", ACT_VACUUM_FULL, decide_old,
	  "{table} is rewritten, and nobody can read or write it meanwhile",
	  "vacuum without full; or pg_repack", 0, 0 },
	{ "cluster", ACT_CLUSTER, decide_old,
	  "{table} is rewritten, and nobody can read or write it meanwhile",
	  "pg_repack; or a maintenance window, and allow this there", 0, 0 },
	{ "refresh-not-concurrently", ACT_REFRESH, decide_not_concurrent_refresh,
	  "nobody can read {table} until its query has ended",
	  "refresh materialized view concurrently; it needs a unique index", 0, 0 },
	{ "lock-table", ACT_LOCK, decide_old,
	  "nobody can {words} {table} until the end of the transaction",
	  "leave it to the statements, which take the weakest lock that will do", 0, 0 },
	{ "enum-value-used", ACT_USE_VALUE, decide_always,
	  "{object} was added to its type in this very transaction: the server refuses to use it "
	  "before the commit",
	  "use it in the next file", 0, 0 },
	{ "all-rows-changed", ACT_ANY, decide_changed_under_lock,
	  "all rows of {table} are changed in one transaction with a statement that locks a table, "
	  "and that lock lasts as long",
	  "change the rows in a file of their own, in portions", 0, 0 },
	{ "attach-without-check", ACT_ATTACH, decide_unchecked_partition,
	  "all rows of {table} are checked, and nobody can read or write it meanwhile",
	  TWO_FILES
	  "add a check like the bounds to {table}, not valid, and validate it; then attach",
	  0, 0 },
	{ "detach-not-concurrently", ACT_DETACH, decide_not_concurrent_detach,
	  "nobody can read or write {table}, all its partitions, from when it waits for the longest "
	  "query until the end of the transaction",
	  "detach partition {object} concurrently, in a file of its own", 0, 14 },
	{ "several-tables", ACT_ANY, decide_second_table,
	  "this transaction keeps its lock on {other} while it waits for one on {table}: programs "
	  "that use both in the other order meet it in a deadlock",
	  "one table a file", 0, 0 },
	{ "lock-timeout-off", ACT_ANY, decide_unhurried,
	  "without lock_timeout the statements below wait for the longest query, and everybody else "
	  "behind them",
	  "leave lock_timeout to the setting, which tries again", 0, 0 },
	{ "long-name", ACT_LONG_NAME, decide_always,
	  "{object} is longer than 63 bytes: the server cuts it", "a shorter name", 0, 0 },
	{ NULL, ACT_ANY, NULL, NULL, NULL, 0, 0 },
};

bool
rule_exists(const char *name)
{
	const struct rule *rule = rules;

	while (rule->name && strcmp(rule->name, name) != 0)
		rule++;
	return rule->name;
}

const char *
rule_near(const char *name)
{
	const char *nearest = NULL;
	size_t best = strlen(name) / 2; /* farther off it is another word */

	if (strlen(name) > SPELLING_LONGEST)
		return NULL;
	for (const struct rule *rule = rules; rule->name; rule++) {
		const size_t off_by = spelling_distance(name, rule->name);

		if (off_by < best) {
			nearest = rule->name;
			best = off_by;
		}
	}
	return nearest;
}

bool
rule_is_for(const struct rule *rule, int server_version)
{
	const int major = server_version / 10000;

	return (!rule->before || major < rule->before) && (!rule->since || major >= rule->since);
}

/* The relation, and how large it is; without a name: what is meant then. */
static const char *
table_of(const struct act *act, const struct scene *scene, struct arena *arena)
{
	const struct thing *fact = scene_fact(scene, &act->relation);
	const char *name;

	if (!act->relation.name)
		return act->relation.schema ? arena_join(arena, "schema ", act->relation.schema, "")
		                            : "each table";
	name = name_shown(&act->relation, arena);
	return fact && fact->size && fact->relation_kind != 'p' && !fact->is_empty
	             ? arena_print(arena, "%s (%s)", name, fact->size)
	             : name;
}

static const char *
function_of(const struct act *act, const struct scene *scene)
{
	for (size_t i = 0; act->functions && act->functions[i]; i++)
		if (decide_is_volatile(act->functions[i], scene))
			return act->functions[i];
	return NULL;
}

/* What a word in braces stands for; the names are those of struct act. */
static const char *
meaning(const char *word, size_t length, const struct act *act, const struct scene *scene,
        struct arena *arena)
{
	const struct {
		const char *word, *meaning;
	} meanings[] = {
		{ "table", table_of(act, scene, arena) },
		{ "object", act->object },
		{ "type", act->type },
		{ "words", act->words },
		{ "function", function_of(act, scene) },
		{ "from", act->object ? scene_type(scene, &act->relation, act->object) : NULL },
		{ "other", scene->locking ? name_shown(&scene->locking->relation, arena) : NULL },
	};

	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (strlen(meanings[i].word) == length &&
		    memcmp(meanings[i].word, word, length) == 0)
			return meanings[i].meaning;
	return NULL;
}

const char *
rule_fill(const char *pattern, const struct act *act, const struct scene *scene,
          struct arena *arena)
{
	struct text text = text_new(arena);

	while (*pattern) {
		const size_t plain = strcspn(pattern, "{");
		const char *word = pattern + plain + 1;
		const char *put;
		size_t length;

		text_add_n(&text, pattern, plain);
		if (!pattern[plain])
			break;
		length = strcspn(word, "}");
		put = meaning(word, length, act, scene, arena);
		text_add(&text, put ? put : "what it is now");
		pattern = word + length + 1;
	}
	return text.at;
}

/* {table} becomes TABLE. */
static void
add_pattern(struct text *page, const char *pattern)
{
	bool is_word = false;

	for (; *pattern; pattern++)
		if (*pattern == '{' || *pattern == '}')
			is_word = *pattern == '{';
		else
			text_add_char(page, (char)(is_word ? toupper((unsigned char)*pattern)
			                                   : *pattern));
}

void
rules_describe(struct text *page)
{
	const char *name = "";

	for (const struct rule *rule = rules; rule->name; rule++) {
		if (strcmp(rule->name, name) != 0)
			text_print(page, "%s\n", rule->name);
		name = rule->name;
		text_add(page, "    ");
		add_pattern(page, rule->hazard);
		text_add(page, "\n    hint: ");
		add_pattern(page, rule->hint);
		if (rule->before)
			text_print(page, " (servers before %d)", rule->before);
		if (rule->since)
			text_print(page, " (servers from %d on)", rule->since);
		text_add(page, "\n");
	}
}
