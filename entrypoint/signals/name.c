/* See name.h. */
#include "name.h"

#include <string.h>
#include <strings.h>

static const char *const names[] = {
	NULL,        "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",
	"SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM",
	"SIGSTKFLT", "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",
	"SIGXCPU",   "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS",
};
#define NAMED ((int)(sizeof names / sizeof *names))

const char *
signal_name(int signal)
{
	return signal > 0 && signal < NAMED ? names[signal] : NULL;
}

static int
number(const char *text, size_t length)
{
	int value = 0;

	if (length < 1 || length > 2)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value <= SIGNALS ? value : -1;
}

int
signal_number(const char *text, size_t length)
{
	for (int i = 1; i < NAMED; i++) {
		const char *name = names[i];

		if (length < 3 || strncasecmp(text, "SIG", 3) != 0)
			name += 3;
		if (strlen(name) == length && strncasecmp(name, text, length) == 0)
			return i;
	}
	return number(text, length);
}
