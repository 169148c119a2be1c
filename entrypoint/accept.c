/* See accept.h. */
#include "accept.h"

#include <string.h>

#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "fingerprint.h"
#include "format.h"
#include "history.h"
#include "ledger.h"
#include "log.h"
#include "migration.h"
#include "script.h"

/* What was changed by hand since the last run is right. */
static bool
accept_schema(struct boot *boot, struct err *err)
{
	if (!boot->facts.has_ledger)
		return err_set(err, FAULT_WRONG, "no migration was ever applied here");
	if (!fingerprint_store(boot, err))
		return false;
	log_info("the schema is accepted as it is");
	return true;
}

static bool
retire(struct boot *boot, const struct entry *gone, struct err *err)
{
	if (boot->history)
		return err_set(err, FAULT_WRONG,
		               "%s is in the history of %s, which does not forget", gone->name,
		               boot->history->format->name);
	if (!db_run(boot->db, ledger_forget_sql(boot->db, boot->config, gone, 1, boot->arena), err))
		return false;
	log_info("%s is forgotten, since its file is gone", gone->name);
	return true;
}

bool
accept_run(struct boot *boot, struct err *err)
{
	const char *word = *boot->request->operands;
	const struct migration *migration;
	const struct entry *gone;

	if (!word)
		return err_set(err, FAULT_USAGE, "accept needs a version, or `schema`");
	if (strcmp(word, "schema") == 0)
		return accept_schema(boot, err);
	gone = migrations_find_missing(boot->migrations, word);
	if (gone && !version_digits(gone->version)) /* a repeatable */
		return retire(boot, gone, err);
	if (!migrations_name(boot->migrations, word, &migration, err))
		return false;
	switch (migration->verdict) {
	case VERDICT_EDITED:
		break;
	case VERDICT_DONE:
		log_info("%s is as it was applied", migration->script->name);
		return true;
	default:
		return err_set(err, FAULT_WRONG, "%s is not applied: %s", migration->script->name,
		               verdict_name(migration->verdict));
	}
	/* The other tool's own checksum first: as long as that is the old one, it decides. */
	if (!history_judge(boot, err) ||
	    (!boot->facts.has_ledger && !ledger_create(boot->db, boot->config, err)) ||
	    !history_sync(boot, err) ||
	    !db_run(boot->db, history_accept_sql(boot, migration, boot->arena), err) ||
	    !ledger_accept(boot->db, boot->config, migration->entry->version, migration->checksum,
	                   err))
		return false;
	log_info("%s is accepted as it is: checksum %s, before %s", migration->script->name,
	         migration->checksum, migration->entry->checksum);
	return true;
}
