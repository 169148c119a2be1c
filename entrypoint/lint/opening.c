/* See opening.h. ALTER TABLE is read in alter.c. */
#include "opening.h"

#include <string.h>

#include "../arena.h"
#include "../token.h"
#include "act.h"
#include "alter.h"
#include "words.h"

/* Names up to what is no comma, an act each. */
static void
read_list(struct acts *acts, struct tokens *tokens, enum act_kind kind, struct act model)
{
	do {
		struct tokens ahead;
		struct act *act;

		(void)words_take(tokens, "only");
		ahead = *tokens;
		if (!words_take_name(tokens, &model.relation, acts->arena))
			return;
		(void)words_take(tokens, "*");
		act = acts_add(acts, kind, token_next(&ahead).at, &model.relation);
		act->is_concurrent = model.is_concurrent;
	} while (words_take(tokens, ","));
}

static void
read_create_table(struct acts *acts, struct tokens tokens, const char *at)
{
	const bool is_perhaps = words_take(&tokens, "if not exists");
	struct tokens list;
	struct name table;

	if (!words_take_name(&tokens, &table, acts->arena))
		return;
	acts_add(acts, ACT_CREATE, at, &table)->is_perhaps = is_perhaps;
	if (acts->wants_columns && words_take_group(&tokens, &list))
		alter_read_columns(acts, list, &table);
}

static void
read_create_view(struct acts *acts, struct tokens tokens, const char *at)
{
	const bool is_perhaps = words_take(&tokens, "if not exists");
	struct name view;

	if (words_take_name(&tokens, &view, acts->arena))
		acts_add(acts, ACT_CREATE, at, &view)->is_perhaps = is_perhaps;
}

static void
read_replace_view(struct acts *acts, struct tokens tokens, const char *at)
{
	struct name view;

	if (words_take_name(&tokens, &view, acts->arena))
		acts_add(acts, ACT_CREATE, at, &view)->is_perhaps = true;
}

static void
read_create_type(struct acts *acts, struct tokens tokens, const char *at)
{
	struct name type;

	(void)at;
	if (!words_take_name(&tokens, &type, acts->arena))
		return;
	acts->types = arena_grow(acts->arena, acts->types, acts->type_count, sizeof *acts->types);
	acts->types[acts->type_count++] = type;
}

static void
read_create_index(struct acts *acts, struct tokens tokens, const char *at)
{
	struct act *act = acts_add(acts, ACT_CREATE_INDEX, at, NULL);

	act->is_concurrent = words_take(&tokens, "concurrently");
	act->is_perhaps = words_take(&tokens, "if not exists");
	if (!words_take(&tokens, "on")) {
		(void)words_take_identifier(&tokens, &act->object, acts->arena);
		(void)words_take(&tokens, "on");
	}
	act->is_only = words_take(&tokens, "only");
	(void)words_take_name(&tokens, &act->relation, acts->arena);
}

/* CREATE or DROP of TRIGGER, RULE, POLICY: name ... ON table. */
static void
read_on_table(struct acts *acts, struct tokens tokens, const char *at)
{
	struct name table;

	if (words_find(&tokens, "on") && words_take_name(&tokens, &table, acts->arena))
		(void)acts_add(acts, ACT_TRIGGER, at, &table);
}

/* ON event TO table */
static void
read_rule(struct acts *acts, struct tokens tokens, const char *at)
{
	struct name table;

	if (words_find(&tokens, "to") && words_take_name(&tokens, &table, acts->arena))
		(void)acts_add(acts, ACT_TRIGGER, at, &table);
}

static void
read_drop_index(struct acts *acts, struct tokens tokens, const char *at)
{
	const struct act model = { .is_concurrent = words_take(&tokens, "concurrently") };

	(void)at;
	(void)words_take(&tokens, "if exists");
	read_list(acts, &tokens, ACT_DROP_INDEX, model);
}

static void
read_drop_table(struct acts *acts, struct tokens tokens, const char *at)
{
	(void)at;
	(void)words_take(&tokens, "if exists");
	read_list(acts, &tokens, ACT_DROP_TABLE, (struct act){ 0 });
}

static void
read_drop_schema(struct acts *acts, struct tokens tokens, const char *at)
{
	struct tokens ahead = tokens;
	const char *schema;

	if (!words_find(&ahead, "cascade"))
		return;
	(void)words_take(&tokens, "if exists");
	do {
		if (!words_take_identifier(&tokens, &schema, acts->arena))
			return;
		acts_add(acts, ACT_DROP_SCHEMA, at, NULL)->relation.schema = schema;
	} while (words_take(&tokens, ","));
}

static void
read_truncate(struct acts *acts, struct tokens tokens, const char *at)
{
	(void)at;
	(void)words_take(&tokens, "table");
	read_list(acts, &tokens, ACT_TRUNCATE, (struct act){ 0 });
}

