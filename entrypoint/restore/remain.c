/* See remain.h. */
#include "remain.h"

#include "../arena.h"
#include "victim.h"

/* Privileges as jsonb: comparable, and without regard to who granted them. The owner is ''. */
#define PRIVILEGES(acl, owner)                                                                         \
	"(select coalesce(jsonb_agg(jsonb_build_object('grantee', case grantee when 0 then 'public'\n" \
	"        when " owner " then '' else quote_ident(pg_get_userbyid(grantee)) end,\n"             \
	"        'privilege', privilege_type, 'grantable', is_grantable)), '[]')\n"                    \
	"    from aclexplode(" acl "))"

/* As the catalog has them now. A schema without an acl has the default one. */
#define STATE                                                                                                                              \
	"space as (\n"                                                                                                                     \
	"    select nspname::text as name, pg_get_userbyid(nspowner)::text as owner,\n"                                                    \
	"        obj_description(oid, 'pg_namespace') as comment,\n"                                                                       \
	"        " PRIVILEGES(                                                                                                             \
		"coalesce(nspacl, acldefault('n', nspowner))",                                                                             \
		"nspowner") " as acl\n"                                                                                                    \
			    "    from pg_namespace\n"                                                                                      \
			    "    where nspname <> all ($2::text[]) and nspname not like 'pg\\_%'\n"                                        \
			    "    and nspname <> 'information_schema'\n"                                                                    \
			    "), preset as (\n"                                                                                             \
			    "    select quote_ident(pg_get_userbyid(defaclrole)) as role,\n"                                               \
			    "        coalesce(quote_ident(nspname), '') as space, defaclobjtype::text as type,\n"                          \
			    "        " PRIVILEGES(                                                                                         \
				    "defaclacl",                                                                                           \
				    "defaclrole") " as acl\n"                                                                              \
						  "    from pg_default_acl left join pg_namespace on pg_namespace.oid = defaclnamespace\n" \
						  "    where pg_has_role(defaclrole, 'usage')\n"                                           \
						  "    and (nspname is null or nspname <> all ($2::text[]))\n"                             \
						  ")"

const char *
remain_list_sql(const struct db *db, struct arena *arena)
{
	return arena_join(
		arena, victim_found_sql(db, arena), ", " STATE "\n",
		"select coalesce(jsonb_agg(entry), '[]') from (\n"
		"    select jsonb_build_object('class', classid::regclass, 'oid', objid) as entry\n"
		"    from found where classid <> 'pg_namespace'::regclass\n"
		"    union all\n"
		"    select jsonb_build_object('class', 'pg_namespace', 'name', name, 'owner', owner,\n"
		"        'comment', comment, 'acl', acl) from space\n"
		"    union all\n"
		"    select jsonb_build_object('class', 'pg_default_acl', 'role', role, 'space', space,\n"
		"        'type', type, 'acl', acl) from preset\n"
		") as entries");
}

const char *
remain_setup_sql(const struct db *db, struct arena *arena)
{
	/* Objects outside of schemas, then what they lean on: the function of an event trigger, the schema of an extension. */
	return arena_join(
		arena, victim_found_sql(db, arena),
		", setup as (\n"
		"    select classid, objid from found where rank in (1, 2, 3, 8, 9)\n"
		"), need as (\n"
		"    select refclassid as classid, refobjid as objid\n"
		"    from pg_depend join setup using (classid, objid) where deptype in ('n', 'a')\n"
		")\n",
		"select coalesce(jsonb_agg(entry), '[]') from (\n"
		"    select jsonb_build_object('class', classid::regclass, 'oid', objid) as entry\n"
		"    from (table setup union table need) as object\n"
		"    union all\n"
		"    select jsonb_build_object('class', 'pg_namespace', 'oid', pg_namespace.oid)\n"
		"    from pg_namespace left join pg_proc on pronamespace = pg_namespace.oid\n"
		"    where nspname = 'public'\n"
		"    or ('pg_proc'::regclass, pg_proc.oid) in (select classid, objid from need)\n"
		") as entries");
}

