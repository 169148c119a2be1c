/* See headway.h. */
#include "headway.h"

#include "../arena.h"
#include "../clock.h"
#include "../log.h"
#include "../phase.h"
#include "../scoped.h"
#include "reader.h"

#define LINE_EVERY 5000
#define BAR_EVERY 200
#define PHASE_EVERY 500
#define BAR_WIDTH 20
#define MB 1000000

void
headway_begin(struct headway *headway, struct reader *reader, int64_t size, struct phase *phase)
{
	*headway = (struct headway){
		.reader = reader, .size = size, .phase = phase, .since = clock_now()
	};
	headway->phase_at = clock_ahead(PHASE_EVERY);
	headway->tell_at = clock_ahead(log_has_bar() ? BAR_EVERY : LINE_EVERY);
}

void
headway_end(struct headway *headway)
{
	headway->reader = NULL;
	log_bar(NULL);
}

/* In a dump that has grown since it was planned there is no more than all. */
static int64_t
percent(const struct headway_state *state)
{
	return state->bytes < state->size ? state->bytes * 100 / state->size : 100;
}

/* Seconds, at the rate so far. */
static int64_t
left(const struct headway_state *state)
{
	if (state->bytes <= 0 || state->bytes >= state->size)
		return 0;
	return (int64_t)((double)state->took / (double)state->bytes *
	                 (double)(state->size - state->bytes) / 1000) +
	       1;
}

static int64_t
rate(const struct headway_state *state)
{
	return state->took > 0 ? state->bytes * 1000 / state->took : 0;
}

const char *
headway_words(const struct headway_state *state, struct arena *arena)
{
	struct text words = text_new(arena);

	if (state->size)
		text_print(&words, "%lld %%, %lld of %lld MB", (long long)percent(state),
		           (long long)(state->bytes / MB), (long long)(state->size / MB));
	else
		text_print(&words, "%lld MB", (long long)(state->bytes / MB));
	text_print(&words, ", %lld rows, %lld MB/s", (long long)state->rows,
	           (long long)(rate(state) / MB));
	if (left(state))
		text_print(&words, ", %lld s left", (long long)left(state));
	if (state->doing)
		text_print(&words, ", %s", state->doing);
	return words.at;
}

const char *
headway_bar(const struct headway_state *state, size_t width, struct arena *arena)
{
	const size_t full = state->size ? width * (size_t)percent(state) / 100 : 0;
	struct text bar = text_new(arena);

	text_add_char(&bar, '[');
	for (size_t i = 0; i < width; i++)
		text_add_char(&bar, i < full ? '#' : '.');
	text_add(&bar, "] ");
	text_add(&bar, headway_words(state, arena));
	return bar.at;
}

const char *
headway_members(const struct headway_state *state, struct arena *arena)
{
	struct text members = text_new(arena);

	text_print(&members,
	           ",\"event\":\"progress\",\"bytes\":%lld,\"size\":%lld,\"rows\":%lld,"
	           "\"bytes_per_second\":%lld,\"seconds_left\":%lld,\"doing\":",
	           (long long)state->bytes, (long long)state->size, (long long)state->rows,
	           (long long)rate(state), (long long)left(state));
	text_add_json(&members, state->doing ? state->doing : "");
	return members.at;
}

int64_t
headway_next(const struct headway *headway)
{
	if (!headway->reader)
		return CLOCK_NEVER;
	return headway->tell_at < headway->phase_at ? headway->tell_at : headway->phase_at;
}

static struct headway_state
state_of(const struct headway *headway)
{
	return (struct headway_state){ .bytes = reader_given(headway->reader),
		                       .size = headway->size,
		                       .rows = headway->rows,
		                       .took = clock_now() - headway->since,
		                       .doing = headway->doing };
}

/* For `health`. */
static void
tell_phase(struct headway *headway)
{
	const struct headway_state state = state_of(headway);

	if (state.size)
		phase_tell(headway->phase, "restoring", "%lld%%", (long long)percent(&state));
	else
		phase_tell(headway->phase, "restoring", "%lld MB", (long long)(state.bytes / MB));
	headway->phase_at = clock_ahead(PHASE_EVERY);
}

static void
tell_people(struct headway *headway)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct headway_state state = state_of(headway);

	if (log_has_bar())
		log_bar(headway_bar(&state, BAR_WIDTH, &arena));
	else
		log_event(headway_words(&state, &arena), headway_members(&state, &arena));
	headway->tell_at = clock_ahead(log_has_bar() ? BAR_EVERY : LINE_EVERY);
}

void
headway_tick(struct headway *headway)
{
	if (headway->reader && clock_passed(headway->phase_at))
		tell_phase(headway);
	if (headway->reader && clock_passed(headway->tell_at))
		tell_people(headway);
}
