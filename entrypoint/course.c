/* See course.h. */
#include "course.h"

#include <stddef.h>
#include <string.h>

#include "arena.h"
#include "boot.h"
#include "check.h"
#include "config.h"
#include "err.h"
#include "log.h"
#include "phase.h"
#include "scoped.h"
#include "summary.h"
#include "target.h"

/* What `health` is told. A step that is not among them is part of what goes before. */
static const struct {
	const char *step, *phase, *detail;
} phases[] = {
	{ "wait", "waiting", "for the server" },
	{ "lock", "waiting", "for the lock" },
	{ "restore", "restoring", "" },
	{ "initdb", "initialising", "" },
	{ "migrate", "migrating", "" },
	{ "seed", "seeding", "" },
	{ "check", "checking", "" },
};

/* Without a program it is by hand: beside an application that runs `health` goes on being about that. */
void
course_begin(struct boot *boot)
{
	const char *path = boot->config->phase_file;
	const bool is_by_hand = !*boot->request->operands;

	if (!is_by_hand || !phase_is_running(path))
		boot->phase = phase_new(path, boot->arena);
	if (is_by_hand && boot->phase)
		phase_give_way(boot->phase);
	boot->summary = summary_new(boot->arena);
}

static void
tell_summary(const struct boot *boot)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text line = text_new(&arena), members = text_new(&arena);

	summary_words(boot->summary, &line);
	text_add(&members, ",");
	summary_members(boot->summary, &members);
	log_event(line.at, members.at);
}

/* Behind this there is only the application, or nothing. */
static void
come_to_the_end(struct boot *boot)
{
	if (boot->summary && !summary_is_empty(boot->summary))
		tell_summary(boot);
	phase_tell(boot->phase, *boot->request->operands ? "running" : "done", "%s", "");
}

/* A start that has nothing to wait for and nothing to check makes the file once, at its end. */
static void
tell_phase(const struct boot *boot, size_t i)
{
	const bool is_check = strcmp(phases[i].step, "check") == 0;

	if (i == 0 || (is_check && !(boot->checks && checks_question_count(boot->checks))))
		phase_hold(boot->phase, phases[i].phase, phases[i].detail);
	else
		phase_tell(boot->phase, phases[i].phase, "%s", phases[i].detail);
}

void
course_step(struct boot *boot, const char *name)
{
	const bool is_end = name && strcmp(name, "become") == 0;

	(void)log_step(is_end ? NULL : name);
	summary_step(boot->summary, is_end ? NULL : name);
	if (is_end)
		come_to_the_end(boot);
	for (size_t i = 0; name && i < sizeof phases / sizeof *phases; i++)
		if (strcmp(phases[i].step, name) == 0)
			tell_phase(boot, i);
	if (is_end)
		(void)log_step(name);
}

void
course_fail(struct boot *boot, struct err *err)
{
	(void)target_advise_path(boot->target, err); /* advice */
	if (err->what[0])
		log_fault(err);
	phase_tell(boot->phase, "failed", "exit %d", err->fault);
}
