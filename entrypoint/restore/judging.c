/* See judging.h. */
#include "judging.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../names.h"
#include "../script/deed.h"
#include "../token.h"
#include "grounds.h"
#include "item.h"
#include "name.h"
#include "policy.h"

static bool
has(const struct judging *judging, const char *kind, const char *name)
{
	return grounds_has(judging->judge->grounds, kind, name);
}

/* The value of SET x = VALUE or TO VALUE, as text. */
static const char *
value_of(const struct judging *judging)
{
	struct tokens tokens = item_tokens(judging->item, judging->rest);
	const struct token sign = token_next(&tokens), value = token_next(&tokens);

	(void)sign; /* = or TO: the rule has seen to it, or the server will */
	return name_of(&value, judging->arena);
}

bool
judging_plain_user(struct judging *judging)
{
	return !has(judging, "may", "superuser");
}

bool
judging_unsafe_encoding(struct judging *judging)
{
	/* pg_wchar.h, PG_ENCODING_BE_LAST: in those behind it a backslash or quote may be half of a character. */
	static const char *const unsafe[] = { "sjis",    "big5",  "gbk",    "uhc",
		                              "gb18030", "johab", "win932", "shift_jis_2004" };
	const char *value = value_of(judging);

	for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++)
		if (strcasecmp(value, unsafe[i]) == 0)
			return true;
	return false;
}

bool
judging_missing_tablespace(struct judging *judging)
{
	judging->object = value_of(judging);
	return *judging->object && !has(judging, "tablespace", judging->object);
}

bool
judging_forbidden_method(struct judging *judging)
{
	struct judge *judge = judging->judge;
	struct made *method = arena_alloc(judge->arena, sizeof *method);

	if (judging_plain_user(judging))
		return true;
	*method = (struct made){ arena_copy(judge->arena, judging->name), judge->methods };
	judge->methods = method;
	return false;
}

/* Or may have been, with an extension. */
static bool
was_dropped(const struct judge *judge, const char *method)
{
	for (const struct dropped *one = judge->dropped; one; one = one->next)
		if (strcmp(one->kind, "extension") == 0 ||
		    (strcmp(one->kind, "access method") == 0 && strcmp(one->name, method) == 0))
			return true;
	return false;
}

bool
judging_missing_method(struct judging *judging)
{
	judging->object = value_of(judging);
	for (const struct made *one = judging->judge->methods; one; one = one->next)
		if (strcmp(one->name, judging->object) == 0)
			return false;
	return !has(judging, "method", judging->object) &&
	       (!judging->judge->brings_methods || was_dropped(judging->judge, judging->object));
}

bool
judging_missing_setting(struct judging *judging)
{
	/* With a dot it belongs to an extension, and any may be set. */
	return !strchr(judging->name, '.') && !has(judging, "setting", judging->name);
}

/* ALTER DATABASE x SET name ... */
bool
judging_forbidden_setting(struct judging *judging)
{
	struct tokens tokens = item_tokens(judging->item, judging->rest);
	const struct token token = token_next(&tokens), behind = token_next(&tokens);
	const char *name = name_of(&token, judging->arena);

	judging->object = name;
	if (token_is(&behind, ".", 1))
		return false; /* an extension's, and any may be set */
	return !has(judging, "setting", name) ||
	       (judging_plain_user(judging) && has(judging, "privileged", name));
}

static bool
is_role(const struct judging *judging, const char *name)
{
	return strcmp(name, "public") == 0 || strcmp(name, "current_user") == 0 ||
	       strcmp(name, "session_user") == 0 || strcmp(name, "current_role") == 0 ||
	       has(judging, "role", name);
}

bool
judging_missing_role(struct judging *judging)
{
	return !is_role(judging, judging->name);
}

/* Moves on to the last of two words outside of parentheses; false: there is none. */
static bool
find_last(struct tokens *tokens, const char *one, const char *other)
{
	struct tokens found = *tokens;
	bool was_found = false;
	size_t depth = 0;

	for (struct token token; (token = token_next(tokens)).kind != TOKEN_END;) {
		if (token_is(&token, "(", 1))
			depth++;
		else if (token_is(&token, ")", 1) && depth)
			depth--;
		else if (depth == 0 && token.kind == TOKEN_WORD &&
		         (token_is(&token, one, strlen(one)) ||
		          token_is(&token, other, strlen(other)))) {
			found = *tokens;
			was_found = true;
		}
	}
	*tokens = found;
	return was_found;
}

