/* See policy.h. */
#include "policy.h"

#include <stddef.h>
#include <string.h>

#include "../arena.h"
#include "../pattern.h"
#include "../token.h"
#include "item.h"
#include "judging.h"
#include "name.h"

static const char OWNER[] = "the session user owns all that is restored";
static const char SERVERS[] = "it belongs to the server, not to the database";
static const char SUPERUSER[] = "only a superuser may make it";
static const char PUBLIC[] = "the schema public is another role's";
static const char FOREIGN[] = "it would draw the changes of another server into this one";
static const char ROLE[] = "this server has no such role";
static const char REPLACED[] = "that of the database which is replaced goes along";
static const char OTHERS[] = "the schema is there, and stays as it is";
static const char MADE[] = "the database is there already";

/*
 * The first rule whose words (pattern.h; NULL: any) a statement begins with, and whose condition holds, says what is done with it. None:
 * it is kept.
 */
static const struct rule {
	const char *words;
	judging_holds *holds; /* NULL: always */
	const char *what, *why;
	enum ruling_kind kind;
	bool is_each; /* each is named by itself */
} rules[] = {
	{ "insert|copy", judging_our_rows, "our own schema",
	  "rows of the ledger and of seeds are taken", RULING_MAP, false },
	{ "insert|copy", judging_ours, "our own schema", "journals are not taken", RULING_DROP,
	  false },
	{ "insert|copy|create|alter|drop|comment|grant|revoke|security|refresh", judging_foreign,
	  "foreign_schemas", OTHERS, RULING_DROP, false },
	{ "select ... setval", judging_foreign, "foreign_schemas", OTHERS, RULING_DROP, false },
	{ "create|alter|drop|comment [on] schema [if not exists] [if exists] NAME",
	  judging_is_foreign, "foreign_schemas", OTHERS, RULING_DROP, false },
	{ "grant|revoke|security ... on schema NAME", judging_is_foreign, "foreign_schemas", OTHERS,
	  RULING_DROP, false },
	{ "insert|copy", NULL, NULL, NULL, RULING_KEEP, false },

	/* The session. */
	{ "begin|start|commit|end", NULL, "transaction control", "all is one transaction",
	  RULING_DROP, false },
	{ "rollback|abort|savepoint|release", NULL, "transaction control",
	  "pg_dump does not write that", RULING_REFUSE, true },
	{ "prepare transaction", NULL, "transaction control", "pg_dump does not write that",
	  RULING_REFUSE, true },
	{ "set|reset session authorization", NULL, "session user", OWNER, RULING_DROP, false },
	{ "set|reset role", NULL, "session user", OWNER, RULING_DROP, false },
	{ "set client_encoding", judging_unsafe_encoding, "encoding",
	  "a quote may be half of a character in it: dump with --encoding=UTF8", RULING_REFUSE,
	  true },
	{ "set default_tablespace", judging_missing_tablespace, "tablespace",
	  "this server has none of that name", RULING_DROP, true },
	{ "set default_table_access_method", judging_missing_method, "access method",
	  "this server has none of that name", RULING_DROP, true },
	{ "set default_with_oids", NULL, "setting", "no table has oids since 12", RULING_DROP,
	  true },
	{ "set time|transaction|constraints|session|local|xml|names|schema|catalog", NULL, NULL,
	  NULL, RULING_KEEP, false },
	{ "set NAME to|=", judging_missing_setting, "setting", "this server has none of that name",
	  RULING_DROP, true },

	/* What is the server's. */
	{ "drop user mapping", judging_clearing, "clearing away", "the database is empty",
	  RULING_DROP, false },
	{ "create|alter|drop user mapping [if not exists] [if exists] for NAME",
	  judging_missing_role, "user mapping", ROLE, RULING_DROP, true },
	{ "create|alter|drop user mapping", NULL, NULL, NULL, RULING_KEEP, false },
	{ "create|alter|drop role|user|group [if exists] NAME", NULL, "role", SERVERS, RULING_DROP,
	  true },
	{ "comment on role NAME", NULL, "comment on a role", SERVERS, RULING_DROP, true },
	{ "security label for ... on role", NULL, "label of a role", SERVERS, RULING_DROP, true },
	{ "security label for NAME on", judging_label, "security label of",
	  "left out, with a warning for each, where this server has not loaded its provider",
	  RULING_MAP, true },
	{ "grant|revoke", judging_membership, "membership in a role", SERVERS, RULING_DROP, false },
	{ "create|alter|drop tablespace [if exists] NAME", NULL, "tablespace", SERVERS, RULING_DROP,
	  true },
	{ "comment on tablespace NAME", NULL, "comment on a tablespace", SERVERS, RULING_DROP,
	  true },
	{ "grant|revoke ... on tablespace NAME", NULL, "grant on a tablespace", SERVERS,
	  RULING_DROP, true },
	{ "alter database NAME set tablespace", NULL, "tablespace", SERVERS, RULING_DROP, true },
	{ "alter database NAME set", judging_forbidden_setting, "setting of the database",
	  "this server has none of that name, or keeps it for superusers", RULING_DROP, true },
	{ "alter database NAME set|reset", judging_renamed, "setting of the database",
	  "the database has another name here", RULING_MAP, false },
	{ "comment on database NAME", judging_successor, "comment on the database", REPLACED,
	  RULING_DROP, false },
	{ "comment on database NAME", judging_renamed, "comment on the database",
	  "the database has another name here", RULING_MAP, false },
	{ "grant|revoke", judging_missing_grantee, "grant", ROLE, RULING_DROP, true },
	{ "grant|revoke ... on database NAME", judging_renamed, "grant on the database",
	  "the database has another name here", RULING_MAP, false },
	{ "create|alter|drop database [if exists] NAME", NULL, "database", MADE, RULING_DROP,
	  true },
	{ "update ... pg_database", NULL, "database", MADE, RULING_DROP, false },
	{ "alter", judging_owner, "owner", OWNER, RULING_DROP, false },

	/* Our own schema. */
	{ "create schema [if not exists] NAME", judging_ours, "our own schema", "it is made anew",
	  RULING_DROP, false },
	{ "drop|alter|comment [on] schema [if exists] NAME", judging_ours, "our own schema",
	  "it is made anew", RULING_DROP, false },
	{ "grant|revoke ... on schema NAME", judging_ours, "our own schema", "it is made anew",
	  RULING_DROP, false },
	{ "alter default privileges ... in schema NAME", judging_ours, "our own schema",
	  "it is made anew", RULING_DROP, false },
	{ "create|alter|drop|comment|grant|revoke", judging_ours, "our own schema",
	  "it is made anew", RULING_DROP, false },

	/* --clean: all that stands before the first object, also views that are replaced to part what depends on each other. */
	{ "drop", judging_clearing, "clearing away", "the database is empty", RULING_DROP, false },
	{ "create or replace view", judging_clearing, "clearing away", "the database is empty",
	  RULING_DROP, false },
	{ "alter table|domain [if exists] [only] NAME ... drop", judging_clearing, "clearing away",
	  "the database is empty", RULING_DROP, false },
	{ "select ... lo_unlink", judging_clearing, "clearing away", "the database is empty",
	  RULING_DROP, false },

	/* What is there, and stays: the schema public, and what an init script has made. */
	{ "create schema|publication|server|event [trigger] [if not exists] NAME", judging_exists,
	  "what is there", "it is there already", RULING_DROP, false },
	{ "create function NAME", judging_replaces, "what is there",
	  "it is there already: replaced", RULING_MAP, false },
	{ "create [or replace] [trusted] [procedural] language NAME", judging_installed_language,
	  "language", "it is there already", RULING_DROP, true },
	{ "comment on schema NAME", judging_foreign_schema, "comment on a schema", PUBLIC,
	  RULING_DROP, true },
	{ "grant|revoke ... on schema NAME", judging_foreign_schema, "grant on a schema", PUBLIC,
	  RULING_DROP, true },

	/* What takes more than the owner of a database. */
	{ "create extension [if not exists] NAME", judging_missing_extension, "extension",
	  "this server does not have it: install it, or dump without it", RULING_REFUSE, true },
	{ "create extension [if not exists] NAME", judging_forbidden_extension, "extension",
	  SUPERUSER, RULING_DROP, true },
	{ "comment on extension NAME", NULL, "comment on an extension",
	  "an extension brings its own", RULING_DROP, false },
	{ "create event trigger NAME", judging_plain_user, "event trigger", SUPERUSER, RULING_DROP,
	  true },
	{ "alter event trigger NAME", judging_dropped, "event trigger", SUPERUSER, RULING_DROP,
	  false },
	{ "comment on event trigger NAME", judging_dropped, "comment on an event trigger",
	  SUPERUSER, RULING_DROP, true },
	{ "create publication NAME for all tables", judging_plain_user, "publication",
	  "only a superuser may publish all tables", RULING_DROP, true },
	{ "create publication NAME for tables in schema", judging_plain_user, "publication",
	  "only a superuser may publish a schema", RULING_DROP, true },
	{ "alter publication NAME add tables in schema", judging_plain_user,
	  "schema in a publication", "only a superuser may publish a schema", RULING_DROP, true },
	{ "alter publication NAME", judging_dropped, "publication", SUPERUSER, RULING_DROP, false },
	{ "comment on publication NAME", judging_dropped, "comment on a publication", SUPERUSER,
	  RULING_DROP, true },
	{ "create subscription NAME", NULL, "subscription", FOREIGN, RULING_DROP, true },
	{ "alter subscription NAME", NULL, "subscription", FOREIGN, RULING_DROP, false },
	{ "comment on subscription NAME", NULL, "comment on a subscription", FOREIGN, RULING_DROP,
	  true },
	{ "create [or replace] [trusted] [procedural] language NAME", judging_plain_user,
	  "language", SUPERUSER, RULING_DROP, true },
	{ "create foreign data wrapper NAME", judging_plain_user, "foreign data wrapper", SUPERUSER,
	  RULING_DROP, true },
	{ "create server [if not exists] NAME ... foreign data wrapper", judging_missing_wrapper,
	  "foreign server",
	  "only a superuser may make its wrapper: let one make that (or its extension) here first, "
	  "and grant usage on it, or dump without it",
	  RULING_REFUSE, true },
	{ "grant|revoke ... on foreign data wrapper NAME", judging_plain_user,
	  "grant on a foreign data wrapper", SUPERUSER, RULING_DROP, true },
	{ "create access method NAME", judging_forbidden_method, "access method", SUPERUSER,
	  RULING_DROP, true },
	{ "create operator class|family NAME", judging_plain_user, "operator class", SUPERUSER,
	  RULING_DROP, true },
	{ "create text search parser|template NAME", judging_plain_user, "text search object",
	  SUPERUSER, RULING_DROP, true },
	{ "comment on [procedural] language NAME", judging_dropped, "comment on a language",
	  SUPERUSER, RULING_DROP, true },
	{ "comment on foreign data wrapper NAME", judging_dropped,
	  "comment on a foreign data wrapper", SUPERUSER, RULING_DROP, true },
	{ "comment on access method NAME", judging_dropped, "comment on an access method",
	  SUPERUSER, RULING_DROP, true },
	{ "comment on operator class|family NAME", judging_dropped, "comment on an operator class",
	  SUPERUSER, RULING_DROP, true },
	{ "comment on text search parser|template NAME", judging_dropped,
	  "comment on a text search object", SUPERUSER, RULING_DROP, true },
	{ "grant|revoke", judging_system_object, "grant on a system object",
	  "only a superuser may give it", RULING_DROP, true },
	{ "alter default privileges for role|user NAME", judging_foreign_defaults,
	  "default privileges", "they are another role's", RULING_DROP, true },
	{ "alter default privileges", judging_missing_grantee, "default privileges", ROLE,
	  RULING_DROP, true },

	{ "create policy NAME on RELATION", judging_missing_grantee, "policy for the role",
	  "this server has none of that name, and without its policy the table would show other "
	  "rows: create the role first",
	  RULING_REFUSE, true },

	{ "select ... pg_restore_relation_stats|pg_restore_attribute_stats|"
	  "pg_restore_extended_stats",
	  judging_old_server, "statistics", "the server counts anew (ANALYZE)", RULING_DROP,
	  false },
	{ NULL, judging_alone, "statement",
	  "it cannot run in a transaction, and pg_dump does not write it", RULING_REFUSE, true },
};

