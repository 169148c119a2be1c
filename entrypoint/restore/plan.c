/* See plan.h. */
#include "plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../scoped.h"
#include "grounds.h"
#include "item.h"
#include "origin.h"
#include "policy.h"
#include "reader.h"
#include "supply.h"
#include "tally.h"

/* What a statement's judgement needs is dropped after so many. */
#define SCRATCH 1000

struct section {
	const char *name; /* "": before the first \connect */
	struct tally tally;
};

static struct section *
add_section(struct plan *plan, const char *name, struct arena *arena)
{
	plan->sections = arena_grow(arena, plan->sections, plan->count, sizeof *plan->sections);
	plan->sections[plan->count] =
		(struct section){ .name = arena_copy(arena, name), .tally = { .arena = arena } };
	return &plan->sections[plan->count++];
}

bool
plan_goes_on(const struct plan *plan, size_t section, const char *database)
{
	return strcmp(plan->sections[section].name, database) == 0;
}

/* All items of it, each judged in its section. */
static bool
read_items(struct plan *plan, struct items *items, struct arena *arena, struct err *err)
{
	SCOPED(arena_drop) struct arena scratch = { 0 };
	struct judge *judge = policy_new(plan->grounds, arena);
	struct section *section = add_section(plan, "", arena);
	struct item item;

	for (size_t count = 1;; count++) {
		struct ruling ruling;

		if (!items_next(items, &item, err))
			return false;
		if (item.kind == ITEM_END)
			return true;
		if (item.kind == ITEM_CONNECT) {
			if (plan_goes_on(plan, plan->count - 1, item.database))
				continue;
			section = add_section(plan, item.database, arena);
			judge = policy_new(plan->grounds, arena);
			continue;
		}
		ruling = policy_judge(judge, &item, &scratch);
		tally_add(&section->tally, &item, &ruling);
		if (count % SCRATCH == 0)
			arena_clear(&scratch);
	}
}

/* Those that every server has, whatever is in it. */
static bool
is_template(const char *name)
{
	return strcmp(name, "template0") == 0 || strcmp(name, "template1") == 0 ||
	       strcmp(name, "postgres") == 0;
}

static bool
refuse_choice(const struct plan *plan, const char *path, struct arena *arena, struct err *err)
{
	struct text names = text_new(arena);

	for (size_t i = 1; i < plan->count; i++)
		text_print(&names, "%s%s", i > 1 ? ", " : "", plan->sections[i].name);
	(void)err_set(err, FAULT_WRONG, "%s: holds several databases, and none is named %s: %s",
	              path, plan->grounds->database, names.at);
	return err_hint(err, "restore into a database that has the name of one of them");
}

static bool
refuse_globals(const char *path, struct err *err)
{
	(void)err_set(err, FAULT_WRONG, "%s: holds no database", path); /* false below */
	return err_hint(err,
	                "pg_dumpall --globals-only writes roles and tablespaces, which are the "
	                "server's; the database itself is dumped by pg_dump");
}

/* The database of our name, or the only one that is there. */
static bool
choose(struct plan *plan, const char *path, struct arena *arena, struct err *err)
{
	size_t only = 0, own = 0;

	for (size_t i = 1; i < plan->count; i++) {
		if (strcmp(plan->sections[i].name, plan->grounds->database) == 0)
			plan->chosen = i;
		if (!is_template(plan->sections[i].name)) {
			only = i;
			own++;
		}
	}
	if (plan->count == 1 && plan->is_cluster)
		return refuse_globals(path, err);
	if (plan->count == 1 || plan->chosen)
		return true;
	if (own == 1)
		plan->chosen = only;
	else if (plan->count == 2)
		plan->chosen = 1;
	else
		return refuse_choice(plan, path, arena, err);
	return true;
}

static bool
judge(const struct plan *plan, const char *label, struct err *err)
{
	const char *words;
	size_t line;

	if (!tally_refusal(&plan->sections[plan->chosen].tally, &words, &line))
		return true;
	(void)err_set(err, FAULT_WRONG, "%s", words);
	return err_at(err, label, line, 0);
}

static bool
judge_whole(const struct items *items, const char *path, struct err *err)
{
	const struct dump *dump = items_dump(items);

	if (dump->is_whole)
		return true;
	if (!*dump->tool && !dump->is_cluster) {
		(void)err_set(err, FAULT_WRONG, "%s: not a dump that pg_dump has written", path);
		return err_hint(err, "what a person wrote belongs into initdb_dir or "
		                     "migrations_dir");
	}
	(void)err_set(err, FAULT_WRONG, "%s: the dump was cut: its end mark is missing", path);
	return err_hint(err, "the last line of a whole one says \"PostgreSQL database dump "
	                     "complete\"");
}

bool
plan_make(struct plan *plan, const struct supply *supply, const struct grounds *grounds,
          struct boot *boot, struct arena *arena, struct err *err)
{
	SCOPED(origin_close) struct origin *origin = origin_open(supply, boot, arena, err);
	SCOPED(items_close) struct items *items = NULL;
	const struct dump *dump;

	*plan = (struct plan){ .supply = supply, .grounds = grounds };
	if (!origin)
		return false;
	items = items_open(origin_reader(origin), origin_label(origin), arena);
	if (!read_items(plan, items, arena, err))
		return origin_failed(origin, err);
	dump = items_dump(items);
	plan->is_cluster = dump->is_cluster;
	if (!origin_finish(origin, err) || !judge_whole(items, supply->label, err) ||
	    !choose(plan, supply->label, arena, err) || !judge(plan, origin_label(origin), err))
		return false;
	plan->server = arena_copy(arena, dump->server);
	plan->tool = arena_copy(arena, dump->tool);
	plan->size = reader_given(origin_reader(origin));
	return true;
}

size_t
plan_tables(const struct plan *plan)
{
	const struct tally *tally = &plan->sections[plan->chosen].tally;

	return tally->filled > tally->tables ? tally->filled : tally->tables;
}

size_t
plan_relations(const struct plan *plan)
{
	return plan->sections[plan->chosen].tally.relations;
}

const char *
plan_missed(const struct plan *plan, struct arena *arena)
{
	return tally_superusers(&plan->sections[plan->chosen].tally, arena);
}

void
plan_tell(const struct plan *plan, struct text *page)
{
	const struct section *chosen = &plan->sections[plan->chosen];

	if (*plan->server)
		text_print(page, "dump of server %s by pg_dump %s, into server %d\n", plan->server,
		           plan->tool, plan->grounds->version / 10000);
	if (strtol(plan->server, NULL, 10) > plan->grounds->version / 10000)
		text_add(page, "the dump is of a newer server: what only that one knows ends the "
		               "restore\n");
	for (size_t i = 1; i < plan->count; i++)
		text_print(page, "%s  database %s\n", i == plan->chosen ? "taken  " : "not ours",
		           plan->sections[i].name);
	tally_tell(&chosen->tally, page);
}
