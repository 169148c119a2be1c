/* The SQL that writes and removes rows of other tools' history tables, each as the tool does. See rows.h. */
#include <string.h>

#include "../arena.h"
#include "../db.h"
#include "../format.h"
#include "../ledger.h"
#include "rows.h"

static const char *
literal(const struct record *record, const char *text, const struct text *sql)
{
	return db_literal(record->db, text, sql->arena);
}

/* How long it took, in parts of a second. */
static void
add_duration(struct text *sql, const struct record *record, const char *parts)
{
	text_print(sql, "(extract(epoch from clock_timestamp() - %s) * %s)::bigint",
	           record->started, parts);
}

void
add_dbmate(struct text *sql, const struct record *record)
{
	text_print(sql, "insert into %s (version) values (%s)", record->table->quoted,
	           literal(record, record->version, sql));
}

void
remove_dbmate(struct text *sql, const struct record *record)
{
	text_print(sql, "delete from %s where version = %s", record->table->quoted,
	           literal(record, record->version, sql));
}

void
add_goose(struct text *sql, const struct record *record)
{
	text_print(sql, "insert into %s (version_id, is_applied) values (%s, true)",
	           record->table->quoted, record->version);
}

void
remove_goose(struct text *sql, const struct record *record)
{
	text_print(sql, "delete from %s where version_id = %s", record->table->quoted,
	           record->version);
}

/* Its one row is the newest version: a file that was merged late does not take it down. */
void
add_golang_migrate(struct text *sql, const struct record *record)
{
	text_print(sql,
	           "delete from %1$s where version < %2$s;\n"
	           "insert into %1$s (version, dirty) select %2$s, false where not exists (\n"
	           "    select from %1$s)",
	           record->table->quoted, record->version);
}

void
remove_golang_migrate(struct text *sql, const struct record *record)
{
	text_print(sql, "delete from %s", record->table->quoted);
	if (record->before)
		text_print(sql, ";\ninsert into %s (version, dirty) values (%s, false)",
		           record->table->quoted, record->before);
}

void
add_sqlx(struct text *sql, const struct record *record)
{
	text_print(sql,
	           "insert into %s (version, description, success, checksum, execution_time)\n"
	           "values (%s, %s, true, decode(%s, 'hex'), ",
	           record->table->quoted, record->version,
	           literal(record, record->peer->description, sql),
	           literal(record, strchr(record->peer->checksum, ':') + 1, sql));
	add_duration(sql, record, "1000000000");
	text_add(sql, ")");
}

void
remove_sqlx(struct text *sql, const struct record *record)
{
	text_print(sql, "delete from %s where version = %s", record->table->quoted,
	           record->version);
}

/* Of what is no SQL it has no checksum, and another type. */
void
add_flyway(struct text *sql, const struct record *record)
{
	const char *checksum = record->peer->checksum;

	text_print(
		sql,
		"insert into %1$s (installed_rank, version, description, type, script, checksum,\n"
		"    installed_by, execution_time, success)\n"
		"values ((select coalesce(max(installed_rank), 0) + 1 from %1$s), %2$s, %3$s, %6$s,\n"
		"    %4$s, %5$s, current_user, least(2147483647, ",
		record->table->quoted,
		version_is_repeatable(record->version) ? "null"
						       : literal(record, record->version, sql),
		literal(record, record->peer->description, sql),
		literal(record, record->peer->file, sql),
		checksum ? strchr(checksum, ':') + 1 : "null", checksum ? "'SQL'" : "'JDBC'");
	add_duration(sql, record, "1000"); /* into an integer, of what may have begun last month */
	text_add(sql, "), true)");
}

/* The community edition has no undo; without its row a version is pending for all editions. */
void
remove_flyway(struct text *sql, const struct record *record)
{
	text_print(sql, "delete from %s where version = %s", record->table->quoted,
	           literal(record, record->version, sql));
}

void
add_node_pg_migrate(struct text *sql, const struct record *record)
{
	text_print(sql, "insert into %s (name, run_on) values (%s, now())", record->table->quoted,
	           literal(record, record->version, sql));
}

void
remove_node_pg_migrate(struct text *sql, const struct record *record)
{
	text_print(sql, "delete from %s where name = %s", record->table->quoted,
	           literal(record, record->version, sql));
}
