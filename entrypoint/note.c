/* See note.h. */
#include "note.h"

#include "arena.h"
#include "boot.h"
#include "db.h"
#include "err.h"
#include "fingerprint.h"
#include "ledger.h"
#include "log.h"
#include "look.h"
#include "restore/restorer.h"
#include "scoped.h"

/* So that a later start knows a database that lost its tables from one that never had any. */
static bool
note_relation(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *relation;

	return look_for_relation(boot, &relation, &arena, err) &&
	       db_run(boot->db, ledger_relation_sql(boot->db, boot->config, relation, &arena), err);
}

/* Only `verify` needs it: where it cannot be had, what was applied stands all the same. */
static bool
note_fingerprint(struct boot *boot, struct err *err)
{
	struct err refused = { 0 };

	if (fingerprint_store(boot, &refused))
		return true;
	if (!*refused.sqlstate) {
		*err = refused;
		return false;
	}
	log_warn("the fingerprint for `migrate verify` could not be stored: %s", refused.what);
	return true;
}

bool
note_may(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	return db_run(boot->db, ledger_writable_sql(boot->config, &arena), err);
}

bool
note_begin(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	return db_run(boot->db, ledger_changing_sql(boot->db, boot->config, &arena), err);
}

/* The relation last: with it the change is at its end. */
bool
note_result(struct boot *boot, struct err *err)
{
	if (boot->facts.is_changing)
		restorer_dismiss_late(boot);
	return note_fingerprint(boot, err) && note_relation(boot, err);
}

bool
note_failure(struct boot *boot, const struct err *err)
{
	struct err later = { 0 };

	if (err->fault < FAULT_SIGNAL && err->fault != FAULT_NO_SERVER)
		(void)note_result(boot, &later); /* else the next start does */
	return false;
}

bool
note_late(struct boot *boot, struct err *err)
{
	if (note_result(boot, err))
		return true;
	if (!*err->sqlstate)
		return false;
	log_debug("what the last run has changed cannot be noted: %s", err->what);
	err_clear(err);
	return true;
}
