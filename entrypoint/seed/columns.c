/* See columns.h. */
#include "columns.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../boot.h"
#include "../db.h"
#include "../err.h"
#include "../scoped.h"
#include "../sheet.h"

enum {
	COLUMN_NAME,
	COLUMN_IS_GENERATED,
	COLUMN_SEQUENCE,
	COLUMN_IS_TEXT,
	COLUMN_IS_ARRAY,
	COLUMN_IS_TIME,
	COLUMN_IS_DOMAIN,
	COLUMN_IS_KEPT
};

/* A column of the sheet, or one that a lookup uses. */
struct use {
	const char *table, *table_shown;
	const char *column;
	const char *path; /* where it is named */
	size_t line;
};

/* The columns of a table; none, if there is no such table. */
static bool
ask(struct boot *boot, const char *table, struct answer *answer, struct err *err)
{
	static const char sql[] =
		"select attname, attgenerated <> '',\n"
		"    case when coalesce(nullif(typbasetype, 0), atttypid)::regtype::text\n"
		"        in ('smallint', 'integer', 'bigint', 'numeric') then coalesce(pg_get_serial_sequence($1, attname::text), (\n"
		"        select min(refobjid::regclass::text)\n"
		"        from pg_attrdef\n"
		"        join pg_depend on classid = 'pg_attrdef'::regclass and objid = pg_attrdef.oid\n"
		"            and refclassid = 'pg_class'::regclass\n"
		"        join pg_sequence on seqrelid = refobjid\n"
		"        where adrelid = attrelid and adnum = attnum\n"
		"            and pg_get_expr(adbin, adrelid) ~ '^nextval\\([^()]*\\)$')) end,\n"
		"    atttypid in ('text'::regtype, 'varchar'::regtype)\n"
		"        and coalesce(collisdeterministic, false),\n"
		"    typcategory = 'A', typcategory = 'D', typtype = 'd',\n"
		"    typtype <> 'd'\n"
		"        and (atttypmod = -1 or atttypid in ('varchar'::regtype, 'bpchar'::regtype))\n"
		"        and relkind = 'r' and not relhasrules and not relrowsecurity\n"
		"        and not exists (\n"
		"            select from pg_trigger where tgrelid = attrelid and not tgisinternal)\n"
		"from pg_attribute\n"
		"join pg_class on pg_class.oid = attrelid\n"
		"join pg_type on pg_type.oid = atttypid\n"
		"left join pg_collation on pg_collation.oid = attcollation\n"
		"where attrelid = to_regclass($1) and attnum > 0 and not attisdropped\n"
		"order by attnum";

	return db_ask(boot->db, ASK(SHAPE_ROWS, sql, table), answer, err);
}

static int
find(const struct answer *answer, const char *column)
{
	for (int row = 0; row < answer->rows; row++)
		if (strcmp(answer_at(answer, row, COLUMN_NAME), column) == 0)
			return row;
	return -1;
}

static bool
refuse_column(const struct use *use, const struct answer *answer, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text names = text_new(&arena);

	for (int row = 0; row < answer->rows; row++)
		text_print(&names, "%s%s", row ? ", " : "", answer_at(answer, row, COLUMN_NAME));
	(void)err_set(err, FAULT_WRONG, "%s:%zu: table %s has no column %s", use->path, use->line,
	              use->table_shown, use->column);
	return err_hint(err, "its columns: %s", names.at);
}

static bool
check_lookup(struct boot *boot, const struct lookup *lookup, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	struct use use = { lookup->table, lookup->table_shown, lookup->column, lookup->path,
		           lookup->line };

	if (!ask(boot, lookup->table, &answer, err))
		return err_at(err, use.path, use.line, 0);
	if (!answer.rows)
		return err_set(err, FAULT_WRONG, "%s:%zu: table %s does not exist", use.path,
		               use.line, use.table_shown);
	if (find(&answer, use.column) < 0)
		return refuse_column(&use, &answer, err);
	for (size_t i = 0; i < lookup->by_count; i++) {
		use.column = lookup->by[i];
		if (find(&answer, use.column) < 0)
			return refuse_column(&use, &answer, err);
	}
	return true;
}

