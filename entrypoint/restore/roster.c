/* See roster.h. */
#include "chore.h"

#include "roster.h"

#include <string.h>

#include "../arena.h"

/* So many that are not done are looked at. */
#define AHEAD 512

enum grip { GRIP_NONE, GRIP_SHARED, GRIP_WHOLE };

struct table {
	const char *name;
	enum grip grip; /* of what was seen in this look */
	size_t look;
};

struct roster {
	struct arena *arena;
	struct task **tasks;
	size_t count, first; /* what is before the first is done */
	size_t running;
	struct table *tables;
	size_t table_count, look;
};

struct roster *
roster_new(struct arena *arena)
{
	struct roster *roster = arena_alloc(arena, sizeof *roster);

	roster->arena = arena;
	return roster;
}

struct task *
roster_add(struct roster *roster, const struct chore *chore)
{
	struct task *task = arena_alloc(roster->arena, sizeof *task);

	task->chore = *chore;
	roster->tasks =
		arena_grow(roster->arena, roster->tasks, roster->count, sizeof *roster->tasks);
	roster->tasks[roster->count++] = task;
	return task;
}

static bool
minds(const struct task *task, const char *table)
{
	for (size_t i = 0; i < 2 && task->chore.tables[i]; i++)
		if (strcmp(task->chore.tables[i], table) == 0)
			return true;
	return false;
}

struct task *
roster_add_before(struct roster *roster, const struct chore *chore)
{
	struct task *task = roster_add(roster, chore);
	size_t place = roster->first;

	while (!minds(roster->tasks[place], chore->tables[0]))
		place++;
	memmove(roster->tasks + place + 1, roster->tasks + place,
	        (roster->count - 1 - place) * sizeof *roster->tasks);
	return roster->tasks[place] = task;
}

/* Indexes of a table are made beside each other, keys one by one. What minds two tables says nothing of either. */
bool
roster_is_longest(const struct roster *roster, const struct task *task, size_t sessions,
                  int64_t more)
{
	const int64_t shares = (int64_t)sessions;
	int64_t all = more, keys = 0, indexes = 0, longest = 0;

	for (size_t i = roster->first, seen = 0; i < roster->count && seen < AHEAD; i++) {
		const struct task *other = roster->tasks[i];

		if (other->is_done)
			continue;
		seen++;
		if (other->chore.tables[1] || other->is_bare)
			continue;
		all += other->weight;
		if (!minds(other, task->chore.tables[0]))
			continue;
		if (other->chore.kind == CHORE_INDEX) {
			indexes += other->weight;
			longest = other->weight > longest ? other->weight : longest;
		} else {
			keys += other->weight;
		}
	}
	if (indexes / shares > longest)
		longest = indexes / shares;
	return shares == 1 || keys + longest > all / shares;
}

static struct table *
table_of(struct roster *roster, const char *name)
{
	struct table *table;

	for (size_t i = 0; i < roster->table_count; i++)
		if (strcmp(roster->tables[i].name, name) == 0)
			return &roster->tables[i];
	roster->tables = arena_grow(roster->arena, roster->tables, roster->table_count,
	                            sizeof *roster->tables);
	table = &roster->tables[roster->table_count++];
	*table = (struct table){ .name = name };
	return table;
}

static struct table *
seen_table(struct roster *roster, const char *name)
{
	struct table *table = table_of(roster, name);

	if (table->look != roster->look)
		table->grip = GRIP_NONE;
	table->look = roster->look;
	return table;
}

/* Is one of its tables in the grip of one before it? From now on they are in its own; both may be the same. */
static bool
grips(struct roster *roster, const struct task *task)
{
	const enum grip own = task->chore.kind == CHORE_INDEX ? GRIP_SHARED : GRIP_WHOLE;
	bool is_held = false;

	for (size_t i = 0; i < 2 && task->chore.tables[i]; i++) {
		const enum grip grip = seen_table(roster, task->chore.tables[i])->grip;

		is_held |= grip == GRIP_WHOLE || (grip == GRIP_SHARED && own == GRIP_WHOLE);
	}
	for (size_t i = 0; i < 2 && task->chore.tables[i]; i++) {
		struct table *table = seen_table(roster, task->chore.tables[i]);

		if (own > table->grip)
			table->grip = own;
	}
	return is_held;
}

static bool
is_better(const struct task *task, const struct task *than)
{
	if (!than || than->is_alone)
		return true;
	return !task->is_alone && task->weight > than->weight;
}

/* Does one run that nothing is to run beside? */
static bool
runs_alone(const struct roster *roster)
{
	for (size_t i = roster->first; roster->running && i < roster->count; i++)
		if (roster->tasks[i]->is_running)
			return roster->tasks[i]->is_alone ||
			       roster->tasks[i]->chore.kind == CHORE_ORDER;
	return false;
}

static struct task *
begin(struct roster *roster, struct task *task)
{
	if (task) {
		task->is_running = true;
		roster->running++;
	}
	return task;
}

static bool
may_begin(const struct roster *roster, const struct task *task, bool is_beside)
{
	return !(is_beside && (task->is_late || task->is_alone)) &&
	       !(task->is_alone && roster->running);
}

struct task *
roster_next(struct roster *roster, bool is_beside)
{
	struct task *best = NULL;

	while (roster->first < roster->count && roster->tasks[roster->first]->is_done)
		roster->first++;
	if (runs_alone(roster))
		return NULL;
	roster->look++;
	for (size_t i = roster->first, seen = 0; i < roster->count && seen < AHEAD; i++) {
		struct task *task = roster->tasks[i];

		if (task->is_done)
			continue;
		seen++;
		if (task->chore.kind == CHORE_ORDER)
			return begin(roster, i == roster->first ? task : best);
		if (!grips(roster, task) && !task->is_running &&
		    may_begin(roster, task, is_beside) && is_better(task, best))
			best = task;
	}
	return begin(roster, best);
}

struct task *
roster_next_ordered(struct roster *roster, const struct task *task)
{
	size_t i = roster->first;

	while (roster->tasks[i] != task)
		i++;
	if (++i == roster->count || roster->tasks[i]->chore.kind != CHORE_ORDER ||
	    roster->tasks[i]->settings != task->settings)
		return NULL;
	return begin(roster, roster->tasks[i]);
}

void
roster_end(struct roster *roster, struct task *task, enum outcome outcome)
{
	roster->running--;
	task->is_running = false;
	task->is_done = outcome == OUTCOME_DONE;
	task->is_late |= outcome == OUTCOME_GAVE_WAY;
	task->is_alone |= outcome == OUTCOME_FAILED;
}

bool
roster_has_bare(const struct roster *roster)
{
	for (size_t i = roster->first; i < roster->count && i < roster->first + AHEAD; i++)
		if (roster->tasks[i]->is_bare && !roster->tasks[i]->is_done)
			return true;
	return false;
}

bool
roster_is_done(const struct roster *roster)
{
	for (size_t i = roster->first; i < roster->count; i++)
		if (!roster->tasks[i]->is_done)
			return false;
	return true;
}