bool
judging_missing_grantee(struct judging *judging)
{
	struct tokens tokens = item_tokens(judging->item, judging->rest);
	struct token token;

	if (!find_last(&tokens, "to", "from"))
		return false;
	do {
		const char *name;

		token = token_next(&tokens);
		name = name_of(&token, judging->arena);
		if (!is_role(judging, name)) {
			judging->object = name;
			return true;
		}
		token = token_next(&tokens);
	} while (token_is(&token, ",", 1));
	return false;
}

bool
judging_membership(struct judging *judging)
{
	struct tokens tokens = item_tokens(judging->item, judging->rest);

	return !find_last(&tokens, "on", "on");
}

/* Of the first name with a schema: schema and name, each as the server stores it, where the latter stands. */
static bool
first_qualified(const struct judging *judging, struct token *schema, struct token *name)
{
	struct tokens tokens = item_tokens(judging->item, judging->item->sql);
	struct token before = { 0 }, token;

	while ((token = token_next(&tokens)).kind != TOKEN_END) {
		if (token_is(&token, ".", 1) &&
		    (before.kind == TOKEN_WORD || before.kind == TOKEN_NAME)) {
			*schema = before;
			*name = token_next(&tokens);
			return true;
		}
		before = token;
	}
	return false;
}

bool
judging_system_object(struct judging *judging)
{
	struct token schema, name;

	if (!judging_plain_user(judging) || !first_qualified(judging, &schema, &name))
		return false;
	judging->object = arena_copy_n(judging->arena, name.at, name.length);
	return strcmp(name_of(&schema, judging->arena), "pg_catalog") == 0;
}

bool
judging_foreign_schema(struct judging *judging)
{
	return strcmp(judging->name, "public") == 0 && !has(judging, "may", "public");
}

/* A successor is as new. */
static bool
is_foreign(const struct judging *judging, const char *schema)
{
	const struct grounds *grounds = judging->judge->grounds;

	return !grounds->is_successor && strcmp(schema, grounds->schema) != 0 &&
	       has(judging, "foreign", schema);
}

/* What belongs to a publication is no part of the schema. */
bool
judging_foreign(struct judging *judging)
{
	return is_foreign(judging, judging->item->schema) &&
	       !strstr(judging->item->toc, "(PUBLICATION");
}

bool
judging_is_foreign(struct judging *judging)
{
	return is_foreign(judging, judging->name);
}

bool
judging_exists(struct judging *judging)
{
	static const char *const kinds[] = { "schema", "publication", "server", "event" };
	struct tokens tokens = item_tokens(judging->item, judging->item->sql);
	struct token kind = token_next(&tokens); /* create */

	/* A successor is as new. */
	if (judging->judge->grounds->is_successor && strcmp(judging->name, "public") != 0)
		return false;
	kind = token_next(&tokens);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (token_is(&kind, kinds[i], strlen(kinds[i])))
			return has(judging, kinds[i], judging->name);
	return false;
}

bool
judging_installed_language(struct judging *judging)
{
	return has(judging, "language", judging->name);
}

/* The statement with something else in place of a part of it. */
static const char *
replaced(const struct judging *judging, const char *from, const char *to, const char *by)
{
	const struct item *item = judging->item;

	return arena_join(
		judging->arena, arena_copy_n(judging->arena, item->sql, (size_t)(from - item->sql)),
		by, arena_copy_n(judging->arena, to, (size_t)(item->sql + item->length - to)));
}

/* No query tells which providers are loaded, only the label itself: seclabel.c knows them before it looks for the object. */
bool
judging_label(struct judging *judging)
{
	static const char tag[] = "$pg_entrypoint";

	if (strstr(judging->item->sql, tag))
		return false;
	judging->sql = arena_print(
		judging->arena,
		"do %s$ begin %s;\n"
		"exception when invalid_parameter_value then\n"
		"    raise warning 'left out: %% (%%)', %s_label$%s%s_label$, sqlerrm;\n"
		"end %s$",
		tag, judging->item->sql, tag, judging->item->sql, tag, tag);
	return true;
}

bool
judging_replaces(struct judging *judging)
{
	struct tokens tokens = item_tokens(judging->item, judging->item->sql);
	const struct token create = token_next(&tokens);
	const char *name = arena_copy_n(judging->arena, judging->name_at, judging->name_length);

	if (judging->judge->grounds->is_successor || !has(judging, "routine", name))
		return false;
	judging->sql = replaced(judging, create.at, create.at + create.length, "create or replace");
	return true;
}

