/* See successor.h. */
#include "successor.h"

#include <stddef.h>
#include <string.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../clock.h"
#include "../config.h"
#include "../db.h"
#include "../empty.h"
#include "../err.h"
#include "../log.h"
#include "../names.h"
#include "../scoped.h"
#include "../signals.h"
#include "../target.h"

#define MARK "pg-entrypoint: is to replace another database, by restore --replace"
#define LOGIN_WAIT 10000

struct db *
successor_open(const struct successor *successor, struct boot *boot, struct err *err)
{
	const struct target target =
		target_with(boot->target, "dbname", successor->next, successor->arena);
	enum outlook outlook;
	struct db *db = db_open_beside(boot->db, &target, clock_ahead(LOGIN_WAIT), &outlook, err);

	if (!db)
		err_within_(err, "database %s", successor->next);
	else if (boot->lock)
		db_watch(db, boot->lock);
	return db;
}

/* One without our mark: of a run that was killed before it could set it, if nothing is in it. */
static bool
is_empty(const struct successor *successor, struct boot *boot, struct err *err)
{
	SCOPED(db_close) struct db *db = successor_open(successor, boot, err);
	const char *relation;

	if (!db || !empty_find(db, boot->config, &relation, successor->arena, err))
		return false;
	if (!relation)
		return true;
	(void)err_set(err, FAULT_WRONG, "there is a database %s, which is not of a restore",
	              successor->next);
	return err_hint(err, "rename it: the new database has that name until it replaces %s",
	                successor->name);
}

/* WITH (FORCE) wants a right over workers of autovacuum as well; without it they are ended. */
static bool
drop_next(const struct successor *successor, struct db *db, struct err *err)
{
	const char *sql = arena_join(successor->arena, "drop database if exists ",
	                             name_quoted(successor->next, successor->arena), "");

	if (db_run(db, sql, err))
		return true;
	if (strcmp(err->sqlstate, "55006") != 0)
		return false;
	err_clear(err);
	return db_run(db, arena_join(successor->arena, sql, " with (force)", ""), err);
}

static bool
clear_way(const struct successor *successor, struct boot *boot, struct err *err)
{
	static const char sql[] =
		"select coalesce(shobj_description(oid, 'pg_database'), '') from pg_database\n"
		"where datname = $1";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_ROWS, sql, successor->next), &answer, err))
		return false;
	if (!answer.rows)
		return true;
	if (strcmp(answer_at(&answer, 0, 0), MARK) != 0 && !is_empty(successor, boot, err))
		return false;
	log_info("what a restore that was cut off has left, %s, is dropped", successor->next);
	return drop_next(successor, boot->db, err);
}

/* The server may still be at what a run that was killed has sent: then it is there in a moment, to be dropped. */
static bool
create(const struct successor *successor, struct boot *boot, const char *sql, struct err *err)
{
	const int64_t deadline = clock_ahead(boot->config->lock_retry_for);

	for (;;) {
		if (!clear_way(successor, boot, err))
			return false;
		if (db_run(boot->db, sql, err))
			return true;
		if ((strcmp(err->sqlstate, "23505") != 0 && strcmp(err->sqlstate, "42P04") != 0) ||
		    clock_passed(deadline))
			return false;
		err_clear(err);
		if (!signals_pause(200, err))
			return false;
	}
}

bool
successor_make(struct successor *successor, struct boot *boot, struct err *err)
{
	/* Columns came with versions: 15 has the provider, 16 rules, and 17 has renamed the locale. */
	static const char sql[] =
		"select format('create database %I template template0 owner %I encoding %L',\n"
		"    $1::text, pg_get_userbyid(datdba), pg_encoding_to_char(encoding))\n"
		"    || format(' lc_collate %L lc_ctype %L', datcollate, datctype)\n"
		"    || case other ->> 'datlocprovider'\n"
		"    when 'c' then ' locale_provider libc'\n"
		"    when 'i' then format(' locale_provider icu icu_locale %L',\n"
		"        coalesce(other ->> 'datlocale', other ->> 'daticulocale'))\n"
		"        || case when other ->> 'daticurules' is null then ''\n"
		"        else format(' icu_rules %L', other ->> 'daticurules') end\n"
		"    when 'b' then format(' locale_provider builtin builtin_locale %L',\n"
		"        other ->> 'datlocale')\n"
		"    else '' end\n"
		"    || case spcname when 'pg_default' then '' else format(' tablespace %I', spcname) "
		"end\n"
		"from pg_database join pg_tablespace on pg_tablespace.oid = dattablespace,\n"
		"lateral (select to_jsonb(pg_database) - 'datacl' as other) as columns\n"
		"where datname = current_database()";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_VALUE, sql, successor->next), &answer, err) ||
	    !create(successor, boot, answer_at(&answer, 0, 0), err))
		return false;
	successor->is_made = true;
	return db_run(boot->db,
	              arena_print(successor->arena, "comment on database %s is %s",
	                          name_quoted(successor->next, successor->arena),
	                          db_literal(boot->db, MARK, successor->arena)),
	              err);
}

