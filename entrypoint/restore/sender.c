/* See sender.h. */
#include "sender.h"

#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../caret.h"
#include "../db.h"
#include "../err.h"
#include "../scoped.h"
#include "../token.h"
#include "../utf8.h"
#include "blame.h"
#include "gathering.h"
#include "item.h"
#include "policy.h"
#include "window.h"

#define FULL ((size_t)262144)

/* A statement in what is to be sent. */
struct mark {
	size_t start; /* its first byte there */
	size_t line;
	const char *toc;
};

struct sender {
	struct db *db;
	const char *label;
	struct arena *arena;
	struct arena batch; /* dropped when it is sent */
	struct text sql;
	struct mark *marks;
	size_t count;
	struct gathering *gathering;
	struct filled *filled;
	size_t filled_count;
};

struct sender *
sender_open(struct db *db, const char *label, struct arena *arena)
{
	struct sender *sender = arena_alloc(arena, sizeof *sender);

	*sender = (struct sender){ .db = db, .label = label, .arena = arena };
	sender->gathering = gathering_open(db, arena);
	return sender;
}

void
sender_close(struct sender **sender)
{
	if (!*sender)
		return;
	gathering_close(&(*sender)->gathering);
	arena_drop(&(*sender)->batch);
	*sender = NULL;
}

const struct filled *
sender_filled(const struct sender *sender, size_t *count)
{
	*count = sender->filled_count;
	return sender->filled;
}

static void
note_rows(struct sender *sender, const char *table, int64_t rows)
{
	struct filled *last =
		sender->filled_count ? &sender->filled[sender->filled_count - 1] : NULL;

	if (!last || strcmp(last->table, table) != 0) {
		sender->filled = arena_grow(sender->arena, sender->filled, sender->filled_count,
		                            sizeof *sender->filled);
		last = &sender->filled[sender->filled_count++];
		*last = (struct filled){ arena_copy(sender->arena, table), 0 };
	}
	last->rows += rows;
}

/* Of the statement that failed: by the character that the server names, else by how many were completed. */
static bool
blame_statement(const struct sender *sender, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct db_place place = db_place(sender->db);
	const struct mark *mark =
		&sender->marks[place.completed < sender->count ? place.completed : 0];
	struct text line = text_new(&arena), under = text_new(&arena);
	size_t at = mark->start;

	if (place.position) {
		at = utf8_bytes(sender->sql.at, sender->sql.length, place.position - 1);
		while (mark > sender->marks && mark->start > at)
			mark--;
		while (mark + 1 < sender->marks + sender->count && mark[1].start <= at)
			mark++;
	}
	if (*err->sqlstate) {
		caret_show(sender->sql.at, sender->sql.length, at, &line, &under);
		(void)err_detail(err, "%s", line.at);
		if (place.position)
			(void)err_detail(err, "%s", under.at);
	}
	return blame_at(err, sender->label,
	                mark->line + window_lines(sender->sql.at + mark->start, at - mark->start),
	                mark->toc);
}

static bool
send_statements(struct sender *sender, struct err *err)
{
	if (sender->count == 0)
		return true;
	if (!db_run(sender->db, sender->sql.at, err))
		return blame_statement(sender, err);
	arena_drop(&sender->batch);
	sender->sql = (struct text){ 0 };
	sender->marks = NULL;
	sender->count = 0;
	return true;
}

static bool
send_rows(struct sender *sender, struct err *err)
{
	const size_t rows = gathering_rows(sender->gathering);
	const char *toc;
	size_t line;

	if (rows == 0)
		return true;
	if (!gathering_send(sender->gathering, &line, &toc, err))
		return blame_at(err, sender->label, line, toc);
	note_rows(sender, gathering_table(sender->gathering), (int64_t)rows);
	return true;
}

bool
sender_flush(struct sender *sender, struct err *err)
{
	return send_statements(sender, err) && send_rows(sender, err);
}

