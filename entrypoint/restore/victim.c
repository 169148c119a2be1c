/* See victim.h. */
#include "victim.h"

#include <stdbool.h>
#include <string.h>

#include "../arena.h"
#include "../db.h"

/*
 * Each catalog in the order of dropping. Event triggers go first, since they would fire on the rest. What hangs on a relation
 * is of interest only where the relation itself stays.
 */
static const struct catalog {
	const char *class; /* the catalog */
	const char *id, *space;
	const char *from;
	int rank;
	bool has_owner;
} catalogs[] = {
	{ "pg_event_trigger", "oid", "null::oid", "pg_event_trigger", 1, true },
	{ "pg_subscription", "oid", "null",
	  "pg_subscription where subdbid = (\n"
	  "    select oid from pg_database where datname = current_database())",
	  2, true },
	{ "pg_publication", "oid", "null", "pg_publication", 3, true },
	{ "pg_class", "oid", "relnamespace",
	  "pg_class where relkind in ('r', 'p', 'v', 'm', 'S', 'f')", 4, true },
	{ "pg_statistic_ext", "oid", "stxnamespace", "pg_statistic_ext", 5, true },
	{ "pg_cast", "oid", "null", "pg_cast", 5, false },
	{ "pg_transform", "oid", "null", "pg_transform", 5, false },
	{ "pg_opclass", "oid", "opcnamespace", "pg_opclass", 5, true },
	{ "pg_opfamily", "oid", "opfnamespace", "pg_opfamily", 6, true },
	{ "pg_operator", "oid", "oprnamespace", "pg_operator", 6, true },
	{ "pg_ts_config", "oid", "cfgnamespace", "pg_ts_config", 6, true },
	{ "pg_ts_dict", "oid", "dictnamespace", "pg_ts_dict", 6, true },
	{ "pg_ts_template", "oid", "tmplnamespace", "pg_ts_template", 6, true },
	{ "pg_ts_parser", "oid", "prsnamespace", "pg_ts_parser", 6, true },
	{ "pg_collation", "oid", "collnamespace", "pg_collation", 6, true },
	{ "pg_conversion", "oid", "connamespace", "pg_conversion", 6, true },
	{ "pg_proc", "oid", "pronamespace", "pg_proc", 7, true },
	{ "pg_type", "oid", "typnamespace", "pg_type", 7, true },
	{ "pg_foreign_server", "oid", "null", "pg_foreign_server", 8, true },
	{ "pg_foreign_data_wrapper", "oid", "null", "pg_foreign_data_wrapper", 8, true },
	{ "pg_language", "oid", "null", "pg_language", 8, true },
	{ "pg_am", "oid", "null", "pg_am", 8, true },
	{ "pg_extension", "oid", "extnamespace", "pg_extension", 9, true },
	/* By its name public is one that stays (remain.h). */
	{ "pg_namespace", "oid", "oid",
	  "pg_namespace where nspname <> all (select name from kept_schema)", 10, true },
	{ "pg_trigger", "pg_trigger.oid", "relnamespace",
	  "pg_trigger join pg_class on pg_class.oid = tgrelid where not tgisinternal", 11, false },
	{ "pg_rewrite", "pg_rewrite.oid", "relnamespace",
	  "pg_rewrite join pg_class on pg_class.oid = ev_class", 11, false },
	{ "pg_policy", "pg_policy.oid", "relnamespace",
	  "pg_policy join pg_class on pg_class.oid = polrelid", 11, false },
	{ "pg_class", "oid", "relnamespace", "pg_class where relkind in ('i', 'I')", 11, true },
	{ "pg_user_mapping", "umid", "null", "pg_user_mappings", 12, false },
	{ "pg_largeobject", "oid", "null", "pg_largeobject_metadata", 13, true },
};

/*
 * Objects below 16384 are initdb's own, but a large object may have any number. What pg_shdepend gives no owner is the
 * bootstrap superuser's (10).
 */