void
successor_drop(const struct successor *successor, struct db *keeper)
{
	struct err ignored = { 0 };

	if (successor->is_made && !drop_next(successor, keeper, &ignored))
		log_warn("%s is left, and will be dropped by the next restore --replace: %s",
		         successor->next, ignored.what);
}

/* Some of it may be a superuser's; that is no reason not to restore. */
static bool
run_or_warn(struct boot *boot, const char *statement, const char *afterwards, struct err *err)
{
	if (db_run(boot->db, statement, err))
		return true;
	if (strcmp(err->sqlstate, "42501") != 0)
		return false;
	log_warn("a superuser has to do this after the restore: %s (%s)", afterwards, err->what);
	err_clear(err);
	return true;
}

bool
successor_dress(const struct successor *successor, struct boot *boot, bool grants, struct err *err)
{
	/*
	 * A setting that is a list is stored quoted for each of its words, and only set_config() takes it like that: the list is
	 * variable_is_guc_list_quote() of src/bin/pg_dump/dumputils.c.
	 */
	static const char sql[] =
		"select statement,\n"
		"    replace(statement, quote_ident($1::text), quote_ident(current_database()))\n"
		"from (\n"
		"select 1, format('revoke all on database %I from public, %I', $1::text,\n"
		"    pg_get_userbyid(datdba)) from pg_database\n"
		"    where datname = current_database() and datacl is not null\n"
		"union all select 2, format('grant %s on database %I to %s%s', privilege_type, "
		"$1::text,\n"
		"    case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) "
		"end,\n"
		"    case when is_grantable then ' with grant option' else '' end)\n"
		"    from pg_database, aclexplode(datacl) where datname = current_database()\n"
		"union all select 3, case when is_list\n"
		"    then format('select set_config(%L, %L, true); ', name, value) else '' end\n"
		"    || 'alter ' || case when rolname is null then '' else format('role %I in ', rolname) end\n"
		"    || format('database %I set %I', $1::text, name)\n"
		"    || case when is_list then ' from current' else format(' to %L', value) end\n"
		"    from pg_db_role_setting join pg_database on pg_database.oid = setdatabase\n"
		"    left join pg_roles on pg_roles.oid = setrole, unnest(setconfig) as setting,\n"
		"    lateral (select split_part(setting, '=', 1) as name,\n"
		"        substr(setting, strpos(setting, '=') + 1) as value) as parts,\n"
		"    lateral (select name in ('local_preload_libraries', 'search_path',\n"
		"        'session_preload_libraries', 'temp_tablespaces',\n"
		"        'unix_socket_directories') as is_list) as judged\n"
		"    where datname = current_database()\n"
		"union all select 4, format('alter database %I connection limit %s', $1::text, "
		"datconnlimit)\n"
		"    from pg_database where datname = current_database() and datconnlimit <> -1\n"
		"union all select 5, format('alter database %I is_template true', $1::text)\n"
		"    from pg_database where datname = current_database() and datistemplate\n"
		") as all_of_them (place, statement) where (place <= 2) = $2::boolean order by place";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_ROWS, sql, successor->next, grants ? "true" : "false"),
	            &answer, err))
		return false;
	for (int row = 0; row < answer.rows; row++)
		if (!run_or_warn(boot, answer_at(&answer, row, 0), answer_at(&answer, row, 1), err))
			return false;
	return true;
}

struct db *
successor_keeper(const struct successor *successor, struct boot *boot, struct err *err)
{
	static const char *const names[] = { "postgres", "template1" };
	enum outlook outlook;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct target target =
			target_with(boot->target, "dbname", names[i], successor->arena);
		struct db *db;

		err_clear(err);
		if (strcmp(names[i], successor->name) == 0)
			continue;
		db = db_open_beside(boot->db, &target, clock_ahead(LOGIN_WAIT), &outlook, err);
		if (db && session_may_idle(db, err))
			return db;
		db_close(&db);
	}
	err_within_(err, "a session in another database, from which %s is renamed",
	            successor->name);
	return NULL;
}

