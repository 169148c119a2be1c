/* See load.h. */
#include "headway.h"

#include "filled.h"
#include "load.h"

#include <string.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../clock.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "../summary.h"
#include "candidate.h"
#include "plan.h"
#include "policy.h"
#include "restoration.h"
#include "spread.h"
#include "supply.h"
#include "vacancy.h"
#include "whole.h"

/* README.md says so. */
#define MANY_BYTES ((int64_t)32 << 20)
/* Each is locked to the end of the transaction, a table with those of its large values; a server has room for 6,400 locks by default. */
#define MANY_TABLES 500
#define MANY_RELATIONS 2500

struct load {
	struct boot *boot;
	const struct plan *plan;
	struct restoration restoration;
	struct fillings fillings;
	const char *leftovers; /* of an init script, which were dropped; NULL: none */
	struct arena *arena;
};

enum load_way
load_way_of(int64_t bytes, size_t tables, size_t relations, size_t jobs, bool is_pooled)
{
	if (is_pooled)
		return LOAD_WHOLE;
	if (tables >= MANY_TABLES || relations >= MANY_RELATIONS)
		return LOAD_SPREAD;
	return jobs > 1 && bytes >= MANY_BYTES ? LOAD_SPREAD : LOAD_WHOLE;
}

/* In the encoding of the names, which is set before they are sent. */
static bool
run_encoded(struct load *load, const char *sql, struct err *err)
{
	const char *encoding = load->fillings.encoding;
	struct db *db = load->boot->db;

	if (!encoding || strcmp(encoding, "UTF8") == 0)
		return db_run(db, sql, err);
	if (db_run(db,
	           arena_print(load->arena, "begin; set local client_encoding = %s",
	                       db_literal(db, encoding, load->arena)),
	           err) &&
	    db_run(db, sql, err) && db_run(db, "commit", err))
		return true;
	transaction_abandon(db);
	return false;
}

/* What the server needs to plan well. That it failed is no failure of the restore, which is done. */
static bool
analyze(struct load *load, struct err *err)
{
	const struct fillings *fillings = &load->fillings;
	struct text sql = text_new(load->arena);

	for (size_t i = 0; i < fillings->count; i++)
		if (!policy_is_ours(fillings->tables[i].table))
			text_print(&sql, "%s%s", sql.length ? ", " : "analyze ",
			           fillings->tables[i].table);
	if (!sql.length || run_encoded(load, sql.at, err))
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
	int64_t rows = 0;
	size_t tables = 0;

	for (size_t i = 0; i < load->fillings.count; i++) {
		const struct filled *filled = &load->fillings.tables[i];

		if (policy_is_ours(filled->table))
			continue;
		tables++;
		log_info("%s: %lld row%s", filled->table, (long long)filled->rows,
		         filled->rows == 1 ? "" : "s");
		rows += filled->rows;
	}
	if (!rows)
		log_warn("%s: no row of any table is in it", load->plan->supply->label);
	summary_note(load->boot->summary, rows, rows == 1 ? "row" : "rows");
	log_info("%s restored: %lld row%s of %zu table%s in %lld ms", load->plan->supply->label,
	         (long long)rows, rows == 1 ? "" : "s", tables, tables == 1 ? "" : "s",
	         (long long)(clock_now() - since));
}

/* After a failure that is nobody's hurry: the database is as it was before. */
static bool
undo(struct load *load, struct err *err)
{
	struct restoration *restoration = &load->restoration;
	struct boot *boot = load->boot;
	struct err failure = { 0 };
	size_t dropped;

	transaction_abandon(boot->db);
	if (err->fault == FAULT_BUSY)
		return false;
	if (err->fault >= FAULT_SIGNAL || (err->fault == FAULT_NO_SERVER && !db_is_alive(boot->db)))
		return err_hint(err,
		                "the next restore does away with what was made; so does a start "
		                "with restore_from");
	if (restoration_take_over(boot, restoration, NULL, &dropped, load->arena, &failure) &&
	    restoration_forget(boot, restoration, load->arena, &failure))
		return err_detail(err,
		                  "nothing was restored: what it had made is dropped again%s%s",
		                  load->leftovers ? "; gone is also what an init script had left: "
		                                  : "",
		                  load->leftovers ? load->leftovers : "");
	(void)err_detail(err, "what was made could not be undone: %s", failure.what);
	return err_hint(err,
	                "the next restore does away with it; so does a start with restore_from");
}

static bool
take_over(struct load *load, const char *source, struct err *err)
{
	struct restoration *restoration = &load->restoration;
	size_t dropped;

	log_info("the restore of %s was cut off: what it made is dropped", restoration->source);
	if (!restoration_take_over(load->boot, restoration, source, &dropped, load->arena, err))
		return false;
	log_info("%zu objects dropped", dropped);
	return true;
}

static bool
begin(struct load *load, const char *source, struct err *err)
{
	struct boot *boot = load->boot;

	if (!db_run(boot->db, transaction_begin_sql(boot, load->arena), err))
		return false;
	if (!vacancy_clear(boot, &load->leftovers, load->arena, err) ||
	    !db_run(boot->db, "commit", err)) {
		transaction_abandon(boot->db);
		return false;
	}
	return restoration_begin(boot, source, &load->restoration, load->arena, err);
}

/* In one transaction nothing of a journal is needed, also where one was taken over. */
static bool
load_whole(struct load *load, struct err *err)
{
	struct restoration *restoration = &load->restoration;

	if (restoration->source && !restoration_forget(load->boot, restoration, load->arena, err))
		return false;
	return whole_run(load->boot, load->plan, &load->fillings, load->arena, err) &&
	       analyze(load, err);
}

static bool
load_by(struct load *load, enum load_way way, struct err *err)
{
	const char *source = candidate_name(load->plan->supply->path);

	if (load->restoration.source && !take_over(load, source, err))
		return false;
	if (way == LOAD_WHOLE)
		return load_whole(load, err);
	if (!load->restoration.source && !begin(load, source, err))
		return false;
	return spread_run(load->boot, load->plan, &load->restoration, &load->fillings, load->arena,
	                  err) ||
	       undo(load, err);
}

bool
load_run(struct boot *boot, const struct plan *plan, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct load load = {
		.boot = boot, .plan = plan, .fillings = { .arena = &arena }, .arena = &arena
	};
	const enum load_way way = load_way_of(plan->size, plan_tables(plan), plan_relations(plan),
	                                      boot->config->restore_jobs, db_is_pooled(boot->db));
	const int64_t since = clock_now();

	if (!restoration_read(boot, &load.restoration, &arena, err) || !load_by(&load, way, err))
		return false;
	tell_rows(&load, since);
	return true;
}
