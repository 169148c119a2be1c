/* Under which names, and may we? See successor.h. */
#include "successor.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "../application.h"
#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../empty.h"
#include "../err.h"
#include "../log.h"
#include "../names.h"
#include "../scoped.h"
#include "../signals.h"
#include "restorer.h"

#define LONGEST 63 /* NAMEDATALEN - 1 */
#define NEXT "__restoring"
#define KEPT "__before_"

static bool
choose_names(struct successor *successor, const struct boot *boot, struct err *err)
{
	const time_t now = time(NULL);
	struct tm parts = { 0 };
	char stamp[32];

	(void)gmtime_r(&now, &parts);
	(void)strftime(stamp, sizeof stamp, KEPT "%Y%m%d_%H%M%S", &parts);
	successor->name = arena_copy(successor->arena, db_name(boot->db));
	successor->next = arena_join(successor->arena, successor->name, NEXT, "");
	successor->kept = arena_join(successor->arena, successor->name, stamp, "");
	return strlen(successor->kept) <= LONGEST ||
	       err_set(err, FAULT_CONFIG,
	               "the name of database %s is too long: the old one could not be kept as %s",
	               successor->name, successor->kept);
}

bool
successor_beside(const char **names, struct boot *boot, struct arena *arena, struct err *err)
{
	static const char sql[] =
		"select coalesce(string_agg(datname, ', ' order by datname), '') from pg_database\n"
		"where datname = current_database() || '" NEXT "'\n"
		"    or starts_with(datname, current_database() || '" KEPT "')";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_VALUE, sql), &answer, err))
		return false;
	*names = arena_copy(arena, answer_at(&answer, 0, 0));
	return true;
}

/* A second that a run just before this one has taken for what it kept, or left when it was killed, is waited out. */
static bool
choose_free_names(struct successor *successor, struct boot *boot, struct err *err)
{
	for (;;) {
		SCOPED(answer_free) struct answer answer = { 0 };

		if (!choose_names(successor, boot, err) ||
		    !db_ask(boot->db,
		            ASK(SHAPE_ROWS, "select from pg_database where datname = $1",
		                successor->kept),
		            &answer, err))
			return false;
		if (!answer.rows)
			return true;
		if (!signals_pause(1000, err))
			return false;
	}
}

/*
 * All that is restored belongs to who restores it: those who owned it before have lost that. For the application, which has used it as
 * its owner, that would be the end.
 */
static bool
judge_owners(const struct successor *successor, const struct boot *boot, struct err *err)
{
	static const char sql[] =
		"select string_agg(distinct quote_ident(owner.rolname), ', '),\n"
		"    string_agg(distinct quote_ident(owner.rolname), ', ')\n"
		"        filter (where pg_has_role(app.oid, relowner, 'usage')\n"
		"        and not pg_has_role(app.oid, loader.oid, 'usage')\n"
		/* What is granted comes with the dump. */
		"        and not exists (select from aclexplode(relacl)\n"
		"            where grantee <> relowner and case grantee when 0 then true\n"
		"            else pg_has_role(app.oid, grantee, 'usage') end)),\n"
		"    quote_ident(loader.rolname), quote_ident(app.rolname)\n"
		"from pg_class join pg_roles as owner on owner.oid = relowner\n"
		"join pg_namespace on pg_namespace.oid = relnamespace\n"
		"join pg_roles as loader on loader.rolname = coalesce($1::name, current_user)\n"
		"left join pg_roles as app on app.rolname = $2::name\n"
		"where relkind in ('r', 'p', 'v', 'm', 'S', 'f') and nspname <> all ($3::text[])\n"
		"and nspname !~ '^pg_' and nspname <> 'information_schema'\n"
		"and not pg_has_role(relowner, loader.oid, 'usage')\n"
		"and not exists (select from pg_depend where classid = 'pg_class'::regclass\n"
		"    and objid = pg_class.oid and deptype = 'e')\n"
		"group by loader.rolname, app.rolname";
	SCOPED(answer_free) struct answer answer = { 0 };
	const char *loader, *role, *losers;

	if (!restorer_role(&loader, boot, successor->arena, err) ||
	    !application_role(&role, boot, err) ||
	    !db_ask(boot->db,
	            ASK(SHAPE_ROWS, sql, loader, role,
	                empty_schemas(boot->config, successor->arena)),
	            &answer, err))
		return false;
	if (!answer.rows)
		return true;
	losers = answer_at(&answer, 0, 1);
	if (!losers) {
		log_warn("what belongs to %s in %s belongs to %s afterwards",
		         answer_at(&answer, 0, 0), successor->name, answer_at(&answer, 0, 2));
		return true;
	}
	(void)err_set(
		err, FAULT_CONFIG,
		"what belongs to %s in %s would belong to %s, and %s, the application's role, "
		"could not use it",
		losers, successor->name, answer_at(&answer, 0, 2),
		answer_at(&answer, 0, 3)); /* false below */
	return err_hint(err, "restore as its owner: by admin_url, or by restore_as");
}

