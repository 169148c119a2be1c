/* See intake.h. */
#include "intake.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "../clock.h"
#include "../err.h"
#include "../log.h"
#include "../signals.h"
#include "sums.h"

#define TELL_EVERY 5000 /* ms */
#define MB 1000000

void
intake_begin(struct intake *intake)
{
	intake->tell_at = clock_ahead(TELL_EVERY);
}

static void
tell(struct intake *intake)
{
	const long long taken = intake->taken / MB, size = intake->size / MB;

	if (!clock_passed(intake->tell_at))
		return;
	intake_begin(intake);
	if (size)
		log_info("%s: %lld of %lld MB read, %lld %%", intake->path, taken, size,
		         (long long)(intake->taken * 100 / intake->size));
	else
		log_info("%s: %lld MB read", intake->path, taken);
}

/* A pipe may keep us waiting; a file is always ready. */
static bool
await(struct intake *intake, struct err *err)
{
	struct pollfd polled = { .fd = intake->file, .events = POLLIN };
	int ready = 0;

	while (!ready) {
		tell(intake);
		if (!signals_poll(&polled, 1, intake->tell_at, &ready, err))
			return false;
	}
	return true;
}

bool
intake_pull(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct intake *intake = from;
	ssize_t got;

	do {
		if (!await(intake, err))
			return false;
		got = read(intake->file, intake->piece, sizeof intake->piece);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	if (got < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", intake->path);
	sums_add(intake->sums, intake->piece, (size_t)got);
	intake->taken += got;
	*bytes = intake->piece;
	*length = (size_t)got;
	return true;
}