const char *
remain_new_sql(void)
{
	/* initdb.c, setup_privileges; from 15 on nobody but the owner may create in it. */
	return "with since (is_15) as (\n"
	       "    select current_setting('server_version_num')::integer >= 150000\n"
	       ")\n"
	       "select jsonb_build_array(jsonb_build_object('class', 'pg_namespace',\n"
	       "    'name', 'public', 'owner', case when is_15 then 'pg_database_owner' end,\n"
	       "    'comment', 'standard public schema', 'acl', (\n"
	       "        select jsonb_agg(jsonb_build_object('grantee', grantee,\n"
	       "            'privilege', privilege, 'grantable', false))\n"
	       "        from unnest(array['', 'public']) as grantee,\n"
	       "            unnest(array['USAGE', 'CREATE']) as privilege\n"
	       "        where not (is_15 and grantee = 'public' and privilege = 'CREATE'))))\n"
	       "from since";
}

/* Each object of which somebody has privileges: what stands before and behind the words for them. */
static const char clauses[] =
	", wanted_space as (\n"
	"    select * from jsonb_to_recordset($1::jsonb)\n"
	"        as (class text, name text, owner text, comment text, acl jsonb)\n"
	"    where class = 'pg_namespace' and name <> all ($2::text[])\n"
	"), wanted_preset as (\n"
	"    select * from jsonb_to_recordset($1::jsonb)\n"
	"        as (class text, role text, space text, type text, acl jsonb)\n"
	"    where class = 'pg_default_acl'\n"
	"), role_preset as (\n"
	"    select *, case when space = '' then " PRIVILEGES(
		"acldefault((case type when 'S' then 's' else type end)::\"char\", role::regrole)",
		"role::regrole::oid") " else '[]' end as usual\n"
				      "    from (select role, space, type, preset.acl as old, wanted_preset.acl as new\n"
				      "        from preset full join wanted_preset using (role, space, type)) as both_of_them\n"
				      "), clause (lead, object, owner, old, new) as (\n"
				      "    select '', format('on schema %I', name), quote_ident(space.owner), space.acl,\n"
				      "        wanted_space.acl\n"
				      "    from wanted_space join space using (name)\n"
				      "    union all\n"
				      "    select format('alter default privileges for role %s%s ', role,\n"
				      "            case when space <> '' then ' in schema ' || space end),\n"
				      "        format('on %s', case type when 'r' then 'tables' when 'S' then 'sequences'\n"
				      "            when 'f' then 'functions' when 'T' then 'types' when 'n' then 'schemas'\n"
				      "            when 'L' then 'large objects' end),\n"
				      "        role, coalesce(old, usual), coalesce(new, usual)\n"
				      "    from role_preset\n"
				      ")";

static const char mending[] =
	", step (phase, sql) as (\n"
	"    select 1, format('create schema %I', name) from wanted_space\n"
	"    where name not in (select nspname from pg_namespace)\n"
	"    union all\n"
	"    select 2, format('alter schema %I owner to %I', name, wanted_space.owner)\n"
	"    from wanted_space join space using (name) where wanted_space.owner <> space.owner\n"
	"    union all\n"
	"    select 3, format('%srevoke %s %s from %s cascade', lead, privilege, object,\n"
	"        coalesce(nullif(grantee, ''), owner))\n"
	"    from clause, jsonb_array_elements(old) as lost,\n"
	"        jsonb_to_record(lost) as (privilege text, grantee text)\n"
	"    where not new @> jsonb_build_array(lost)\n"
	"    union all\n"
	"    select 4, format('%sgrant %s %s to %s%s', lead, privilege, object,\n"
	"        coalesce(nullif(grantee, ''), owner),\n"
	"        case when grantable then ' with grant option' end)\n"
	"    from clause, jsonb_array_elements(new) as had,\n"
	"        jsonb_to_record(had) as (privilege text, grantee text, grantable boolean)\n"
	"    where not old @> jsonb_build_array(had)\n"
	"    union all\n"
	"    select 5, format('comment on schema %I is %L', name, wanted_space.comment)\n"
	"    from wanted_space join space using (name)\n"
	"    where wanted_space.comment is distinct from space.comment\n"
	")\n"
	"select sql from step where least(phase, 3) = (select least(min(phase), 3) from step)\n"
	"order by phase, sql";

const char *
remain_mend_sql(struct arena *arena)
{
	return arena_join(arena, "with " STATE, clauses, mending);
}
