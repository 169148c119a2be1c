/* See pass.h. */
#include "pass.h"

#include <stddef.h>
#include <stdint.h>

#include "../arena.h"
#include "../boot.h"
#include "../err.h"
#include "item.h"
#include "origin.h"
#include "plan.h"
#include "policy.h"

/* What the judgement of so many statements needs is dropped then. */
#define SCRATCH 1000

struct pass {
	const struct plan *plan;
	struct origin *origin;
	struct items *items;
	struct judge *judge;
	struct arena scratch;
};

struct pass *
pass_open(struct boot *boot, const struct plan *plan, struct arena *arena, struct err *err)
{
	struct pass *pass = arena_alloc(arena, sizeof *pass);

	pass->plan = plan;
	pass->origin = origin_open(plan->supply, boot, arena, err);
	if (!pass->origin)
		return NULL;
	pass->items = items_open(origin_reader(pass->origin), origin_label(pass->origin), arena);
	pass->judge = policy_new(plan->grounds, arena);
	return pass;
}

void
pass_close(struct pass **pass)
{
	if (!*pass)
		return;
	items_close(&(*pass)->items);
	origin_close(&(*pass)->origin);
	arena_drop(&(*pass)->scratch);
	*pass = NULL;
}

const char *
pass_label(const struct pass *pass)
{
	return origin_label(pass->origin);
}

struct reader *
pass_reader(struct pass *pass)
{
	return origin_reader(pass->origin);
}

static bool
has_changed(const struct pass *pass, struct err *err)
{
	return err_set(err, FAULT_WRONG, "%s has changed since it was read before",
	               pass_label(pass));
}

static bool
take_item(struct pass *pass, const struct item *item, pass_take *take, void *to, struct err *err)
{
	const struct ruling ruling = policy_judge(pass->judge, item, &pass->scratch);

	if (ruling.kind == RULING_DROP)
		return true;
	if (ruling.kind == RULING_REFUSE)
		return has_changed(pass, err);
	return take(to, pass->items, item, &ruling, err);
}

bool
pass_run(struct pass *pass, pass_take *take, void *to, struct err *err)
{
	struct item item;
	size_t section = 0;

	for (size_t count = 1;; count++) {
		if (!items_next(pass->items, &item, err))
			return origin_failed(pass->origin, err);
		if (item.kind == ITEM_END)
			break;
		if (item.kind == ITEM_CONNECT) {
			section += !plan_goes_on(pass->plan, section, item.database);
			if (section == pass->plan->count)
				return has_changed(pass, err);
		} else if (section == pass->plan->chosen &&
		           !take_item(pass, &item, take, to, err)) {
			return origin_failed(pass->origin, err);
		}
		if (count % SCRATCH == 0)
			arena_clear(&pass->scratch);
	}
	if (!items_dump(pass->items)->is_whole)
		return has_changed(pass, err);
	return origin_finish(pass->origin, err);
}
