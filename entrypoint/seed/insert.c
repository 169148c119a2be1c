/* See insert.h. */
#include "insert.h"

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
#include "found.h"
#include "missing.h"
#include "resolve.h"
#include "stage.h"

/* What we go back to when the server refuses something. */
#define SAVEPOINT "pg_entrypoint_seed"
#define ROWS "pg_entrypoint_rows" /* within it: behind all but the rows */

struct insertion {
	struct boot *boot;
	const struct sheet *sheet;
	struct trait *traits;
	struct stage stage;
	size_t inserted;
	bool was_placed; /* a failure says its line already */
	struct arena *arena;
};

/*
 * Different texts may be the same value: 1 and 01, or two references that lead to one. Where they cannot, the sheet has been checked.
 */
static bool
may_hide_duplicates(const struct insertion *insertion)
{
	const struct sheet *sheet = insertion->sheet;

	for (size_t i = 0; i < sheet->key_count; i++)
		if (!insertion->traits[sheet->keys[i]].is_text ||
		    sheet->columns[sheet->keys[i]].lookup)
			return true;
	return false;
}

static const char *
key_list(const struct insertion *insertion)
{
	const struct sheet *sheet = insertion->sheet;
	struct text list = text_new(insertion->arena);

	for (size_t i = 0; i < sheet->key_count; i++)
		text_print(&list, "%sc%zu", i ? ", " : "", sheet->keys[i]);
	return list.at;
}

static bool
refuse_duplicates(struct insertion *insertion, const struct answer *answer, struct err *err)
{
	const struct sheet *sheet = insertion->sheet;
	const size_t first =
		stage_row(&insertion->stage, strtoul(answer_at(answer, 0, 0), NULL, 10));
	const size_t second =
		stage_row(&insertion->stage, strtoul(answer_at(answer, 0, 1), NULL, 10));

	insertion->was_placed = true;
	return err_set(err, FAULT_WRONG, "%s:%zu: the key %s is the same value as %s in line %zu",
	               sheet->path, sheet->rows[second].line,
	               sheet_row_name(sheet, second, insertion->arena),
	               sheet_row_name(sheet, first, insertion->arena), sheet->rows[first].line);
}

static bool
check_duplicates(struct insertion *insertion, struct err *err)
{
	/* The numbering of rows is only for the message: it costs more than the question. */
	static const char sql[] =
		"select exists (select from " STAGE " group by %s having count(*) > 1)";
	static const char which[] =
		"select min(n), max(n)\n"
		"from (select row_number() over (order by ctid) as n, * from " STAGE ") as k\n"
		"group by %s\n"
		"having count(*) > 1\n"
		"order by 2 limit 1";
	SCOPED(answer_free) struct answer answer = { 0 };
	SCOPED(answer_free) struct answer found = { 0 };
	struct db *db = insertion->boot->db;
	const char *list = key_list(insertion);

	if (!may_hide_duplicates(insertion))
		return true;
	if (!db_ask(db, ASK(SHAPE_VALUE, arena_print(insertion->arena, sql, list)), &answer, err))
		return false;
	if (!answer_is_true(&answer, 0, 0))
		return true;
	return db_ask(db, ASK(SHAPE_ROWS, arena_print(insertion->arena, which, list)), &found,
	              err) &&
	       refuse_duplicates(insertion, &found, err);
}

/*
 * Only the columns that these rows give; the table's defaults fill the others. In the order of the file, as a table of the
 * session is read; an index may change that. which: a condition on them; "": all.
 */
static void
add_insert(const struct stage *stage, const char *which, const char *shape, struct text *sql)
{
	const struct sheet *sheet = stage->sheet;
	struct text values = text_new(sql->arena);

	text_print(sql, "insert into %s (", sheet->table);
	for (size_t i = 0; i < sheet->column_count; i++) {
		if (shape[i] == '-')
			continue;
		text_print(sql, "%s%s", values.length ? ", " : "",
		           name_quoted(sheet->columns[i].name, sql->arena));
		text_print(&values, "%sk.c%zu", values.length ? ", " : "", i);
	}
	text_print(sql, ")\noverriding system value\nselect %s\nfrom " STAGE " as k\n", values.at);
	if (*which)
		text_print(sql, "where %s\norder by k.ctid", which);
	text_add(sql, ";\n");
}

/* What failed is for our own work. */
static bool
ask_privilege(const struct insertion *insertion, const char *privilege, const char *object,
              struct err *err)
{
	const char *role = db_user(insertion->boot->db);

