/* See plain.h. */
#include "plain.h"

#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../scoped.h"
#include "content.h"
#include "item.h"
#include "kind.h"
#include "prove.h"
#include "reader.h"

struct plain {
	struct found *found;
	struct items *items;
	char toc[256]; /* what the last statements were for */
	int64_t count; /* of them */
	struct arena *arena;
};

/* "actor (TABLE DATA)" is listed as an archive's entry is: TABLE DATA actor. */
static const char *
entry_words(const char *toc, struct arena *arena)
{
	const char *open = NULL, *at = toc;

	while ((at = strstr(at, " (")))
		open = at++;
	if (!open || toc[strlen(toc) - 1] != ')')
		return toc;
	return arena_print(arena, "%.*s %.*s", (int)(strlen(open) - 3), open + 2, (int)(open - toc),
	                   toc);
}

/* Rows that are inserted are worth a number; of anything else there is one. */
static void
list_statements(struct plain *plain)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *words = entry_words(plain->toc, &arena);

	if (strncmp(words, "TABLE DATA ", 11) == 0)
		words = arena_print(&arena, "%s, %lld statements", words, (long long)plain->count);
	if (*words && plain->count)
		content_list(plain->found, words);
	plain->count = 0;
}

static void
take_statement(struct plain *plain, const struct item *item)
{
	if (strcmp(item->toc, plain->toc) != 0) {
		const size_t length = strnlen(item->toc, sizeof plain->toc - 1);

		list_statements(plain);
		memcpy(plain->toc, item->toc, length);
		plain->toc[length] = '\0';
	}
	plain->count++;
}

/* COPY public."a (b)" (c, d) FROM stdin: the table's name as it stands there. */
static size_t
name_length(const char *name)
{
	bool is_quoted = false;
	size_t i;

	for (i = 0; name[i] && (is_quoted || (name[i] != ' ' && name[i] != '(')); i++)
		is_quoted ^= name[i] == '"';
	return i;
}

static bool
take_copy(struct plain *plain, const struct item *item, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *name = item->sql + strcspn(item->sql, " ");
	const char *bytes;
	size_t length, line;

	list_statements(plain);
	plain->toc[0] = '\0';
	name += strspn(name, " ");
	name = arena_copy_n(&arena, name, name_length(name));
	do {
		if (!items_data(plain->items, &bytes, &length, &line, err))
			return false;
	} while (length);
	content_list(plain->found, arena_print(&arena, "TABLE DATA %s, %lld rows", name,
	                                       (long long)items_rows(plain->items)));
	return true;
}

static bool
take_end(const struct plain *plain, const char *path, struct err *err)
{
	if (items_dump(plain->items)->is_whole)
		return true;
	(void)err_set(err, FAULT_WRONG, "%s: it does not end as a dump ends", path);
	return err_hint(
		err,
		"the line \"-- PostgreSQL database %sdump complete\" must be its last: it was "
		"cut off, or something was added",
		plain->found->kind == KIND_CLUSTER ? "cluster " : "");
}

static bool
take_items(struct plain *plain, const char *path, struct err *err)
{
	struct item item;

	for (;;) {
		if (!items_next(plain->items, &item, err))
			return false;
		switch (item.kind) {
		case ITEM_END:
			list_statements(plain);
			return take_end(plain, path, err);
		case ITEM_STATEMENT:
			take_statement(plain, &item);
			break;
		case ITEM_COPY:
			if (!take_copy(plain, &item, err))
				return false;
			break;
		case ITEM_CONNECT:
			list_statements(plain);
			content_list(plain->found,
			             arena_join(plain->arena, "DATABASE ", item.database, ""));
			break;
		}
	}
}

bool
plain_prove(struct found *found, struct reader *reader, const char *path, struct arena *arena,
            struct err *err)
{
	SCOPED(arena_drop) struct arena own = { 0 };
	SCOPED(items_close) struct items *items = items_open(reader, path, &own);
	struct plain plain = { .found = found, .items = items, .arena = &own };
	size_t length;
	const char *head = reader_head(reader, &length);
	const char *newline = memchr(head, '\n', length);
	bool is_whole;

	found->has_crlf = newline && newline > head && newline[-1] == '\r';
	is_whole = take_items(&plain, path, err);
	found->server = arena_copy(arena, items_dump(items)->server);
	found->tool = arena_copy(arena, items_dump(items)->tool);
	return is_whole;
}
