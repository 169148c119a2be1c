/* See load.h. */
#include "load.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../clock.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../log.h"
#include "../scoped.h"
#include "candidate.h"
#include "item.h"
#include "origin.h"
#include "plan.h"
#include "policy.h"
#include "reader.h"
#include "restoration.h"
#include "sender.h"
#include "supply.h"
#include "vacancy.h"

#define SCRATCH 1000
#define TELL_EVERY 5000

struct load {
	struct boot *boot;
	const struct plan *plan;
	struct origin *origin;
	struct items *items;
	struct sender *sender;
	struct judge *judge;
	struct arena scratch; /* of some statements */
	bool has_ours;        /* rows of our own schema stand in the temporary tables */
	int64_t tell_at;
	struct arena *arena;
};

static void
load_close(struct load *load)
{
	sender_close(&load->sender);
	items_close(&load->items);
	origin_close(&load->origin);
	arena_drop(&load->scratch);
}

static bool
make_room_for_ours(struct load *load, struct err *err)
{
	if (load->has_ours)
		return true;
	load->has_ours = true;
	return sender_flush(load->sender, err) &&
	       db_run(load->boot->db,
	              ledger_receive_sql(load->boot->config, POLICY_OURS, load->arena), err);
}

static bool
take(struct load *load, const struct item *item, struct err *err)
{
	const struct ruling ruling = policy_judge(load->judge, item, &load->scratch);

	if (ruling.kind == RULING_DROP)
		return true;
	if (ruling.kind == RULING_REFUSE)
		return err_set(err, FAULT_WRONG, "%s has changed since it was read before",
		               origin_label(load->origin));
	if (ruling.is_ours && !make_room_for_ours(load, err))
		return false;
	return item->kind == ITEM_COPY ? sender_copy(load->sender, load->items, item, &ruling, err)
	                               : sender_add(load->sender, item, &ruling, err);
}

static void
tell_progress(struct load *load)
{
	if (!clock_passed(load->tell_at))
		return;
	log_info("%lld kB read so far",
	         (long long)reader_taken(origin_reader(load->origin)) / 1024);
	load->tell_at = clock_ahead(TELL_EVERY);
}

/* The chosen section of it. */
static bool
take_items(struct load *load, struct err *err)
{
	struct item item;
	size_t section = 0;

	for (size_t count = 1;; count++) {
		if (!items_next(load->items, &item, err))
			return origin_failed(load->origin, err);
		if (item.kind == ITEM_END)
			break;
		if (item.kind == ITEM_CONNECT)
			section++;
		else if (section == load->plan->chosen && !take(load, &item, err))
			return origin_failed(load->origin, err);
		tell_progress(load);
		if (count % SCRATCH == 0)
			arena_drop(&load->scratch);
	}
	if (!items_dump(load->items)->is_whole)
		return err_set(err, FAULT_WRONG, "%s has changed since it was read before",
		               origin_label(load->origin));
	return origin_finish(load->origin, err) && sender_flush(load->sender, err);
}

/* Our rows, and the journal's; the dump may have left the session in any state. */
static bool
finish(struct load *load, struct err *err)
{
	const char *path = load->plan->supply->path;
	struct boot *boot = load->boot;

	if (!db_run(boot->db, transaction_own_sql(boot, load->arena), err) ||
	    (load->has_ours &&
	     !db_run(boot->db, ledger_received_sql(boot->config, POLICY_OURS, load->arena), err)))
		return err->fault < FAULT_SIGNAL ? err_within(err, "%s", path) : false;
	return db_run(boot->db,
	              arena_join(load->arena,
	                         restoration_whole_sql(boot, candidate_name(path), load->arena),
	                         ";\n", "commit"),
	              err);
}

/* Was it one of the temporary tables that took up our own rows? */
static bool
is_ours(const struct filled *filled)
{
	return strncmp(filled->table, POLICY_OURS, sizeof POLICY_OURS - 1) == 0;
}

/* What the server needs to plan well. That it failed is no failure of the restore, which is done. */
static bool
analyze(struct load *load, struct err *err)
{
	size_t count;
	const struct filled *filled = sender_filled(load->sender, &count);
	struct text sql = text_new(load->arena);

	for (size_t i = 0; i < count; i++)
		if (!is_ours(&filled[i]))
			text_print(&sql, "%s%s", sql.length ? ", " : "analyze ", filled[i].table);
	if (!sql.length || db_run(load->boot->db, sql.at, err))
		return true;
	if (err->fault >= FAULT_SIGNAL)
		return false;
	log_warning(err);
	err_clear(err);
	return true;
}

static void
tell_rows(const struct load *load, int64_t since)
{
	size_t count;
	const struct filled *filled = sender_filled(load->sender, &count);
	int64_t rows = 0;
	size_t tables = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_ours(&filled[i]))
			continue;
		tables++;
		log_info("%s: %lld rows", filled[i].table, (long long)filled[i].rows);
		rows += filled[i].rows;
	}
	log_info("%s restored: %lld rows of %zu tables in %lld ms", origin_label(load->origin),
	         (long long)rows, tables, (long long)(clock_now() - since));
}

static bool
open_load(struct load *load, struct err *err)
{
	load->origin = origin_open(load->plan->supply, load->boot, load->arena, err);
	if (!load->origin)
		return false;
	load->items =
		items_open(origin_reader(load->origin), origin_label(load->origin), load->arena);
	load->sender = sender_open(load->boot->db, origin_label(load->origin), load->arena);
	load->judge = policy_new(load->plan->grounds, load->arena);
	load->tell_at = clock_ahead(TELL_EVERY);
	return true;
}

bool
load_run(struct boot *boot, const struct plan *plan, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(load_close)
	struct load load = { .boot = boot, .plan = plan, .arena = &arena };
	const int64_t since = clock_now();

	if (!open_load(&load, err) || !db_run(boot->db, transaction_begin_sql(boot, &arena), err))
		return false;
	if (!vacancy_clear(boot, &arena, err) || !take_items(&load, err) || !finish(&load, err)) {
		transaction_abandon(boot->db);
		/* Where the connection broke, the commit may have been done. */
		return err->fault < FAULT_SIGNAL && err->fault != FAULT_NO_SERVER
		             ? err_detail(err, "nothing of it was kept")
		             : false;
	}
	tell_rows(&load, since);
	return analyze(&load, err);
}