	if (strcmp(err->sqlstate, "42501") != 0)
		return false;
	err->fault = FAULT_CONFIG;
	return err_hint(err, "grant %s %s to %s;", privilege, object,
	                name_quoted(role, insertion->arena));
}

/* Past the numbers that the rows brought along, so that the next one is free; never back, nor to one that it cannot give. */
static bool
advance_sequence(struct insertion *insertion, size_t column, struct err *err)
{
	static const char sql[] =
		"select setval(%1$s, given.most)\n"
		"from %3$s as now, pg_sequence,\n"
		"    lateral (select max(c%2$zu)::bigint as most from " STAGE
		" where c%2$zu <= seqmax) as given\n"
		"where seqrelid = %1$s::regclass and seqincrement > 0\n"
		"and (given.most > now.last_value or given.most = now.last_value and not now.is_called)";
	const char *sequence = insertion->traits[column].sequence;
	const char *literal = db_literal(insertion->boot->db, sequence, insertion->arena);

	return db_run(insertion->boot->db,
	              arena_print(insertion->arena, sql, literal, column, sequence), err) ||
	       ask_privilege(insertion, "select, update on sequence", sequence, err);
}

/* As no rollback takes this back, it is done before the rows come only where some of them draw their number. */
static bool
advance_sequences(struct insertion *insertion, bool only_drawn, struct err *err)
{
	for (size_t i = 0; i < insertion->sheet->column_count; i++) {
		if (!insertion->traits[i].sequence ||
		    (only_drawn && stage_always_gives(&insertion->stage, i)))
			continue;
		if (!advance_sequence(insertion, i, err))
			return false;
	}
	return true;
}

/* Out of the stage; what is left is missing. */
static bool
drop_existing(struct insertion *insertion, struct err *err)
{
	const struct stage *stage = &insertion->stage;

	for (size_t i = 0; i < stage->shape_count; i++) {
		struct text sql = text_new(insertion->arena);

		text_add(&sql, "delete from " STAGE " as k\nwhere ");
		stage_add_shape(stage, i, &sql);
		text_print(&sql, "exists (select from %s as t where ", stage->sheet->table);
		stage_add_match(stage, stage->shapes[i], &sql);
		text_add(&sql, ")");
		if (!db_run(insertion->boot->db, sql.at, err))
			return false;
	}
	return true;
}

static bool
send(struct insertion *insertion, const char *sql, struct err *err)
{
	struct db *db = insertion->boot->db;

	if (!db_run(db, sql, err))
		return false;
	insertion->inserted += (size_t)db_inserted(db);
	return true;
}

/* One statement for all rows that give the same columns. */
static bool
insert_sets(struct insertion *insertion, struct err *err)
{
	const struct stage *stage = &insertion->stage;
	struct text sql = text_new(insertion->arena);

	text_add(&sql, "savepoint " ROWS ";\n");
	for (size_t i = 0; i < stage->shape_count; i++) {
		const char *which = stage_alike(stage, i, insertion->arena);

		if (which)
			add_insert(stage, which, stage->shapes[i], &sql);
	}
	return send(insertion, sql.at, err);
}

/* One for each run of rows that give the same, several at once: a row may refer to one before it, of other columns. */
static bool
insert_runs(struct insertion *insertion, struct err *err)
{
	enum { AT_ONCE = 200 };
	SCOPED(answer_free) struct answer runs = { 0 };
	const struct stage *stage = &insertion->stage;
	struct db *db = insertion->boot->db;

	insertion->inserted = 0;
	if (!db_run(db, "rollback to savepoint " ROWS "; create index on " STAGE " (run)", err) ||
	    !db_ask(db,
	            ASK(SHAPE_ROWS,
	                "select run, min(shape) from " STAGE " group by run order by run"),
	            &runs, err))
		return false;
	for (int row = 0; row < runs.rows;) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct text sql = text_new(&arena);

		for (int i = 0; i < AT_ONCE && row < runs.rows; i++, row++)
			add_insert(stage,
			           arena_join(&arena, "k.run = ", answer_at(&runs, row, 0), ""),
			           stage->shapes[strtoul(answer_at(&runs, row, 1), NULL, 10)],
			           &sql);
		if (!send(insertion, sql.at, err))
			return false;
	}
	return true;
}

