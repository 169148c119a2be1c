/* Is one ledger another one? See ledger.h. */
#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../ledger.h"
#include "../names.h"

struct question
ledger_digest_question(const struct config *config, struct arena *arena)
{
	static const char sql[] =
		"select hashtextextended(coalesce(string_agg(concat_ws(' ', version, checksum,\n"
		"    extract(epoch from started_at), extract(epoch from finished_at)), ','\n"
		"    order by version collate \"C\"), ''), 0)\n"
		"from %s.migration";

	return *ASK(SHAPE_VALUE, arena_print(arena, sql, name_quoted(config->schema, arena)));
}