/* The options in parentheses: does one of these words stand there, and is not switched off? */
static bool
has_option(struct tokens options, const char *option)
{
	return words_find(&options, option) && !words_take(&options, "false|off|0");
}

static void
read_reindex(struct acts *acts, struct tokens tokens, const char *at)
{
	struct act *act = acts_add(acts, ACT_REINDEX, at, NULL);
	struct tokens options;

	if (words_take_group(&tokens, &options))
		act->is_concurrent = has_option(options, "concurrently");
	if (words_take(&tokens, "schema|database|system")) {
		act->is_concurrent |= words_take(&tokens, "concurrently");
		return;
	}
	(void)words_take(&tokens, "index|table");
	act->is_concurrent |= words_take(&tokens, "concurrently");
	(void)words_take_name(&tokens, &act->relation, acts->arena);
}

static void
read_vacuum(struct acts *acts, struct tokens tokens, const char *at)
{
	struct tokens options;
	bool is_full = words_take_group(&tokens, &options) && has_option(options, "full");

	is_full |= words_take(&tokens, "full");
	while (words_take(&tokens, "freeze|verbose|analyze|analyse"))
		continue;
	if (!is_full)
		return;
	if (words_are_over(tokens))
		(void)acts_add(acts, ACT_VACUUM_FULL, at, NULL);
	else
		read_list(acts, &tokens, ACT_VACUUM_FULL, (struct act){ 0 });
}

static void
read_cluster(struct acts *acts, struct tokens tokens, const char *at)
{
	struct act *act = acts_add(acts, ACT_CLUSTER, at, NULL);

	(void)words_take_group(&tokens, NULL);
	(void)words_take(&tokens, "verbose");
	(void)words_take_name(&tokens, &act->relation, acts->arena);
	if (words_take(&tokens, "on")) /* index ON table */
		(void)words_take_name(&tokens, &act->relation, acts->arena);
}

static void
read_refresh(struct acts *acts, struct tokens tokens, const char *at)
{
	struct act *act = acts_add(acts, ACT_REFRESH, at, NULL);

	act->is_concurrent = words_take(&tokens, "concurrently");
	(void)words_take_name(&tokens, &act->relation, acts->arena);
}

static void
read_lock(struct acts *acts, struct tokens tokens, const char *at)
{
	const size_t first = acts->count;
	struct tokens mode;
	bool lets_read;

	(void)at;
	(void)words_take(&tokens, "table");
	mode = tokens;
	/* These four let others write. */
	if (words_find(&mode, "in access share") || words_find(&mode, "in row share|exclusive") ||
	    words_find(&mode, "in share update"))
		return;
	lets_read = words_find(&mode, "in share|exclusive");
	read_list(acts, &tokens, ACT_LOCK, (struct act){ 0 });
	for (size_t i = first; i < acts->count; i++)
		acts->at[i].words = lets_read ? "write to" : "use";
}

static void
read_alter_table(struct acts *acts, struct tokens tokens, const char *at)
{
	struct name table;

	if (words_take(&tokens, "all in tablespace")) {
		acts_add(acts, ACT_REWRITE, at, NULL)->words = "set tablespace";
		return;
	}
	(void)words_take(&tokens, "if exists");
	(void)words_take(&tokens, "only");
	if (!words_take_name(&tokens, &table, acts->arena))
		return;
	(void)words_take(&tokens, "*");
	alter_read(acts, tokens, &table);
}

/* What rewrites it. */
static void
read_alter_index(struct acts *acts, struct tokens tokens, const char *at)
{
	struct tokens ahead = tokens;

	if (words_find(&ahead, "set tablespace"))
		read_alter_table(acts, tokens, at);
}

/* Tables are not the only ones that can be renamed under running programs. */
static void
read_alter_view(struct acts *acts, struct tokens tokens, const char *at)
{
	struct tokens ahead = tokens;

	if (words_find(&ahead, "rename") || words_find(&ahead, "set schema|tablespace|access"))
		read_alter_table(acts, tokens, at);
}

/* ALTER TYPE name ADD VALUE 'value' */
static void
read_alter_type(struct acts *acts, struct tokens tokens, const char *at)
{
	struct token value;
	struct name type;

	(void)at;
	if (!words_take_name(&tokens, &type, acts->arena) || !words_take(&tokens, "add value"))
		return;
	(void)words_take(&tokens, "if not exists");
	value = token_next(&tokens);
	/* The values of a type that this transaction makes may be used in it. */
	for (size_t i = 0; i < acts->type_count; i++)
		if (strcmp(acts->types[i].name, type.name) == 0)
			return;
	if (value.kind != TOKEN_STRING)
		return;
	acts->values = arena_grow(acts->arena, (void *)acts->values, acts->value_count,
	                          sizeof *acts->values);
	acts->values[acts->value_count++] = arena_copy_n(acts->arena, value.at, value.length);
}

