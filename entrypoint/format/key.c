/* The advisory keys of other tools, from their sources. See rows.h. */
#include <inttypes.h>
#include <string.h>

#include "../arena.h"
#include "../format.h"
#include "checksum.h"
#include "rows.h"

static void
add_key(struct text *keys, int64_t key)
{
	text_print(keys, ", %" PRId64, key);
}

/* lock/postgres.go: crc32 of "goose" */
void
keys_goose(struct text *keys, const struct history_table *table)
{
	(void)table; /* one for all databases */
	add_key(keys, 4097083626);
}

/* database/util.go: schema, table and database with zeros between. */
static uint32_t
golang_key(const struct history_table *table, const char *slash)
{
	uint32_t crc = crc32_of(0, table->schema, strlen(table->schema) + 1);

	crc = crc32_of(crc, table->name, strlen(table->name) + 1);
	crc = crc32_of(crc, slash, strlen(slash));
	crc = crc32_of(crc, table->database, strlen(table->database));
	return crc * 1486364155u;
}

/* Opened by a URL it takes the URL's path for the database's name; within a program it asks the server. */
void
keys_golang_migrate(struct text *keys, const struct history_table *table)
{
	add_key(keys, golang_key(table, "/"));
	add_key(keys, golang_key(table, ""));
}

/* sqlx-postgres/src/migrate.rs */
void
keys_sqlx(struct text *keys, const struct history_table *table)
{
	add_key(keys, INT64_C(0x3d32ad9e) *
	                      (int64_t)crc32_of(0, table->database, strlen(table->database)));
}

/* PostgreSQLAdvisoryLockTemplate.java */
void
keys_flyway(struct text *keys, const struct history_table *table)
{
	add_key(keys, INT64_C(77431708279161) + java_hash(table->quoted));
}

/* runner.ts */
void
keys_node_pg_migrate(struct text *keys, const struct history_table *table)
{
	(void)table; /* one for all databases */
	add_key(keys, 7241865325823964);
}
