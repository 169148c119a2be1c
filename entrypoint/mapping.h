/* "143:0, 3:1": what becomes of numbers, exit codes or signals; all others stay as they are. */
#pragma once

#include <stdbool.h>

struct text;

struct mapping {
	unsigned char to[256];
};

/* Nothing is changed. */
void mapping_clear(struct mapping *mapping);

/*
 * Exit codes, 0 to 255. Those from 128 on that stand for a signal can be mapped only where that is one which
 * init mode passes on. NULL, or what is wrong with the text, fit to stand behind it in a message.
 */
const char *mapping_read_codes(struct mapping *mapping, const char *text);

/* The same for signals, by name or number: TERM:QUIT. 0, not in front, is none at all. */
const char *mapping_read_signals(struct mapping *mapping, const char *text);

/* Can init mode take it, to pass it on? All but KILL and STOP, which end or stop us, and CHLD, which is ours. */
bool mapping_takes(int signal);

/* In numbers, as both of the above read it; nothing where nothing is changed. */
void mapping_write(const struct mapping *mapping, struct text *text);
