/* See envelope.h. */
#include "envelope.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "ledger.h"
#include "migration.h"

const char envelope_own_role[] = "reset session authorization; reset role";

/* Those that come after this repeatable are to run again: told in its transaction, so that a crash changes nothing. */
static const char *
stale_sql(const struct boot *boot, const struct migration *migration, struct arena *arena)
{
	const struct migrations *all = boot->migrations;
	struct text versions = text_new(arena);

	for (size_t i = 0; i < all->count && migration->is_repeatable; i++)
		for (size_t k = 0; k < all->at[i].after_count; k++)
			if (strcmp(all->at[i].after[k], migration->name) == 0)
				ledger_add_version(&versions, boot->db, all->at[i].version);
	return versions.length ? ledger_stale_sql(boot->config, versions.at, arena) : "";
}

struct envelope
envelope_of(const struct boot *boot, const struct migration *migration, size_t statements,
            bool is_shared, struct arena *arena)
{
	const char *finish = ledger_close_sql(boot->db, boot->config, migration->version,
	                                      statements, is_shared, arena);

	return (struct envelope){
		.before = ledger_begin_sql(boot->db, boot->config, migration->version,
		                           migration->name, migration->checksum, arena),
		.after = arena_print(arena, "%s;\n%s%s", envelope_own_role, finish,
		                     stale_sql(boot, migration, arena)),
	};
}
