/* See proof.h. */
#include "proof.h"

#include <string.h>

#include "arena.h"
#include "db.h"
#include "err.h"
#include "scoped.h"
#include "script.h"

/* Indexes that REINDEX CONCURRENTLY leaves when it ends early: the new one, or the old one after they changed places. */
#define LEFT_BY_REINDEX                                                                            \
	"not indisvalid and pg_class.relname ~ '_cc(new|old)[0-9]*$'\n"                            \
	"and indexrelid <> all (string_to_array($3, ' ')::oid[])\n"

/* With its schema, so that people can paste it. */
#define DROP "format('drop index concurrently %s.%I', relnamespace::regnamespace, relname)"

/* Of the indexes found: the state, what does away with them, their oids. */
#define LEFTOVERS                                                                                  \
	"select case when count(*) = 0 then 'not done'\n"                                          \
	"    when bool_or(indrelid = any (built.tables)) then 'busy' else 'leftover' end,\n"       \
	"    string_agg(" DROP ", e'\\n'),\n"                                                      \
	"    string_agg(indexrelid::text, ' ')\n"                                                  \
	"from pg_index join pg_class on pg_class.oid = indexrelid, " BUILT "\n"

/* Tables that an index is built on at this moment: what is invalid there may be about to become valid. */
#define BUILT                                                                                      \
	"(select array_agg(relid) as tables from pg_stat_get_progress_info('CREATE INDEX')\n"      \
	"    join pg_stat_get_activity(pg_backend_pid()) as own using (datid)) as built"

#define ONE(state)                                                                                 \
	"select " state                                                                            \
	", null, null where $1::text is null or $2::text is null or $3::text is null or true"

/*
 * How each kind is proven: a question with one row: 'done', 'not done', 'leftover' or 'busy'; remedies; what to note. $1 is
 * the object and $2 the relation, as written, and $3 what was noted.
 */
static const struct row {
	enum alone alone;
	const char *question;
} rows[] = {
	/*
	 * An index is made in the schema of its table, so the search path does not find it. One without a name is one
	 * more than before.
	 */
	{ ALONE_CREATE_INDEX,
	  "select case when count(*) = 0 then 'not done' when bool_and(indisvalid) then 'done'\n"
	  "    when bool_or(indrelid = any (built.tables)) then 'busy' else 'leftover' end,\n"
	  "    string_agg(" DROP ", e'\\n')\n"
	  "        filter (where not indisvalid),\n"
	  "    string_agg(indexrelid::text, ' ')\n"
	  "from pg_index join pg_class on pg_class.oid = indexrelid, " BUILT "\n"
	  "where indrelid = to_regclass($2)\n"
	  "and case when $1::text is null then indexrelid <> all (string_to_array($3, ' ')::oid[])\n"
	  "    else relname = (parse_ident($1))[1]::name end" },
	{ ALONE_DROP_INDEX,
	  ONE("case when to_regclass($1) is null then 'done' else 'not done' end") },
	{ ALONE_CREATE_DATABASE,
	  ONE("case when exists (select from pg_database where datname = (parse_ident($1))[1]::name)\n"
	      "    then 'done' else 'not done' end") },
	{ ALONE_DROP_DATABASE,
	  ONE("case when exists (select from pg_database where datname = (parse_ident($1))[1]::name)\n"
	      "    then 'not done' else 'done' end") },
	/* Of the table that is meant, its partitions, and where they keep long values. */
	{ ALONE_REINDEX,
	  "with named as (select to_regclass($1)::oid as oid),\n"
	  "top as (select coalesce(indrelid, named.oid) as oid\n"
	  "    from named left join pg_index on indexrelid = named.oid),\n"
	  "tables as (select oid from top\n"
	  "    union select relid from top, pg_partition_tree(top.oid)),\n"
	  "all_tables as (select oid from tables\n"
	  "    union select reltoastrelid from pg_class join tables using (oid))\n" LEFTOVERS
	  "where $2::text is null and indrelid in (select oid from all_tables)\n"
	  "and " LEFT_BY_REINDEX },
	{ ALONE_REINDEX_SCHEMA,
	  LEFTOVERS "where $2::text is null and " LEFT_BY_REINDEX
	            "and indrelid in (select unnest(array[oid, reltoastrelid]) from pg_class\n"
	            "    where relnamespace = to_regnamespace($1))" },
	{ ALONE_REINDEX_DATABASE,
	  LEFTOVERS "where $1::text is null and $2::text is null and " LEFT_BY_REINDEX },
	{ ALONE_REPEATABLE, ONE("'not done'") },
	{ ALONE_EXCLUSIVE, ONE("'not done'") },
	{ ALONE_DETACH,
	  "select coalesce(min(case when inhdetachpending then 'leftover' else 'not done' end), 'done'),\n"
	  "    min(format('alter table %s detach partition %s finalize', to_regclass($2),\n"
	  "        to_regclass($1))) filter (where inhdetachpending), null\n"
	  "from pg_inherits\n"
	  "where inhrelid = to_regclass($1) and inhparent = to_regclass($2)\n"
	  "and ($3::text is null or true)" },
};

static enum proof
proof_of(const char *word)
{
	static const struct {
		const char *word;
		enum proof proof;
	} words[] = {
		{ "done", PROOF_DONE },
		{ "not done", PROOF_NOT_DONE },
		{ "leftover", PROOF_LEFTOVER },
		{ "busy", PROOF_BUSY },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].proof;
	return PROOF_NONE;
}

static const char *
text_at(const struct answer *answer, int column, struct arena *arena)
{
	const char *value = answer_at(answer, 0, column);

	return arena_copy(arena, value ? value : "");
}

bool
proof_find(struct finding *finding, struct db *db, const struct statement *statement,
           const char *noted, struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	size_t i = 0;

	*finding = (struct finding){ .remedies = "", .before = "" };
	while (i < sizeof rows / sizeof *rows && rows[i].alone != statement->alone)
		i++;
	if (i == sizeof rows / sizeof *rows)
		return true;
	if (!db_ask(db,
	            ASK(SHAPE_ROWS, rows[i].question, statement->object, statement->relation,
	                noted ? noted : ""),
	            &answer, err))
		return false;
	finding->proof = proof_of(answer_at(&answer, 0, 0));
	finding->remedies = text_at(&answer, 1, arena);
	finding->before = text_at(&answer, 2, arena);
	return true;
}

bool
proof_is_completed_by_remedy(const struct statement *statement)
{
	return statement->alone == ALONE_DETACH;
}
