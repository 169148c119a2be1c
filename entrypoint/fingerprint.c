/* See fingerprint.h. */
#include "fingerprint.h"

#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "names.h"
#include "scoped.h"

/* Names in definitions are qualified, and constants written, without regard to anyone's settings. */
#define PLAIN_SETTINGS                                                                             \
	"set local search_path = ''; set local quote_all_identifiers = off;\n"                     \
	"set local datestyle = 'ISO, MDY'; set local intervalstyle = 'postgres';\n"                \
	"set local timezone = 'UTC'; set local extra_float_digits = 1;\n"                          \
	"set local bytea_output = 'hex'; set local xmlbinary = 'base64';\n"

/* What the kinds below are taken from. Functions whose oids lie below 16384 are initdb's own, in any schema. */
static const char sources[] =
	"member as materialized (\n"
	"    select classid, objid from pg_depend where deptype = 'e'\n"
	"), space as materialized (\n"
	"    select oid, nspname, quote_ident(nspname) as name, nspowner, nspacl from pg_namespace\n"
	"    where nspname not like 'pg\\_%%' and nspname <> 'information_schema'\n"
	"    and nspname <> all (array[%s]::name[])\n"
	"    and ('pg_namespace'::regclass, oid) not in (select classid, objid from member)\n"
	"), relation as materialized (\n"
	"    select pg_class.*, space.name || '.' || quote_ident(relname) as name,\n"
	"        relkind in ('r', 'p', 'f') as is_table\n"
	"    from pg_class join space on space.oid = relnamespace\n"
	"    where not relispartition\n"
	"    and ('pg_class'::regclass, pg_class.oid) not in (select classid, objid from member)\n"
	"), routine as materialized (\n"
	"    select pg_proc.*, pg_proc.oid::regprocedure::text as name\n"
	"    from pg_proc join space on space.oid = pronamespace\n"
	"    where not exists (\n"
	"        select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid\n"
	"        and deptype in ('e', 'i'))\n"
	"), granted as materialized (\n"
	"    select name, null::text as part_of, nspowner as owner, nspacl as acl,\n"
	"        acldefault('n', nspowner) as usual from space\n"
	"    union all\n"
	"    select name, name, relowner, relacl,\n"
	"        acldefault(case relkind when 'S' then 's' else 'r' end::\"char\", relowner)\n"
	"    from relation where relkind in ('r', 'p', 'f', 'v', 'm', 'S')\n"
	"    union all\n"
	"    select name || '.' || quote_ident(attname), name, relowner, attacl, null\n"
	"    from relation join pg_attribute on attrelid = relation.oid\n"
	"    where attnum > 0 and attacl is not null\n"
	"    union all\n"
	"    select name, name, proowner, proacl, acldefault('f', proowner) from routine\n"
	"), said as (\n"
	"    select name, part_of, (\n"
	"        select string_agg(format('%%s %%s%%s', case grantee when 0 then 'public'\n"
	"                else grantee::regrole::text end, privilege_type,\n"
	"            case when is_grantable then '*' end), ',' order by grantee, privilege_type)\n"
	"        from aclexplode(acl) where grantee <> owner) as definition, (\n"
	"        select string_agg(format('%%s %%s%%s', case grantee when 0 then 'public'\n"
	"                else grantee::regrole::text end, privilege_type,\n"
	"            case when is_grantable then '*' end), ',' order by grantee, privilege_type)\n"
	"        from aclexplode(usual) where grantee <> owner) as usual\n"
	"    from granted where acl is not null\n"
	"), object as (\n";

