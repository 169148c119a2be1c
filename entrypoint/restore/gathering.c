/* See gathering.h. */
#include "gathering.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../arena.h"
#include "../db.h"
#include "../err.h"
#include "../names.h"
#include "../scoped.h"
#include "../token.h"
#include "blame.h"
#include "insert.h"
#include "item.h"
#include "name.h"

#define FULL ((size_t)1 << 20)

struct gathering {
	struct db *db;
	struct arena arena; /* of this table: dropped with the next one's beginning */
	struct insert insert;
	const char *beginning; /* of its statement, up to the values */
	size_t beginning_length;
	enum insert_type *types;
	size_t columns; /* 0: its rows go as statements */
	const char *table;
	const char *sql; /* of its COPY; NULL: not made yet */
	char toc[256];
	struct text rows;
	size_t count, room;
	size_t *lines; /* of each row */
	bool was_given;
};

struct gathering *
gathering_open(struct db *db, struct arena *arena)
{
	struct gathering *gathering = arena_alloc(arena, sizeof *gathering);

	gathering->db = db;
	return gathering;
}

void
gathering_close(struct gathering **gathering)
{
	if (*gathering)
		arena_drop(&(*gathering)->arena);
	*gathering = NULL;
}

size_t
gathering_rows(const struct gathering *gathering)
{
	return gathering->count;
}

/* The rows from `before` on all come from this statement. */
static void
note_lines(struct gathering *gathering, size_t before, size_t line)
{
	if (gathering->count > gathering->room) {
		const size_t room = gathering->count * 2;
		size_t *lines = arena_alloc(&gathering->arena, room * sizeof *lines);

		if (before)
			memcpy(lines, gathering->lines, before * sizeof *lines);
		gathering->lines = lines;
		gathering->room = room;
	}
	for (size_t i = before; i < gathering->count; i++)
		gathering->lines[i] = line;
}

static bool
add(struct gathering *gathering, const struct insert *insert, const struct item *item)
{
	const size_t before = gathering->count;

	if (!insert_add(insert, item, gathering->types, gathering->columns, &gathering->rows,
	                &gathering->count))
		return false;
	note_lines(gathering, before, item->line);
	return true;
}

bool
gathering_take(struct gathering *gathering, const struct item *item, bool *is_full)
{
	struct insert insert;

	if (!gathering->columns)
		return false;
	if (!insert_read_alike(&insert, item, &gathering->insert, gathering->beginning,
	                       gathering->beginning_length) &&
	    (!insert_read(&insert, item) || !insert_is_like(&insert, &gathering->insert)))
		return false;
	if (!add(gathering, &insert, item))
		return false;
	*is_full = gathering->rows.length >= FULL;
	return true;
}

/* {"a","B"}: the names between the parentheses, as an array; NULL: all columns. */
static const char *
columns_of(const struct insert *insert, struct arena *arena)
{
	struct text array = text_new(arena);
	struct tokens tokens = { .at = insert->columns };

	if (!insert->columns)
		return NULL;
	tokens.end = insert->columns + insert->columns_length;
	for (struct token token; (token = token_next(&tokens)).kind != TOKEN_END;) {
		if (token.kind == TOKEN_WORD || token.kind == TOKEN_NAME)
			name_add_element(&array, name_of(&token, arena));
	}
	text_add(&array, "}");
	return array.at;
}

