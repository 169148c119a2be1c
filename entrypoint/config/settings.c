/* The settings: a row each, from which reading, help and the README's table are made. */
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../spelling.h"
#include "setting.h"

#define AT(member) offsetof(struct config, member)

static const char *const policies[] = { "error", "warn", "ignore", NULL };
static const char *const lints[] = { "error", "warn", "off", "ignore", NULL };
static const char *const transactions[] = { "auto", "file", "all", NULL };
static const char *const formats[] = { "text", "json", NULL };
static const char *const levels[] = { "error", "warn", "info", "debug", NULL };
static const char *const on_empties[] = { "", "init", "restore", "fail", NULL };
/* In the order of formats[] in format/table.c. */
static const char *const migration_formats[] = { "auto",   "native",          "dbmate",
	                                         "goose",  "golang-migrate",  "sqlx",
	                                         "flyway", "node-pg-migrate", NULL };

const struct setting settings[] = {
	{ "config", KIND_TEXT, AT(config_file), "/etc/pg-entrypoint.ini",
	  "the ini file; the default is read if it exists", NULL },
	{ "url", KIND_SECRET, AT(url), "",
	  "the application's connection; else `DATABASE_URL`, else libpq's `PGHOST PGHOSTADDR "
	  "PGSERVICE PGUSER PGDATABASE`, else `POSTGRES_*`, else `DB_*`, each with `_FILE`",
	  NULL },
	{ "admin_url", KIND_SECRET, AT(admin_url), "",
	  "connection for all work before the application starts (owner role, past the pooler); "
	  "never given to the application. Default: as `url`",
	  NULL },
	{ "only", KIND_NAMES, AT(only), "",
	  "steps of boot, these and no others: `wait`, `restore`, `volumes`, `initdb`, `migrate`, `seed`, `check`",
	  NULL },
	{ "skip", KIND_NAMES, AT(skip), "",
	  "steps of boot: all but these; `all` just becomes the program", NULL },
	{ "expect_schema", KIND_FLAG, AT(expect_schema), "no",
	  "do not migrate: wait until the ledger holds what this image ships", NULL },
	{ "wait_timeout", KIND_LIMIT, AT(wait_timeout), "60s",
	  "how long to wait for the server; `none` or 0: without end", NULL },
	{ "wait_auth_grace", KIND_DURATION, AT(wait_auth_grace), "10s",
	  "how long a refused login or a missing database may be a server that is still being set "
	  "up",
	  NULL },
	{ "wait_for", KIND_NAMES, AT(wait_for), "",
	  "further targets to wait for: `tcp://host:port`, `file:/path`", NULL },
	{ "create_database", KIND_FLAG, AT(create_database), "no",
	  "create the database when it does not exist", NULL },
	{ "initdb_dir", KIND_FOLDER, AT(initdb_dir), "/initdb.d",
	  "scripts for a new database, as in the official postgres image", NULL },
	{ "migrations_dir", KIND_FOLDER, AT(migrations_dir), "/migrations", "migrations", NULL },
	{ "seeds_dir", KIND_FOLDER, AT(seeds_dir), "/seeds",
	  "seeds: the folders `common` and one for each environment", NULL },
	{ "checks_dir", KIND_FOLDER, AT(checks_dir), "/checks", "queries that must return no row",
	  NULL },
	{ "schema", KIND_SCHEMA, AT(schema), "entrypoint",
	  "the schema of our own tables; two services in one database use two", NULL },
	{ "foreign_schemas", KIND_NAMES, AT(foreign_schemas), "",
	  "schemas that are not the application's: an empty database may have them", NULL },
	{ "migrations_format", KIND_CHOICE, AT(migrations_format), "auto",
	  "whose migrations: `native`, `dbmate`, `goose`, `golang-migrate`, `sqlx`, `flyway`, "
	  "`node-pg-migrate`; `auto` tells by the files, and by the history table where several use "
	  "such files",
	  migration_formats },
	{ "migrations_table", KIND_TEXT, AT(migrations_table), "",
	  "the other tool's history table, `NAME` or `SCHEMA.NAME`; default: the tool's own default",
	  NULL },
	{ "migrate_command", KIND_COMMAND, AT(migrate_command), "",
	  "another migrator, run under the lock: `alembic upgrade head`", NULL },
	{ "migrate_command_check", KIND_PROOF, AT(migrate_command_check), "",
	  "a query or a command that says whether `migrate_command` has nothing to do; without it "
	  "the command runs at every start",
	  NULL },
	{ "on_edited", KIND_CHOICE, AT(on_edited), "error",
	  "a migration was changed after it was applied: `error`, `warn`, `ignore`", policies },
	{ "on_missing", KIND_CHOICE, AT(on_missing), "warn",
	  "a migration was applied, and its file is gone", policies },
	{ "on_out_of_order", KIND_CHOICE, AT(on_out_of_order), "error",
	  "a migration is pending, and a later one is applied", policies },
	{ "migrations_transaction", KIND_CHOICE, AT(migrations_transaction), "auto",
	  "one for each `file`, or one for `all` that is pending; `auto`: few on an empty database, "
	  "else one for each file",
	  transactions },
	{ "lint", KIND_CHOICE, AT(lint), "warn",
	  "pending migrations lock tables for long, or break what still runs: `error`, `warn`, `off`",
	  lints },
	{ "min_version", KIND_VERSION, AT(min_version), "",
	  "refuse a database that is older than this version, and that this start will not bring so "
	  "far",
	  NULL },
	{ "boot_lock_timeout", KIND_LIMIT, AT(boot_lock_timeout), "none",
	  "how long to wait for another container that boots; `none` or 0: without end", NULL },
	{ "lock_timeout", KIND_DURATION, AT(lock_timeout), "3s",
	  "PostgreSQL's, for each try of a migration; 0: no limit", NULL },
	{ "lock_retry_for", KIND_DURATION, AT(lock_retry_for), "60s",
	  "how long a migration that meets locks is tried again", NULL },
	{ "environment", KIND_ENVIRONMENT, AT(environment), "prod",
	  "`dev`, `test`, `staging` (also `sit`), `prod` (also `production`), which get `common` alone "
	  "where they have no folder, or any folder of `seeds_dir`: one that is not there is 78 where "
	  "seeds are read",
	  NULL },
	{ "restore_from", KIND_TEXT, AT(restore_from), "",
	  "file or directory of backups: a start restores it into an empty database; `restore` lists them",
	  NULL },
	{ "on_empty", KIND_CHOICE, AT(on_empty), "",
	  "what an empty database means: `init`, `restore` (from `restore_from`, else `backup_dir`) or `fail` (for production after "
	  "its first start). Default: `restore` where `restore_from` is set, else `init`",
	  on_empties },
	{ "restore_jobs", KIND_JOBS, AT(restore_jobs), "min(cores,4)",
	  "sessions that load a dump of more than 32 MB; 1: one transaction, whatever its size",
	  NULL },
	{ "restore_max_age", KIND_LIMIT, AT(restore_max_age), "none",
	  "the oldest backup that a start restores; `none` or 0: of any age", NULL },
	{ "restore_as", KIND_SECRET, AT(restore_as), "",
	  "a plain login that loads dumps and owns what is restored, so that they can do nothing with the rights of `admin_url`: "
	  "`postgresql://loader:its-own-word@/`. Default: none",
	  NULL },
	{ "backup_dir", KIND_TEXT, AT(backup_dir), "",
	  "where backups go: each database should have one of its own", NULL },
	{ "backup_before_migrate", KIND_FLAG, AT(backup_before_migrate), "no",
	  "back up into `backup_dir` before the first pending migration", NULL },
	{ "volumes", KIND_VOLUMES, AT(volumes), "",
	  "folders of files that are backed up and restored with the database: `name:/path`; `name:/path:critical`: "
	  "empty beside a full database it is lost, and stops the start",
	  NULL },
	{ "volume_owner", KIND_TEXT, AT(volume_owner), "kept",
	  "owner of restored files: `kept`, or a user as `user` takes it", NULL },
	{ "image", KIND_TEXT, AT(image), "", "label of this image, kept in the ledger", NULL },
	{ "user", KIND_TEXT, AT(user), "",
	  "drop to this user (`name`, `uid`, `uid:gid`) before the application starts", NULL },
	{ "scrub", KIND_FLAG, AT(scrub), "yes",
	  "take all `ENTRYPOINT_*` variables out of the application's environment", NULL },
	{ "init", KIND_FLAG, AT(init), "no",
	  "stay as process 1 with the application as our child: pass signals on, reap zombies, end what "
	  "it leaves behind (see Init mode)",
	  NULL },
	{ "signal_group", KIND_FLAG, AT(signal_group), "no",
	  "with `init`: signals go to the application's process group, not to it alone", NULL },
	{ "signal_map", KIND_SIGNALS, AT(signal_map), "",
	  "with `init`: signals to pass on as another, `TERM:QUIT`, or not at all, `HUP:0`", NULL },
	{ "stop_timeout", KIND_DURATION, AT(stop_timeout), "10s",
	  "with `init`: how long what the application has left behind may take to end after TERM; then it is "
	  "killed",
	  NULL },
	{ "exit_map", KIND_CODES, AT(exit_map), "",
	  "with `init`: exit codes to replace, `143:0`; the code of a signal only if we passed that signal on",
	  NULL },
	{ "phase_file", KIND_TEXT, AT(phase_file), "/run/pg-entrypoint",
	  "the phase of the boot is kept here, for `health`", NULL },
	{ "health_timeout", KIND_DURATION, AT(health_timeout), "5s",
	  "how long `health` waits for all answers together", NULL },
	{ "log", KIND_FLAG, AT(log_json), "text", "`text` or `json`, on standard error", formats },
	{ "log_level", KIND_CHOICE, AT(log_level), "info", "`error`, `warn`, `info`, `debug`",
	  levels },
	{ NULL, KIND_TEXT, 0, NULL, NULL, NULL },
};

