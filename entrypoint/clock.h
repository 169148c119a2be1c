/* Time on the monotonic clock, in milliseconds: deadlines, and pauses that grow. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;

#define CLOCK_NEVER INT64_MAX

/* Milliseconds since some fixed point. */
int64_t clock_now(void);

/* The deadline that lies `wait` ms ahead; CLOCK_NEVER stays never. */
int64_t clock_ahead(int64_t wait);

/* Milliseconds left until the deadline, 0 when it has passed. */
int64_t clock_left(int64_t deadline);
bool clock_passed(int64_t deadline);

/* As a setting has it: "500ms", "90s", "5m", "24h", "none". Not negative. */
const char *clock_shown(int64_t wait, struct arena *arena);

/* Exponential pauses with jitter: each is between half and the whole of `next`, which then grows. */
struct backoff {
	int64_t next;
	int64_t most;
};

/* The next pause in ms. */
int64_t backoff_pause(struct backoff *backoff);

/* The same, and no longer than what is left. */
int64_t backoff_pause_until(struct backoff *backoff, int64_t deadline);