/* Does it hold a word that the server reads as another time at each start? */
static bool
is_moving(const char *text)
{
	static const char *const words[] = { "now", "today", "tomorrow", "yesterday" };

	while (*text) {
		size_t length = 0;

		while (isalpha((unsigned char)text[length]))
			length++;
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (strlen(words[i]) == length && strncasecmp(text, words[i], length) == 0)
				return true;
		text += length ? length : 1;
	}
	return false;
}

/* A row would be missing again at each start. */
static bool
check_times(const struct sheet *sheet, const struct column *column, struct err *err)
{
	for (size_t row = 0; row < sheet->row_count; row++) {
		const struct cell *cell = &sheet->rows[row].cells[column - sheet->columns];

		if (cell->kind != CELL_TEXT || !is_moving(cell->text))
			continue;
		(void)err_set(err, FAULT_WRONG, "\"%s\" is another time at each start", cell->text);
		(void)err_hint(err, "a key is written as it is stored");
		return sheet_blame(sheet, row, column, err);
	}
	return true;
}

static bool
check_column(const struct sheet *sheet, const struct column *column, const struct answer *answer,
             struct err *err)
{
	const struct use use = { sheet->table, sheet->table_shown, column->name, column->path,
		                 column->line };
	const int row = find(answer, column->name);

	if (row < 0)
		return refuse_column(&use, answer, err);
	if (answer_is_true(answer, row, COLUMN_IS_GENERATED))
		return err_set(err, FAULT_WRONG, "%s:%zu: %s is generated by the server", use.path,
		               use.line, use.column);
	if (column->is_key && answer_is_true(answer, row, COLUMN_IS_ARRAY))
		return err_set(err, FAULT_WRONG, "%s:%zu: %s is an array and cannot be in a key",
		               use.path, use.line, use.column);
	return !column->is_key || !answer_is_true(answer, row, COLUMN_IS_TIME) ||
	       check_times(sheet, column, err);
}

static bool
refuse_table(const struct sheet *sheet, struct err *err)
{
	if (sheet->table_line)
		return err_set(err, FAULT_WRONG, "%s:%zu: table %s does not exist",
		               sheet->table_path, sheet->table_line, sheet->table_shown);
	(void)err_set(err, FAULT_WRONG, "%s: table %s does not exist", sheet->table_path,
	              sheet->table_shown);
	return err_hint(err,
	                "[@table] may say `name = TABLE`; else the table is called as the file");
}

static struct trait
trait_of(const struct answer *answer, const char *column, struct arena *arena)
{
	const int row = find(answer, column);
	const char *sequence = answer_at(answer, row, COLUMN_SEQUENCE);

	return (struct trait){
		.sequence = sequence ? arena_copy(arena, sequence) : NULL,
		.is_text = answer_is_true(answer, row, COLUMN_IS_TEXT),
		.is_domain = answer_is_true(answer, row, COLUMN_IS_DOMAIN),
		.is_kept = answer_is_true(answer, row, COLUMN_IS_KEPT),
	};
}

bool
columns_check(struct boot *boot, const struct sheet *sheet, struct trait **traits,
              struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!ask(boot, sheet->table, &answer, err))
		return err_within(err, "%s", sheet->path);
	if (!answer.rows)
		return refuse_table(sheet, err);
	*traits = arena_alloc(arena, sheet->column_count * sizeof **traits);
	for (size_t i = 0; i < sheet->column_count; i++) {
		if (!check_column(sheet, &sheet->columns[i], &answer, err))
			return false;
		(*traits)[i] = trait_of(&answer, sheet->columns[i].name, arena);
	}
	for (size_t i = 0; i < sheet->lookup_count; i++)
		if (!check_lookup(boot, sheet->lookups[i], err))
			return false;
	return true;
}
