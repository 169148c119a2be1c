/* See item.h. */
#include "item.h"

#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../err.h"
#include "../lexer.h"
#include "../script/deed.h"
#include "../token.h"
#include "backslash.h"
#include "insert.h"
#include "reader.h"
#include "remark.h"
#include "rows.h"
#include "scan.h"
#include "window.h"

#define LONGEST_LINE ((size_t)65536) /* of a meta-command */

struct items {
	struct window window;
	struct lexer *lexer;
	size_t lexed_from; /* where in the window the lexer's text begins */
	bool is_lexing;    /* the lexer knows the window as it is */
	char *ended;       /* where a NUL stands for the semicolon */
	bool is_copy;      /* the next bytes are data */
	struct rows rows;
	bool backslashes;
	char key[RESTRICT_SIZE];
	struct label label;
	struct dump dump;
	struct arena *arena;
};

struct items *
items_open(struct reader *reader, const char *path, struct arena *arena)
{
	struct items *items = arena_alloc(arena, sizeof *items);

	items->window = (struct window){ .reader = reader, .path = path, .line = 1 };
	items->arena = arena;
	items->lexer = lexer_open("", 0, NULL, NULL, arena);
	return items;
}

void
items_close(struct items **items)
{
	if (!*items)
		return;
	lexer_close(&(*items)->lexer);
	window_drop(&(*items)->window);
	*items = NULL;
}

int64_t
items_rows(const struct items *items)
{
	return items->rows.count;
}

const struct dump *
items_dump(const struct items *items)
{
	return &items->dump;
}

static bool
read_on(struct items *items, struct err *err)
{
	items->is_lexing = false;
	return window_more(&items->window, err);
}

static bool
blame(const struct items *items, size_t at, struct err *err, const char *what)
{
	const struct window *window = &items->window;

	(void)err_set(err, FAULT_WRONG, "%s", what);
	return err_at(err, window->path,
	              window->line + scan_lines(window->bytes + window->at, at - window->at), 0);
}

/* Where something begins before `end`: behind space and comments, which are noted. */
static size_t
skip_comments(struct items *items, size_t end)
{
	const char *const bytes = items->window.bytes;
	const char *const stop = bytes + end;
	const char *at = token_skip_space(bytes + items->window.at, stop);
	const char *behind;

	while ((behind = token_skip_comment(at, stop)) && behind != at) {
		remark_note(at, (size_t)(behind - at), &items->dump, &items->label);
		at = token_skip_space(behind, stop);
	}
	return (size_t)(at - bytes);
}

/* Behind COPY ... FROM stdin; the rest of its line must be empty: data begin on the next one. */
static bool
begin_data(struct items *items, size_t *behind, struct err *err)
{
	struct window *window = &items->window;
	const char *newline = memchr(window->bytes + *behind, '\n', window->length - *behind);

	for (size_t i = *behind; newline && i < (size_t)(newline - window->bytes); i++)
		if (window->bytes[i] != '\r' && window->bytes[i] != ' ')
			return blame(items, i, err,
			             "nothing can stand in the line behind COPY ... FROM stdin;");
	if (!newline)
		return blame(items, *behind, err, "the dump ends where data would begin");
	*behind = (size_t)(newline + 1 - window->bytes);
	items->is_copy = true;
	items->rows = (struct rows){ .line = window->line };
	return true;
}

/* What reaches up to the semicolon before `behind`. *is_item: it is one. */
static bool
take_statement(struct items *items, size_t behind, struct item *item, bool *is_item,
               struct err *err)
{
	struct window *window = &items->window;
	const size_t start = skip_comments(items, behind - 1);
	struct deed deed = { .kind = DEED_PLAIN };

	*is_item = start != behind - 1;
	if (!*is_item) {
		window_take(window, behind);
		return true;
	}
	items->dump.is_whole = false;
	if (strncasecmp(window->bytes + start, "insert", 6) != 0)
		deed = deed_of(window->bytes + start, behind - 1 - start, items->backslashes);
	window_take(window, start);
	*item = (struct item){ .kind = ITEM_STATEMENT,
		               .sql = window->bytes + start,
		               .length = behind - 1 - start,
		               .line = window->line,
		               .at = window->before + (int64_t)start,
		               .toc = items->label.toc,
		               .schema = items->label.schema,
		               .backslashes = items->backslashes };
	items->ended = window->bytes + behind - 1;
	if (deed.kind == DEED_COPY) {
		item->kind = ITEM_COPY;
		if (!begin_data(items, &behind, err))
			return false;
		items->is_lexing = false;
	}
	if (deed.kind == DEED_STRINGS_ON || deed.kind == DEED_STRINGS_OFF)
		items->backslashes = deed.kind == DEED_STRINGS_OFF;
	window_take(window, behind);
	*items->ended = '\0';
	return true;
}