bool
judging_owner(struct judging *judging)
{
	struct tokens tokens = item_tokens(judging->item, judging->item->sql);
	struct token last[4] = { 0 }, token; /* the newest first */

	while ((token = token_next(&tokens)).kind != TOKEN_END) {
		memmove(last + 1, last, 3 * sizeof *last);
		last[0] = token;
	}
	/* ... RENAME COLUMN owner TO x is not meant. */
	return token_is(&last[1], "to", 2) && token_is(&last[2], "owner", 5) &&
	       !token_is(&last[3], "column", 6) && !token_is(&last[3], "rename", 6);
}

static bool
is_our_schema(const struct judging *judging, const struct token *token)
{
	return strcmp(name_of(token, judging->arena), judging->judge->grounds->schema) == 0;
}

bool
judging_ours(struct judging *judging)
{
	struct token schema, name;

	return strcmp(judging->name, judging->judge->grounds->schema) == 0 ||
	       (first_qualified(judging, &schema, &name) && is_our_schema(judging, &schema));
}

bool
judging_our_rows(struct judging *judging)
{
	struct token schema, name;
	const char *table;

	if (!first_qualified(judging, &schema, &name) || !is_our_schema(judging, &schema))
		return false;
	table = name_of(&name, judging->arena);
	if (strcmp(table, "migration") != 0 && strcmp(table, "seed") != 0)
		return false;
	judging->sql = replaced(judging, schema.at, name.at + name.length,
	                        arena_join(judging->arena, POLICY_OURS, table, ""));
	return true;
}

bool
judging_renamed(struct judging *judging)
{
	judging->sql = replaced(judging, judging->name_at, judging->name_at + judging->name_length,
	                        name_quoted(judging->judge->grounds->database, judging->arena));
	return true;
}

bool
judging_successor(struct judging *judging)
{
	return judging->judge->grounds->is_successor;
}

bool
judging_clearing(struct judging *judging)
{
	return !judging->judge->has_created;
}

bool
judging_missing_extension(struct judging *judging)
{
	return !has(judging, "available", judging->name) &&
	       !has(judging, "installed", judging->name);
}

bool
judging_forbidden_extension(struct judging *judging)
{
	const bool is_new = !has(judging, "installed", judging->name);

	if (is_new && judging_plain_user(judging) && !has(judging, "trusted", judging->name))
		return true;
	judging->judge->brings_methods |= is_new;
	return false;
}

bool
judging_dropped(struct judging *judging)
{
	for (const struct dropped *one = judging->judge->dropped; one; one = one->next)
		if (strcmp(one->name, judging->name) == 0 && strstr(judging->what, one->kind))
			return true;
	return false;
}

/* Extensions call theirs as themselves: postgres_fdw; dblink has a dblink_fdw. */
static bool
brings_wrapper(const struct dropped *dropped, const char *wrapper)
{
	const size_t length = strlen(dropped->name);
	const bool is_like = strncmp(wrapper, dropped->name, length) == 0;

	if (strcmp(dropped->kind, "extension") == 0)
		return is_like && (!wrapper[length] || strcmp(wrapper + length, "_fdw") == 0);
	return strcmp(dropped->kind, "foreign data wrapper") == 0 && is_like && !wrapper[length];
}

bool
judging_missing_wrapper(struct judging *judging)
{
	struct tokens tokens = item_tokens(judging->item, judging->rest);
	const struct token token = token_next(&tokens);
	const char *wrapper = name_of(&token, judging->arena);

	if (has(judging, "wrapper", wrapper))
		return false;
	for (const struct dropped *one = judging->judge->dropped; one; one = one->next)
		if (brings_wrapper(one, wrapper))
			return true;
	return false;
}

bool
judging_foreign_defaults(struct judging *judging)
{
	judging->object = judging->name;
	return strcmp(judging->name, judging->judge->grounds->user) != 0 &&
	       (judging_plain_user(judging) || !has(judging, "role", judging->name));
}

bool
judging_old_server(struct judging *judging)
{
	return judging->judge->grounds->version < 180000;
}

bool
judging_alone(struct judging *judging)
{
	return deed_of(judging->item->sql, judging->item->length, judging->item->backslashes)
	               .kind == DEED_ALONE;
}
