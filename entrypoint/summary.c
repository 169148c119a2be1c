/* See summary.h. */
#include "summary.h"

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "clock.h"

/* Those of all tries, where another server takes over. */
#define MOST_STEPS ((size_t)64)

struct done {
	const char *name, *what; /* what: NULL: it says nothing */
	int64_t count;           /* -1: none */
	int64_t since, took;
};

struct summary {
	int64_t since;
	bool is_running; /* the last step */
	size_t count;
	struct done steps[MOST_STEPS];
};

struct summary *
summary_new(struct arena *arena)
{
	struct summary *summary = arena_alloc(arena, sizeof *summary);

	summary->since = clock_now();
	return summary;
}

void
summary_step(struct summary *summary, const char *name)
{
	const int64_t now = clock_now();
	struct done *last;

	if (!summary)
		return;
	last = summary->count ? &summary->steps[summary->count - 1] : NULL;
	if (last && summary->is_running)
		last->took = now - last->since;
	summary->is_running = name && summary->count < MOST_STEPS;
	if (summary->is_running)
		summary->steps[summary->count++] =
			(struct done){ .name = name, .count = -1, .since = now };
}

void
summary_note(struct summary *summary, int64_t count, const char *what)
{
	if (!summary || !summary->is_running)
		return;
	summary->steps[summary->count - 1].count = count;
	summary->steps[summary->count - 1].what = what;
}

bool
summary_is_empty(const struct summary *summary)
{
	return summary->count == 0;
}

static long long
whole(const struct summary *summary)
{
	return (long long)(clock_now() - summary->since);
}

void
summary_words(const struct summary *summary, struct text *line)
{
	const char *between = ":";

	text_print(line, "ready in %lld ms", whole(summary));
	for (size_t i = 0; i < summary->count; i++) {
		const struct done *step = &summary->steps[i];

		if (!step->what && !step->took)
			continue;
		text_print(line, "%s %s", between, step->name);
		if (step->what && step->count >= 0)
			text_print(line, " %lld", (long long)step->count);
		if (step->what)
			text_print(line, " %s", step->what);
		text_print(line, " %lld ms", (long long)step->took);
		between = ",";
	}
}

void
summary_members(const struct summary *summary, struct text *members)
{
	text_print(members, "\"duration_ms\":%lld,\"steps\":[", whole(summary));
	for (size_t i = 0; i < summary->count; i++) {
		const struct done *step = &summary->steps[i];

		text_add(members, i ? ",{\"step\":" : "{\"step\":");
		text_add_json(members, step->name);
		if (step->count >= 0)
			text_print(members, ",\"count\":%lld", (long long)step->count);
		if (step->what) {
			text_add(members, ",\"what\":");
			text_add_json(members, step->what);
		}
		text_print(members, ",\"duration_ms\":%lld}", (long long)step->took);
	}
	text_add_char(members, ']');
}
