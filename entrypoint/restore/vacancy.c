/* See vacancy.h. */
#include "vacancy.h"

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../empty.h"
#include "../err.h"
#include "../ledger.h"
#include "../log.h"
#include "wipe.h"

bool
vacancy_refuse(struct boot *boot, struct arena *arena, struct err *err)
{
	const char *words;

	if (!empty_describe(boot->db, boot->config, &words, arena, err))
		return false;
	(void)err_set(err, FAULT_WRONG, "the database is not empty: %s",
	              words ? words : "something was just dropped"); /* false below */
	return err_hint(
		err,
		"pg-entrypoint restore --replace FILE --confirm \"REPLACE %s\" puts a new one in "
		"its place",
		db_name(boot->db));
}

static bool
prove_empty(struct boot *boot, struct arena *arena, struct err *err)
{
	const char *relation;

	if (!empty_find(boot->db, boot->config, &relation, arena, err))
		return false;
	if (!relation)
		return true;
	transaction_abandon(boot->db);
	return vacancy_refuse(boot, arena, err);
}

bool
vacancy_clear(struct boot *boot, const char **leftovers, struct arena *arena, struct err *err)
{
	const char *kept;

	if (!prove_empty(boot, arena, err) || !wipe_leftovers(boot, leftovers, &kept, arena, err) ||
	    !ledger_create_within(boot->db, boot->config, err) ||
	    !db_run(boot->db, ledger_empty_sql(boot->config, arena), err))
		return false;
	if (*leftovers)
		log_info("dropped, since an init script has left it, and the backup may bring its "
		         "own: %s",
		         *leftovers);
	if (kept)
		log_warn("an init script has left what %s may not drop, and the backup may bring "
		         "its own: %s",
		         db_user(boot->db), kept);
	return true;
}