/* Each kind: name, the object that it is part of (NULL: none), definition; and where they are taken from. */
static const struct kind {
	const char *kind, *name, *part_of, *definition, *from;
} kinds[] = {
	{ "server", "'major version'", "null",
	  "(current_setting('server_version_num')::integer / 10000)::text", "(select 1) as one" },
	{ "schema", "name", "null", "''", "space" },
	{ "extension", "quote_ident(extname)", "null", "''", "pg_extension" },
	{ "table", "name", "null",
	  "concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity,\n"
	  "    relreplident, case relkind when 'p' then pg_get_partkeydef(relation.oid) end,\n"
	  "    nullif(reloftype, 0)::regtype, (\n"
	  "    select string_agg(inhparent::regclass::text, ',' order by inhseqno)\n"
	  "    from pg_inherits where inhrelid = relation.oid))",
	  "relation where is_table" },
	{ "column", "name || '.' || quote_ident(attname)", "name",
	  "concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,\n"
	  "    nullif(attcollation, typcollation)::regcollation, pg_get_expr(adbin, adrelid))",
	  "relation join pg_attribute on attrelid = relation.oid\n"
	  "join pg_type on pg_type.oid = atttypid\n"
	  "left join pg_attrdef on (adrelid, adnum) = (attrelid, attnum)\n"
	  "where is_table and attnum > 0 and not attisdropped" },
	/* Those of partitions are made from their parents'; not null is the column's. */
	{ "constraint", "name || '.' || quote_ident(conname)", "name",
	  "pg_get_constraintdef(pg_constraint.oid)",
	  "relation join pg_constraint on conrelid = relation.oid\n"
	  "where conparentid = 0 and contype in ('c', 'f', 'p', 'u', 'x')" },
	{ "index", "space.name || '.' || quote_ident(ours.relname)", "relation.name",
	  "concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid)",
	  "relation join pg_index on indrelid = relation.oid\n"
	  "join pg_class as ours on ours.oid = indexrelid\n"
	  "join space on space.oid = ours.relnamespace\n"
	  "where not exists (\n"
	  "    select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))" },
	{ "view", "name", "null",
	  "concat_ws(' ', relkind, array_to_string(reloptions, ','), pg_get_viewdef(relation.oid))",
	  "relation where relkind in ('v', 'm')" },
	{ "sequence", "name", "null",
	  "concat_ws(' ', seqtypid::regtype, seqstart, seqincrement, seqmin, seqmax, seqcache,\n"
	  "    seqcycle)",
	  "relation join pg_sequence on seqrelid = relation.oid" },
	{ "function", "name", "null",
	  "case prokind when 'a' then (\n"
	  "    select concat_ws(' ', aggkind, aggtransfn, aggfinalfn, aggtranstype::regtype, agginitval)\n"
	  "    from pg_aggregate where aggfnoid = routine.oid)\n"
	  "else pg_get_functiondef(routine.oid) end",
	  "routine" },
	{ "trigger", "name || '.' || quote_ident(tgname)", "name",
	  "concat_ws(' ', pg_get_triggerdef(pg_trigger.oid), tgenabled)",
	  "relation join pg_trigger on tgrelid = relation.oid\n"
	  "where not tgisinternal and tgparentid = 0" },
	{ "rule", "name || '.' || quote_ident(rulename)", "name",
	  "concat_ws(' ', pg_get_ruledef(pg_rewrite.oid), ev_enabled)",
	  "relation join pg_rewrite on ev_class = relation.oid where rulename <> '_RETURN'" },
	{ "policy", "name || '.' || quote_ident(polname)", "name",
	  "concat_ws(' ', polpermissive, polcmd, (\n"
	  "    select string_agg(case role when 0 then 'public' else role::regrole::text end, ','\n"
	  "        order by role) from unnest(polroles) as role),\n"
	  "    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))",
	  "relation join pg_policy on polrelid = relation.oid" },
	{ "type", "format_type(pg_type.oid, null)", "null",
	  "concat_ws(' ', typtype, nullif(typbasetype, 0)::regtype, typtypmod, typnotnull,\n"
	  "    typdefault, (\n"
	  "    select string_agg(enumlabel, ',' order by enumsortorder)\n"
	  "    from pg_enum where enumtypid = pg_type.oid), (\n"
	  "    select string_agg(conname || ' ' || pg_get_constraintdef(oid), ',' order by conname)\n"
	  "    from pg_constraint where contypid = pg_type.oid and contype = 'c'), (\n"
	  "    select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ','\n"
	  "        order by attnum)\n"
	  "    from pg_attribute where attrelid = typrelid and attnum > 0 and not attisdropped), (\n"
	  "    select rngsubtype::regtype::text from pg_range where rngtypid = pg_type.oid))",
	  "pg_type join space on space.oid = typnamespace\n"
	  "left join pg_class on pg_class.oid = typrelid\n"
	  "where (typtype in ('e', 'd', 'r') or relkind = 'c')\n"
	  "and ('pg_type'::regclass, pg_type.oid) not in (select classid, objid from member)" },
	{ "grants", "name", "part_of", "coalesce(definition, '')",
	  "said where definition is distinct from usual" },
};

/* "with ..., seen as (...)": the objects as they are, kind, name, part_of, hash. */
static const char *
seen_sql(const struct boot *boot, struct arena *arena)
{
	const struct config *config = boot->config;
	struct text ours = text_new(arena), sql = text_new(arena);

	text_add(&ours, db_literal(boot->db, config->schema, arena));
	for (size_t i = 0; i < config->foreign_schemas.count; i++)
		text_print(&ours, ",%s",
		           db_literal(boot->db, config->foreign_schemas.at[i], arena));
	text_add(&sql, "with ");
	text_print(&sql, sources, ours.at);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		text_print(&sql,
		           "%sselect '%s' as kind, %s as name, %s as part_of, %s as definition\n"
		           "from %s\n",
		           i ? "union all\n" : "", kinds[i].kind, kinds[i].name, kinds[i].part_of,
		           kinds[i].definition, kinds[i].from);
	text_add(&sql, "), seen as materialized (\n"
	               "    select kind, name, part_of, hashtextextended(definition, 0) as hash\n"
	               "    from object\n"
	               ")");
	return sql.at;
}

/* What a publication of all tables wants to know of a row that goes, from a table without a key. */
#define IDENTITY_SQL "alter table %2$s replica identity full;\n"

