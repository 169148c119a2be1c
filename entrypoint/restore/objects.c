/* See objects.h. */
#include "objects.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../arena.h"
#include "batch.h"
#include "item.h"

#define FULL ((size_t)262144)

/* One statement for many. */
static const char creates[] =
	"select pg_catalog.count(pg_catalog.lo_create(id::pg_catalog.oid)) from (values ";
static const char writes[] =
	"select pg_catalog.count(pg_catalog.lo_put(id::pg_catalog.oid, place::pg_catalog.int8, "
	"bytes::pg_catalog.bytea)) from (values ";

struct objects {
	struct arena arena;
	const char *form; /* of what is gathered; NULL: nothing is */
	struct text sql;
	size_t line; /* of the first of it, and what that is called */
	char toc[256];
	char open[16];   /* number of the object that is written; "": none */
	int64_t written; /* of it, in bytes */
};

struct objects *
objects_open(struct arena *arena)
{
	struct objects *objects = arena_alloc(arena, sizeof *objects);

	objects->sql = text_new(&objects->arena);
	return objects;
}

void
objects_close(struct objects **objects)
{
	if (*objects)
		arena_drop(&(*objects)->arena);
	*objects = NULL;
}

/* What stands in the statement between the two; NULL: it is another, or this holds more than digits. */
static const char *
find(const struct item *item, const char *before, const char *digits, const char *behind,
     size_t *length)
{
	const size_t front = strlen(before), back = strlen(behind);

	if (item->backslashes || item->length < front + back ||
	    memcmp(item->sql, before, front) != 0 ||
	    memcmp(item->sql + item->length - back, behind, back) != 0)
		return NULL;
	*length = item->length - front - back;
	return strspn(item->sql + front, digits) >= *length ? item->sql + front : NULL;
}

/* As it stands: what the server does not take for one is left to it. */
static bool
find_number(char number[16], const struct item *item, const char *before, const char *behind)
{
	size_t length;
	const char *found = find(item, before, "0123456789", behind, &length);

	if (!found || length == 0 || length >= 16)
		return false;
	memcpy(number, found, length);
	number[length] = '\0';
	return true;
}

void
objects_flush(struct objects *objects, struct batch *batch)
{
	if (!objects->form)
		return;
	text_print(&objects->sql, ") as object (id%s)",
	           objects->form == writes ? ", place, bytes" : "");
	batch_add(batch, objects->sql.at, objects->sql.length, objects->line, objects->toc);
	objects->sql.length = 0;
	objects->form = NULL;
}

static void
note_place(struct objects *objects, const struct item *item)
{
	objects->line = item->line;
	(void)snprintf(objects->toc, sizeof objects->toc, "%s", item->toc);
}

/* What stands before its next row is there then. */
static void
begin_row(struct objects *objects, const char *form, const struct item *item, struct batch *batch)
{
	if (objects->form != form || objects->sql.length >= FULL)
		objects_flush(objects, batch);
	if (objects->form) {
		text_add(&objects->sql, ", ");
		return;
	}
	objects->form = form;
	note_place(objects, item);
	text_add(&objects->sql, form);
}

static void
add_write(struct objects *objects, const struct item *item, const char *bytes, size_t length,
          struct batch *batch)
{
	begin_row(objects, writes, item, batch);
	text_print(&objects->sql, "(%s, %lld, '\\x", objects->open, (long long)objects->written);
	text_add_n(&objects->sql, bytes, length);
	text_add(&objects->sql, "')");
	objects->written += (int64_t)(length / 2);
}

/* Of an object that is open. */
static bool
take_write(struct objects *objects, const struct item *item, struct batch *batch)
{
	size_t length;
	const char *bytes =
		find(item, "SELECT pg_catalog.lowrite(0, '\\x", "0123456789abcdef", "')", &length);

	if (bytes) {
		add_write(objects, item, bytes, length, batch);
		return true;
	}
	if (!find(item, "SELECT pg_catalog.lo_close(0", "", ")", &length))
		return false;
	/* One without bytes is to be there too. */
	if (!objects->written)
		add_write(objects, item, "", 0, batch);
	*objects->open = '\0';
	return true;
}

bool
objects_take(struct objects *objects, const struct item *item, struct batch *batch)
{
	char number[16];

	if (*objects->open)
		return take_write(objects, item, batch);
	if (find_number(number, item, "SELECT pg_catalog.lo_create('", "')")) {
		begin_row(objects, creates, item, batch);
		text_print(&objects->sql, "(%s)", number);
		return true;
	}
	objects->written = 0;
	if (!find_number(objects->open, item, "SELECT pg_catalog.lo_open('", "', 131072)"))
		return false;
	if (!objects->form)
		note_place(objects, item);
	return true;
}

void
objects_leave(struct objects *objects, struct batch *batch)
{
	struct text sql;

	objects_flush(objects, batch);
	if (!*objects->open)
		return;
	sql = text_new(&objects->arena);
	/* INV_WRITE; 0 is the first descriptor of a session, and the beginning. */
	text_print(&sql, "select pg_catalog.lo_lseek64(pg_catalog.lo_open('%s', 131072), %lld, 0)",
	           objects->open, (long long)objects->written);
	batch_add(batch, sql.at, sql.length, objects->line, objects->toc);
	*objects->open = '\0';
}
