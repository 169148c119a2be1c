/* See sender.h. */
#include "headway.h"

#include "filled.h"
#include "sender.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../db.h"
#include "../err.h"
#include "../scoped.h"
#include "../token.h"
#include "batch.h"
#include "blame.h"
#include "copy.h"
#include "gathering.h"
#include "insert.h"
#include "item.h"
#include "objects.h"
#include "policy.h"

#define FULL ((size_t)262144)

struct sender {
	struct db *db;
	const char *label;
	struct batch *batch;
	const char
		*filled; /* the one table of the INSERTs in it, in fillings; NULL: there are none */
	struct gathering *gathering;
	struct objects *objects;
	struct fillings *fillings;
	sender_outlet *outlet; /* NULL: rows go the same way */
	void *to;
};

struct sender *
sender_open(struct db *db, const char *label, struct fillings *fillings, struct arena *arena)
{
	struct sender *sender = arena_alloc(arena, sizeof *sender);

	*sender = (struct sender){ .db = db, .label = label, .fillings = fillings };
	sender->batch = batch_new(label, arena);
	sender->gathering = gathering_open(db, arena);
	sender->objects = objects_open(arena);
	return sender;
}

void
sender_close(struct sender **sender)
{
	if (!*sender)
		return;
	gathering_close(&(*sender)->gathering);
	objects_close(&(*sender)->objects);
	batch_close(&(*sender)->batch);
	*sender = NULL;
}

void
sender_share(struct sender *sender, sender_outlet *outlet, void *to)
{
	sender->outlet = outlet;
	sender->to = to;
}

static bool
send_statements(struct sender *sender, struct err *err)
{
	struct db_place place;

	if (batch_count(sender->batch) == 0)
		return true;
	if (!db_run(sender->db, batch_sql(sender->batch), err)) {
		place = db_place(sender->db);
		return batch_blame(sender->batch, &place, err);
	}
	batch_clear(sender->batch);
	if (sender->filled) {
		fillings_note(sender->fillings, sender->filled)->rows += db_inserted(sender->db);
		fillings_sent(sender->fillings, sender->filled, db_inserted(sender->db));
		sender->filled = NULL;
	}
	return true;
}

static bool
send_rows(struct sender *sender, struct err *err)
{
	struct gathered gathered;
	const char *toc;
	size_t line;

	if (gathering_rows(sender->gathering) == 0)
		return true;
	gathered = gathering_gathered(sender->gathering);
	if (sender->outlet && !policy_is_ours(gathered.table)) {
		if (!sender->outlet(sender->to, &gathered, err))
			return false;
		gathering_clear(sender->gathering);
		return true;
	}
	fillings_note(sender->fillings, gathered.table)->rows += (int64_t)gathered.count;
	fillings_sent(sender->fillings, gathered.table, (int64_t)gathered.count);
	return gathering_send(sender->gathering, &line, &toc, err) ||
	       blame_at(err, sender->label, line, toc);
}

bool
sender_flush(struct sender *sender, struct err *err)
{
	objects_flush(sender->objects, sender->batch);
	return send_statements(sender, err) && send_rows(sender, err);
}

static bool
send_full(struct sender *sender, struct err *err)
{
	return batch_length(sender->batch) < FULL || send_statements(sender, err);
}

static bool
add_statement(struct sender *sender, const struct item *item, struct err *err)
{
	batch_add(sender->batch, item->sql, item->length, item->line, item->toc);
	return send_full(sender, err);
}

/* Of INSERTs that are sent together the server's counts are one table's. */
static bool
note_table(struct sender *sender, const struct item *item, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct token token;
	const char *table;

	if (!insert_table(&token, item))
		return true;
	table = arena_copy_n(&arena, token.at, token.length);
	if (sender->filled && strcmp(sender->filled, table) == 0)
		return true;
	if (!send_statements(sender, err))
		return false;
	sender->filled = fillings_note(sender->fillings, table)->table;
	return true;
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
	return was_taken || ((!sender->outlet || sender->outlet(sender->to, NULL, err)) &&
	                     note_table(sender, item, err) && add_statement(sender, item, err));
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
	const bool is_insert = strncasecmp(sent.sql, "insert", 6) == 0;

	if (!is_insert && !ruling->is_alone && objects_take(sender->objects, &sent, sender->batch))
		return send_full(sender, err);
	objects_leave(sender->objects, sender->batch);
	if (is_insert)
		return add_insert(sender, &sent, err);
	if (ruling->is_alone)
		return sender_flush(sender, err) && add_statement(sender, &sent, err) &&
		       send_statements(sender, err);
	return send_rows(sender, err) && add_statement(sender, &sent, err);
}

struct pouring {
	struct sender *sender;
	struct items *items;
	const char *table;
	int64_t rows;
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
	fillings_sent(pouring->sender->fillings, pouring->table,
	              items_rows(pouring->items) - pouring->rows);
	pouring->rows = items_rows(pouring->items);
	return true;
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
	const bool is_text = copy_is_text(&sent, &table);
	struct pouring pouring = { .sender = sender, .items = items, .table = table.at };
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
	fillings_note(sender->fillings, table.at)->rows += rows;
	return true;
}
