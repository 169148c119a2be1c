/* See stage.h. */
#include "stage.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../boot.h"
#include "../db.h"
#include "../err.h"
#include "../names.h"
#include "../scoped.h"
#include "../sheet.h"
#include "columns.h"

/* COPY gets its data in pieces of about this size. */
#define PIECE ((size_t)65536)

static bool
is_staged(const struct sheet *sheet, const struct row *row)
{
	for (size_t i = 0; i < sheet->column_count; i++)
		if (row->cells[i].kind == CELL_REFERENCE && !row->cells[i].reference->is_found)
			return false;
	return true;
}

/* NULL is null, or not given. */
static const char *
value_of(const struct cell *cell)
{
	if (cell->kind == CELL_REFERENCE)
		return cell->reference->found;
	return cell->kind == CELL_TEXT ? cell->text : NULL;
}

/* The number of the row's shape. */
static size_t
shape_of(struct stage *stage, const struct row *row, char *signature)
{
	const struct sheet *sheet = stage->sheet;

	for (size_t i = 0; i < sheet->column_count; i++) {
		signature[i] = row->cells[i].kind == CELL_ABSENT ? '-' : 'v';
		if (sheet->columns[i].is_key && !value_of(&row->cells[i]))
			signature[i] = 'n';
	}
	for (size_t i = 0; i < stage->shape_count; i++)
		if (strcmp(stage->shapes[i], signature) == 0)
			return i;
	stage->shapes =
		arena_grow(stage->arena, stage->shapes, stage->shape_count, sizeof *stage->shapes);
	stage->shapes[stage->shape_count] = arena_copy(stage->arena, signature);
	return stage->shape_count++;
}

static bool
give_the_same(const char *one, const char *other)
{
	for (; *one; one++, other++)
		if ((*one == '-') != (*other == '-'))
			return false;
	return true;
}

/* Where a row stands, after the one before it. */
struct standing {
	size_t shape;
	size_t run;
};

static void
stand(struct standing *standing, struct stage *stage, const struct row *row, char *signature)
{
	const size_t shape = shape_of(stage, row, signature);

	standing->run += !give_the_same(stage->shapes[standing->shape], stage->shapes[shape]);
	standing->shape = shape;
}

/* The rows as text for COPY. */
struct feed {
	struct stage *stage;
	size_t next;
	struct standing standing;
	char *signature;
	struct text text;
};

/* What COPY wants behind a backslash instead of the character; 0: it goes as it is. */
static char
escape_of(char c)
{
	switch (c) {
	case '\\':
		return '\\';
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	default:
		return 0;
	}
}

static void
add_value(struct text *text, const char *value)
{
	if (!value) {
		text_add(text, "\\N");
		return;
	}
	while (*value) {
		size_t plain = 0;

		while (value[plain] && !escape_of(value[plain]))
			plain++;
		text_add_n(text, value, plain);
		value += plain;
		if (*value) {
			text_add_char(text, '\\');
			text_add_char(text, escape_of(*value++));
		}
	}
}

static void
add_row(struct feed *feed, const struct row *row)
{
	const struct sheet *sheet = feed->stage->sheet;

	for (size_t i = 0; i < sheet->column_count; i++) {
		if (i)
			text_add_char(&feed->text, '\t');
		add_value(&feed->text, value_of(&row->cells[i]));
	}
	if (feed->stage->shape_count > 1) {
		stand(&feed->standing, feed->stage, row, feed->signature);
		text_print(&feed->text, "\t%zu\t%zu", feed->standing.shape, feed->standing.run);
	}
	text_add_char(&feed->text, '\n');
}

static bool
next_piece(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct feed *feed = from;
	const struct sheet *sheet = feed->stage->sheet;

	(void)err; /* nothing can fail here */
	feed->text.length = 0;
	for (; feed->next < feed->stage->rows && feed->text.length < PIECE; feed->next++)
		if (is_staged(sheet, &sheet->rows[feed->next]))
			add_row(feed, &sheet->rows[feed->next]);
	*bytes = feed->text.at;
	*length = feed->text.length;
	return true;
}

size_t
stage_row(const struct stage *stage, size_t n)
{
	return stage_row_from(stage, 0, n);
}

size_t
stage_row_from(const struct stage *stage, size_t row, size_t n)
{
	const struct sheet *sheet = stage->sheet;

	for (; row + 1 < sheet->row_count; row++)
		if (is_staged(sheet, &sheet->rows[row]) && --n == 0)
			break;
	return row;
}

/*
 * The context is "COPY pg_entrypoint_rows, line 3, column c1: ...", in the server's language, but
 * the numbers come in this order.
 */
