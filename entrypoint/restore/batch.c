/* See batch.h. */
#include "batch.h"

#include <string.h>

#include "../arena.h"
#include "../caret.h"
#include "../db.h"
#include "../err.h"
#include "../scoped.h"
#include "../utf8.h"
#include "blame.h"
#include "scan.h"

/* A statement in what is to be sent. */
struct mark {
	size_t start; /* its first byte there */
	size_t line;  /* 0: one of ours */
	const char *toc;
};

struct batch {
	const char *label;
	struct arena arena; /* of what is below */
	struct text sql;
	struct mark *marks;
	size_t count, theirs;
};

struct batch *
batch_new(const char *label, struct arena *arena)
{
	struct batch *batch = arena_alloc(arena, sizeof *batch);

	batch->label = label;
	return batch;
}

void
batch_close(struct batch **batch)
{
	if (*batch)
		arena_drop(&(*batch)->arena);
	*batch = NULL;
}

static void
add(struct batch *batch, const char *sql, size_t length, struct mark mark)
{
	if (!batch->sql.arena)
		batch->sql = text_new(&batch->arena);
	batch->marks = arena_grow(&batch->arena, batch->marks, batch->count, sizeof *batch->marks);
	mark.start = batch->sql.length;
	batch->marks[batch->count++] = mark;
	batch->theirs += mark.line > 0;
	text_add_n(&batch->sql, sql, length);
	/* It may end with a line comment. */
	text_add(&batch->sql, "\n;\n");
}

void
batch_add(struct batch *batch, const char *sql, size_t length, size_t line, const char *toc)
{
	const char *last = batch->count ? batch->marks[batch->count - 1].toc : "";
	const bool is_same = strcmp(last, toc) == 0;

	add(batch, sql, length,
	    (struct mark){ .line = line, .toc = is_same ? last : arena_copy(&batch->arena, toc) });
}

void
batch_add_ours(struct batch *batch, const char *sql)
{
	add(batch, sql, strlen(sql), (struct mark){ .toc = "" });
}

const char *
batch_sql(const struct batch *batch)
{
	return batch->count ? batch->sql.at : "";
}

size_t
batch_count(const struct batch *batch)
{
	return batch->theirs;
}

size_t
batch_length(const struct batch *batch)
{
	return batch->sql.length;
}

const char *
batch_toc(const struct batch *batch)
{
	return batch->count ? batch->marks[batch->count - 1].toc : "";
}

/* The mark, and the byte that is meant. */
static const struct mark *
find(const struct batch *batch, const struct db_place *place, size_t *at)
{
	const struct mark *mark =
		&batch->marks[place->completed < batch->count ? place->completed : 0];

	*at = mark->start;
	if (!place->position)
		return mark;
	*at = utf8_bytes(batch->sql.at, batch->sql.length, place->position - 1);
	while (mark > batch->marks && mark->start > *at)
		mark--;
	while (mark + 1 < batch->marks + batch->count && mark[1].start <= *at)
		mark++;
	return mark;
}

bool
batch_failed_in_ours(const struct batch *batch, const struct db_place *place)
{
	size_t at;

	return batch->count && find(batch, place, &at)->line == 0;
}

bool
batch_blame(const struct batch *batch, const struct db_place *place, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text line = text_new(&arena), under = text_new(&arena);
	const struct mark *mark;
	size_t at;

	if (!batch->count || !*err->sqlstate)
		return false;
	mark = find(batch, place, &at);
	if (!mark->line)
		return false;
	caret_show(batch->sql.at, batch->sql.length, at, &line, &under);
	(void)err_detail(err, "%s", line.at);
	if (place->position)
		(void)err_detail(err, "%s", under.at);
	return blame_at(err, batch->label,
	                mark->line + scan_lines(batch->sql.at + mark->start, at - mark->start),
	                mark->toc);
}

void
batch_clear(struct batch *batch)
{
	const char *const label = batch->label;

	struct arena arena = batch->arena;

	arena_clear(&arena);
	*batch = (struct batch){ .label = label, .arena = arena };
}
