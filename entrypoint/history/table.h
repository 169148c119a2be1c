/* The table that another tool keeps its history in, and what may be wrong with it. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct config;
struct err;
struct format;
struct history;
struct history_table;

/* Its name, as the setting or the tool's default has it; the schema is NULL where the search path tells. */
struct history_table table_wanted(const struct format *format, const struct config *config,
                                  struct arena *arena);

/* Fills table and exists, and problem where it is not the tool's. */
bool table_look(struct boot *boot, struct history *history, struct err *err);

/* Fills problem where the rows, or that there is no table, are nothing to go on from. */
void history_check(struct history *history, struct arena *arena);
