/* See spread.h. */
#include "chore.h"
#include "headway.h"
#include "watch.h"

#include "filled.h"
#include "spread.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../scoped.h"
#include "copy.h"
#include "crew.h"
#include "entry.h"
#include "gathering.h"
#include "item.h"
#include "manifest.h"
#include "pass.h"
#include "plan.h"
#include "policy.h"
#include "restoration.h"
#include "roster.h"
#include "sender.h"
#include "supply.h"

/* Of a transaction: each may lock something, and a server has room for 6,400 locks by default. */
#define MOST_STATEMENTS 500
/* To analyze a table takes less time than an index by about so much. */
#define SHORTER 16
/* GIN and GiST, than a B-tree. */
#define SLOWER 4
/* Bytes; a smaller table is looked through in no time. */
#define WORTH_VACUUM ((int64_t)16 << 20)

struct spread {
	struct boot *boot;
	const struct restoration *restoration;
	const char *source; /* its path */
	const char *fence, *begin_sql;
	struct pass *pass;
	struct sender *sender; /* of the work session, which does what cannot be shared out */
	struct sender *last;   /* likewise, of what is sent with the last commit */
	bool in_transaction;   /* the work session */
	size_t statements;     /* in it, that others have to see */
	bool has_ours;         /* rows of our own schema stand in the temporary tables */
	struct crew *crew;
	bool is_hauling;       /* the crew may be at work on rows */
	bool is_careful;       /* rows may be checked, or start something, as they come in */
	struct watch watch;    /* as may those of some tables from the beginning */
	struct roster *roster; /* what is behind the rows */
	size_t tasks;          /* in it */
	bool has_ordered;      /* of them some mind everything */
	bool works_beside; /* indexes come right behind their tables (early.h), and may be made while rows of others come */
	size_t analyzed; /* of what is filled: it is in there too */
	struct fillings *fillings;
	struct arena *arena;
};

static void
spread_close(struct spread *spread)
{
	crew_close(&spread->crew);
	sender_close(&spread->sender);
	sender_close(&spread->last);
	headway_end(&spread->fillings->headway);
	pass_close(&spread->pass);
}

static bool
begin(struct spread *spread, struct err *err)
{
	if (spread->in_transaction)
		return true;
	spread->in_transaction = true;
	spread->statements = 0;
	return db_run(spread->boot->db, spread->begin_sql, err) || restoration_blame(err);
}

static bool
commit(struct spread *spread, struct err *err)
{
	if (!spread->in_transaction)
		return true;
	spread->in_transaction = false;
	return db_run(spread->boot->db, "commit", err);
}

/* The work session has done all that it was given, and others see it. */
static bool
rest(struct spread *spread, struct err *err)
{
	return sender_flush(spread->sender, err) && commit(spread, err);
}

/* No rows are on their way. */
static bool
settle(struct spread *spread, struct err *err)
{
	if (!sender_flush(spread->sender, err))
		return false;
	if (!spread->is_hauling)
		return true;
	spread->is_hauling = false;
	return crew_settle(spread->crew, err);
}

/*
 * A sender_outlet: rows that were INSERTs, into a table that may have been made just now, and that minds nothing, or they would not be
 * gathered.
 */
static bool
share(void *to, const struct gathered *gathered, struct err *err)
{
	struct spread *spread = to;

	if (!gathered) {
		/* What it changes is committed before other sessions come. */
		spread->statements += !spread->statements;
		return !spread->is_hauling || crew_settle(spread->crew, err);
	}
	if (spread->statements) {
		if (!commit(spread, err) || !begin(spread, err))
			return false;
	}
	spread->is_hauling = true;
	crew_take_care(spread->crew, spread->is_careful);
	return crew_send(spread->crew, gathered, err) &&
	       (!spread->is_careful || crew_settle(spread->crew, err));
}

/* That it failed is no failure of the restore. */
static struct task *
add_care(struct spread *spread, const struct filled *filled, const char *words, bool is_first)
{
	const struct chore chore = { CHORE_KEY, { filled->table, NULL }, false };
	struct task *task = is_first ? roster_add_before(spread->roster, &chore)
	                             : roster_add(spread->roster, &chore);

	task->sql = arena_join(spread->arena, words, filled->table, "");
	task->length = strlen(task->sql);
	task->toc = "";
	task->settings = crew_settings(spread->crew);
	task->weight = filled->bytes / SHORTER;
	task->may_fail = true;
	spread->tasks++;
	return task;
}

/* What the server needs to plan well. */
static void
add_analyses(struct spread *spread)
{
	const struct fillings *fillings = spread->fillings;

	for (; spread->analyzed < fillings->count; spread->analyzed++)
		if (!policy_is_ours(fillings->tables[spread->analyzed].table))
			(void)add_care(spread, &fillings->tables[spread->analyzed], "analyze ",
			               false);
}

