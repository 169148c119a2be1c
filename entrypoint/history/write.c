/* What is written to a history table. See history.h. */
#include <string.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../format.h"
#include "../history.h"
#include "../ledger.h"
#include "../log.h"
#include "../migration.h"
#include "../names.h"
#include "../scoped.h"

/* The greatest version below this one that is applied. */
static const char *
version_before(const struct boot *boot, const struct migration *migration)
{
	const struct migrations *migrations = boot->migrations;
	const char *before = NULL;

	for (size_t i = 0; i < migrations->count && &migrations->at[i] != migration; i++)
		if (!migration_is_pending(&migrations->at[i]))
			before = migrations->at[i].version;
	return before;
}

/* As its row has it: to Flyway 1 is 1.0, and the file may have been renamed since. */
static const char *
version_written(const struct boot *boot, const struct migration *migration)
{
	const struct history *history = boot->history;

	for (size_t row = history->count; row-- > 0;)
		if (migration_compare(migration, migration->version, history->rows[row].version) ==
		    0)
			return history->rows[row].version;
	return migration->version;
}

static const char *
write_sql(const struct boot *boot, const struct migration *migration, const char *version,
          void (*write)(struct text *, const struct record *), struct arena *arena)
{
	struct text sql = text_new(arena);
	const struct record record = {
		.db = boot->db,
		.table = boot->history->table,
		.peer = migration->peer,
		.version = version,
		.before = version_before(boot, migration),
		.started = arena_print(arena,
		                       "(select started_at from %s.migration where version = %s)",
		                       name_quoted(boot->config->schema, arena),
		                       db_literal(boot->db, migration_row(migration), arena)),
	};

	write(&sql, &record);
	text_add(&sql, ";\n");
	return sql.at;
}

const char *
history_add_sql(const struct boot *boot, const struct migration *migration, struct arena *arena)
{
	return boot->history && migration->peer ? write_sql(boot, migration, migration->version,
	                                                    boot->history->format->add, arena)
	                                        : "";
}

const char *
history_remove_sql(const struct boot *boot, const struct migration *migration, struct arena *arena)
{
	return boot->history && migration->peer
	             ? write_sql(boot, migration, version_written(boot, migration),
	                         boot->history->format->remove, arena)
	             : "";
}

const char *
history_accept_sql(const struct boot *boot, const struct migration *migration, struct arena *arena)
{
	/* Flyway's is a number, and its repeatables have no version. */
	const char *value, *version;

	if (!boot->history || !migration->peer->checksum)
		return "";
	value = strchr(migration->peer->checksum, ':') + 1;
	version = version_written(boot, migration);
	return arena_print(arena, "update %s set checksum = %s where version = %s;\n",
	                   boot->history->table->quoted,
	                   strncmp(migration->peer->checksum, "crc32:", 6) == 0
	                           ? value
	                           : arena_print(arena, "decode('%s', 'hex')", value),
	                   strspn(version, "0123456789") == strlen(version) &&
	                                   strcmp(boot->history->format->name, "sqlx") == 0
	                           ? version
	                           : db_literal(boot->db, version, arena));
}

const char *
history_keys(const struct boot *boot, struct arena *arena)
{
	struct text keys = text_new(arena);
	const struct history *history = boot->history;

	if (history && history->table && history->format->keys)
		history->format->keys(&keys, history->table);
	return keys.at;
}

/* A text of format.h: %t stands for the table, %p and %i for the names of its key and of an index. */
static void
add_filled(struct text *sql, const char *text, const struct history_table *table)
{
	for (; *text; text++) {
		if (*text != '%') {
			text_add_char(sql, *text);
			continue;
		}
		text++;
		text_add(sql, *text == 't'
		                      ? table->quoted
		                      : name_quoted(arena_join(sql->arena, table->name,
		                                               *text == 'p' ? "_pk" : "_s_idx", ""),
		                                    sql->arena));
	}
}

/* The table, and what is in it from the beginning, as its tool makes it. */
static void
add_creation(struct text *sql, const struct boot *boot)
{
	const struct history *history = boot->history;
	const struct history_table *table = history->table;

	if (!table->has_schema)
		text_print(sql, "create schema if not exists %s;\n",
		           name_quoted(table->schema, sql->arena));
	text_print(sql, "create table %s ", table->quoted);
	add_filled(sql, history->format->create, table);
	text_add(sql, ";\n");
	if (history->format->then) {
		add_filled(sql, history->format->then, table);
		text_add(sql, ";\n");
	}
}

static void
add_ledger(struct text *sql, const struct boot *boot)
{
	const struct history *history = boot->history;
	const struct entry note = { .version = LEDGER_FORMAT,
		                    .name = history->format->name,
		                    .checksum = "" };

	if (history->gone_count)
		text_print(sql, "%s;\n",
		           ledger_forget_sql(boot->db, boot->config, history->gone,
		                             history->gone_count, sql->arena));
	text_print(sql, "%s;\n", ledger_believe_sql(boot->db, boot->config, &note, 1, sql->arena));
	if (history->believed_count)
		text_print(sql, "%s;\n",
		           ledger_believe_sql(boot->db, boot->config, history->believed,
		                              history->believed_count, sql->arena));
}

static void
tell(const struct history *history)
{
	if (!history->exists)
		log_info("%s is made, as %s would", history->table->quoted, history->format->name);
	if (history->believed_count)
		log_info("%zu applied by %s, says %s", history->believed_count,
		         history->format->name, history->table->quoted);
	if (history->gone_count)
		log_info("%zu taken back by %s, says %s", history->gone_count,
		         history->format->name, history->table->quoted);
}

bool
history_sync(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct history *history = boot->history;
	struct text sql = text_new(&arena);

	if (!history)
		return true;
	text_add(&sql, transaction_begin_sql(boot, &arena));
	if (!history->exists)
		add_creation(&sql, boot);
	add_ledger(&sql, boot);
	text_add(&sql, "commit; reset all");
	if (!db_run(boot->db, sql.at, err)) {
		transaction_abandon(boot->db);
		return err_within(err, "the history of %s", history->format->name);
	}
	tell(history);
	history->exists = true;
	history->believed_count = history->gone_count = 0;
	return true;
}

static bool
was_gone(const struct history *history, const struct migration *migration)
{
	for (size_t i = 0; i < history->gone_count; i++)
		if (format_compare(history->format, history->gone[i].version, migration->version) ==
		    0)
			return true;
	return false;
}

bool
history_restore(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct history *history = boot->history;
	struct text sql = text_new(&arena);
	size_t count = 0;

	text_add(&sql, transaction_begin_sql(boot, &arena));
	add_creation(&sql, boot);
	for (size_t i = 0; i < boot->migrations->count; i++)
		if (was_gone(history, &boot->migrations->at[i])) {
			text_add(&sql, history_add_sql(boot, &boot->migrations->at[i], &arena));
			count++;
		}
	text_add(&sql, "commit; reset all");
	if (!db_run(boot->db, sql.at, err)) {
		transaction_abandon(boot->db);
		return err_within(err, "the history of %s", history->format->name);
	}
	log_info("%s is made anew from the ledger: %zu row%s", history->table->quoted, count,
	         count == 1 ? "" : "s");
	return true;
}