static bool
is_no_time(const struct token *value)
{
	return token_is(value, "0", 1) || token_is(value, "default", 7) ||
	       token_is(value, "0s", 2) || token_is(value, "0ms", 3);
}

static void
read_set(struct acts *acts, struct tokens tokens, const char *at)
{
	(void)words_take(&tokens, "session|local");
	if (words_take(&tokens, "lock_timeout to|=")) {
		const struct token value = token_next(&tokens);

		if (is_no_time(&value))
			(void)acts_add(acts, ACT_NO_TIMEOUT, at, NULL);
	}
}

static void
read_reset(struct acts *acts, struct tokens tokens, const char *at)
{
	(void)tokens;
	(void)acts_add(acts, ACT_NO_TIMEOUT, at, NULL);
}

/* UPDATE [ONLY] table, DELETE FROM [ONLY] table: of all rows? */
static void
read_change(struct acts *acts, struct tokens tokens, const char *at)
{
	struct name table;

	(void)words_take(&tokens, "only");
	if (words_take_name(&tokens, &table, acts->arena) && !words_find(&tokens, "where"))
		(void)acts_add(acts, ACT_CHANGE_ALL, at, &table);
}

/* WITH ... UPDATE, DELETE, SELECT */
static void
read_with(struct acts *acts, struct tokens tokens, const char *at)
{
	(void)at;
	while (!words_are_over(tokens)) {
		struct tokens ahead = tokens;
		const char *const word = token_next(&ahead).at;

		if (words_take(&tokens, "update") || words_take(&tokens, "delete from")) {
			read_change(acts, tokens, word);
			return;
		}
		if (words_take(&tokens, "insert|select|merge"))
			return;
		(void)words_skip(&tokens);
	}
}

/* set_config('lock_timeout', '0', ...) */
static void
read_set_config(struct acts *acts, struct tokens tokens, const char *at)
{
	struct tokens inside;
	struct token name, value;

	(void)words_take(&tokens, "pg_catalog .");
	if (!words_take(&tokens, "set_config") || !words_take_group(&tokens, &inside))
		return;
	name = token_next(&inside);
	if (!token_is(&name, "lock_timeout", strlen("lock_timeout")) || !words_take(&inside, ","))
		return;
	value = token_next(&inside);
	if (is_no_time(&value))
		(void)acts_add(acts, ACT_NO_TIMEOUT, at, NULL);
}

/* SELECT ... INTO table */
static void
read_select(struct acts *acts, struct tokens tokens, const char *at)
{
	struct name table;

	read_set_config(acts, tokens, at);
	if (!words_find(&tokens, "into"))
		return;
	(void)words_take(&tokens, "temporary|temp|unlogged");
	(void)words_take(&tokens, "table");
	if (words_take_name(&tokens, &table, acts->arena))
		(void)acts_add(acts, ACT_CREATE, at, &table);
}

const struct opening openings[] = {
	{ "create table", read_create_table },
	{ "create temporary|temp|unlogged|foreign table", read_create_table },
	{ "create global|local temporary|temp table", read_create_table },
	{ "create view", read_create_view },
	{ "create materialized|recursive view", read_create_view },
	{ "create or replace view", read_replace_view },
	{ "create or replace recursive view", read_replace_view },
	{ "create type", read_create_type },
	{ "create index", read_create_index },
	{ "create unique index", read_create_index },
	{ "create trigger|policy", read_on_table },
	{ "create constraint trigger", read_on_table },
	{ "create or replace trigger", read_on_table },
	{ "create or replace constraint trigger", read_on_table },
	{ "create rule", read_rule },
	{ "create or replace rule", read_rule },
	{ "drop trigger|policy|rule", read_on_table },
	{ "drop index", read_drop_index },
	{ "drop table", read_drop_table },
	{ "drop foreign table", read_drop_table },
	{ "drop schema", read_drop_schema },
	{ "truncate", read_truncate },
	{ "reindex", read_reindex },
	{ "vacuum", read_vacuum },
	{ "cluster", read_cluster },
	{ "refresh materialized view", read_refresh },
	{ "lock", read_lock },
	{ "alter table", read_alter_table },
	{ "alter foreign table", read_alter_table },
	{ "alter index", read_alter_index },
	{ "alter view", read_alter_view },
	{ "alter materialized view", read_alter_view },
	{ "alter type", read_alter_type },
	{ "set", read_set },
	{ "reset lock_timeout|all", read_reset },
	{ "update", read_change },
	{ "delete from", read_change },
	{ "with", read_with },
	{ "select", read_select },
	{ NULL, NULL },
};
