/* See confirm.h. */
#include "confirm.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "scoped.h"

enum consent
confirm_decide(const char *environment, const char *phrase, const char *given)
{
	if (given)
		return strcmp(given, phrase) == 0 ? CONSENT_GIVEN : CONSENT_WRONG;
	return strcmp(environment, "prod") == 0 ? CONSENT_NEEDED : CONSENT_GIVEN;
}

const char *
confirm_phrase(const char *verb, const char *database, struct arena *arena)
{
	return arena_join(arena, verb, " ", database);
}

static bool
ask(struct boot *boot, const char *environment, const char *phrase, const char *what,
    struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	/* A typo of `prod` would be none of the environments that may lose what they have. */
	if (!config_check_environment(boot->config, &arena, err))
		return false;
	switch (confirm_decide(environment, phrase, boot->request->confirm)) {
	case CONSENT_GIVEN:
		return true;
	case CONSENT_NEEDED:
		(void)err_set(err, FAULT_USAGE, "not without a word%s: %s",
		              environment == boot->config->environment ? " in production" : "",
		              what);
		break;
	case CONSENT_WRONG:
		(void)err_set(err, FAULT_USAGE, "--confirm says \"%s\", not \"%s\": %s",
		              boot->request->confirm, phrase, what);
		break;
	}
	return err_hint(err, "if that is meant: --confirm \"%s\"%s", phrase,
	                environment == boot->config->environment
	                        ? "; a database that is not in production has another "
	                          "`environment`"
	                        : "");
}

bool
confirm_ask(struct boot *boot, const char *verb, const char *what, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	return ask(boot, boot->config->environment, confirm_phrase(verb, db_name(boot->db), &arena),
	           what, err);
}

bool
confirm_insist_on(struct boot *boot, const char *verb, const char *name, const char *what,
                  struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	return ask(boot, "prod", confirm_phrase(verb, name, &arena), what, err);
}

bool
confirm_insist(struct boot *boot, const char *verb, const char *what, struct err *err)
{
	return confirm_insist_on(boot, verb, db_name(boot->db), what, err);
}