static bool
add_statement(struct sender *sender, const struct item *item, struct err *err)
{
	const struct mark *last = sender->count ? &sender->marks[sender->count - 1] : NULL;
	const bool is_same = last && strcmp(last->toc, item->toc) == 0;

	if (!sender->sql.arena)
		sender->sql = text_new(&sender->batch);
	sender->marks =
		arena_grow(&sender->batch, sender->marks, sender->count, sizeof *sender->marks);
	last = is_same ? &sender->marks[sender->count - 1] : NULL;
	sender->marks[sender->count] = (struct mark){
		.start = sender->sql.length,
		.line = item->line,
		.toc = last ? last->toc : arena_copy(&sender->batch, item->toc),
	};
	sender->count++;
	text_add_n(&sender->sql, item->sql, item->length);
	/* It may end with a line comment. */
	text_add(&sender->sql, "\n;\n");
	return sender->sql.length < FULL || send_statements(sender, err);
}

/* INSERT: its rows are gathered, or it stays a statement. */
static bool
add_insert(struct sender *sender, const struct item *item, struct err *err)
{
	bool is_full = false, was_taken;

	if (gathering_rows(sender->gathering) && gathering_take(sender->gathering, item, &is_full))
		return !is_full || send_rows(sender, err);
	if (!sender_flush(sender, err) ||
	    !gathering_begin(sender->gathering, item, &was_taken, err))
		return false;
	return was_taken || add_statement(sender, item, err);
}

/* As it is to be sent. */
static struct item
ruled(const struct item *item, const struct ruling *ruling)
{
	struct item sent = *item;

	sent.sql = ruling->sql;
	sent.length = ruling->sql == item->sql ? item->length : strlen(ruling->sql);
	return sent;
}

bool
sender_add(struct sender *sender, const struct item *item, const struct ruling *ruling,
           struct err *err)
{
	const struct item sent = ruled(item, ruling);

	if (strncasecmp(sent.sql, "insert", 6) == 0)
		return add_insert(sender, &sent, err);
	if (ruling->is_alone)
		return sender_flush(sender, err) && add_statement(sender, &sent, err) &&
		       send_statements(sender, err);
	return send_rows(sender, err) && add_statement(sender, &sent, err);
}

struct pouring {
	struct items *items;
	size_t first; /* line of the data's beginning; 0: not begun */
};

static bool
pour(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct pouring *pouring = from;
	size_t line;

	if (!items_data(pouring->items, bytes, length, &line, err))
		return false;
	if (!pouring->first)
		pouring->first = line;
	return true;
}

/* Is it pg_dump's form, in which a line is a row? table: as it is named. */
static bool
is_text_format(const struct item *item, struct text *table)
{
	struct tokens tokens = { .at = item->sql, .end = item->sql + item->length };
	struct token token = token_next(&tokens), last = { 0 };

	while ((token = token_next(&tokens)).kind != TOKEN_END && !token_is(&token, "(", 1) &&
	       !token_is(&token, "from", 4))
		text_add_n(table, token.at, token.length);
	for (; token.kind != TOKEN_END; token = token_next(&tokens))
		last = token;
	return token_is(&last, "stdin", 5);
}

bool
sender_copy(struct sender *sender, struct items *items, const struct item *item,
            const struct ruling *ruling, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct item sent = ruled(item, ruling);
	const char *sql = arena_copy_n(&arena, sent.sql, sent.length);
	const char *toc = arena_copy(&arena, item->toc);
	struct text table = text_new(&arena);
	const bool is_text = is_text_format(&sent, &table);
	struct pouring pouring = { .items = items };
	int64_t rows;

	if (!sender_flush(sender, err))
		return false;
	if (!db_copy_in(sender->db, sql, pour, &pouring, &rows, err)) {
		const size_t row = is_text ? blame_row(db_place(sender->db).context) : 0;

		return blame_at(err, sender->label, row ? pouring.first + row - 1 : item->line,
		                toc);
	}
	if (is_text && rows != items_rows(items)) {
		(void)err_set(err, FAULT_WRONG, "%s: %lld rows were sent, the server counts %lld",
		              table.at, (long long)items_rows(items), (long long)rows);
		return err_at(err, sender->label, pouring.first, 0);
	}
	note_rows(sender, table.at, rows);
	return true;
}
