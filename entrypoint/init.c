/* See init.h. */
#include "init.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "config.h"
#include "err.h"
#include "init/order.h"
#include "init/personality.h"
#include "init/supervisor.h"
#include "log.h"
#include "mapping.h"
#include "scoped.h"
#include "signals.h"

/* Our argv[0]. No file has such a name by chance, and whoever chooses it on purpose gets what it says. */
#define TITLE "pg-entrypoint: init"

static void
tell(const struct supervisor *supervisor, enum event event, int first, int second)
{
	(void)supervisor; /* the form of all tellers */
	if (event == EVENT_STARTED)
		log_debug("process %d is %s", first, *supervisor->program);
	else if (event == EVENT_SENT && second == 0)
		log_debug("passed signal %d on (%s)", first, strsignal(first));
	else if (event == EVENT_ENDED && WIFSIGNALED(second))
		log_debug("process %d was ended by signal %d (%s)", first, WTERMSIG(second),
		          strsignal(WTERMSIG(second)));
	else if (event == EVENT_ENDED)
		log_debug("process %d ended with code %d", first, WEXITSTATUS(second));
}

/* Orphans are given to us, process 1 or not. */
static bool
become_reaper(struct err *err)
{
	return getpid() == 1 || prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ||
	       err_errno(err, FAULT_SYSTEM, "prctl");
}

static bool
serve(const struct order *order, char *const program[], int *code, struct err *err)
{
	struct supervisor supervisor = {
		.program = program,
		.home = HOME_GROUP,
		.dies_with_us = true,
		.to_group = order->to_group,
		.goes_to_root = true,
		.closes_others = true,
		.follows_stops = true,
		.drains = true,
		.maps_only_sent = true,
		.stop_timeout = order->stop_timeout,
		.from_people =
			supervisor_bit(SIGTSTP) | supervisor_bit(SIGTTIN) | supervisor_bit(SIGTTOU),
		.signals = order->signals,
		.codes = order->codes,
		.tell = tell,
	};

	signals_open_init(&order->blocked);
	(void)prctl(PR_SET_NAME, "pg-entrypoint"); /* or we are called exe */
	return become_reaper(err) && supervisor_run(&supervisor, code, err);
}

static int
own_main(int argc, char **argv)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct err err = { 0 };
	struct order order;
	int code;

	(void)argc; /* the form of all mains */
	argv = order_read(&order, argv + 1, &arena, &err);
	log_open(order.log_level, order.logs_json);
	(void)log_step("init");
	if (argv && serve(&order, argv, &code, &err))
		return code;
	log_fault(&err);
	return err.fault;
}

bool
init_main(int argc, char **argv, int *code)
{
	static const struct {
		const char *name;
		int (*main)(int argc, char **argv);
	} rows[] = {
		{ TITLE, own_main },
		{ "tini", tini_main },
		{ "tini-static", tini_main },
		{ "docker-init", tini_main }, /* which is tini */
		{ "dumb-init", dumb_init_main },
	};
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc ? argv[0] : "";

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(name, rows[i].name) != 0)
			continue;
		*code = rows[i].main(argc, argv);
		return true;
	}
	return false;
}

/* Without /proc by the name that the kernel was given for us. */
static void
execute_ourselves(char *const argv[])
{
	const char *name = (const char *)getauxval(AT_EXECFN);

	(void)execv("/proc/self/exe", argv); /* it came back, so it failed */
	if (errno == ENOENT && name)
		(void)execv(name, argv);
}

bool
init_become(const struct config *config, char *const program[], struct arena *arena,
            struct err *err)
{
	const struct order order = {
		.blocked = signals_hand_on(),
		.to_group = config->signal_group,
		.stop_timeout = config->stop_timeout,
		.signals = config->signal_map,
		.codes = config->exit_map,
		.log_level = config->log_level,
		.logs_json = config->log_json,
	};

	execute_ourselves(order_write(&order, TITLE, program, arena));
	return err_errno(err, FAULT_CANNOT_RUN, "running ourselves for init mode");
}
