/* See question.h. */
#include "question.h"

#include <stdbool.h>
#include <string.h>

#include "../arena.h"
#include "../db.h"
#include "../names.h"
#include "../sheet.h"
#include "array.h"

/* A value of a row's key: a column's own, or one that a reference in it is found by. */
struct part {
	const struct column *of;
	const struct lookup *lookup; /* NULL: the column's own */
	const char *column; /* that it is compared with, in the lookup's table or the sheet's */
	const char *value;  /* NULL is null */
};

/*
 * Rows whose keys are compared in the same way. "is not distinct from" can neither be hashed nor
 * use an index, so a null is not compared with a value but becomes a condition of its own: one
 * pattern for each set of parts that are null, and for each kind of reference.
 */
struct pattern {
	const char *signature;
	struct part *parts; /* of its first row */
	size_t part_count;
	struct text *arrays; /* one for each part, unused for nulls */
	struct text numbers; /* of the rows, where asked for */
};

struct asking {
	struct arena *arena;
	const struct sheet *sheet;
	bool is_numbered;   /* k.n is the row's number, from 0 */
	struct part *parts; /* of the row at hand */
	size_t part_count;
	struct text signature;
	struct text sql;
	const char **values;
	size_t value_count;
};

struct patterns {
	struct pattern *at;
	size_t count;
};

static size_t
most_parts(const struct sheet *sheet)
{
	size_t most = 1;

	for (size_t i = 0; i < sheet->lookup_count; i++)
		if (sheet->lookups[i]->by_count > most)
			most = sheet->lookups[i]->by_count;
	return most * sheet->key_count;
}

static struct asking
asking_new(const struct sheet *sheet, struct arena *arena)
{
	return (struct asking){
		.arena = arena,
		.sheet = sheet,
		.parts = arena_alloc(arena, most_parts(sheet) * sizeof(struct part)),
		.signature = text_new(arena),
		.sql = text_new(arena),
	};
}

static void
add_part(struct asking *asking, struct part part)
{
	text_add_char(&asking->signature, part.value ? 'v' : 'n');
	asking->parts[asking->part_count++] = part;
}

static void
take_apart(struct asking *asking, const struct row *row)
{
	const struct sheet *sheet = asking->sheet;

	asking->part_count = asking->signature.length = 0;
	for (size_t i = 0; i < sheet->key_count; i++) {
		const struct column *column = &sheet->columns[sheet->keys[i]];
		const struct cell *cell = &row->cells[sheet->keys[i]];
		const struct reference *reference = cell->reference;

		if (cell->kind != CELL_REFERENCE) {
			add_part(asking,
			         (struct part){ column, NULL, column->name,
			                        cell->kind == CELL_TEXT ? cell->text : NULL });
			continue;
		}
		text_print(&asking->signature, "%zu", reference->lookup->number);
		for (size_t j = 0; j < reference->lookup->by_count; j++)
			add_part(asking,
			         (struct part){ column, reference->lookup, reference->lookup->by[j],
			                        reference->values[j] });
	}
}

/* The pattern of the row that was taken apart. */
static struct pattern *
pattern_of(struct asking *asking, struct patterns *patterns)
{
	struct pattern *pattern;

	for (size_t i = 0; i < patterns->count; i++)
		if (strcmp(patterns->at[i].signature, asking->signature.at) == 0)
			return &patterns->at[i];
	patterns->at =
		arena_grow(asking->arena, patterns->at, patterns->count, sizeof *patterns->at);
	pattern = &patterns->at[patterns->count++];
	*pattern = (struct pattern){
		.signature = arena_copy(asking->arena, asking->signature.at),
		.parts = arena_alloc(asking->arena, asking->part_count * sizeof(struct part)),
		.part_count = asking->part_count,
		.arrays = arena_alloc(asking->arena, asking->part_count * sizeof(struct text)),
		.numbers = array_new(asking->arena),
	};
	for (size_t i = 0; i < asking->part_count; i++) {
		pattern->parts[i] = asking->parts[i];
		pattern->arrays[i] = array_new(asking->arena);
	}
	return pattern;
}

static struct patterns
collect(struct asking *asking, size_t rows)
{
	struct patterns patterns = { 0 };

	for (size_t row = 0; row < rows; row++) {
		struct pattern *pattern;

		take_apart(asking, &asking->sheet->rows[row]);
		pattern = pattern_of(asking, &patterns);
		for (size_t i = 0; i < pattern->part_count; i++)
			if (asking->parts[i].value)
				array_add(&pattern->arrays[i], asking->parts[i].value);
		if (asking->is_numbered)
			array_add(&pattern->numbers, arena_print(asking->arena, "%zu", row));
	}
	return patterns;
}

static void
add_array(struct asking *asking, struct text *array, size_t number)
{
	asking->values = arena_grow(asking->arena, asking->values, asking->value_count,
	                            sizeof *asking->values);
	asking->values[asking->value_count++] = array_end(array);
	text_add(&asking->sql, number ? ",\n        " : "unnest(\n        ");
}