static enum insert_type
type_of(const char *name)
{
	static const struct {
		const char *name;
		enum insert_type type;
	} types[] = {
		{ "int2", INSERT_INTEGER },   { "int4", INSERT_INTEGER },
		{ "int8", INSERT_INTEGER },   { "oid", INSERT_INTEGER },
		{ "numeric", INSERT_NUMBER }, { "float4", INSERT_NUMBER },
		{ "float8", INSERT_NUMBER },  { "bool", INSERT_BOOLEAN },
		{ "bit", INSERT_BITS },       { "varbit", INSERT_BITS },
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	return INSERT_OTHER;
}

/* What INSERT does more than COPY, or other than it: rules, triggers, row security, views; and generated columns, which COPY leaves out. */
static bool
ask_columns(struct gathering *gathering, const struct insert *insert, struct err *err)
{
	static const char sql[] =
		"select coalesce(base.typname, own.typname)\n"
		"from pg_class join pg_attribute on attrelid = pg_class.oid\n"
		"join pg_type as own on own.oid = atttypid\n"
		"left join pg_type as base on base.oid = own.typbasetype\n"
		"where pg_class.oid = to_regclass($1) and attnum > 0 and not attisdropped\n"
		"and relkind in ('r', 'p') and not relhasrules and not relhastriggers\n"
		"and not relrowsecurity and ($2::text[] is null or attname = any ($2::text[]))\n"
		"and not exists (\n"
		"    select from pg_attribute as other\n"
		"    where other.attrelid = pg_class.oid and other.attgenerated <> '')\n"
		"order by coalesce(array_position($2::text[], attname::text), attnum)";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(gathering->db,
	            ASK(SHAPE_ROWS, sql, gathering->table, columns_of(insert, &gathering->arena)),
	            &answer, err))
		return false;
	gathering->columns = (size_t)answer.rows;
	gathering->types =
		arena_alloc(&gathering->arena, (size_t)answer.rows * sizeof *gathering->types + 1);
	for (int i = 0; i < answer.rows; i++)
		gathering->types[i] = type_of(answer_at(&answer, i, 0));
	return true;
}

/* What is known of the table is kept beyond the statement. */
static void
begin(struct gathering *gathering, const struct insert *insert, const struct item *item)
{
	struct arena *arena = &gathering->arena;
	struct db *const db = gathering->db;

	arena_drop(arena);
	*gathering = (struct gathering){ .db = db };
	gathering->table = arena_copy_n(arena, insert->table, insert->table_length);
	gathering->insert =
		(struct insert){ .table = gathering->table, .table_length = insert->table_length };
	if (insert->columns) {
		gathering->insert.columns =
			arena_copy_n(arena, insert->columns, insert->columns_length);
		gathering->insert.columns_length = insert->columns_length;
	}
	gathering->beginning_length = (size_t)(insert->values - item->sql);
	gathering->beginning = arena_copy_n(arena, item->sql, gathering->beginning_length);
	gathering->rows = text_new(arena);
	(void)snprintf(gathering->toc, sizeof gathering->toc, "%s", item->toc);
}

bool
gathering_begin(struct gathering *gathering, const struct item *item, bool *was_taken,
                struct err *err)
{
	struct insert insert;

	*was_taken = false;
	if (!insert_read(&insert, item))
		return true;
	/* What was asked once for these columns holds for all of them. */
	if (!insert_is_like(&insert, &gathering->insert)) {
		begin(gathering, &insert, item);
		if (!ask_columns(gathering, &insert, err))
			return false;
	}
	*was_taken = gathering->columns && add(gathering, &insert, item);
	return true;
}

static bool
give(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct gathering *gathering = from;

	(void)err; /* all is there */
	*bytes = gathering->rows.at;
	*length = gathering->was_given ? 0 : gathering->rows.length;
	gathering->was_given = true;
	return true;
}

struct gathered
gathering_gathered(struct gathering *gathering)
{
	if (!gathering->sql)
		gathering->sql =
			arena_print(&gathering->arena, "copy %s %s from stdin", gathering->table,
		                    gathering->insert.columns ? gathering->insert.columns : "");
	return (struct gathered){ .sql = gathering->sql,
		                  .table = gathering->table,
		                  .toc = gathering->toc,
		                  .bytes = gathering->rows.at,
		                  .length = gathering->rows.length,
		                  .lines = gathering->lines,
		                  .count = gathering->count };
}

void
gathering_clear(struct gathering *gathering)
{
	gathering->count = 0;
	gathering->rows.length = 0;
}

bool
gathering_send(struct gathering *gathering, size_t *line, const char **toc, struct err *err)
{
	const struct gathered gathered = gathering_gathered(gathering);
	int64_t rows;
	size_t row;

	gathering->was_given = false;
	if (!db_copy_in(gathering->db, gathered.sql, give, gathering, &rows, err)) {
		row = blame_row(db_place(gathering->db).context);
		*line = gathering->lines[row && row <= gathering->count ? row - 1 : 0];
		*toc = gathering->toc;
		return false;
	}
	gathering_clear(gathering);
	return true;
}
