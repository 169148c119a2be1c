/* seed --diff: what became of the rows of the files. See seed.h. */
#include <stdlib.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../db.h"
#include "../err.h"
#include "../names.h"
#include "../scoped.h"
#include "../seed.h"
#include "../sheet.h"
#include "columns.h"
#include "files.h"
#include "resolve.h"
#include "stage.h"

/* What has been told so far. */
struct differences {
	struct text *page;
	size_t rows;
};

/*
 * Row of the stage, column, value in the file, value in the table. They are compared as text,
 * both of the column's type: json has no equality, and a difference that cannot be seen is none.
 * But one of case is, whatever the collation.
 */
static const char *
difference_sql(const struct stage *stage, size_t number)
{
	static const char rows[] = "select row_number() over (order by ctid) as n, * from " STAGE;
	const struct sheet *sheet = stage->sheet;
	const char *shape = stage->shapes[number];
	struct text match = text_new(stage->arena);
	struct text values = text_new(stage->arena);

	stage_add_shape(stage, number, &match);
	stage_add_match(stage, shape, &match);
	for (size_t i = 0; i < sheet->column_count; i++)
		if (shape[i] == 'v' && !sheet->columns[i].is_key)
			text_print(&values,
			           "%s(%zu, k.c%zu::text collate \"C\", t.%s::text collate \"C\")",
			           values.length ? ",\n    " : "", i, i,
			           name_quoted(sheet->columns[i].name, stage->arena));
	if (!values.length)
		return NULL;
	return arena_print(stage->arena,
	                   "select k.n, v.number, v.file, v.there\n"
	                   "from (%s) as k\n"
	                   "join %s as t on %s\n"
	                   "cross join lateral (values\n    %s\n) as v (number, file, there)\n"
	                   "where v.file is distinct from v.there\n"
	                   "order by 1, 2",
	                   rows, sheet->table, match.at, values.at);
}

static const char *
shown(const char *value, struct arena *arena)
{
	return value ? arena_print(arena, "\"%s\"", value) : "null";
}

static void
tell(const struct stage *stage, const struct answer *answer, struct differences *differences)
{
	const struct sheet *sheet = stage->sheet;
	size_t last = 0, row = 0;

	for (int i = 0; i < answer->rows; i++) {
		const size_t n = strtoul(answer_at(answer, i, 0), NULL, 10);
		const size_t column = strtoul(answer_at(answer, i, 1), NULL, 10);

		/* On from the one before: each from the first on would be quadratic. */
		if (n != last) {
			row = stage_row_from(stage, last ? row + 1 : 0, n - last);
			differences->rows++;
			last = n;
		}
		text_print(differences->page, "%s:%zu: %s %s: %s is %s, the file says %s\n",
		           sheet->path, sheet->rows[row].line, sheet->table_shown,
		           sheet_row_name(sheet, row, stage->arena), sheet->columns[column].name,
		           shown(answer_at(answer, i, 3), stage->arena),
		           shown(answer_at(answer, i, 2), stage->arena));
	}
}

static bool
compare(struct boot *boot, const struct stage *stage, struct differences *differences,
        struct err *err)
{
	for (size_t i = 0; i < stage->shape_count; i++) {
		SCOPED(answer_free) struct answer answer = { 0 };
		const char *sql = difference_sql(stage, i);

		if (!sql)
			continue;
		if (!db_ask(boot->db, ASK(SHAPE_ROWS, sql), &answer, err))
			return err_within(err, "%s", stage->sheet->path);
		tell(stage, &answer, differences);
	}
	return true;
}

static bool
diff_sheet(struct boot *boot, const struct sheet *sheet, struct differences *differences,
           struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct resolving resolving = { sheet, sheet->row_count, true, &arena };
	struct stage stage = { .sheet = sheet, .rows = sheet->row_count, .arena = &arena };
	struct trait *traits;
	bool was_placed = false;

	if (!columns_check(boot, sheet, &traits, &arena, err) ||
	    !references_resolve(boot, &resolving, err))
		return false;
	stage.traits = traits;
	if (!stage_fill(boot, &stage, &was_placed, err))
		return was_placed ? false : err_within(err, "%s", sheet->path);
	return compare(boot, &stage, differences, err) && stage_drop(boot, err);
}

static bool
diff_all(struct boot *boot, struct differences *differences, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct seeds *seeds = boot->seeds;

	if (!db_run(boot->db, transaction_begin_sql(boot, &arena), err))
		return false;
	for (size_t i = 0; i < seeds->count; i++)
		if (seeds->files[i].sheet &&
		    !diff_sheet(boot, seeds->files[i].sheet, differences, err))
			return false;
	return true;
}

bool
seed_diff(struct boot *boot, struct text *page, size_t *differing, struct err *err)
{
	struct differences differences = { .page = page };
	const bool was_told = diff_all(boot, &differences, err);

	transaction_abandon(boot->db);
	if (was_told)
		*differing = differences.rows;
	return was_told;
}
