/* See crew.h. */
#include "headway.h"

#include "crew.h"
#include "filled.h"

#include "../arena.h"
#include "../boot.h"
#include "../clock.h"
#include "../db.h"
#include "../err.h"
#include "../log.h"
#include "haul.h"
#include "labour.h"
#include "lane.h"
#include "policy.h"

bool
crew_open(struct crew **opened, struct boot *boot, const struct crew_plan *plan,
          struct arena *arena, struct err *err)
{
	struct crew *crew = arena_alloc(arena, sizeof *crew);

	*crew = (struct crew){ .boot = boot,
		               .label = plan->label,
		               .fence = plan->fence,
		               .fillings = plan->fillings,
		               .arena = arena,
		               .lanes = arena_alloc(arena, plan->most * sizeof *crew->lanes),
		               .dbs = arena_alloc(arena, plan->most * sizeof(struct db *)) };
	*opened = crew;
	while (crew->count < plan->most)
		if (!lane_open(crew, err)) {
			if (err->fault >= FAULT_SIGNAL)
				return false;
			if (crew->count == 0)
				return err_hint(err, "it needs a session beside those for the lock "
				                     "and the work: connection limit of the role, "
				                     "max_connections");
			log_info("%s: going on with %zu sessions", err->what, crew->count);
			err_clear(err);
			break;
		}
	return true;
}

void
crew_close(struct crew **crew)
{
	if (!*crew)
		return;
	db_cancel_all((*crew)->dbs, (*crew)->count);
	for (size_t i = 0; i < (*crew)->count; i++)
		lane_close(&(*crew)->lanes[i]);
	*crew = NULL;
}

void
crew_set(struct crew *crew, const struct ruling *ruling)
{
	crew->settings = arena_grow(crew->arena, crew->settings, crew->setting_count,
	                            sizeof *crew->settings);
	crew->settings[crew->setting_count++] =
		(struct setting){ arena_copy(crew->arena, ruling->sql), ruling->is_alone };
}

void
crew_take_care(struct crew *crew, bool is_careful)
{
	crew->is_careful = is_careful;
}

void
crew_offer(struct crew *crew, struct roster *roster)
{
	crew->roster = roster;
}

size_t
crew_settings(const struct crew *crew)
{
	return crew->setting_count;
}

static bool
advance(struct crew *crew, struct lane *lane, struct err *err)
{
	if (!db_advance(lane->db, err))
		return lane->task_count ? labour_failed(crew, lane, err)
		                        : lane_blame(crew, lane, err);
	if (db_is_at_work(lane->db))
		return true;
	if (lane->task_count)
		labour_end(crew, lane);
	return !lane->haul || haul_end(crew, lane, err);
}

static bool
await_until(struct crew *crew, int64_t until, struct err *err)
{
	if (!db_await_any(crew->dbs, crew->count, until, err))
		return false;
	headway_tick(&crew->fillings->headway);
	for (size_t i = 0; i < crew->count; i++)
		if (db_is_at_work(crew->dbs[i]) && !advance(crew, &crew->lanes[i], err))
			return false;
	return true;
}

bool
crew_await(struct crew *crew, struct err *err)
{
	return await_until(crew, headway_next(&crew->fillings->headway), err);
}

bool
crew_look(struct crew *crew, struct err *err)
{
	return await_until(crew, clock_now(), err);
}

/* Tasks end by themselves. */
static bool
rests(const struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (db_is_at_work(crew->dbs[i]) && !crew->lanes[i].task_count)
			return false;
	return true;
}

static bool
await_rest(struct crew *crew, struct err *err)
{
	while (!rests(crew))
		if (!crew_await(crew, err))
			return false;
	return true;
}

bool
crew_settle(struct crew *crew, struct err *err)
{
	if (!await_rest(crew, err))
		return false;
	for (size_t i = 0; i < crew->count; i++) {
		struct lane *lane = &crew->lanes[i];

		if (!lane->in_transaction)
			continue;
		if (!db_start(lane->db, "commit", err))
			return false;
		lane->in_transaction = false;
	}
	return await_rest(crew, err);
}