/*
 * Where all rows are known to be seen by everyone, a foreign key is checked by the index alone: several times faster. Before its indexes
 * a vacuum spares the first of them the marks that it would set; where they come early, something may still run that began before its
 * rows were there, and for that they would not be seen.
 */
static void
add_vacuum(struct spread *spread, const char *table)
{
	const int version = db_server_version(spread->boot->db);
	struct filled *filled = fillings_find(spread->fillings, table);
	struct task *task;

	if (!filled || filled->is_vacuumed || filled->bytes < WORTH_VACUUM)
		return;
	filled->is_vacuumed = true;
	task = add_care(spread, filled,
	                version >= 140000 ? "vacuum (index_cleanup off, process_toast off) "
	                                  : "vacuum (index_cleanup off) ",
	                !spread->works_beside);
	task->is_bare = true;
	/* It holds up all of those. */
	if (!spread->works_beside)
		task->weight = filled->bytes;
}

static void
add_task(struct spread *spread, const struct chore *chore, const struct item *item,
         const struct ruling *ruling)
{
	struct task *task;

	/* While the largest index is made there is time for it; and it is of use for the keys that look into other tables. */
	if (chore->kind == CHORE_ORDER || chore->tables[1])
		add_analyses(spread);
	if (chore->tables[1])
		add_vacuum(spread, chore->tables[1]);
	spread->has_ordered |= chore->kind == CHORE_ORDER || chore->tables[1];
	task = roster_add(spread->roster, chore);
	task->sql = arena_copy(spread->arena, ruling->sql);
	task->length = strlen(ruling->sql);
	task->toc = arena_copy(spread->arena, item->toc);
	task->line = item->line;
	task->settings = crew_settings(spread->crew);
	for (size_t i = 0; i < 2 && chore->tables[i] && !chore->is_quick; i++)
		task->weight += fillings_bytes(spread->fillings, chore->tables[i]);
	task->bytes = chore->tables[1] ? 0 : task->weight;
	task->is_slow = entry_is_slow(task->sql);
	if (task->is_slow)
		task->weight *= SLOWER;
	spread->tasks++;
}

static void
begin_roster(struct spread *spread)
{
	spread->roster = roster_new(spread->arena);
	spread->tasks = 0;
	spread->has_ordered = false;
	if (spread->works_beside)
		crew_offer(spread->crew, spread->roster);
}

static bool
work(struct spread *spread, struct err *err)
{
	if (!settle(spread, err) || !rest(spread, err))
		return false;
	spread->is_careful = true;
	if (!crew_work(spread->crew, spread->roster, err))
		return false;
	begin_roster(spread);
	return true;
}

/* What is behind rows is done before others come, unless it may be done beside them. */
static bool
work_if_due(struct spread *spread, struct err *err)
{
	const bool may_wait = spread->works_beside && !spread->has_ordered;

	return !spread->tasks || may_wait || work(spread, err);
}

static bool
end_ours(struct spread *spread, struct err *err)
{
	if (!spread->has_ours)
		return true;
	spread->has_ours = false;
	return sender_flush(spread->sender, err) &&
	       db_run(spread->boot->db,
	              ledger_received_sql(spread->boot->config, POLICY_OURS, spread->arena), err) &&
	       commit(spread, err);
}

/* Rows of our own schema: they come together, in a transaction of their own. */
static bool
take_ours(struct spread *spread, struct items *items, const struct item *item,
          const struct ruling *ruling, struct err *err)
{
	if (!spread->has_ours) {
		if (!work_if_due(spread, err) || !rest(spread, err) || !begin(spread, err) ||
		    !db_run(spread->boot->db,
		            ledger_receive_sql(spread->boot->config, POLICY_OURS, spread->arena),
		            err))
			return false;
		spread->has_ours = true;
	}
	return item->kind == ITEM_COPY ? sender_copy(spread->sender, items, item, ruling, err)
	                               : sender_add(spread->sender, item, ruling, err);
}

/* Are rows of it to come one after the other, when all before them are there? */
static bool
take_care(struct spread *spread, const struct item *item, bool *is_careful, struct err *err)
{
	struct text table = text_new(spread->arena);

	(void)copy_is_text(item, &table); /* its table's name is all that is asked */
	*is_careful = spread->is_careful;
	if (!*is_careful && !watch_ask(&spread->watch, spread->boot->db, table.at, is_careful, err))
		return false;
	crew_take_care(spread->crew, *is_careful);
	return !*is_careful || settle(spread, err);
}

static bool
take_copy(struct spread *spread, struct items *items, const struct item *item,
          const struct ruling *ruling, struct err *err)
{
	bool is_careful;

	if (!work_if_due(spread, err) || !rest(spread, err) ||
	    !take_care(spread, item, &is_careful, err))
		return false;
	spread->is_hauling = true;
	return crew_copy(spread->crew, items, item, ruling, err) &&
	       (!is_careful || settle(spread, err));
}

