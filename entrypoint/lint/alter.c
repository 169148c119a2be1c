/* See alter.h. */
#include "alter.h"

#include <string.h>

#include "../arena.h"
#include "../token.h"
#include "act.h"
#include "function.h"
#include "words.h"

/* What ends a type or a default in the definition of a column: the beginning of a constraint. */
#define CONSTRAINTS                                                                                \
	"constraint|not|null|default|primary|unique|references|check|generated|collate|"           \
	"compression|storage|deferrable|initially|using|enforced"

/* Up to the next word of those, or the end. */
static struct tokens
take_expression(struct tokens *tokens)
{
	struct tokens expression = *tokens;
	struct tokens ahead = *tokens;

	/* The first word is part of it: default null, a column type "storage". */
	while (words_skip(tokens)) {
		ahead = *tokens;
		if (words_take(&ahead, CONSTRAINTS))
			break;
	}
	expression.end = tokens->at;
	return expression;
}

/* NOT VALID at the end of a constraint; NOT ENFORCED (18) is not looked at either. */
static bool
is_unproven(struct tokens tokens)
{
	return words_find(&tokens, "not valid|enforced");
}

/* (column IS NOT NULL), in any number of parentheses. */
static const char *
column_of_check(struct tokens tokens, struct arena *arena)
{
	struct tokens inside;
	const char *column;

	while (words_take_group(&tokens, &inside))
		tokens = inside;
	return words_take_identifier(&tokens, &column, arena) &&
	                       words_take(&tokens, "is not null") && words_are_over(tokens)
	             ? column
	             : NULL;
}

/* A constraint of a table, behind ADD [CONSTRAINT name]. */
static bool
read_constraint(struct acts *acts, struct tokens tokens, const char *at, const struct name *table,
                const char *name)
{
	const bool unproven = is_unproven(tokens);
	struct tokens whole = tokens;
	struct act *act;

	if (words_take(&tokens, "check")) {
		act = acts_add(acts, ACT_ADD_CHECK, at, table);
		act->column = column_of_check(tokens, acts->arena);
	} else if (words_take(&tokens, "not null")) {
		act = acts_add(acts, ACT_ADD_CHECK, at, table);
		(void)words_take_identifier(&tokens, &act->column, acts->arena);
	} else if (words_take(&tokens, "foreign key")) {
		act = acts_add(acts, ACT_ADD_FOREIGN_KEY, at, table);
	} else if (words_take(&tokens, "unique|exclude") || words_take(&tokens, "primary key")) {
		const bool has_index =
			words_find(&tokens, "using index") && !words_take(&tokens, "tablespace");

		act = acts_add(acts, has_index ? ACT_LOCKS : ACT_ADD_UNIQUE, at, table);
		act->words = words_take(&whole, "primary") ? "primary key"
		           : words_take(&whole, "exclude") ? "exclude"
		                                           : "unique";
	} else {
		return false;
	}
	act->object = name;
	act->is_unproven = unproven;
	return true;
}

