/* See restore.h. */
#include "restore.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "err.h"
#include "log.h"
#include "look.h"
#include "restore/danger.h"
#include "restore/grounds.h"
#include "restore/listing.h"
#include "restore/load.h"
#include "restore/pgdata.h"
#include "restore/plan.h"
#include "restore/replace.h"
#include "restore/supply.h"
#include "scoped.h"

static bool
names_one(const struct boot *boot, struct err *err)
{
	char *const *operands = boot->request->operands;

	if (*operands && operands[1])
		return err_set(err, FAULT_USAGE, "one source at a time, not %s too", operands[1]);
	if (*operands)
		return true;
	(void)err_set(err, FAULT_USAGE, "restore needs a source");
	return err_hint(err, "restore FILE: a dump of pg_dump, in any of its formats");
}

/* Asks the server, and tells on the page what would be done with the source. */
static bool
make_plan(struct plan *plan, const struct supply *supply, struct boot *boot, struct text *page,
          struct err *err)
{
	struct grounds *grounds = arena_alloc(page->arena, sizeof *grounds);

	if (!grounds_ask(grounds, boot->db, boot->config->schema, page->arena, err) ||
	    !plan_make(plan, supply, grounds, boot, page->arena, err))
		return false;
	plan_tell(plan, page);
	return true;
}

/* Into the database of the session, which has to be empty. */
static bool
load(struct boot *boot, const struct supply *supply, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);
	struct plan plan;

	if (!make_plan(&plan, supply, boot, &page, err))
		return false;
	log_lines(page.at);
	return load_run(boot, &plan, err);
}

bool
restore_source(struct boot *boot, const char *path, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(supply_close) struct supply supply = { 0 };

	return supply_prove(&supply, path, &arena, err) && load(boot, &supply, err);
}

bool
restore_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(supply_close) struct supply supply = { 0 };
	const char *path = *boot->request->operands;

	if (!boot->request->replace)
		return restore_source(boot, path, err);
	return supply_prove(&supply, path, &arena, err) && replace_run(boot, &supply, load, err);
}

static bool
say_plan(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);
	SCOPED(supply_close) struct supply supply = { 0 };
	struct plan plan;

	(void)log_step("restore");
	return names_one(boot, err) &&
	       supply_prove(&supply, *boot->request->operands, &arena, err) &&
	       wait_find_target(boot, err) && wait_run(boot, err) && look_at_server(boot, err) &&
	       make_plan(&plan, &supply, boot, &page, err) && log_answer(page.at, err);
}

static bool
say_dangers(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);
	SCOPED(supply_close) struct supply supply = { 0 };
	size_t count = 0;

	(void)log_step("restore");
	if (!names_one(boot, err) ||
	    !supply_prove(&supply, *boot->request->operands, &arena, err) ||
	    !danger_find(&supply, boot, &page, &count, err) || !log_answer(page.at, err))
		return false;
	return count == 0 || err_set(err, FAULT_WRONG,
	                             "%zu statements could do more than restore a database", count);
}

bool
restore_only_says(const struct boot *boot)
{
	const struct request *request = boot->request;

	return request->check || request->list || request->plan || request->lint ||
	       request->pgdata || !*request->operands || request->operands[1];
}

bool
restore_say(struct boot *boot, struct err *err)
{
	const struct request *request = boot->request;

	if (request->pgdata && !request->check && !request->list && *request->operands &&
	    !request->operands[1])
		return pgdata_run(boot, err);
	if (request->lint)
		return say_dangers(boot, err);
	return request->plan ? say_plan(boot, err) : listing_run(boot, err);
}