static bool
take_meta(struct items *items, size_t at, struct item *item, bool *is_item, struct err *err)
{
	struct window *window = &items->window;
	const size_t start = skip_comments(items, at);
	const char *newline = memchr(window->bytes + at, '\n', window->length - at);
	const size_t end = newline ? (size_t)(newline - window->bytes) : window->length;
	const char *database;

	if (start != at)
		return blame(items, at, err, "a meta-command inside of a statement");
	window_take(window, at);
	if (end - at > LONGEST_LINE)
		return blame(items, at, err, "a meta-command of more than 64 KB");
	if (!backslash_read(window->bytes + at, end - at, items->key, &database, items->arena, err))
		return err_at(err, window->path, window->line, 0);
	*item = (struct item){ .kind = ITEM_CONNECT,
		               .sql = "",
		               .line = window->line,
		               .at = window->before + (int64_t)at,
		               .toc = "",
		               .schema = "",
		               .database = database };
	*is_item = database != NULL;
	window_take(window, newline ? end + 1 : end);
	items->is_lexing = false;
	return true;
}

/* The end of the text, or of what there is of it in vain. */
static bool
take_end(struct items *items, enum lexer_stop stop, struct item *item, struct err *err)
{
	struct window *window = &items->window;
	const size_t start = skip_comments(items, window->length);

	if (stop == LEXER_NO_MEMORY)
		return err_set(err, FAULT_SYSTEM, "%s: out of memory", window->path);
	if (stop == LEXER_PSQL) {
		const size_t at = items->lexed_from + lexer_at(items->lexer);

		return blame(items, at, err,
		             arena_print(items->arena, "psql's %.2s cannot be used here",
		                         window->bytes + at));
	}
	if (start < window->length || stop != LEXER_END) {
		(void)blame(items, start, err, "the dump ends inside of what begins here");
		return err_hint(err, "it was cut, or it is damaged");
	}
	if (*items->key) {
		items->dump.is_whole = false;
		return blame(items, window->length, err, "\\restrict without its \\unrestrict");
	}
	window_take(window, window->length);
	*item = (struct item){
		.kind = ITEM_END, .sql = "", .line = window->line, .toc = "", .schema = ""
	};
	return true;
}

/* Is there all of the line behind `at` that is to be looked at? */
static bool
has_line(const struct items *items, size_t at)
{
	const struct window *window = &items->window;

	return window->is_over || memchr(window->bytes + at, '\n', window->length - at) ||
	       window->length - at > LONGEST_LINE;
}

/* Where the statement that comes next ends with its semicolon, if it takes no lexer to tell; 0: it does. */
static size_t
look(struct items *items)
{
	const struct window *window = &items->window;
	const char *const end = window->bytes + window->length;
	const char *at = token_skip_space(window->bytes + window->at, end);
	const size_t length = items->backslashes ? 0 : insert_length(at, end);
	const size_t behind = (size_t)(at - window->bytes) + length + 1;

	if (!length)
		return 0;
	if (items->is_lexing)
		lexer_skip(items->lexer, behind - items->lexed_from);
	return behind;
}

static enum lexer_stop
lex(struct items *items)
{
	struct window *window = &items->window;

	if (!items->is_lexing) {
		items->lexed_from = window->at;
		lexer_reset(items->lexer, window->bytes + window->at, window->length - window->at);
		items->is_lexing = true;
	}
	lexer_set_backslashes(items->lexer, items->backslashes);
	return lexer_next(items->lexer);
}

/* The NUL that ended a statement was a semicolon. */
static void
mend(struct items *items)
{
	if (items->ended)
		*items->ended = ';';
	items->ended = NULL;
}

bool
items_data(struct items *items, const char **bytes, size_t *length, size_t *line, struct err *err)
{
	mend(items);
	*line = items->window.line;
	if (!rows_next(&items->rows, &items->window, bytes, length, err))
		return false;
	items->is_copy = *length > 0;
	return true;
}

static bool
pass_over(struct items *items, struct err *err)
{
	const char *bytes;
	size_t length, line;

	do {
		if (!items_data(items, &bytes, &length, &line, err))
			return false;
	} while (length);
	return true;
}

bool
items_next(struct items *items, struct item *item, struct err *err)
{
	bool is_item = false;

	if (items->is_copy && !pass_over(items, err))
		return false;
	mend(items);
	if (!items->window.bytes && !read_on(items, err))
		return false;
	while (!is_item) {
		const size_t seen = look(items);
		const enum lexer_stop stop = seen ? LEXER_SEMICOLON : lex(items);
		const size_t at = seen ? seen : items->lexed_from + lexer_at(items->lexer);
		const bool is_complete = stop == LEXER_SEMICOLON || stop == LEXER_BACKSLASH;

		if (is_complete ? !has_line(items, at) : !items->window.is_over) {
			if (!read_on(items, err))
				return false;
		} else if (!is_complete) {
			return take_end(items, stop, item, err);
		} else if (!(stop == LEXER_SEMICOLON
		                     ? take_statement(items, at, item, &is_item, err)
		                     : take_meta(items, at, item, &is_item, err))) {
			return false;
		}
	}
	return true;
}

struct tokens
item_tokens(const struct item *item, const char *from)
{
	return (struct tokens){ .at = from,
		                .end = item->sql + item->length,
		                .backslashes = item->backslashes };
}