static bool
blame_clients(const char *roles, bool are_superusers, const char *user,
              const struct successor *successor, struct err *err)
{
	(void)err_set(err, FAULT_CONFIG, "sessions of %s are in database %s, which %s may not end",
	              roles, successor->name, user); /* false below */
	return are_superusers
	             ? err_hint(err, "stop them: those of a superuser only another one may end")
	             : err_hint(err, "grant pg_signal_backend to %s; or stop them", user);
}

static bool
judge_rights(struct successor *successor, const struct boot *boot, const struct answer *answer,
             struct err *err)
{
	const char *user = name_quoted(db_user(boot->db), successor->arena);

	if (db_is_pooled(boot->db)) {
		(void)err_set(err, FAULT_CONFIG, "a database cannot be replaced through a pooler");
		return err_hint(err, "admin_url: a connection that goes past it");
	}
	if (!answer_is_true(answer, 0, 0)) {
		(void)err_set(err, FAULT_CONFIG,
		              "%s may not create the database that is to replace %s",
		              db_user(boot->db), successor->name);
		return err_hint(err, "alter role %s createdb; or set admin_url to a role that may",
		                user);
	}
	if (!answer_is_true(answer, 0, 1)) {
		(void)err_set(err, FAULT_CONFIG, "%s may not rename database %s, which is %s's",
		              db_user(boot->db), successor->name, answer_at(answer, 0, 2));
		return err_hint(err, "alter database %s owner to %s; or set admin_url to its owner",
		                name_quoted(successor->name, successor->arena), user);
	}
	if (answer_at(answer, 0, 5))
		return blame_clients(answer_at(answer, 0, 5), answer_is_true(answer, 0, 6), user,
		                     successor, err);
	if (!answer_at(answer, 0, 3))
		return true;
	(void)err_set(err, FAULT_WRONG, "prepared transactions keep database %s: %s",
	              successor->name, answer_at(answer, 0, 3));
	return err_hint(err, "commit prepared or rollback prepared each of them");
}

bool
successor_choose(struct successor *successor, struct boot *boot, struct arena *arena,
                 struct err *err)
{
	static const char sql[] =
		"select rolsuper or rolcreatedb, rolsuper or pg_has_role(datdba, 'usage'),\n"
		"    pg_get_userbyid(datdba),\n"
		"    (select string_agg(quote_literal(gid), ', ') from pg_prepared_xacts\n"
		"    where database = datname),\n"
		"    (select string_agg(slot_name, ', ') from pg_replication_slots\n"
		"    where database = datname),\n"
		"    clients.*\n"
		"from pg_database, pg_roles, lateral (\n"
		/* As pg_terminate_backend() decides it. */
		"    select string_agg(distinct quote_ident(usename), ', '), bool_or(theirs.rolsuper)\n"
		"    from pg_stat_activity join pg_roles as theirs on theirs.oid = usesysid\n"
		"    where pg_stat_activity.datname = pg_database.datname and not pg_roles.rolsuper\n"
		"    and (theirs.rolsuper or not (pg_has_role(usesysid, 'usage')\n"
		"        or pg_has_role('pg_signal_backend', 'usage')))\n"
		") as clients\n"
		"where datname = current_database() and rolname = current_user";
	SCOPED(answer_free) struct answer answer = { 0 };

	*successor = (struct successor){ .arena = arena };
	if (!choose_free_names(successor, boot, err) ||
	    !db_ask(boot->db, ASK(SHAPE_ROWS, sql), &answer, err) ||
	    !judge_rights(successor, boot, &answer, err) || !judge_owners(successor, boot, err))
		return false;
	if (answer_at(&answer, 0, 4))
		log_warn("replication slots stay with the old database: %s",
		         answer_at(&answer, 0, 4));
	return true;
}