bool
policy_is_ours(const char *table)
{
	return strncmp(table, POLICY_OURS, sizeof POLICY_OURS - 1) == 0;
}

struct judge *
policy_new(const struct grounds *grounds, struct arena *arena)
{
	struct judge *judge = arena_alloc(arena, sizeof *judge);

	*judge = (struct judge){ .grounds = grounds, .arena = arena };
	return judge;
}

static bool
fits(const struct rule *rule, const struct token *first, struct judging *judging)
{
	const struct item *item = judging->item;
	struct tokens tokens = item_tokens(item, item->sql);
	struct token object = { 0 }, relation = { 0 };

	if (rule->words && (!pattern_begins(rule->words, first) ||
	                    !pattern_fits(rule->words, &tokens, &object, &relation)))
		return false;
	judging->what = rule->what;
	judging->name = name_of(&object, judging->arena);
	judging->name_at = object.at;
	judging->name_length = object.length;
	judging->rest = tokens.at;
	judging->object = judging->sql = NULL;
	return !rule->holds || rule->holds(judging);
}

/* What is left out may be spoken of later. */
static void
remember(struct judge *judge, const struct rule *rule, const char *name)
{
	struct dropped *dropped;

	if (!*name || rule->kind != RULING_DROP || !rule->is_each)
		return;
	dropped = arena_alloc(judge->arena, sizeof *dropped);
	*dropped = (struct dropped){ rule->what, arena_copy(judge->arena, name), judge->dropped };
	judge->dropped = dropped;
}

