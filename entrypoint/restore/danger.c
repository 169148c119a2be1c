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

static const struct {
	const char *words; /* pattern.h */
	const char *what;
} dangers[] = {
	{ "copy ... program", "runs a program on the server's host" },
	{ "copy ... from|to stdin|stdout", NULL },
	{ "copy", "reads or writes a file on the server's host" },
	{ "create [or replace] function|procedure ... language c|internal|plpythonu|plpython2u|"
	  "plpython3u|plperlu|pltclu|plsh|plrust|pljavau|plr",
	  "a function that can do anything on the server's host" },
	{ "create [or replace] function|procedure ... security definer",
	  "a function that runs with the rights of its owner, who is the session user" },
	{ "do", "runs code while it is restored" },
	{ "call", "runs code while it is restored" },
	{ "create event trigger", "code that runs at every later change of the schema" },
	{ "create [or replace] [trusted] [procedural] language", "a language for functions" },
	{ "create extension [if not exists] dblink|postgres_fdw|file_fdw|adminpack|plpythonu|"
	  "plpython3u|plperlu|pltclu|pg_cron|http|pg_net|plsh",
	  "an extension that reaches other hosts, files or programs" },
	{ "create server", "a connection to another server" },
	{ "create user mapping", "a password for another server" },
	{ "create subscription", "draws the changes of another server in" },
	{ "create|alter role|user|group", "changes who may log in, and what they may do" },
	{ "alter system", "changes the server's configuration" },
	{ "load", "loads a library into the server" },
	{ "set [session|local] session_preload_libraries|local_preload_libraries|"
	  "dynamic_library_path",
	  "loads a library into the server" },
	{ "set|reset role", "takes another role" },
	{ "set|reset [session|local] session authorization", "takes another role" },
	{ "update|delete", "changes what is there already" },
	{ "drop database|role|user|tablespace|schema|owned", "drops what may be needed" },
};

/* Functions, wherever in a statement they are named. */
static const char *const functions[] = {
	"pg_read_file", "pg_read_binary_file", "pg_ls_dir",      "pg_stat_file",
	"lo_import",    "lo_export",           "pg_file_write",  "dblink",
	"dblink_exec",  "dblink_connect",      "pg_reload_conf", "pg_terminate_backend",
};

static bool
calls_one(struct tokens tokens)
{
	struct token token;

	while ((token = token_next(&tokens)).kind != TOKEN_END)
		for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
			if (token.kind == TOKEN_WORD &&
			    token_is(&token, functions[i], strlen(functions[i])))
				return true;
	return false;
}

const char *
danger_of(const struct item *item)
{
	const struct tokens tokens = { .at = item->sql,
		                       .end = item->sql + item->length,
		                       .backslashes = item->backslashes };
	struct tokens ahead = tokens;
	const struct token first = token_next(&ahead);

	for (size_t i = 0; i < sizeof dangers / sizeof *dangers; i++) {
		struct token object = { 0 }, relation = { 0 };

		ahead = tokens;
		if (pattern_begins(dangers[i].words, &first) &&
		    pattern_fits(dangers[i].words, &ahead, &object, &relation))
			return dangers[i].what;
	}
	return calls_one(tokens) ? "a function that reaches files, other servers or sessions"
	                         : NULL;
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