/* By the work session, in the order of the dump. */
static bool
take_ordered(struct spread *spread, const struct item *item, const struct ruling *ruling,
             struct err *err)
{
	if (!settle(spread, err))
		return false;
	if (spread->statements == MOST_STATEMENTS && !rest(spread, err))
		return false;
	if (!begin(spread, err))
		return false;
	spread->statements++;
	spread->watch = (struct watch){ WATCH_UNKNOWN };
	return sender_add(spread->sender, item, ruling, err);
}

/* The rows before it go first, as it was for them: names without a schema may be of other tables behind it. */
static bool
take_setting(struct spread *spread, const struct item *item, const struct ruling *ruling,
             struct err *err)
{
	if (!begin(spread, err) || !sender_add(spread->sender, item, ruling, err))
		return false;
	crew_set(spread->crew, ruling);
	return true;
}

static bool
take_statement(struct spread *spread, const struct item *item, const struct ruling *ruling,
               struct err *err)
{
	const struct chore chore = chore_of(item, spread->arena);

	switch (chore.kind) {
	case CHORE_SETTING:
		return take_setting(spread, item, ruling, err);
	case CHORE_ROWS:
		return work_if_due(spread, err) && begin(spread, err) &&
		       sender_add(spread->sender, item, ruling, err);
	case CHORE_LAST:
		return sender_add(spread->last, item, ruling, err);
	case CHORE_ORDER:
		if (!spread->tasks)
			return take_ordered(spread, item, ruling, err);
		break;
	case CHORE_INDEX:
	case CHORE_KEY:
		/* Right behind its table, as a replica identity is, it checks no rows. */
		if (!spread->tasks && !spread->fillings->count)
			return take_ordered(spread, item, ruling, err);
		if ((spread->is_hauling || !spread->tasks) && !settle(spread, err))
			return false;
		break;
	}
	add_task(spread, &chore, item, ruling);
	return true;
}

/* A pass_take. */
static bool
take(void *to, struct items *items, const struct item *item, const struct ruling *ruling,
     struct err *err)
{
	struct spread *spread = to;

	if (ruling->is_ours)
		return take_ours(spread, items, item, ruling, err);
	if (!end_ours(spread, err))
		return false;
	return item->kind == ITEM_COPY ? take_copy(spread, items, item, ruling, err)
	                               : take_statement(spread, item, ruling, err);
}

/* The dump may have left the session in any state. */
static bool
finish(struct spread *spread, struct err *err)
{
	struct boot *boot = spread->boot;

	return begin(spread, err) && sender_flush(spread->last, err) &&
	       db_run(boot->db,
	              arena_print(spread->arena, "%s%s;\ncommit",
	                          transaction_own_sql(boot, spread->arena),
	                          restoration_finish_sql(boot, spread->restoration, spread->arena)),
	              err);
}

static bool
load(struct spread *spread, struct err *err)
{
	if (!pass_run(spread->pass, take, spread, err) || !end_ours(spread, err) ||
	    !settle(spread, err))
		return false;
	add_analyses(spread);
	return work(spread, err) &&
	       manifest_prove(spread->source, spread->fillings, spread->boot->config, err) &&
	       finish(spread, err);
}

static bool
open_all(struct spread *spread, const struct plan *plan, struct err *err)
{
	struct boot *boot = spread->boot;
	struct crew_plan *crew = arena_alloc(spread->arena, sizeof *crew);

	spread->pass = pass_open(boot, plan, spread->arena, err);
	if (!spread->pass)
		return false;
	headway_begin(&spread->fillings->headway, pass_reader(spread->pass), plan->size,
	              boot->phase);
	*crew = (struct crew_plan){ .label = pass_label(spread->pass),
		                    .fence = spread->fence,
		                    .fillings = spread->fillings,
		                    .most = boot->config->restore_jobs };
	spread->sender = sender_open(boot->db, crew->label, spread->fillings, spread->arena);
	sender_share(spread->sender, share, spread);
	spread->last = sender_open(boot->db, crew->label, spread->fillings, spread->arena);
	if (!crew_open(&spread->crew, boot, crew, spread->arena, err))
		return false;
	begin_roster(spread);
	return true;
}

bool
spread_run(struct boot *boot, const struct plan *plan, const struct restoration *restoration,
           struct fillings *fillings, struct arena *arena, struct err *err)
{
	SCOPED(spread_close)
	struct spread spread = { .boot = boot,
		                 .restoration = restoration,
		                 .source = plan->supply->path,
		                 .works_beside = plan->supply->order != NULL,
		                 .fence = restoration_fence_sql(boot, restoration, arena),
		                 .fillings = fillings,
		                 .arena = arena };

	spread.begin_sql = arena_join(arena, "begin;\n", spread.fence, "");
	return open_all(&spread, plan, err) &&
	       db_run(boot->db, crew_session_sql(boot->db, arena), err) && load(&spread, err);
}
