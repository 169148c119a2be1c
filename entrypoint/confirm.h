/* What is not to happen by a command in the wrong terminal: in production a person types the name of the database. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;

enum consent {
	CONSENT_GIVEN,
	CONSENT_NEEDED, /* nothing was typed, and the environment is prod */
	CONSENT_WRONG,  /* something else was typed, wherever it is */
};

/* given: what was typed, or NULL. Pure. */
enum consent confirm_decide(const char *environment, const char *phrase, const char *given);

/* "DOWN nexus": a verb in capitals, and the database. */
const char *confirm_phrase(const char *verb, const char *database, struct arena *arena);

/*
 * Holds --confirm against verb and database of the open session. FAULT_USAGE, with `what` would be done and the phrase;
 * FAULT_CONFIG where nobody knows the environment.
 */
bool confirm_ask(struct boot *boot, const char *verb, const char *what, struct err *err);

/* The same, whatever the environment is; of something else than the database, by its name. */
bool confirm_insist(struct boot *boot, const char *verb, const char *what, struct err *err);
bool confirm_insist_on(struct boot *boot, const char *verb, const char *name, const char *what,
                       struct err *err);
