/*
 * tini 0.19, as far as its users see it: options, variables, messages, exit codes. It also forwards the signals of a
 * crash, if a process has sent them, wakes up for nothing, and says why a program cannot be run.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../mapping.h"
#include "../scoped.h"
#include "../signals.h"
#include "../signals/name.h"
#include "personality.h"
#include "say.h"
#include "supervisor.h"

#define VERSION "tini version 0.19.0"

static const char usage[] =
	"Usage: %s [OPTIONS] PROGRAM -- [ARGS] | --version\n"
	"\n"
	"Execute a program under the supervision of a valid init process (%s)\n"
	"\n"
	"Command line options:\n"
	"\n"
	"  --version: Show version and exit.\n"
	"  -h: Show this help message and exit.\n"
	"  -s: Register as a process subreaper (requires Linux >= 3.4).\n"
	"  -p SIGNAL: Trigger SIGNAL when parent dies, e.g. \"-p SIGKILL\".\n"
	"  -v: Generate more verbose output. Repeat up to 3 times.\n"
	"  -w: Print a warning when processes are getting reaped.\n"
	"  -g: Send signals to the child's process group.\n"
	"  -e EXIT_CODE: Remap EXIT_CODE (from 0 to 255) to 0 (can be repeated).\n"
	"  -l: Show license and exit.\n"
	"\n"
	"Environment variables:\n"
	"\n"
	"  TINI_SUBREAPER: Register as a process subreaper (requires Linux >= 3.4).\n"
	"  TINI_VERBOSITY: Set the verbosity level (default: 1).\n"
	"  TINI_KILL_PROCESS_GROUP: Send signals to the child's process group.\n"
	"\n";

static const char no_zombies[] =
	"Tini is not running as PID 1 and isn't registered as a child subreaper.\n"
	"Zombie processes will not be re-parented to Tini, so zombie reaping won't work.\n"
	"To fix the problem, use the -s option or set the environment variable TINI_SUBREAPER to register "
	"Tini as a child subreaper, or run Tini as PID 1.";

enum loudness { LOUD_FATAL, LOUD_WARN, LOUD_INFO, LOUD_DEBUG, LOUD_TRACE };

struct tini {
	struct supervisor supervisor; /* first: the teller is given this */
	struct mapping signals, codes;
	bool is_subreaper, warns_of_reaped;
	int loudness; /* the last enum loudness that is printed; less or more than these, too */
	int parent_death;
	const char *name; /* what we were called by */
};

static __attribute__((format(printf, 3, 4))) void
say(const struct tini *tini, enum loudness loudness, const char *format, ...)
{
	static const char *const labels[] = { "FATAL", "WARN ", "INFO ", "DEBUG", "TRACE" };
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *text;
	va_list args;

	if (loudness != LOUD_FATAL && (int)loudness > tini->loudness)
		return;
	va_start(args, format);
	text = arena_vprint(&arena, format, args);
	va_end(args);
	(loudness > LOUD_WARN ? say_out : say_error)("[%s tini (%d)] %s\n", labels[loudness],
	                                             getpid(), text);
}

static void
say_end(const struct tini *tini, int status)
{
	if (WIFSIGNALED(status))
		say(tini, LOUD_INFO, "Main child exited with signal (with signal '%s')",
		    strsignal(WTERMSIG(status)));
	else
		say(tini, LOUD_INFO, "Main child exited normally (with status '%d')",
		    WEXITSTATUS(status));
}

static void
say_reaped(const struct tini *tini, pid_t pid)
{
	say(tini, LOUD_DEBUG, "Reaped child with pid: '%d'", pid);
	if (tini->warns_of_reaped && pid != tini->supervisor.child)
		say(tini, LOUD_WARN, "Reaped zombie process with pid=%d", pid);
}

static void
tell(const struct supervisor *supervisor, enum event event, int first, int second)
{
	const struct tini *tini = (const struct tini *)supervisor;

	switch (event) {
	case EVENT_STARTED:
		say(tini, LOUD_INFO, "Spawned child process '%s' with pid '%d'",
		    *supervisor->program, first);
		break;
	case EVENT_RECEIVED:
		if (first == SIGCHLD)
			say(tini, LOUD_DEBUG, "Received SIGCHLD");
		else
			say(tini, LOUD_DEBUG, "Passing signal: '%s'", strsignal(first));
		break;
	case EVENT_SENT:
		if (second)
			say(tini, LOUD_WARN, "Child was dead when forwarding signal");
		break;
	case EVENT_REAPED:
		say_reaped(tini, first);
		break;
	case EVENT_IDLE:
		say(tini, LOUD_TRACE, first ? "No child to reap" : "No child to wait");
		break;
	case EVENT_ENDED:
		say_end(tini, second);
		break;
	case EVENT_LEFT:
		say(tini, LOUD_TRACE, "Exiting: child has exited");
		break;
	case EVENT_DETACHED:
	case EVENT_TERMINAL:
	case EVENT_CHANGED:
	case EVENT_KEPT:
	case EVENT_SKIPPED:
	case EVENT_SUSPENDED:
		break; /* not with tini */
	}
}