/* By one simple query, which leaves no snapshot in the transaction of the lock. */
static bool
ask_pid(struct db *db, const char **pid, struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_run_last(db, "select pg_backend_pid()", &answer, err))
		return false;
	*pid = arena_copy(arena, answer_at(&answer, 0, 0));
	return true;
}

/* Who will be disconnected, but for ourselves: "2 of nexus_user from 172.18.0.5 (uvicorn)". */
static bool
ask_clients(const struct successor *successor, struct boot *boot, struct db *keeper,
            const char **words, struct err *err)
{
	static const char sql[] =
		"select string_agg(format('%s of %s%s%s', count, usename, address, name), ', ')\n"
		/* Of others' sessions without pg_monitor all but the role is null. */
		"from (select count(*), usename, case when backend_type is not null\n"
		"    then ' from ' || coalesce(host(client_addr), 'this host') end as address,\n"
		"    ' (' || nullif(application_name, '') || ')' as name\n"
		"from pg_stat_activity where datname = $1 and usename is not null\n"
		"and coalesce(backend_type, 'client backend') = 'client backend'\n"
		"and pid not in ($2::int, $3::int)\n"
		"group by usename, client_addr, application_name, backend_type is not null) as clients";
	SCOPED(answer_free) struct answer answer = { 0 };
	const char *own, *lock = "0";

	if (!ask_pid(boot->db, &own, successor->arena, err) ||
	    (boot->lock && !ask_pid(boot->lock, &lock, successor->arena, err)) ||
	    !db_ask(keeper, ASK(SHAPE_VALUE, sql, successor->name, own, lock), &answer, err))
		return false;
	*words = answer_at(&answer, 0, 0) ? arena_copy(successor->arena, answer_at(&answer, 0, 0))
	                                  : NULL;
	return true;
}

/*
 * One text, so that nobody comes in between; once it has the lock of the name, nobody can. Workers of autovacuum, who have no
 * role, only a superuser may end; the rename does it.
 */
static const char *
swap_sql(const struct successor *successor, struct db *keeper)
{
	struct arena *arena = successor->arena;
	const char *name = name_quoted(successor->name, arena);
	const char *next = name_quoted(successor->next, arena);

	return arena_print(
		arena,
		"begin;\n"
		"set local statement_timeout = 0; set local lock_timeout = 0;\n"
		"do $$begin execute format('comment on database %%I is %%L', %s, (select\n"
		"    shobj_description(oid, 'pg_database') from pg_database where datname = %s)); "
		"end$$;\n"
		"select pg_terminate_backend(pid) from pg_stat_activity\n"
		"where datname in (%s, %s) and pid <> pg_backend_pid() and usesysid is not null;\n"
		"alter database %s rename to %s;\n"
		"alter database %s rename to %s;\n"
		"commit",
		db_literal(keeper, successor->next, arena),
		db_literal(keeper, successor->name, arena),
		db_literal(keeper, successor->name, arena),
		db_literal(keeper, successor->next, arena), name,
		name_quoted(successor->kept, arena), next, name);
}

bool
successor_swap(const struct successor *successor, struct boot *boot, struct db *keeper,
               const char **words, struct err *err)
{
	const int64_t deadline = clock_ahead(boot->config->lock_retry_for);
	const char *sql = swap_sql(successor, keeper);

	if (!ask_clients(successor, boot, keeper, words, err))
		return false;
	while (!db_run(keeper, sql, err)) {
		const bool is_in_use = strcmp(err->sqlstate, "55006") == 0;

		if (err->fault >= FAULT_SIGNAL || !db_is_alive(keeper))
			return false;
		transaction_abandon(keeper);
		if (strcmp(err->sqlstate, "42501") == 0) {
			err->fault = FAULT_CONFIG;
			return err_hint(
				err,
				"stop those that are connected; sessions of others than "
				"superusers may be ended after: grant pg_signal_backend to %s",
				name_quoted(db_user(keeper), successor->arena));
		}
		if (!is_in_use || clock_passed(deadline)) {
			err->fault = is_in_use ? FAULT_BUSY : err->fault;
			return false;
		}
		err_clear(err);
		if (!signals_pause(200, err))
			return false;
	}
	return true;
}