/* The keys of the rows: "unnest($1, ...) as k (c1, ...)". */
static void
add_keys(struct asking *asking, struct pattern *pattern)
{
	struct text *sql = &asking->sql;
	struct text names = text_new(asking->arena);
	size_t count = 0;

	for (size_t i = 0; i < pattern->part_count; i++) {
		const struct part *part = &pattern->parts[i];

		if (!part->value)
			continue;
		add_array(asking, &pattern->arrays[i], count);
		text_print(&names, "%sc%zu", count++ ? ", " : "", i);
		array_sql(sql, asking->value_count,
		          part->lookup ? part->lookup->table : asking->sheet->table, part->column);
	}
	if (asking->is_numbered) {
		add_array(asking, &pattern->numbers, count);
		text_print(&names, "%sn", count++ ? ", " : "");
		text_print(sql, "$%zu::bigint[]", asking->value_count);
	}
	if (count)
		text_print(sql, "\n    ) as k (%s)\n", names.at);
	else
		text_add(sql, "(select) as k\n");
}

/* The row of the table that has the key k, with the rows that it refers to. */
static void
add_match(struct asking *asking, const struct pattern *pattern)
{
	struct text *sql = &asking->sql;
	const struct column *joined = NULL;
	struct text where = text_new(asking->arena);

	text_print(sql, "        select from %s as t\n", asking->sheet->table);
	for (size_t i = 0; i < pattern->part_count; i++) {
		const struct part *part = &pattern->parts[i];
		const char *of = "t";

		if (part->lookup)
			of = arena_print(asking->arena, "r%td", part->of - asking->sheet->columns);
		if (part->lookup && part->of != joined)
			text_print(sql, "        join %s as %s on %s.%s = t.%s\n",
			           part->lookup->table, of, of,
			           name_quoted(part->lookup->column, asking->arena),
			           name_quoted(part->of->name, asking->arena));
		joined = part->of;
		text_print(&where, "        %s %s.%s", i ? "and" : "where", of,
		           name_quoted(part->column, asking->arena));
		if (part->value)
			text_print(&where, " = k.c%zu\n", i);
		else
			text_add(&where, " is null\n");
	}
	text_add(sql, where.at);
}

/* Of those rows of the pattern that are missing. */
static void
add_missing(struct asking *asking, struct pattern *pattern, const char *what)
{
	text_print(&asking->sql, "    select %s from ", what);
	add_keys(asking, pattern);
	text_add(&asking->sql, "    where not exists (\n");
	add_match(asking, pattern);
	text_add(&asking->sql, "    )\n");
}

/* An expression: how many of the first rows are missing. */
static void
add_count(struct asking *asking, size_t rows)
{
	struct patterns patterns = collect(asking, rows);

	for (size_t i = 0; i < patterns.count; i++) {
		/* Not "exists": for its early end the planner would choose a nested loop. */
		text_add(&asking->sql, i ? " + (\n" : "(\n");
		add_missing(asking, &patterns.at[i], "count(*)");
		text_add(&asking->sql, ")");
	}
}

static struct question
finish(const struct asking *asking)
{
	return (struct question){ asking->sql.at, SHAPE_VALUE, asking->values,
		                  asking->value_count };
}

bool
question_is_large(const struct sheet *sheet)
{
	return sheet->row_count > 1000;
}

struct question
question_missing(const struct sheet *sheet, struct arena *arena)
{
	struct asking asking = asking_new(sheet, arena);

	text_add(&asking.sql, "select ");
	add_count(&asking, sheet->row_count);
	return finish(&asking);
}

struct question
question_missing_rows(const struct sheet *sheet, struct arena *arena)
{
	struct asking asking = asking_new(sheet, arena);
	struct patterns patterns;
	struct question question;

	asking.is_numbered = true;
	patterns = collect(&asking, sheet->row_count);
	for (size_t i = 0; i < patterns.count; i++) {
		text_add(&asking.sql, i ? "union all\n" : "");
		add_missing(&asking, &patterns.at[i], "k.n");
	}
	text_add(&asking.sql, "order by 1");
	question = finish(&asking);
	question.shape = SHAPE_ROWS;
	return question;
}

struct question
question_first_missing(const struct sheet *sheet, struct arena *arena)
{
	struct asking asking = asking_new(sheet, arena);

	text_add(&asking.sql, "select ");
	add_count(&asking, 1);
	text_add(&asking.sql, " > 0");
	return finish(&asking);
}

struct question
question_any_missing(const struct sheet *sheet, struct arena *arena)
{
	struct asking asking = asking_new(sheet, arena);

	text_add(&asking.sql, "select ");
	add_count(&asking, sheet->row_count);
	text_add(&asking.sql, " > 0");
	return finish(&asking);
}
