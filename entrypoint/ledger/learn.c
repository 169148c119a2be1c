/* What else there is to learn of the ledger than its rows. See ledger.h. */
#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../names.h"
#include "../scoped.h"

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

const char *
ledger_denied_sql(struct db *db, const struct config *config, struct arena *arena)
{
	/* By oid: a name could not even be looked up without usage of the schema. */
	static const char sql[] =
		"(select coalesce(bool_or(not (has_schema_privilege(relnamespace, 'usage')\n"
		"        and has_table_privilege(pg_class.oid, 'select')\n"
		"        and has_table_privilege(pg_class.oid, 'insert')\n"
		"        and has_table_privilege(pg_class.oid, 'update')\n"
		"        and (relname = 'seed' or has_table_privilege(pg_class.oid, 'delete')))), false)\n"
		"    from pg_class join pg_namespace on pg_namespace.oid = relnamespace\n"
		"    where nspname = %s and relname in ('migration', 'journal', 'seed'))";

	return arena_print(arena, sql, db_literal(db, config->schema, arena));
}

bool
ledger_deny(struct db *db, const struct config *config, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *schema = name_quoted(config->schema, &arena);
	const char *role = name_quoted(db_user(db), &arena);

	(void)err_set(err, FAULT_CONFIG, "our schema %s: %s may not write its tables", schema,
	              role); /* false below */
	return err_hint(
		err,
		"let its owner connect (admin_url), or: grant usage, create on schema %s to %s; "
		"grant select, insert, update, delete on all tables in schema %s to %s;",
		schema, role, schema, role);
}
