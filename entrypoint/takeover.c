/* See takeover.h. */
#include "takeover.h"

#include <string.h>

#include "boot.h"
#include "clock.h"
#include "config.h"
#include "course.h"
#include "db.h"
#include "err.h"
#include "log.h"
#include "look.h"

/* A migration may itself be what ends the server, each time anew. */
#define MOST_TAKEOVERS 5

/* A postmaster's start is to the microsecond: no two have the same. */
static bool
find_another(struct boot *boot, const char *lost, struct err *err)
{
	return wait_again(boot, NULL, err) && look_await_answer(boot, err) &&
	       (strcmp(boot->facts.started, lost) != 0 ||
	        err_set(err, FAULT_NO_SERVER, "the server is there as before"));
}

/* Not where an answer was only late. What ends a session comes as an error of the server, or as its silence. */
static bool
was_lost(const struct boot *boot, const struct err *err)
{
	return err->fault == FAULT_NO_SERVER && boot->db &&
	       (*err->sqlstate || !db_is_alive(boot->db) ||
	        (boot->lock && !db_is_alive(boot->lock)));
}

bool
takeover_await(struct boot *boot, struct err *err)
{
	const char *lost = boot->facts.started, *step;
	struct err refused = { 0 };

	if (!was_lost(boot, err) || !lost || boot->takeovers == MOST_TAKEOVERS)
		return false;
	boot->takeovers++;
	boot->work = (struct work){ 0 };
	db_close(&boot->db);
	db_close(&boot->lock);
	log_info("%s: waiting for it, or for another server that takes its place", err->what);
	step = log_step("wait");
	course_step(boot, "wait");
	boot->deadline = clock_ahead(boot->config->wait_timeout);
	if (find_another(boot, lost, &refused)) {
		log_info("another server is there: starting again");
		err_clear(err);
		return true;
	}
	(void)log_step(step);
	/* What was lost is what is told. */
	if (refused.fault >= FAULT_SIGNAL)
		*err = refused;
	else
		(void)err_detail(err, "then: %s", refused.what);
	return false;
}
