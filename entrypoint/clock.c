/* See clock.h. */
#include "clock.h"

#include <sys/random.h>
#include <time.h>

#include "arena.h"

int64_t
clock_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_ahead(int64_t wait)
{
	return wait == CLOCK_NEVER ? CLOCK_NEVER : clock_now() + wait;
}

int64_t
clock_left(int64_t deadline)
{
	int64_t now;

	if (deadline == CLOCK_NEVER)
		return CLOCK_NEVER;
	now = clock_now();
	return deadline > now ? deadline - now : 0;
}

bool
clock_passed(int64_t deadline)
{
	return clock_left(deadline) == 0;
}

const char *
clock_shown(int64_t wait, struct arena *arena)
{
	/* One minute is 60s, as the default of wait_timeout is written. */
	static const struct {
		int64_t length, least;
		const char *name;
	} units[] = { { 3600000, 7200000, "h" },
		      { 60000, 120000, "m" },
		      { 1000, 1000, "s" },
		      { 1, 0, "ms" } };
	size_t i = 0;

	if (wait == CLOCK_NEVER)
		return "none";
	while (wait < units[i].least || wait % units[i].length)
		i++;
	return arena_print(arena, "%lld%s", (long long)(wait / units[i].length), units[i].name);
}

int64_t
backoff_pause(struct backoff *backoff)
{
	const int64_t whole = backoff->next;
	uint32_t chance = 0;

	/* Without randomness the jitter is lost, nothing else. */
	if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != (long)sizeof chance)
		chance = (uint32_t)clock_now();
	backoff->next = whole * 3 / 2 < backoff->most ? whole * 3 / 2 : backoff->most;
	return whole / 2 + (int64_t)(chance % (uint32_t)(whole / 2 + 1));
}

int64_t
backoff_pause_until(struct backoff *backoff, int64_t deadline)
{
	const int64_t pause = backoff_pause(backoff), left = clock_left(deadline);

	return pause < left ? pause : left;
}
