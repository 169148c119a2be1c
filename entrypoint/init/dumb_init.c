/*
 * dumb-init 1.2, as far as its users see it: options, variables, messages, exit codes. It also forwards the
 * real-time signals, and says why a program cannot be run.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../config.h"
#include "../err.h"
#include "../mapping.h"
#include "../signals.h"
#include "personality.h"
#include "say.h"
#include "supervisor.h"

#define VERSION "dumb-init v1.2.5"
/* Rewriting knows no other signals. */
#define LAST_SIGNAL 31

static const char help[] = VERSION
	" (pg-entrypoint " TOOL_VERSION ")\n"
	"Usage: %s [option] command [[arg] ...]\n"
	"\n"
	"dumb-init is a simple process supervisor that forwards signals to children.\n"
	"It is designed to run as PID1 in minimal container environments.\n"
	"\n"
	"Optional arguments:\n"
	"   -c, --single-child   Run in single-child mode.\n"
	"                        In this mode, signals are only proxied to the\n"
	"                        direct child and not any of its descendants.\n"
	"   -r, --rewrite s:r    Rewrite received signal s to new signal r before proxying.\n"
	"                        To ignore (not proxy) a signal, rewrite it to 0.\n"
	"                        This option can be specified multiple times.\n"
	"   -v, --verbose        Print debugging information to stderr.\n"
	"   -h, --help           Print this help message and exit.\n"
	"   -V, --version        Print the current version and exit.\n";

static const char rewrite_usage[] =
	"Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and %d.\n"
	"This option can be specified multiple times.\n"
	"Use --help for full usage.\n";

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },          { "single-child", no_argument, NULL, 'c' },
	{ "rewrite", required_argument, NULL, 'r' }, { "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },       { NULL, 0, NULL, 0 },
};

struct dumb_init {
	struct supervisor supervisor; /* first: the teller is given this */
	struct mapping signals, codes;
	bool is_verbose;
	bool rewrites[LAST_SIGNAL + 1];
};

static void
tell_end(pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		say_error("[dumb-init] A child with PID %d was terminated by signal %d.\n", pid,
		          WTERMSIG(status));
	else
		say_error("[dumb-init] A child with PID %d exited with exit status %d.\n", pid,
		          WEXITSTATUS(status));
}

static void
tell_terminal(const char *did, int failure)
{
	if (failure)
		say_error("[dumb-init] Unable to %s controlling tty (errno=%d %s).\n", did, failure,
		          strerror(failure));
}

static void
tell(const struct supervisor *supervisor, enum event event, int first, int second)
{
	if (!((const struct dumb_init *)supervisor)->is_verbose)
		return;
	switch (event) {
	case EVENT_DETACHED:
		tell_terminal("detach from", second);
		break;
	case EVENT_TERMINAL:
		tell_terminal("attach to", second);
		say_error("[dumb-init] setsid complete.\n");
		break;
	case EVENT_STARTED:
		say_error("[dumb-init] Child spawned with PID %d.\n", first);
		break;
	case EVENT_RECEIVED:
		say_error("[dumb-init] Received signal %d.\n", first);
		break;
	case EVENT_CHANGED:
		say_error("[dumb-init] Translating signal %d to %d.\n", first, second);
		break;
	case EVENT_SENT:
		say_error("[dumb-init] Forwarded signal %d to children.\n", first);
		break;
	case EVENT_KEPT:
		say_error("[dumb-init] Not forwarding signal 0 to children (ignored).\n");
		break;
	case EVENT_SKIPPED:
		say_error("[dumb-init] Ignoring tty hand-off signal %d.\n", first);
		break;
	case EVENT_SUSPENDED:
		say_error("[dumb-init] Suspending self due to TTY signal.\n");
		break;
	case EVENT_REAPED:
		tell_end(first, second);
		break;
	case EVENT_LEFT:
		say_error("[dumb-init] Child exited with status %d. Goodbye.\n", first);
		break;
	case EVENT_IDLE:
	case EVENT_ENDED:
		break; /* said by others */
	}
}

