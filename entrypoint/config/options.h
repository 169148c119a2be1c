/* The command line. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct given;
struct request;
struct vocabulary;

/*
 * Options go to given (as long as the table of settings), the rest to request. Everything wrong is
 * FAULT_USAGE.
 */
bool options_read(struct request *request, struct given *given, char **argv,
                  const struct vocabulary *vocabulary, struct arena *arena, struct err *err);
