/* Where something stands in a file, and how that is shown: file:line:column, the line, a caret. */
#include <ctype.h>
#include <string.h>

#include "../arena.h"
#include "../caret.h"
#include "../err.h"
#include "../scoped.h"
#include "../script.h"
#include "../utf8.h"

struct place
place_at(const struct source *source, size_t offset)
{
	struct place place = { .path = source->path, .line = 1, .source = source };
	const char *line = source->text;
	const char *const end = source->text + source->length;
	const char *at, *newline;

	at = offset < source->length ? source->text + offset : end;
	while ((newline = memchr(line, '\n', (size_t)(at - line)))) {
		place.line++;
		line = newline + 1;
	}
	newline = memchr(at, '\n', (size_t)(end - at));
	place.text = line;
	place.length = (size_t)((newline ? newline : end) - line);
	if (place.length && line[place.length - 1] == '\r')
		place.length--;
	place.column = utf8_count(line, (size_t)(at - line)) + 1;
	return place;
}

struct place
place_in_statement(const struct statement *statement, size_t position)
{
	const size_t sent =
		utf8_bytes(statement->sql, strlen(statement->sql), position ? position - 1 : 0);
	size_t offset = statement->offset + sent;

	for (const struct splice *splice = statement->splices; splice->replaced; splice++) {
		if (sent < splice->at)
			break;
		if (sent < splice->at + splice->inserted) {
			offset -= sent - splice->at;
			break;
		}
		offset = offset + splice->replaced - splice->inserted;
	}
	return place_at(statement->source, offset);
}

struct place
place_in_source(const struct source *source, size_t position)
{
	return place_at(source,
	                utf8_bytes(source->text, source->length, position ? position - 1 : 0));
}

/* The heading, unless it is NULL, and the line with its caret, in front of the detail. */
static void
put_in_front(const struct place *place, const char *heading, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text line = text_new(&arena), under = text_new(&arena);
	const struct source *source = place->source;
	const size_t start = (size_t)(place->text - source->text);
	const char *further = arena_copy(&arena, err->detail);

	err->detail[0] = '\0';
	if (heading)
		(void)err_detail(err, "%s", heading);
	if (place->length) {
		caret_show(source->text, source->length,
		           start + utf8_bytes(place->text, place->length, place->column - 1), &line,
		           &under);
		(void)err_detail(err, "%s", line.at);
		(void)err_detail(err, "%s", under.at);
	}
	if (*further)
		(void)err_detail(err, "%s", further);
}

/* What is meant as a variable goes to the server as it is written, where no line at the top names it. */
static void
advise_variable(const struct place *place, struct err *err)
{
	const char *at = place->text + utf8_bytes(place->text, place->length, place->column - 1);
	const char *end = place->text + place->length;
	size_t length = 0;

	if (strcmp(err->sqlstate, "42601") != 0 || end - at < 4 || strncmp(at, ":'", 2) != 0)
		return;
	while (at + 2 + length < end &&
	       (isalnum((unsigned char)at[2 + length]) || at[2 + length] == '_'))
		length++;
	if (length && at + 2 + length < end && at[2 + length] == '\'')
		(void)err_hint(err,
		               "a variable needs a line at the top: -- pg-entrypoint: vars %.*s",
		               (int)length, at + 2); /* advice */
}

bool
place_blame(const struct place *place, struct err *err)
{
	advise_variable(place, err);
	put_in_front(place, NULL, err);
	return err_at(err, place->path, place->line, place->column);
}

void
place_mention(const struct place *place, const char *function, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	put_in_front(place,
	             arena_print(&arena, "%s:%zu:%zu: in %s", place->path, place->line,
	                         place->column, function),
	             err);
}
