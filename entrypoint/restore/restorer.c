/* See restorer.h. */
#include "restorer.h"

#include <stddef.h>
#include <string.h>

#include "../arena.h"
#include "../boot.h"
#include "../clock.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../log.h"
#include "../names.h"
#include "../scoped.h"
#include "../target.h"
#include "restoration.h"

#define LOGIN_WAIT 10000
#define SETTING "restore_as"

bool
restorer_is_due(const struct boot *boot)
{
	return boot->config->restore_as && !boot->request->trusted;
}

bool
restorer_role(const char **role, const struct boot *boot, struct arena *arena, struct err *err)
{
	struct target login;

	*role = NULL;
	if (!restorer_is_due(boot))
		return true;
	if (!target_parse(&login, boot->config->restore_as, SETTING, arena, err))
		return false;
	*role = target_value(&login, "user");
	return true;
}

/* Where the boot's session is, as another user. */
static bool
find_target(struct target *target, struct boot *boot, struct arena *arena, struct err *err)
{
	struct target login;
	const char *user, *password;

	if (!target_parse(&login, boot->config->restore_as, SETTING, arena, err))
		return false;
	user = target_value(&login, "user");
	password = target_value(&login, "password");
	if (!user) {
		(void)err_set(err, FAULT_CONFIG, SETTING ": names no user");
		return err_hint(err,
		                "postgresql://USER:PASSWORD@/, or user=USER password=PASSWORD");
	}
	*target = target_with(boot->target, "user", user, arena);
	/* Ours must never be sent for it. */
	*target = target_with(target, "password", password ? password : "", arena);
	*target = target_with(target, "dbname", db_name(boot->db), arena);
	return true;
}

static bool
judge(const struct answer *answer, struct boot *boot, struct db *db, struct arena *arena,
      struct err *err)
{
	const char *user = name_quoted(db_user(db), arena);

	if (answer_at(answer, 0, 0)) {
		(void)err_set(err, FAULT_CONFIG, SETTING ": %s is no plain login: it is %s",
		              db_user(db), answer_at(answer, 0, 0));
		return err_hint(err,
		                "create role loader login; a dump can do whatever its loader may");
	}
	if (!answer_is_true(answer, 0, 1)) {
		(void)err_set(err, FAULT_CONFIG, SETTING ": %s may make nothing in database %s",
		              db_user(db), db_name(db));
		return err_hint(err,
		                "alter database %s owner to %s; or: grant create on database "
		                "%s to %s, and on the schemas that the dump fills",
		                name_quoted(db_name(db), arena), user,
		                name_quoted(db_name(db), arena), user);
	}
	if (answer_is_true(answer, 0, 2))
		return true;
	(void)err_set(err, FAULT_CONFIG,
	              SETTING ": %s would own all that is restored, and %s could not change it",
	              db_user(db), db_user(boot->db));
	return err_hint(err, "grant %s to %s", user, name_quoted(db_user(boot->db), arena));
}

static bool
judge_role(struct db *db, struct boot *boot, struct arena *arena, struct err *err)
{
	/* Whoever may become one of these, by whatever way, may do what it may. */
	static const char sql[] =
		"select (select string_agg(case when rolsuper then 'a superuser'\n"
		"        when rolreplication then 'one that replicates'\n"
		"        else 'of ' || rolname end || case rolname when current_user then ''\n"
		"        else ', through ' || rolname end, '; ')\n"
		"    from pg_roles where pg_has_role(current_user, oid, 'member')\n"
		"    and (rolsuper or (rolreplication and rolname = current_user)\n"
		"    or rolname in ('pg_execute_server_program', 'pg_read_server_files',\n"
		"        'pg_write_server_files'))),\n"
		"    has_database_privilege(current_database(), 'create'),\n"
		"    (select rolsuper from pg_roles where rolname = $1)\n"
		"        or pg_has_role($1, current_user, 'usage')";
	SCOPED(answer_free) struct answer answer = { 0 };

	return db_ask(db, ASK(SHAPE_ROWS, sql, db_user(boot->db)), &answer, err) &&
	       judge(&answer, boot, db, arena, err);
}

struct db *
restorer_open(struct boot *boot, struct target *target, struct arena *arena, struct err *err)
{
	enum outlook outlook;
	struct db *db;

	if (!find_target(target, boot, arena, err))
		return NULL;
	db = db_open_beside(boot->db, target, clock_ahead(LOGIN_WAIT), &outlook, err);
	if (!db) {
		err_within_(err, SETTING);
		return NULL;
	}
	if (!judge_role(db, boot, arena, err)) {
		db_close(&db);
		return NULL;
	}
	if (boot->lock)
		db_watch(db, boot->lock);
	return db;
}

bool
restorer_admit(struct boot *boot, const struct db *restorer, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *schema = name_quoted(boot->config->schema, &arena);
	const char *user = name_quoted(db_user(restorer), &arena);

	return ledger_create(boot->db, boot->config, err) &&
	       restoration_prepare(boot, &arena, err) &&
	       db_run(boot->db,
	              arena_print(&arena,
	                          "grant usage on schema %s to %s;\n"
	                          "grant select, insert, update, delete on all tables in schema %s "
	                          "to %s",
	                          schema, user, schema, user),
	              err);
}

static void
dismiss(struct boot *boot, const char *login)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *schema = name_quoted(boot->config->schema, &arena);
	const char *user = name_quoted(login, &arena);
	struct err ignored = { 0 };

	if (!db_run(boot->db,
	            arena_print(&arena,
	                        "revoke all on all tables in schema %s from %s;\n"
	                        "revoke all on schema %s from %s",
	                        schema, user, schema, user),
	            &ignored) &&
	    strcmp(ignored.sqlstate, "42704") != 0) /* a role that is gone has no rights */
		log_warning(&ignored);
}

void
restorer_dismiss(struct boot *boot, const struct db *restorer)
{
	dismiss(boot, db_user(restorer));
}

void
restorer_dismiss_late(struct boot *boot)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct target target;
	struct err ignored = { 0 }; /* a value that names nobody: then nobody was let in by it */

	if (boot->facts.restored && boot->config->restore_as &&
	    find_target(&target, boot, &arena, &ignored))
		dismiss(boot, target_value(&target, "user"));
}
