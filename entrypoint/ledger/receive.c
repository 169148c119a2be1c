/* Rows of our tables that come with a dump. See ledger.h. */
#include "../arena.h"
#include "../config.h"
#include "../ledger.h"
#include "../names.h"

const char *
ledger_receive_sql(const struct config *config, const char *prefix, struct arena *arena)
{
	/* The relation that a row notes may not be there (yet): as text it harms nothing. */
	static const char sql[] =
		"create temporary table %2$smigration (like %1$s.migration) on commit drop;\n"
		"alter table %2$smigration alter column relation type text;\n"
		"create temporary table %2$sseed (like %1$s.seed) on commit drop";

	return arena_print(arena, sql, name_quoted(config->schema, arena), prefix);
}

const char *
ledger_received_sql(const struct config *config, const char *prefix, struct arena *arena)
{
	/* Whoever restores a part of a database has a part of it. */
	static const char sql[] =
		"do $$ begin if exists (select from %2$smigration where version = '" LEDGER_PARTIAL
		"') then\n"
		"    raise exception 'it was made of a database that held only a part of what it should';\n"
		"end if; end $$;\n"
		"insert into %1$s.migration (version, name, checksum, started_at, finished_at, duration,\n"
		"    statements, tool_version, image, host, role, relation)\n"
		"select version, name, checksum, started_at, finished_at, duration, statements,\n"
		"    tool_version, image, host, role,\n"
		"    case when relation !~ '^[-0-9]' then to_regclass(relation) end\n"
		"from %2$smigration\n"
		"where version not like 'R\\_\\_%%' and version not in ('" LEDGER_CHANGING
		"', '" LEDGER_RESTORED "')\n"
		"on conflict do nothing;\n"
		"insert into %1$s.seed (name, checksum, finished_at, tool_version)\n"
		"select name, checksum, finished_at, tool_version from %2$sseed\n"
		"on conflict do nothing";

	return arena_print(arena, sql, name_quoted(config->schema, arena), prefix);
}
