/* The names of the signals: those of Linux, the same on every kind of machine that we are built for. */
#pragma once

#include <stddef.h>

/* The signals are 1 to this. */
#define SIGNALS 64

/* "SIGTERM"; NULL for those that have no name, from 32 on. */
const char *signal_name(int signal);

/* Of the first `length` bytes: a name, with or without SIG, or a number from 0 to SIGNALS. Else -1. */
int signal_number(const char *text, size_t length);