static void
say_usage(const struct tini *tini, void (*to)(const char *format, ...))
{
	const char *slash = strrchr(tini->name, '/'), *base = slash ? slash + 1 : tini->name;

	to("%s (" VERSION ", pg-entrypoint " TOOL_VERSION ")\n", base);
	to(usage, base, base);
}

/* Whose options they are is said as getopt does. */
static int
refuse(const struct tini *tini, int option)
{
	if (option == ':')
		say_error("%s: option requires an argument -- '%c'\n", tini->name, optopt);
	else
		say_error("%s: invalid option -- '%c'\n", tini->name, optopt);
	say_usage(tini, say_error);
	return EXIT_FAILURE;
}

static bool
read_code(struct tini *tini, const char *text)
{
	char *end;
	const long code = strtol(text, &end, 10);

	if (end == text || *end || code < 0 || code > 255)
		return false;
	tini->codes.to[code] = 0;
	return true;
}

/* By its full name only. */
static bool
read_parent_death(struct tini *tini, const char *text)
{
	const int signal = strncmp(text, "SIG", 3) == 0 ? signal_number(text, strlen(text)) : -1;

	tini->parent_death = signal;
	return signal > 0 && strcmp(signal_name(signal), text) == 0;
}

static bool
read_option(struct tini *tini, int option, const char *value)
{
	switch (option) {
	case 's':
		tini->is_subreaper = true;
		break;
	case 'v':
		tini->loudness++;
		break;
	case 'w':
		tini->warns_of_reaped = true;
		break;
	case 'g':
		tini->supervisor.to_group = true;
		break;
	case 'e':
		if (read_code(tini, value))
			break;
		say(tini, LOUD_FATAL, "Not a valid option for -e: %s", value);
		return false;
	default:
		if (read_parent_death(tini, value))
			break;
		say(tini, LOUD_FATAL, "Not a valid option for -p: %s", value);
		return false;
	}
	return true;
}

/* True: there is a program to run. Else *code is what to exit with. */
static bool
read_options(struct tini *tini, int argc, char **argv, int *code)
{
	int option;

	*code = EXIT_SUCCESS;
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		say_out(VERSION " (pg-entrypoint " TOOL_VERSION ")\n");
		return false;
	}
	opterr = 0;
	while ((option = getopt(argc, argv, "+:hvwgle:p:s")) != -1) {
		if (option == 'h') {
			say_usage(tini, say_out);
			return false;
		}
		if (option == 'l') {
			say_out("This is pg-entrypoint under the name of tini; its licence is that of "
			        "pg-entrypoint (see its LICENSE).\n");
			return false;
		}
		*code = EXIT_FAILURE;
		if (option == ':' || option == '?')
			return refuse(tini, option) == EXIT_SUCCESS;
		if (!read_option(tini, option, optarg))
			return false;
	}
	*code = EXIT_FAILURE;
	tini->supervisor.program = argv + optind;
	if (!argv[optind])
		say_usage(tini, say_error);
	return argv[optind];
}

static void
read_variables(struct tini *tini)
{
	const char *loudness = config_raw_variable("TINI_VERBOSITY");

	if (config_raw_variable("TINI_SUBREAPER"))
		tini->is_subreaper = true;
	if (config_raw_variable("TINI_KILL_PROCESS_GROUP"))
		tini->supervisor.to_group = true;
	if (loudness)
		tini->loudness = (int)strtol(loudness, NULL, 10);
}

/* What goes for us, not for the child. */
static bool
set_up(const struct tini *tini)
{
	if (tini->parent_death && prctl(PR_SET_PDEATHSIG, tini->parent_death) != 0) {
		say(tini, LOUD_FATAL, "Failed to set up parent death signal: %s", strerror(errno));
		return false;
	}
	if (tini->is_subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
		say(tini, LOUD_FATAL, "Failed to register as child subreaper: %s", strerror(errno));
		return false;
	}
	if (tini->is_subreaper)
		say(tini, LOUD_TRACE, "Registered as child subreaper");
	else if (getpid() != 1)
		say(tini, LOUD_WARN, "%s", no_zombies);
	return true;
}

int
tini_main(int argc, char **argv)
{
	struct tini tini = { .loudness = LOUD_WARN, .name = *argv };
	struct err err = { 0 };
	int code;

	tini.supervisor = (struct supervisor){
		.home = HOME_GROUP,
		.takes_texts = true,
		.signals = &tini.signals,
		.codes = &tini.codes,
		.from_people = supervisor_bit(SIGTTIN) | supervisor_bit(SIGTTOU),
		.tell = tell,
	};
	mapping_clear(&tini.signals);
	mapping_clear(&tini.codes);
	if (!read_options(&tini, argc, argv, &code))
		return code;
	read_variables(&tini);
	signals_open_init(NULL);
	if (!set_up(&tini))
		return EXIT_FAILURE;
	if (supervisor_run(&tini.supervisor, &code, &err))
		return code;
	say(&tini, LOUD_FATAL, "exec %s failed: %s (%s)", *tini.supervisor.program,
	    strerror(err.fault == FAULT_NOT_FOUND ? ENOENT : EACCES), err.what);
	return err.fault;
}