/* 15:3; what stands behind the second number has never mattered. */
static bool
read_rewriting(struct dumb_init *dumb_init, const char *text)
{
	char *end;
	const long from = strtol(text, &end, 10);
	const long to = end != text && *end == ':' ? strtol(end + 1, NULL, 10) : -1;

	if (from < 1 || from > LAST_SIGNAL || to < 0 || to > LAST_SIGNAL) {
		say_error(rewrite_usage, LAST_SIGNAL);
		return false;
	}
	dumb_init->signals.to[from] = (unsigned char)to;
	dumb_init->rewrites[from] = true;
	return true;
}

static void
refuse(char **argv, int option)
{
	const char *word = argv[optind - 1];

	if (option == ':')
		say_error("%s: option requires an argument -- '%c'\n", *argv, optopt);
	else if (strncmp(word, "--", 2) == 0)
		say_error("%s: unrecognized option '%s'\n", *argv, word);
	else
		say_error("%s: invalid option -- '%c'\n", *argv, optopt);
}

/* True: go on. Else *code is what to exit with. */
static bool
read_options(struct dumb_init *dumb_init, int argc, char **argv, int *code)
{
	int option;

	*code = EXIT_FAILURE;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:hvVcr:", options, NULL)) != -1) {
		switch (option) {
		case 'h':
		case 'V':
			say_error(option == 'h' ? help
			                        : VERSION " (pg-entrypoint " TOOL_VERSION ")\n",
			          *argv);
			*code = EXIT_SUCCESS;
			return false;
		case 'v':
			dumb_init->is_verbose = true;
			break;
		case 'c':
			dumb_init->supervisor.home = HOME_OURS;
			break;
		case 'r':
			if (!read_rewriting(dumb_init, optarg))
				return false;
			break;
		default:
			refuse(argv, option);
			return false;
		}
	}
	dumb_init->supervisor.program = argv + optind;
	if (!argv[optind])
		say_error("Usage: %s [option] program [args]\nTry %s --help for full usage.\n",
		          *argv, *argv);
	return argv[optind];
}

static bool
is_set(const char *variable, const char *value)
{
	const char *found = config_raw_variable(variable);

	return found && strcmp(found, value) == 0;
}

static void
read_variables(struct dumb_init *dumb_init)
{
	if (is_set("DUMB_INIT_DEBUG", "1")) {
		dumb_init->is_verbose = true;
		say_error("[dumb-init] Running in debug mode.\n");
	}
	if (is_set("DUMB_INIT_SETSID", "0"))
		dumb_init->supervisor.home = HOME_OURS;
	if (is_set("DUMB_INIT_SETSID", "0") && dumb_init->is_verbose)
		say_error("[dumb-init] Not running in setsid mode.\n");
}

/*
 * What stops the child stops us, for the shell that waits for us to see. In a session of its own the child's group
 * cannot be stopped by a TSTP: nobody is there who would wake it up.
 */
static void
stop_too(struct dumb_init *dumb_init)
{
	static const int stops[] = { SIGTSTP, SIGTTOU, SIGTTIN };

	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
		if (dumb_init->supervisor.to_group && !dumb_init->rewrites[stops[i]])
			dumb_init->signals.to[stops[i]] = SIGSTOP;
		dumb_init->supervisor.suspends |= supervisor_bit(stops[i]);
	}
}

int
dumb_init_main(int argc, char **argv)
{
	struct dumb_init dumb_init = { 0 };
	struct err err = { 0 };
	int code;

	dumb_init.supervisor = (struct supervisor){
		.home = HOME_SESSION,
		.is_fresh = true,
		.takes_texts = true,
		.goes_to_root = true,
		.farewell = SIGTERM,
		.signals = &dumb_init.signals,
		.codes = &dumb_init.codes,
		.tell = tell,
	};
	mapping_clear(&dumb_init.signals);
	mapping_clear(&dumb_init.codes);
	if (!read_options(&dumb_init, argc, argv, &code))
		return code;
	read_variables(&dumb_init);
	dumb_init.supervisor.to_group = dumb_init.supervisor.home == HOME_SESSION;
	stop_too(&dumb_init);
	signals_open_init(NULL);
	if (supervisor_run(&dumb_init.supervisor, &code, &err))
		return code;
	say_error("[dumb-init] %s: %s (%s)\n", *dumb_init.supervisor.program,
	          strerror(err.fault == FAULT_NOT_FOUND ? ENOENT : EACCES), err.what);
	return 2;
}
