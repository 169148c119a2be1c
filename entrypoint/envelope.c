/* See envelope.h. */
#include "envelope.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "history.h"
#include "ledger.h"
#include "migration.h"
#include "pooled.h"
#include "script.h"

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

const char *
envelope_end_sql(const struct batch *batch, struct arena *arena)
{
	return arena_join(arena, "reset session authorization; reset role;\n",
	                  pooled_clean_sql(batch, arena), "");
}

const char *
envelope_finish_sql(const struct boot *boot, const struct migration *migration,
                    const struct batch *batch, const struct transaction *in, struct arena *arena)
{
	return arena_join(arena, history_add_sql(boot, migration, arena),
	                  ledger_close_sql(boot->db, boot->config, migration_row(migration),
	                                   batch->count, in->is_shared, in->is_prepared, arena),
	                  stale_sql(boot, migration, arena));
}

struct envelope
envelope_of(const struct boot *boot, const struct migration *migration, const struct batch *batch,
            const struct transaction *in, struct arena *arena)
{
	return (struct envelope){
		.before = ledger_begin_sql(boot->db, boot->config, migration->version,
		                           migration->name, migration->checksum, in->is_prepared,
		                           arena),
		.after = arena_join(arena, envelope_end_sql(batch, arena),
		                    envelope_finish_sql(boot, migration, batch, in, arena), ""),
	};
}
