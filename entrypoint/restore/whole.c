/* See whole.h. */
#include "headway.h"

#include "filled.h"
#include "whole.h"

#include <stddef.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../scoped.h"
#include "candidate.h"
#include "item.h"
#include "manifest.h"
#include "pass.h"
#include "plan.h"
#include "policy.h"
#include "restoration.h"
#include "sender.h"
#include "supply.h"
#include "vacancy.h"

struct whole {
	struct boot *boot;
	const struct plan *plan;
	struct pass *pass;
	struct sender *sender;
	struct fillings *fillings;
	bool has_ours; /* rows of our own schema stand in the temporary tables */
	struct arena *arena;
};

static void
whole_close(struct whole *whole)
{
	sender_close(&whole->sender);
	headway_end(&whole->fillings->headway);
	pass_close(&whole->pass);
}

static bool
make_room_for_ours(struct whole *whole, struct err *err)
{
	if (whole->has_ours)
		return true;
	whole->has_ours = true;
	return sender_flush(whole->sender, err) &&
	       db_run(whole->boot->db,
	              ledger_receive_sql(whole->boot->config, POLICY_OURS, whole->arena), err);
}

/* A pass_take. */
static bool
take(void *to, struct items *items, const struct item *item, const struct ruling *ruling,
     struct err *err)
{
	struct whole *whole = to;

	if (ruling->is_ours && !make_room_for_ours(whole, err))
		return false;
	return item->kind == ITEM_COPY ? sender_copy(whole->sender, items, item, ruling, err)
	                               : sender_add(whole->sender, item, ruling, err);
}

/* Our rows, and the journal's; the dump may have left the session in any state. */
static bool
finish(struct whole *whole, struct err *err)
{
	const char *path = whole->plan->supply->path;
	struct boot *boot = whole->boot;

	if (!manifest_prove(path, whole->fillings, boot->config, err))
		return false;
	if (!db_run(boot->db, transaction_own_sql(boot, whole->arena), err) ||
	    (whole->has_ours &&
	     !db_run(boot->db, ledger_received_sql(boot->config, POLICY_OURS, whole->arena), err)))
		return err->fault < FAULT_SIGNAL ? err_within(err, "%s", path) : false;
	return db_run(boot->db,
	              arena_join(whole->arena,
	                         restoration_whole_sql(boot, candidate_name(path), whole->arena),
	                         ";\n", "commit"),
	              err);
}

static bool
note_encoding(struct whole *whole, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(whole->boot->db, ASK(SHAPE_VALUE, "select current_setting('client_encoding')"),
	            &answer, err))
		return false;
	whole->fillings->encoding = arena_copy(whole->arena, answer_at(&answer, 0, 0));
	return true;
}

static bool
load(struct whole *whole, struct err *err)
{
	const char *leftovers; /* a failure brings them back */

	return vacancy_clear(whole->boot, &leftovers, whole->arena, err) &&
	       pass_run(whole->pass, take, whole, err) && sender_flush(whole->sender, err) &&
	       note_encoding(whole, err) && finish(whole, err);
}

bool
whole_run(struct boot *boot, const struct plan *plan, struct fillings *fillings,
          struct arena *arena, struct err *err)
{
	SCOPED(whole_close)
	struct whole whole = { .boot = boot, .plan = plan, .fillings = fillings, .arena = arena };

	whole.pass = pass_open(boot, plan, arena, err);
	if (!whole.pass || !db_run(boot->db, transaction_begin_sql(boot, arena), err))
		return false;
	headway_begin(&fillings->headway, pass_reader(whole.pass), plan->size, boot->phase);
	whole.sender = sender_open(boot->db, pass_label(whole.pass), fillings, arena);
	if (load(&whole, err))
		return true;
	transaction_abandon(boot->db);
	/* Where the connection broke, the commit may have been done. */
	return err->fault < FAULT_SIGNAL && err->fault != FAULT_NO_SERVER
	             ? err_detail(err, "nothing was restored: the database is as it was")
	             : false;
}