/* In few statements, as long as the order of the file does not matter. */
static bool
insert_rows(struct insertion *insertion, struct err *err)
{
	if (insert_sets(insertion, err))
		return true;
	if (insertion->stage.shape_count == 1 || strcmp(err->sqlstate, "23503") != 0)
		return false;
	err_clear(err);
	return insert_runs(insertion, err);
}

/*
 * With the lock nobody else writes to the table: no row can come between the look and the insert.
 */
static bool
insert(struct insertion *insertion, struct err *err)
{
	const char *lock =
		arena_print(insertion->arena, "lock table %s in share row exclusive mode",
	                    insertion->sheet->table);

	if (!db_run(insertion->boot->db, lock, err))
		return ask_privilege(insertion, "update on", insertion->sheet->table, err);
	return advance_sequences(insertion, true, err) && drop_existing(insertion, err) &&
	       insert_rows(insertion, err) &&
	       (!insertion->inserted || advance_sequences(insertion, false, err));
}

static bool
check_found(struct insertion *insertion, struct err *err)
{
	const struct stage *stage = &insertion->stage;

	if (rows_are_found(insertion->boot, stage->sheet, stage->rows, stage->traits, err))
		return true;
	insertion->was_placed = !*err->sqlstate;
	return false;
}

/* The whole work, for the first `rows` rows. */
static bool
fill(struct insertion *insertion, size_t rows, struct err *err)
{
	struct boot *boot = insertion->boot;
	const struct resolving resolving = { insertion->sheet, rows, false, insertion->arena };

	insertion->stage = (struct stage){ .sheet = insertion->sheet,
		                           .traits = insertion->traits,
		                           .rows = rows,
		                           .arena = insertion->arena };
	insertion->inserted = 0;
	insertion->was_placed = false;
	if (!references_resolve(boot, &resolving, err)) {
		insertion->was_placed = !*err->sqlstate;
		return false;
	}
	return stage_fill(boot, &insertion->stage, &insertion->was_placed, err) &&
	       check_duplicates(insertion, err) && insert(insertion, err) &&
	       check_found(insertion, err) && stage_drop(boot, err);
}

/* Data, constraints, triggers that raise, check options, row sizes. */
static bool
is_about_rows(const struct err *err)
{
	static const char *const classes[] = { "22", "23", "P0", "44", "54" };

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (err->fault == FAULT_WRONG && strncmp(err->sqlstate, classes[i], 2) == 0)
			return true;
	return false;
}

/* What would the first rows alone lead to? */
static bool
probe(struct insertion *insertion, size_t rows, struct err *err)
{
	err_clear(err);
	return db_run(insertion->boot->db, "rollback to savepoint " SAVEPOINT, err) &&
	       fill(insertion, rows, err);
}

/*
 * The server refused a row and cannot say which: the last of the shortest beginning of the file
 * that it refuses. *err becomes what it says of that one.
 */
static bool
find_row(struct insertion *insertion, struct err *err)
{
	const struct sheet *sheet = insertion->sheet;
	size_t passing = 0, failing = sheet->row_count;
	struct err probed = { 0 };

	while (failing - passing > 1) {
		const size_t middle = passing + (failing - passing) / 2;

		if (probe(insertion, middle, &probed)) {
			passing = middle;
			continue;
		}
		if (probed.fault != FAULT_WRONG) {
			*err = probed;
			return false;
		}
		if (!insertion->was_placed && !is_about_rows(&probed))
			return err_within(err, "%s", sheet->path);
		*err = probed;
		if (insertion->was_placed)
			return false;
		failing = middle;
	}
	return err_at(err, sheet->path, sheet->rows[failing - 1].line, 0);
}

bool
insert_missing(struct boot *boot, const struct sheet *sheet, size_t *inserted, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct sheet missing;
	struct insertion insertion = { .boot = boot, .sheet = &missing, .arena = &arena };

	*inserted = 0;
	if (!missing_rows(boot, sheet, &missing, &arena, err))
		return false;
	if (!missing.row_count)
		return true;
	if (!columns_check(boot, sheet, &insertion.traits, &arena, err) ||
	    !db_run(boot->db, "savepoint " SAVEPOINT, err))
		return false;
	if (!fill(&insertion, missing.row_count, err)) {
		if (insertion.was_placed)
			return false;
		return is_about_rows(err) ? find_row(&insertion, err)
		                          : err_within(err, "%s", sheet->path);
	}
	*inserted = insertion.inserted;
	return db_run(boot->db, "release savepoint " SAVEPOINT, err);
}