static void
note_creation(struct judge *judge, struct tokens tokens)
{
	struct token object = { 0 }, relation = { 0 };

	if (pattern_fits("create", &tokens, &object, &relation))
		judge->has_created = true;
}

/* Settings that change how the text behind them is read. */
static bool
changes_reading(struct tokens tokens)
{
	struct token object = { 0 }, relation = { 0 };

	return pattern_fits("set|reset [session|local] client_encoding|standard_conforming_strings",
	                    &tokens, &object, &relation);
}

static struct ruling
ruling_of(const struct rule *rule, const struct judging *judging)
{
	const char *object = judging->object ? judging->object : judging->name;

	return (struct ruling){ .kind = rule->kind,
		                .what = rule->what,
		                .why = rule->why,
		                .object = rule->is_each ? object : NULL,
		                .sql = judging->sql ? judging->sql : judging->item->sql,
		                .is_ours = rule->kind == RULING_MAP &&
		                           rule->holds == judging_our_rows };
}

/* What an INSERT begins with, up to the space behind a table with a schema; 0: it is something else. */
static size_t
insert_beginning(const struct item *item)
{
	static const char begin[] = "INSERT INTO ";
	const char *dot, *space;

	if (item->length < sizeof begin || memcmp(item->sql, begin, sizeof begin - 1) != 0)
		return 0;
	space = memchr(item->sql + sizeof begin - 1, ' ', item->length - (sizeof begin - 1));
	dot = space ? memchr(item->sql, '.', (size_t)(space - item->sql)) : NULL;
	return dot && !memchr(item->sql, '"', (size_t)(space - item->sql))
	             ? (size_t)(space + 1 - item->sql)
	             : 0;
}