static bool
blame_value(const struct stage *stage, struct err *err)
{
	const struct sheet *sheet = stage->sheet;
	char *context = strstr(err->detail, "CONTEXT: ");
	const char *at = context ? strstr(context, strchr(STAGE, '.') + 1) : NULL;
	size_t line, column;
	char *end;

	if (!at || !(at = strpbrk(at, "0123456789")))
		return false;
	line = strtoul(at, &end, 10);
	while (*end && !(*end == 'c' && isdigit((unsigned char)end[1]) && end[-1] == ' '))
		end++;
	if (!*end)
		return false;
	column = strtoul(end + 1, NULL, 10);
	if (line == 0 || column >= sheet->column_count)
		return false;
	/* It names a table that nobody knows. */
	context[context > err->detail ? -1 : 0] = '\0';
	(void)sheet_blame(sheet, stage_row(stage, line), &sheet->columns[column], err);
	return true;
}

bool
stage_always_gives(const struct stage *stage, size_t column)
{
	for (size_t i = 0; i < stage->shape_count; i++)
		if (stage->shapes[i][column] == '-')
			return false;
	return true;
}

static const char *
create_sql(const struct stage *stage, struct arena *arena)
{
	const struct sheet *sheet = stage->sheet;
	struct text sql = text_new(arena);

	text_add(&sql, "create temporary table pg_entrypoint_rows on commit drop as\nselect");
	for (size_t i = 0; i < sheet->column_count; i++) {
		/* Null stands for what is not given. A domain may forbid it, a CASE is of its base. */
		const bool is_plain = !stage->traits[i].is_domain || stage_always_gives(stage, i);

		text_print(&sql, "%s %st.%s%s as c%zu", i ? "," : "",
		           is_plain ? "" : "case when true then ",
		           name_quoted(sheet->columns[i].name, arena),
		           is_plain ? "" : " else null end", i);
	}
	if (stage->shape_count > 1)
		text_add(&sql, ", 0 as shape, 0 as run");
	text_print(&sql, "\nfrom %s as t\nwith no data", sheet->table);
	return sql.at;
}

static bool
create(struct boot *boot, const struct stage *stage, struct arena *arena, struct err *err)
{
	const char *database = db_name(boot->db);

	if (db_run(boot->db, create_sql(stage, arena), err))
		return true;
	/* In any language: the table that the columns are read of may be forbidden, too. */
	if (strcmp(err->sqlstate, "42501") != 0 || !strstr(err->what, database))
		return false;
	err->fault = FAULT_CONFIG;
	return err_hint(err, "grant temporary on database %s to %s;", name_quoted(database, arena),
	                name_quoted(db_user(boot->db), arena));
}

bool
stage_fill(struct boot *boot, struct stage *stage, bool *was_placed, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct sheet *sheet = stage->sheet;
	struct feed feed = {
		.stage = stage,
		.signature = arena_alloc(&arena, sheet->column_count + 1),
		.text = text_new(&arena),
	};

	for (size_t row = 0; row < stage->rows; row++)
		if (is_staged(sheet, &sheet->rows[row]))
			(void)shape_of(stage, &sheet->rows[row], feed.signature);
	if (!create(boot, stage, &arena, err))
		return false;
	if (db_copy_in(boot->db, "copy " STAGE " from stdin", next_piece, &feed, NULL, err))
		return true;
	*was_placed = *err->sqlstate && blame_value(stage, err);
	return false;
}

bool
stage_drop(struct boot *boot, struct err *err)
{
	return db_run(boot->db, "drop table " STAGE, err);
}

void
stage_add_match(const struct stage *stage, const char *shape, struct text *sql)
{
	const struct sheet *sheet = stage->sheet;

	for (size_t i = 0; i < sheet->key_count; i++) {
		const size_t column = sheet->keys[i];

		text_print(sql, "%st.%s", i ? " and " : "",
		           name_quoted(sheet->columns[column].name, stage->arena));
		if (shape[column] == 'n')
			text_add(sql, " is null");
		else
			text_print(sql, " = k.c%zu", column);
	}
}

void
stage_add_shape(const struct stage *stage, size_t shape, struct text *sql)
{
	if (stage->shape_count > 1)
		text_print(sql, "k.shape = %zu and ", shape);
}

const char *
stage_alike(const struct stage *stage, size_t shape, struct arena *arena)
{
	struct text list = text_new(arena);

	for (size_t i = 0; i < stage->shape_count; i++) {
		if (!give_the_same(stage->shapes[i], stage->shapes[shape]))
			continue;
		if (i < shape)
			return NULL;
		text_print(&list, "%s%zu", list.length ? ", " : "", i);
	}
	return stage->shape_count > 1 ? arena_join(arena, "k.shape in (", list.at, ")") : "";
}