static const char found[] =
	"), found as (\n"
	"    select object.*, not has_owner or pg_has_role(coalesce(owner, 10), 'usage')\n"
	"        or (space is not null and (\n"
	"            select pg_has_role(nspowner, 'usage') from pg_namespace\n"
	"            where pg_namespace.oid = space and rank < 9)) as may\n"
	"    from object left join (\n"
	"        select classid, objid, refobjid as owner from pg_shdepend\n"
	"        where dbid = (select oid from pg_database where datname = current_database())\n"
	"        and deptype = 'o' and objsubid = 0\n"
	"    ) as owned using (classid, objid)\n"
	"    where (objid >= 16384 or classid = 'pg_largeobject'::regclass)\n"
	"    and (classid, objid) not in (select classid, objid from member)\n"
	"    and (classid, objid) not in (select classid, objid from kept)\n"
	"    and (space is null or space not in (select oid from alien))\n"
	")";

static const char victims[] =
	", victim as (\n"
	"    select * from found where may or rank not in (1, 2, 3, 8, 9)\n"
	"    order by rank, objid desc limit $3::bigint\n"
	")\n"
	"select case type\n"
	"        when 'large object' then format('select lo_unlink(%s)', objid)\n"
	"        when 'user mapping' then format('drop user mapping if exists for %s', object_identity)\n"
	"        when 'subscription' then format(\n"
	"            'alter subscription %1$s disable; alter subscription %1$s set (slot_name = none);\n"
	"drop subscription %1$s', object_identity)\n"
	"        else format('drop %s if exists %s cascade', case\n"
	"                when type in ('function', 'procedure', 'aggregate') then 'routine'\n"
	"                when type = 'statistics object' then 'statistics'\n"
	"                when type = 'foreign-data wrapper' then 'foreign data wrapper' else type end,\n"
	"            object_identity) end,\n"
	"    type || ' ' || object_identity, may\n"
	"from victim, pg_identify_object(classid, objid, 0) as identified,\n"
	"    coalesce(case type when 'transform' then replace(identity, ' on language ', ' language ')\n"
	"        when 'user mapping' then replace(identity, ' on server ', ' server ') end, identity)\n"
	"        as object_identity\n"
	"order by rank, objid desc";

/* Before 14 only a superuser may read the number of a subscription; nobody else can have made one then. */
static bool
may_read(const struct db *db, const struct catalog *catalog)
{
	return strcmp(catalog->class, "pg_subscription") != 0 || db_server_version(db) >= 140000 ||
	       db_is_superuser(db);
}

const char *
victim_found_sql(const struct db *db, struct arena *arena)
{
	struct text sql = text_new(arena);

	text_add(
		&sql,
		"with member as materialized (\n"
		"    select classid, objid from pg_depend\n"
		"    where objsubid = 0 and (deptype in ('e', 'i', 'P', 'S') or (\n"
		"        deptype = 'a' and classid = 'pg_class'::regclass\n"
		"        and refclassid = 'pg_class'::regclass and refobjsubid > 0 and objid in (\n"
		"            select oid from pg_class where relkind = 'S')))\n"
		"), kept as materialized (\n"
		"    select class::regclass::oid as classid, oid as objid\n"
		"    from jsonb_to_recordset($1::jsonb) as (class text, oid oid)\n"
		"    where oid is not null\n"
		"), kept_schema as materialized (\n"
		"    select name from jsonb_to_recordset($1::jsonb) as (class text, name text)\n"
		"    where class = 'pg_namespace' and name is not null\n"
		"), alien as materialized (\n"
		"    select oid from pg_namespace\n"
		"    where nspname = any ($2::text[]) or nspname like 'pg\\_%'\n"
		"    or nspname = 'information_schema'\n"
		"), object (rank, classid, objid, space, has_owner) as (\n");
	for (size_t i = 0; i < sizeof catalogs / sizeof *catalogs; i++)
		if (may_read(db, &catalogs[i]))
			text_print(&sql,
			           "%s    select %d, '%s'::regclass::oid, %s, %s, %s from %s\n",
			           i ? "    union all\n" : "", catalogs[i].rank, catalogs[i].class,
			           catalogs[i].id, catalogs[i].space,
			           catalogs[i].has_owner ? "true" : "false", catalogs[i].from);
	text_add(&sql, found);
	return sql.at;
}

const char *
victim_sql(const struct db *db, struct arena *arena)
{
	return arena_join(arena, victim_found_sql(db, arena), victims, "");
}