const size_t settings_count = sizeof settings / sizeof *settings - 1;

static bool
is_key(const char *key, const char *name, size_t length)
{
	if (strlen(key) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (key[i] != (name[i] == '-' ? '_' : name[i]))
			return false;
	return true;
}

size_t
setting_find(const char *key, size_t length)
{
	size_t i = 0;

	while (i < settings_count && !is_key(settings[i].key, key, length))
		i++;
	return i;
}

const char *
config_called(const struct config *config, const char *key, struct arena *arena)
{
	const size_t index = setting_find(key, strlen(key));
	const char *source = config->sources ? config->sources[index] : NULL;

	return source ? arena_print(arena, "%s (from %s)", key, source) : key;
}

const char *
setting_near(const char *key)
{
	const size_t length = strlen(key);
	const char *nearest = NULL;
	/* In a short word two letters make another word. */
	size_t most = length > 4 ? 2 : 1;

	if (length < 2 || length > SPELLING_LONGEST)
		return NULL;
	for (size_t i = 0; i < settings_count; i++) {
		const size_t off_by = spelling_distance(key, settings[i].key);

		if (off_by <= most && (!nearest || off_by < most)) {
			nearest = settings[i].key;
			most = off_by;
		}
	}
	for (size_t i = 0; i < settings_count && !nearest && length > 2; i++)
		if (strncmp(settings[i].key, key, length) == 0)
			nearest = settings[i].key;
	return nearest;
}

const char *
setting_variable(const char *key, struct arena *arena)
{
	char *name = arena_join(arena, "ENTRYPOINT_", key, "");

	for (char *c = name; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return name;
}

void
config_describe(struct text *page)
{
	text_add(page, "| setting | variable | default | means |\n|---|---|---|---|\n");
	for (const struct setting *row = settings; row->key; row++) {
		const char *const quote = *row->initial ? "`" : "";

		text_print(page, "| `%s` | `%s` | %s%s%s | %s |\n", row->key,
		           setting_variable(row->key, page->arena), quote, row->initial, quote,
		           row->help);
	}
}
