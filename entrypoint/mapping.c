/* See mapping.h. */
#include "mapping.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "arena.h"
#include "signals/name.h"

/* A process that a signal has ended: for a shell, and for us, its code is this and the signal. */
#define BY_SIGNAL 128

/* The number at the first `length` bytes, or -1. */
typedef int number_of(const char *text, size_t length);

void
mapping_clear(struct mapping *mapping)
{
	for (size_t i = 0; i < sizeof mapping->to; i++)
		mapping->to[i] = (unsigned char)i;
}

bool
mapping_takes(int signal)
{
	return signal != SIGKILL && signal != SIGSTOP && signal != SIGCHLD;
}

static int
code_number(const char *text, size_t length)
{
	int value = 0;

	if (length < 1 || length > 3)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value < 256 ? value : -1;
}

/* Each pair is FROM:TO; commas and blanks part them. */
static bool
read_pairs(struct mapping *mapping, const char *text, number_of *number)
{
	static const char between[] = ", \t\r\n";

	mapping_clear(mapping);
	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		const size_t length = strcspn(text, between), first = strcspn(text, ":");
		const int from = first < length ? number(text, first) : -1;
		const int to = first < length ? number(text + first + 1, length - first - 1) : -1;

		if (from < 0 || to < 0)
			return false;
		mapping->to[from] = (unsigned char)to;
		text += length;
	}
	return true;
}

const char *
mapping_read_codes(struct mapping *mapping, const char *text)
{
	if (!read_pairs(mapping, text, code_number))
		return "is no list of exit codes such as 143:0";
	for (int signal = 1; signal <= SIGNALS; signal++)
		if (!mapping_takes(signal) && mapping->to[BY_SIGNAL + signal] != BY_SIGNAL + signal)
			return "maps the code of a signal that is never passed on, so it would never apply";
	return NULL;
}

const char *
mapping_read_signals(struct mapping *mapping, const char *text)
{
	if (!read_pairs(mapping, text, signal_number))
		return "is no list of signals such as TERM:QUIT or 15:3";
	if (mapping->to[0] != 0)
		return "has 0 in front, which is no signal";
	for (int signal = 1; signal <= SIGNALS; signal++)
		if (!mapping_takes(signal) && mapping->to[signal] != signal)
			return "has KILL, STOP or CHLD in front, which cannot be passed on";
	return NULL;
}

void
mapping_write(const struct mapping *mapping, struct text *text)
{
	const char *comma = "";

	for (size_t i = 0; i < sizeof mapping->to; i++) {
		if (mapping->to[i] == i)
			continue;
		text_print(text, "%s%zu:%u", comma, i, mapping->to[i]);
		comma = ",";
	}
}
