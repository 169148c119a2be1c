/* See labour.h, and crew_work. */
#include "chore.h"
#include "headway.h"

#include "filled.h"
#include "labour.h"

#include <stdint.h>

#include "../arena.h"
#include "../attempt.h"
#include "../db.h"
#include "../err.h"
#include "../log.h"
#include "batch.h"
#include "crew.h"
#include "lane.h"
#include "reader.h"
#include "roster.h"

/* Of what is sent together. */
#define MOST_TASKS ((size_t)300)
#define MOST_BYTES ((size_t)262144)
/*
 * Milliseconds, less than a server waits before it looks for a deadlock: rows that are not committed may have locked what a task needs,
 * as those with a check that reads another table, and the next rows would wait behind it.
 */
#define GIVES_WAY "500"
/* Bytes of rows: below, the keys are sorted in memory; above, in too many pieces. */
#define LEAST_CACHED ((int64_t)128 << 20)
#define MOST_CACHED ((int64_t)1 << 30)

static void
add(struct crew *crew, struct lane *lane, struct task *task)
{
	batch_add(lane->batch, task->sql, task->length, task->line, task->toc);
	lane->tasks = arena_grow(crew->arena, lane->tasks, lane->task_count, sizeof *lane->tasks);
	lane->tasks[lane->task_count++] = task;
}

/* What was prepared for it is done before. */
static bool
prepare_bare(const struct crew *crew, struct lane *lane, struct err *err)
{
	batch_add_ours(lane->batch, "commit");
	lane->in_transaction = false;
	if (!db_run(lane->db, batch_sql(lane->batch), err))
		return lane_blame(crew, lane, err);
	batch_clear(lane->batch);
	return true;
}

/*
 * More processes for one index would take what other sessions need, but for what holds up the end. Without them it is faster to sort in
 * pieces that fit into a processor's cache, unless there are so many that they are merged twice (tuplesort_merge_order in tuplesort.c).
 * Who has set that memory knows why; and GIN collects in it what it then puts into the index at once.
 */
static void
add_limits(const struct crew *crew, struct lane *lane, const struct task *task)
{
	const struct headway *headway = &crew->fillings->headway;
	const int64_t to_come = headway->reader ? headway->size - reader_given(headway->reader) : 0;

	/*
	 * A vacuum takes no rows for visible to all whose commit is not on disk, nor those whose number is near that of such a
	 * commit (SetHintBits in heapam_visibility.c, GetLSNIndex in clog.c).
	 */
	if (roster_has_bare(crew->roster))
		batch_add_ours(lane->batch, "set local synchronous_commit = on");
	if (!task->bytes || roster_is_longest(crew->roster, task, crew->count, to_come))
		return;
	batch_add_ours(lane->batch, "set local max_parallel_maintenance_workers = 0");
	if (!task->is_slow && task->bytes >= LEAST_CACHED && task->bytes <= MOST_CACHED)
		batch_add_ours(lane->batch,
		               "select pg_catalog.set_config(name, '16MB', true)\n"
		               "from pg_catalog.pg_settings\n"
		               "where name = 'maintenance_work_mem' and source = 'default'");
}

/* A transaction of its own; statements that keep the order of the dump share one. */
static bool
begin(struct crew *crew, struct lane *lane, struct task *task, bool is_beside, struct err *err)
{
	crew->fillings->headway.doing = *task->toc ? task->toc : task->sql;
	if (!lane_prepare(crew, lane, task->settings, err))
		return false;
	lane->is_beside = is_beside;
	if (is_beside)
		batch_add_ours(lane->batch, "set local lock_timeout = " GIVES_WAY);
	add_limits(crew, lane, task);
	if (task->is_bare && !prepare_bare(crew, lane, err))
		return false;
	add(crew, lane, task);
	if (task->is_bare)
		return lane_start(lane, err);
	while (task->chore.kind == CHORE_ORDER && lane->task_count < MOST_TASKS &&
	       batch_length(lane->batch) < MOST_BYTES) {
		struct task *next = roster_next_ordered(crew->roster, task);

		if (!next)
			break;
		task = next;
		add(crew, lane, task);
	}
	batch_add_ours(lane->batch, "commit");
	lane->in_transaction = false;
	return lane_start(lane, err);
}

static void
leave(struct crew *crew, struct lane *lane, enum outcome outcome)
{
	for (size_t i = 0; i < lane->task_count; i++)
		roster_end(crew->roster, lane->tasks[i], outcome);
	lane->task_count = 0;
}

void
labour_end(struct crew *crew, struct lane *lane)
{
	leave(crew, lane, OUTCOME_DONE);
}

bool
labour_failed(struct crew *crew, struct lane *lane, struct err *err)
{
	const bool may_fail = lane->tasks[0]->may_fail;
	struct err ended = { 0 };

	if (err->fault != FAULT_WRONG ||
	    (!may_fail && (lane->tasks[0]->is_alone || !attempt_met_locks(err))))
		return lane_blame(crew, lane, err);
	if (may_fail)
		log_warning(err);
	else
		log_info("%s; trying again %s", err->what,
		         lane->is_beside ? "behind the rows" : "by itself");
	leave(crew, lane,
	      may_fail          ? OUTCOME_DONE
	      : lane->is_beside ? OUTCOME_GAVE_WAY
	                        : OUTCOME_FAILED);
	/* With the transaction went some settings, nobody knows which: it begins anew. */
	lane->settings = SIZE_MAX;
	err_clear(err);
	if (db_run(lane->db, "rollback", &ended))
		return true;
	*err = ended;
	return false;
}

/* All that have nothing to do. */
static bool
begin_some(struct crew *crew, bool is_beside, struct err *err)
{
	for (size_t i = 0; i < crew->count; i++) {
		struct lane *lane = &crew->lanes[i];
		struct task *task;

		if (!lane_is_free(lane))
			continue;
		task = roster_next(crew->roster, is_beside);
		if (!task)
			return true;
		/* They would go with what fails, and is tried again. */
		lane_end_rows(lane);
		if (!begin(crew, lane, task, is_beside, err))
			return false;
	}
	return true;
}

bool
labour_employ(struct crew *crew, struct err *err)
{
	if (!crew->roster || roster_is_done(crew->roster))
		return true;
	return crew_look(crew, err) && begin_some(crew, true, err);
}

bool
crew_work(struct crew *crew, struct roster *roster, struct err *err)
{
	crew->roster = roster;
	while (!roster_is_done(roster))
		if (!begin_some(crew, false, err) || !crew_await(crew, err))
			return false;
	crew->roster = NULL;
	return true;
}
