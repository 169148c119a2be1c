/* See danger.h. */
#include "danger.h"

#include <stdint.h>
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../pattern.h"
#include "../scoped.h"
#include "../token.h"
#include "item.h"
#include "origin.h"

#define RUNS "runs code while it is restored"

/* A statement that begins with the words and has, outside parentheses, `before` and right behind it one of the names (or none of them). */
static const struct danger {
	const char *words;  /* pattern.h */
	const char *before; /* NULL: the words are enough */
	const char *names;
	const char *what; /* NULL: none */
	bool is_other;
} dangers[] = {
	{ "copy", "from|to", "program", "runs a program on the server's host", false },
	{ "copy ... from|to stdin|stdout", NULL, NULL, NULL, false },
	{ "copy", NULL, NULL, "reads or writes a file on the server's host", false },
	{ "create [or replace] function|procedure", "language", "sql|plpgsql|plperl|pltcl|plv8|(|.",
	  "a function that can do anything on the server's host", true },
	{ "create [or replace] function|procedure", "security", "definer",
	  "a function that runs with the rights of its owner, who is the session user", false },
	{ "do", NULL, NULL, RUNS, false },
	{ "call", NULL, NULL, RUNS, false },
	{ "with|values|explain|prepare|execute|declare|(", NULL, NULL, RUNS, false },
	{ "create event trigger", NULL, NULL, "code that runs at every later change of the schema",
	  false },
	{ "create [or replace] [trusted] [procedural] language", NULL, NULL,
	  "a language for functions", false },
	{ "create extension", "extension|exists",
	  "dblink|postgres_fdw|file_fdw|adminpack|plpythonu|plpython3u|plperlu|pltclu|pg_cron|http|"
	  "pg_net|plsh",
	  "an extension that reaches other hosts, files or programs", false },
	{ "create server", NULL, NULL, "a connection to another server", false },
	{ "create user mapping", NULL, NULL, "a password for another server", false },
	{ "create subscription", NULL, NULL, "draws the changes of another server in", false },
	{ "create|alter role|user|group", NULL, NULL,
	  "changes who may log in, and what they may do", false },
	{ "alter system", NULL, NULL, "changes the server's configuration", false },
	{ "load", NULL, NULL, "loads a library into the server", false },
	{ "set [session|local] session_preload_libraries|local_preload_libraries|"
	  "dynamic_library_path",
	  NULL, NULL, "loads a library into the server", false },
	{ "set|reset role", NULL, NULL, "takes another role", false },
	{ "set|reset [session|local] session authorization", NULL, NULL, "takes another role",
	  false },
	{ "update|delete", NULL, NULL, "changes what is there already", false },
	{ "drop database|role|user|tablespace|schema|owned", NULL, NULL, "drops what may be needed",
	  false },
};

/* Functions, wherever in a statement they are named. */
static const char functions[] = "pg_read_file|pg_read_binary_file|pg_ls_dir|pg_stat_file|lo_import|"
				"lo_export|pg_file_write|dblink|dblink_exec|dblink_connect|"
				"pg_reload_conf|pg_terminate_backend";

/* Those of pg_catalog that pg_dump calls by SELECT. */
static const char called[] = "set_config|setval|pg_get_serial_sequence|lo_create|lo_open|lowrite|"
			     "lo_close|lo_unlink|pg_restore_relation_stats|"
			     "pg_restore_attribute_stats|pg_restore_extended_stats";

/* A word, a name in quotes or a string: is it one of these? */
static bool
says(const struct token *token, const char *names)
{
	struct token bare = *token;

	if (token->kind == TOKEN_NAME && token->at[0] == '"' && token->length >= 2) {
		bare.kind = TOKEN_WORD;
		bare.at++;
		bare.length -= 2;
	}
	return token_is_one_of(&bare, names, strlen(names));
}

static bool
has_pair(const struct danger *danger, struct tokens tokens)
{
	struct token token;
	bool is_behind = false;

	for (size_t depth = 0; (token = token_next(&tokens)).kind != TOKEN_END;) {
		if (is_behind && depth == 0 && says(&token, danger->names) != danger->is_other)
			return true;
		depth += token_is(&token, "(", 1);
		depth -= depth && token_is(&token, ")", 1);
		is_behind = token.kind == TOKEN_WORD &&
		            token_is_one_of(&token, danger->before, strlen(danger->before));
	}
	return false;
}

/* U&"...": what it says is known to the server only. */
static bool
is_escaped(const struct token *token)
{
	return token->kind == TOKEN_NAME && token->at[0] != '"';
}

static bool
names_one(struct tokens tokens)
{
	struct token token;

	while ((token = token_next(&tokens)).kind != TOKEN_END)
		if (token.kind != TOKEN_STRING && (is_escaped(&token) || says(&token, functions)))
			return true;
	return false;
}

/* Is this SELECT one of those that pg_dump writes? All that it calls is, and it calls something. */
static bool
is_usual(struct tokens tokens)
{
	static const char between[] = "select|from|exists|when|where|and|in";
	struct token last[4] = { { 0 } }; /* the newest first */
	bool calls = false;

	while ((last[0] = token_next(&tokens)).kind != TOKEN_END) {
		const bool is_name = last[1].kind == TOKEN_NAME ||
		                     (last[1].kind == TOKEN_WORD && !says(&last[1], between));

		if (token_is(&last[0], "(", 1) && is_name) {
			if (!says(&last[1], called) || !token_is(&last[2], ".", 1) ||
			    !says(&last[3], "pg_catalog"))
				return false;
			calls = true;
		}
		memmove(&last[1], &last[0], sizeof last - sizeof *last);
	}
	return calls;
}

const char *
danger_of(const struct item *item)
{
	const struct tokens tokens = item_tokens(item, item->sql);
	struct tokens ahead = tokens;
	const struct token first = token_next(&ahead);

	for (size_t i = 0; i < sizeof dangers / sizeof *dangers; i++) {
		struct token object = { 0 }, relation = { 0 };

		ahead = tokens;
		if (pattern_begins(dangers[i].words, &first) &&
		    pattern_fits(dangers[i].words, &ahead, &object, &relation) &&
		    (!dangers[i].before || has_pair(&dangers[i], tokens)))
			return dangers[i].what;
	}
	if (names_one(tokens))
		return "a function that reaches files, other servers or sessions";
	return token_is(&first, "select", 6) && !is_usual(tokens) ? RUNS : NULL;
}

bool
danger_find(const struct supply *supply, struct boot *boot, struct text *page, size_t *count,
            struct err *err)
{
	SCOPED(origin_close) struct origin *origin = origin_open(supply, boot, page->arena, err);
	SCOPED(items_close) struct items *items = NULL;
	struct item item;

	if (!origin)
		return false;
	items = items_open(origin_reader(origin), origin_label(origin), page->arena);
	do {
		const char *what;

		if (!items_next(items, &item, err))
			return origin_failed(origin, err);
		what = item.kind == ITEM_STATEMENT || item.kind == ITEM_COPY ? danger_of(&item)
		                                                             : NULL;
		if (!what)
			continue;
		text_print(page, "%s:%zu: %s%s%s\n", origin_label(origin), item.line, what,
		           *item.toc ? ": " : "", item.toc);
		++*count;
	} while (item.kind != ITEM_END);
	return origin_finish(origin, err);
}
