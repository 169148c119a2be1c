/* A word of the command line that nothing takes: what was meant by it. Pure. */
#pragma once

#include <stdbool.h>

struct err;

/*
 * FAULT_USAGE: the command does not take the word; takes: what it does, NULL: no word. `names`: all commands, of one word
 * and of two, up to a NULL. Returns false.
 */
bool meant_refuse(const char *command, const char *takes, const char *word,
                  const char *const *names, struct err *err);

/* A hint where a program that does not exist has nearly the name of a command, or is the second word of one. Returns false. */
bool meant_program(const char *word, const char *const *names, struct err *err);