/* One like the last, of which there may be a million: it is kept as that one was. */
static bool
is_like_kept(const struct judge *judge, const struct item *item)
{
	return judge->kept_length && item->length > judge->kept_length &&
	       memcmp(item->sql, judge->kept, judge->kept_length) == 0;
}

static void
note_kept(struct judge *judge, const struct item *item)
{
	const size_t length = insert_beginning(item);

	if (!length || length > sizeof judge->kept)
		return;
	memcpy(judge->kept, item->sql, length);
	judge->kept_length = length;
}

struct ruling
policy_judge(struct judge *judge, const struct item *item, struct arena *arena)
{
	struct judging judging = { .judge = judge, .item = item, .arena = arena };
	const struct tokens tokens = item_tokens(item, item->sql);
	struct tokens ahead = tokens;
	const struct token first = token_next(&ahead);

	if (is_like_kept(judge, item))
		return (struct ruling){ .kind = RULING_KEEP, .sql = item->sql };
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		if (!fits(&rules[i], &first, &judging))
			continue;
		if (rules[i].kind == RULING_KEEP)
			note_kept(judge, item);
		remember(judge, &rules[i], judging.name);
		return ruling_of(&rules[i], &judging);
	}
	note_creation(judge, tokens);
	return (struct ruling){ .kind = RULING_KEEP,
		                .sql = item->sql,
		                .is_alone = changes_reading(tokens) };
}
