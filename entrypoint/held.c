/* See held.h. */
#include "held.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "boot.h"
#include "db.h"
#include "err.h"
#include "scoped.h"

/*
 * Asked by the session itself: it sees what it has made. A relation that it has dropped has no name any more; the lock
 * session, for which it is still there, tells that one.
 */
static const char held_sql[] =
	"with modes as (\n"
	"    select array['AccessShareLock', 'RowShareLock', 'RowExclusiveLock',\n"
	"        'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock',\n"
	"        'ExclusiveLock', 'AccessExclusiveLock'] as modes\n"
	"), held as (\n"
	"    select relation, max(array_position(modes, mode)) as rank\n"
	"    from pg_locks, modes\n"
	"    where locktype = 'relation' and pid = pg_backend_pid() and relation >= 16384\n"
	"    group by relation\n"
	")\n"
	"select relation, quote_ident(nspname) || '.' || quote_ident(relname), modes[rank], rank,\n"
	"    coalesce(relkind, 'r') = 'S'\n"
	"from held cross join modes left join pg_class on pg_class.oid = relation\n"
	"left join pg_namespace on pg_namespace.oid = relnamespace\n"
	"where coalesce(relkind, 'r') <> 't' and (coalesce(relkind, 'r') not in ('i', 'I') or rank > 4)\n"
	"order by 2, 1";

/* By a simple query, which leaves no snapshot there. */
static bool
ask_others(struct answer *answer, const struct held *held, struct boot *boot, struct arena *arena,
           struct err *err)
{
	struct text sql = text_new(arena);

	text_add(&sql, "select pg_class.oid, quote_ident(nspname) || '.' || quote_ident(relname)\n"
	               "from pg_class join pg_namespace on pg_namespace.oid = relnamespace\n"
	               "where relkind <> 't' and pg_class.oid in (0");
	for (size_t i = 0; i < held->count; i++)
		text_print(&sql, ", %s", held->at[i].relation);
	text_add(&sql, ")");
	return db_run_last(boot->lock, sql.at, answer, err);
}

static void
take_others(struct held_lock *lock, const struct answer *answer, struct arena *arena)
{
	lock->is_new = true;
	for (int row = 0; row < answer->rows; row++) {
		if (strcmp(answer_at(answer, row, 0), lock->relation) != 0)
			continue;
		lock->is_new = false;
		if (!lock->name)
			lock->name = arena_copy(arena, answer_at(answer, row, 1));
	}
}

/* Without a name for anyone: what was made and dropped in this transaction, and what keeps the long values of a dropped table. */
static void
forget_nameless(struct held *held)
{
	size_t kept = 0;

	for (size_t i = 0; i < held->count; i++)
		if (held->at[i].name)
			held->at[kept++] = held->at[i];
	held->count = kept;
}

bool
held_read(struct held *held, struct boot *boot, struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 }, others = { 0 };
	struct held read = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_ROWS, held_sql), &answer, err))
		return false;
	read.at = arena_alloc(arena, (size_t)answer.rows * sizeof *read.at);
	for (int row = 0; row < answer.rows; row++)
		read.at[read.count++] = (struct held_lock){
			.relation = arena_copy(arena, answer_at(&answer, row, 0)),
			.name = answer_at(&answer, row, 1)
			              ? arena_copy(arena, answer_at(&answer, row, 1))
			              : NULL,
			.mode = arena_copy(arena, answer_at(&answer, row, 2)),
			.rank = (int)strtol(answer_at(&answer, row, 3), NULL, 10),
			.is_sequence = answer_is_true(&answer, row, 4),
		};
	if (!ask_others(&others, &read, boot, arena, err))
		return false;
	for (size_t i = 0; i < read.count; i++)
		take_others(&read.at[i], &others, arena);
	forget_nameless(&read);
	*held = read;
	return true;
}

struct held
held_since(const struct held *before, const struct held *now, struct arena *arena)
{
	struct held since = { 0 };

	since.at = arena_alloc(arena, now->count * sizeof *since.at);
	for (size_t i = 0; i < now->count; i++) {
		int rank = 0;

		for (size_t j = 0; j < before->count; j++)
			if (strcmp(before->at[j].relation, now->at[i].relation) == 0)
				rank = before->at[j].rank;
		if (now->at[i].rank > rank)
			since.at[since.count++] = now->at[i];
	}
	return since;
}