static bool
is_serial(const char *type)
{
	static const char *const types[] = { "serial",  "bigserial", "smallserial",
		                             "serial2", "serial4",   "serial8" };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

static void
read_generated(struct tokens *tokens, struct act *column)
{
	(void)(words_take(tokens, "always") || words_take(tokens, "by default"));
	if (words_take(tokens, "as identity")) {
		column->fills_rows = true;
		column->words = "an identity column";
		(void)words_take_group(tokens, NULL);
	} else if (words_take(tokens, "as") && words_take_group(tokens, NULL)) {
		/* Without a word it is virtual from version 18 on, and an error before. */
		column->fills_rows = words_take(tokens, "stored");
		column->words = "a stored generated column";
		column->has_default = true; /* its rows have a value */
	}
}

static void
read_default(struct tokens *tokens, struct act *column, struct arena *arena)
{
	const struct tokens value = take_expression(tokens);
	struct tokens ahead = value;

	column->has_default = !words_take(&ahead, "null");
	column->functions = functions_doubtful(value, arena);
}

/*
 * The constraints of a column that is added. Those that PostgreSQL checks on all rows become acts of
 * their own. A foreign key is not checked where the column begins as NULL (parse_utilcmd.c).
 */
static void
read_column_constraints(struct acts *acts, struct tokens tokens, const char *at,
                        const struct name *table, struct act *column)
{
	bool refers = false;

	while (!words_are_over(tokens)) {
		if (words_take(&tokens, "not null")) {
			column->is_not_null = true;
		} else if (words_take(&tokens, "default")) {
			read_default(&tokens, column, acts->arena);
		} else if (words_take(&tokens, "generated")) {
			read_generated(&tokens, column);
		} else if (words_take(&tokens, "check")) {
			acts_add(acts, ACT_ADD_CHECK, at, table)->is_unproven = false;
			(void)words_skip(&tokens);
		} else if (words_take(&tokens, "unique")) {
			acts_add(acts, ACT_ADD_UNIQUE, at, table)->words = "unique";
		} else if (words_take(&tokens, "primary key")) {
			acts_add(acts, ACT_ADD_UNIQUE, at, table)->words = "primary key";
			column->is_not_null = true;
		} else {
			refers |= words_take(&tokens, "references");
			/* Behind ON DELETE neither says anything of the column. */
			if (!words_take(&tokens, "set null|default"))
				(void)words_skip(&tokens);
		}
	}
	if (refers && column->has_default)
		(void)acts_add(acts, ACT_ADD_FOREIGN_KEY, at, table);
}

static void
read_add_column(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	const size_t index = acts->count;
	struct act column = *acts_add(acts, ACT_ADD_COLUMN, at, table);

	column.is_perhaps = words_take(&tokens, "if not exists");
	if (!words_take_identifier(&tokens, &column.object, acts->arena))
		return;
	column.type = words_text(take_expression(&tokens), acts->arena);
	if (is_serial(column.type)) {
		column.fills_rows = true;
		column.words = column.type;
	}
	read_column_constraints(acts, tokens, at, table, &column);
	acts->at[index] = column;
}

static void
read_add(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	const char *name = NULL;

	if (words_take(&tokens, "constraint"))
		(void)words_take_identifier(&tokens, &name, acts->arena);
	if (read_constraint(acts, tokens, at, table, name))
		return;
	(void)words_take(&tokens, "column");
	read_add_column(acts, tokens, at, table);
}

/* USING column, USING column::type, in any number of parentheses: as without it. */
static bool
is_plain_cast(struct tokens tokens, const char *column, const char *type, struct arena *arena)
{
	struct tokens ahead = tokens, inside;
	const char *from;

	while (words_take_group(&ahead, &inside) && words_are_over(ahead))
		ahead = tokens = inside;
	if (!words_take_identifier(&tokens, &from, arena) || strcmp(from, column) != 0)
		return false;
	return words_are_over(tokens) ||
	       (words_take(&tokens, ": :") && strcmp(words_text(tokens, arena), type) == 0);
}

static void
read_type(struct acts *acts, struct tokens tokens, struct act *act)
{
	const struct tokens type = take_expression(&tokens);

	act->type = words_text(type, acts->arena);
	if (words_find(&tokens, "using"))
		act->is_converted = !is_plain_cast(tokens, act->object, act->type, acts->arena);
}

/* ALTER [COLUMN] name ... */
static void
read_alter_column(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	struct act *act;
	const char *column;

	if (words_take(&tokens, "constraint")) {
		(void)acts_add(acts, ACT_LOCKS, at, table);
		return;
	}
	(void)words_take(&tokens, "column");
	if (!words_take_identifier(&tokens, &column, acts->arena))
		return;
	if (words_take(&tokens, "set statistics|storage|(") || words_take(&tokens, "reset"))
		return;
	act = acts_add(acts, ACT_LOCKS, at, table);
	act->object = column;
	if (words_take(&tokens, "set data type") || words_take(&tokens, "type")) {
		act->kind = ACT_SET_TYPE;
		read_type(acts, tokens, act);
	} else if (words_take(&tokens, "set not null")) {
		act->kind = ACT_SET_NOT_NULL;
	} else if (words_take(&tokens, "set expression")) {
		act->kind = ACT_REWRITE;
		act->words = "set expression";
	}
}

static void
read_drop(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	struct act *act = acts_add(acts, ACT_LOCKS, at, table);

	if (words_take(&tokens, "constraint"))
		return;
	(void)words_take(&tokens, "column");
	(void)words_take(&tokens, "if exists");
	if (words_take_identifier(&tokens, &act->object, acts->arena))
		act->kind = ACT_DROP_COLUMN;
}

static void
read_rename(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	struct act *act = acts_add(acts, ACT_LOCKS, at, table);

	if (words_take(&tokens, "constraint"))
		return;
	if (words_take(&tokens, "to")) {
		act->kind = ACT_RENAME_TABLE;
	} else {
		act->kind = ACT_RENAME_COLUMN;
		(void)words_take(&tokens, "column");
	}
	(void)words_take_identifier(&tokens, &act->object, acts->arena);
}

static void
read_set(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	struct act *act;

	if (words_take(&tokens, "(|without"))
		return;
	act = acts_add(acts, ACT_REWRITE, at, table);
	if (words_take(&tokens, "schema")) {
		act->kind = ACT_SET_SCHEMA;
		(void)words_take_identifier(&tokens, &act->object, acts->arena);
	} else if (words_take(&tokens, "tablespace")) {
		act->words = "set tablespace";
	} else if (words_take(&tokens, "access method")) {
		act->words = "set access method";
	} else {
		act->words = words_take(&tokens, "logged") ? "set logged" : "set unlogged";
	}
}

static void
read_validate(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	struct act *act = acts_add(acts, ACT_VALIDATE, at, table);

	(void)words_take_identifier(&tokens, &act->object, acts->arena);
}

static void
read_attach(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	struct name partition;

	if (!words_take_name(&tokens, &partition, acts->arena))
		return;
	acts_add(acts, ACT_ATTACH, at, &partition)->object = name_shown(table, acts->arena);
}

static void
read_detach(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	struct act *act = acts_add(acts, ACT_DETACH, at, table);
	struct name partition;

	if (words_take_name(&tokens, &partition, acts->arena))
		act->object = name_shown(&partition, acts->arena);
	act->is_concurrent = words_take(&tokens, "concurrently|finalize");
}

/* Does not keep writers out, or only for an instant that no rule asks for. */
static void
read_nothing(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	(void)acts, (void)tokens, (void)at, (void)table; /* the form of all readers */
}

static void
read_other(struct acts *acts, struct tokens tokens, const char *at, const struct name *table)
{
	(void)tokens;
	(void)acts_add(acts, ACT_LOCKS, at, table);
}

/* The first row that an action begins with. */
static const struct action {
	const char *words;
	void (*read)(struct acts *, struct tokens, const char *at, const struct name *);
} actions[] = {
	{ "add", read_add },
	{ "alter", read_alter_column },
	{ "drop", read_drop },
	{ "rename", read_rename },
	{ "set", read_set },
	{ "validate constraint", read_validate },
	{ "attach partition", read_attach },
	{ "detach partition", read_detach },
	{ "cluster on", read_nothing },
	{ "reset", read_nothing },
	{ "", read_other },
};

void
alter_read(struct acts *acts, struct tokens tokens, const struct name *table)
{
	while (!words_are_over(tokens)) {
		struct tokens item = words_item(&tokens);
		const struct action *action = actions;
		struct tokens ahead = item;
		const char *const at = token_next(&ahead).at;

		while (!words_take(&item, action->words))
			action++;
		action->read(acts, item, at, table);
	}
}

void
alter_read_columns(struct acts *acts, struct tokens list, const struct name *table)
{
	while (!words_are_over(list)) {
		struct tokens item = words_item(&list);
		struct tokens ahead = item;
		struct act column = { 0 };
		struct act *act;

		if (words_take(&ahead, "constraint|primary|unique|check|foreign|exclude|like") ||
		    !words_take_identifier(&item, &column.object, acts->arena) ||
		    words_are_over(item))
			continue;
		act = acts_add(acts, ACT_COLUMN, item.at, table);
		act->object = column.object;
		act->type = words_text(take_expression(&item), acts->arena);
	}
}