/* *has_identity: see IDENTITY_SQL. */
static bool
is_stored(struct boot *boot, const char *table, bool *was_stored, bool *has_identity,
          struct arena *arena, struct err *err)
{
	static const char sql[] =
		"select relreplident = 'f' from pg_class where oid = to_regclass(%s)";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db,
	            ASK(SHAPE_ROWS, arena_print(arena, sql, db_literal(boot->db, table, arena))),
	            &answer, err))
		return false;
	*was_stored = answer.rows;
	*has_identity = answer.rows && answer_is_true(&answer, 0, 0);
	return true;
}

/* The first time there is nothing to compare with, and often a whole schema to write. */
static const char first_sql[] = "%1$s" PLAIN_SETTINGS "create table %2$s (\n"
				"    kind text,\n"
				"    name text,\n"
				"    part_of text,\n"
				"    hash bigint not null\n"
				");\n" IDENTITY_SQL "grant select on %2$s to public;\n"
				"%3$s\n"
				"insert into %2$s select kind, name, part_of, hash from seen;\n"
				"commit";

/*
 * A key would take as long to fill as all the rest of a big schema; under the boot lock nobody else writes. Where an earlier
 * version has made one, what is gone has to be so before the new is there.
 */
static const char again_sql[] =
	"%1$s" PLAIN_SETTINGS "%3$s, gone as (\n"
	"    delete from %2$s as old\n"
	"    where not exists (\n"
	"        select from seen\n"
	"        where (seen.kind, seen.name, seen.hash) = (old.kind, old.name, old.hash))\n"
	"    returning 1\n"
	")\n"
	"insert into %2$s select kind, name, part_of, hash\n"
	"from (select count(*) from gone) as first, seen\n"
	"where not exists (\n"
	"    select from %2$s as old\n"
	"    where (seen.kind, seen.name, seen.hash) = (old.kind, old.name, old.hash));\n"
	"commit";

bool
fingerprint_store(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct patience patience = patience_new(boot->config);
	const char *table =
		arena_join(&arena, name_quoted(boot->config->schema, &arena), ".", "fingerprint");
	const char *whole, *begin = transaction_begin_sql(boot, &arena);
	bool was_stored, has_identity;

	if (!is_stored(boot, table, &was_stored, &has_identity, &arena, err))
		return false;
	if (was_stored && !has_identity)
		begin = arena_print(&arena, "%1$s" IDENTITY_SQL, begin, table);
	whole = arena_print(&arena, was_stored ? again_sql : first_sql, begin, table,
	                    seen_sql(boot, &arena));
	/* To read a view's definition takes a lock on it. */
	while (!db_run(boot->db, whole, err))
		if (!patience_retries(&patience, boot->db, err))
			return false;
	return true;
}

static const char *
compare_sql(const struct boot *boot, struct arena *arena)
{
	static const char sql[] =
		"%s, difference as (\n"
		"    select case when old.hash is null then 'added' when seen.hash is null then 'gone'\n"
		"        else 'changed' end as state, kind, name,\n"
		"        coalesce(seen.part_of, old.part_of) as part_of\n"
		"    from seen full join %s.fingerprint as old using (kind, name)\n"
		"    where seen.hash is distinct from old.hash\n"
		")\n"
		"select state, kind, name from difference as part\n"
		"where not exists (\n"
		"    select from difference as whole\n"
		"    where whole.name = part.part_of and whole.part_of is null\n"
		"    and whole.state = part.state and whole.state <> 'changed')\n"
		"order by kind = 'server' desc, kind, name";

	return arena_print(arena, sql, seen_sql(boot, arena),
	                   name_quoted(boot->config->schema, arena));
}

static void
take(struct differences *differences, const struct answer *answer, struct arena *arena)
{
	*differences = (struct differences){ .is_known = true };
	differences->at = arena_alloc(arena, (size_t)answer->rows * sizeof *differences->at);
	for (int row = 0; row < answer->rows; row++) {
		const struct difference difference = {
			.state = arena_copy(arena, answer_at(answer, row, 0)),
			.kind = arena_copy(arena, answer_at(answer, row, 1)),
			.name = arena_copy(arena, answer_at(answer, row, 2)),
		};

		/* It comes first. Another version writes the same definitions in other words. */
		if (strcmp(difference.kind, "server") == 0)
			differences->was_other = true;
		else if (!differences->was_other || strcmp(difference.state, "changed") != 0)
			differences->at[differences->count++] = difference;
	}
}

bool
fingerprint_compare(struct boot *boot, struct differences *differences, struct arena *arena,
                    struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	const char *whole =
		arena_print(arena, "%s" PLAIN_SETTINGS "set transaction read only;\n%s",
	                    transaction_begin_sql(boot, arena), compare_sql(boot, arena));
	const bool was_asked = db_run_last(boot->db, whole, &answer, err);

	transaction_abandon(boot->db);
	if (was_asked) {
		take(differences, &answer, arena);
		return true;
	}
	/* No table, or no schema: nothing was ever stored. */
	if (!err_is_absence(err))
		return false;
	*differences = (struct differences){ 0 };
	err_clear(err);
	return true;
}
