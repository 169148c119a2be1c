/*
 * Seeds that are SQL: each runs once for its name and content, and is noted in the table `seed`.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct config;
struct err;
struct question;
struct script;
struct seeds;

/* SHAPE_VALUE: has any script not run as it is now? */
struct question scripts_question(const struct seeds *seeds, const struct config *config,
                                 struct arena *arena);

/* What the table says of a script. */
enum script_state { SCRIPT_NEW, SCRIPT_CHANGED, SCRIPT_DONE };

bool script_state(struct boot *boot, const struct script *script, enum script_state *state,
                  struct err *err);

/* Runs it inside the transaction that is open, and notes it. */
bool script_run(struct boot *boot, const struct script *script, struct err *err);
