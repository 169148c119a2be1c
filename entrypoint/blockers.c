/*
 * See blockers.h. What such a statement waits for is no lock that others would queue behind, so it may take as long as it
 * has to; but whoever looks on should know for whom (src/backend/commands/indexcmds.c, catalog/index.c).
 */
#include "blockers.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "db.h"
#include "err.h"
#include "log.h"
#include "scoped.h"
#include "script.h"

/* More are only counted. */
#define MOST_SHOWN 10

#define OF_CREATE "select to_regclass($2)::oid where $1::text is null or true"
#define OF_INDEX                                                                                   \
	"select indrelid from pg_index where indexrelid = to_regclass($1) and $2::text is null"
#define OF_DETACH "select unnest(array[to_regclass($1), to_regclass($2)]::oid[])"
#define OF_REINDEX                                                                                 \
	"select coalesce(indrelid, to_regclass($1)) from (select) as one\n"                        \
	"    left join pg_index on indexrelid = to_regclass($1) where $2::text is null"
#define OF_SCHEMA                                                                                  \
	"select oid from pg_class where relnamespace = to_regnamespace($1) and $2::text is null"
#define OF_DATABASE                                                                                \
	"select oid from pg_class where oid >= 16384 and $1::text is null and $2::text is null"

/*
 * Which tables are meant (and their partitions); whether readers of them are waited for, or only writers; and whether all
 * that is under way in the database is, because it may see older rows.
 */
static const struct row {
	const char *tables;
	enum alone alone;
	bool readers, snapshots;
} rows[] = {
	{ OF_CREATE, ALONE_CREATE_INDEX, false, true },
	{ OF_INDEX, ALONE_DROP_INDEX, true, false },
	{ OF_DETACH, ALONE_DETACH, true, false },
	{ OF_REINDEX, ALONE_REINDEX, true, true },
	{ OF_SCHEMA, ALONE_REINDEX_SCHEMA, true, true },
	{ OF_DATABASE, ALONE_REINDEX_DATABASE, true, true },
};

/* A statement that has just begun is over before it matters; a lock session of ours sees nothing. */
static const char SQL[] =
	"with top (oid) as (%s),\n"
	"tables as (select oid from top union select relid from top, pg_partition_tree(top.oid)),\n"
	"holders as (\n"
	"    select pid, virtualtransaction from pg_locks join tables on relation = tables.oid\n"
	"    where locktype = 'relation' and granted and pid is distinct from pg_backend_pid()\n"
	"    and database = (select oid from pg_database where datname = current_database())\n"
	"    and (%s or mode not in ('AccessShareLock', 'RowShareLock', 'ShareLock'))\n"
	")\n"
	/* Of other roles' sessions we may see no more than their names. */
	"select format('pid %%s (%%s), whose transaction is open%%s', pid,\n"
	"    concat_ws(', ', usename, nullif(application_name, ''), coalesce(state, backend_type)),\n"
	"    ' for ' || round(extract(epoch from clock_timestamp() - xact_start)) || ' s')\n"
	"from pg_stat_activity\n"
	"where datname = current_database() and pid <> pg_backend_pid()\n"
	"and application_name not like 'pg-entrypoint: %%'\n"
	"and (pid in (select pid from holders) or (%s and backend_type = 'client backend'\n"
	"    and backend_xmin is not null and xact_start < clock_timestamp() - interval '0.2 s'))\n"
	"union all\n"
	"select format('the prepared transaction %%s (%%s), open for %%s s', gid, owner,\n"
	"    round(extract(epoch from clock_timestamp() - prepared)))\n"
	"from pg_prepared_xacts join pg_locks as own on own.transactionid = transaction\n"
	"where own.pid is null\n"
	"and virtualtransaction in (select virtualtransaction from holders where pid is null)";

static const struct row *
row_of(enum alone alone)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].alone == alone)
			return &rows[i];
	return NULL;
}

void
blockers_tell(struct boot *boot, const struct statement *statement)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	const struct row *row = row_of(statement->alone);
	const struct place place = place_at(statement->source, statement->offset);
	struct err ignored = { 0 };

	if (!row ||
	    !db_ask(boot->db,
	            ASK(SHAPE_ROWS,
	                arena_print(&arena, SQL, row->tables, row->readers ? "true" : "false",
	                            row->snapshots ? "true" : "false"),
	                statement->object, statement->relation),
	            &answer, &ignored))
		return;
	for (int i = 0; i < answer.rows && i < MOST_SHOWN; i++)
		log_info("%s:%zu will wait for %s", place.path, place.line,
		         answer_at(&answer, i, 0));
	if (answer.rows > MOST_SHOWN)
		log_info("%s:%zu will wait for %d more", place.path, place.line,
		         answer.rows - MOST_SHOWN);
}
