/* See statement.h. */
#include "statement.h"

#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../script.h"
#include "../token.h"

void
statement_set_sql(struct statement *statement, size_t end, const struct uses *uses,
                  struct arena *arena)
{
	const char *const text = statement->source->text;
	struct splice *splices = arena_alloc(arena, (uses->count + 1) * sizeof *splices);
	struct text sql = text_new(arena);
	size_t from = statement->offset;

	while (end > from && token_skip_space(text + end - 1, text + end) == text + end)
		end--;
	for (size_t i = 0; i < uses->count; i++) {
		const struct use *use = &uses->at[i];

		text_add_n(&sql, text + from, use->offset - from);
		splices[i] = (struct splice){ sql.length, strlen(use->literal), use->length };
		text_add(&sql, use->literal);
		from = use->offset + use->length;
	}
	text_add_n(&sql, text + from, end - from);
	statement->sql = sql.at;
	statement->splices = splices;
}

/* Does the line that starts here end the data? *next is the line behind it, NULL: there is none. */
static bool
is_end_mark(const char *line, const char *end, const char **next)
{
	const char *newline = memchr(line, '\n', (size_t)(end - line));
	size_t length = (size_t)((newline ? newline : end) - line);

	*next = newline ? newline + 1 : NULL;
	if (length && line[length - 1] == '\r')
		length--;
	return length == 2 && line[0] == '\\' && line[1] == '.';
}

static bool
refuse(const struct source *source, const char *at, struct err *err, const char *why)
{
	const struct place place = place_at(source, (size_t)(at - source->text));

	(void)err_set(err, FAULT_WRONG, "%s", why);
	(void)err_hint(err,
	               "the data of COPY begin on the next line and end with a line that holds "
	               "only \\.");
	return place_blame(&place, err);
}

bool
statement_set_data(struct statement *statement, size_t at, size_t *behind, struct err *err)
{
	const struct source *source = statement->source;
	const char *const end = source->text + source->length;
	const char *const newline = memchr(source->text + at, '\n', source->length - at);
	const char *const line_end = newline ? newline : end;
	const char *const data = newline ? newline + 1 : end;
	const char *line, *next, *open_comment;
	const char *rest = token_skip_blank(source->text + at, line_end, &open_comment);

	if (rest < line_end || open_comment)
		return refuse(source, open_comment ? open_comment : rest, err,
		              "nothing can stand in the line behind COPY ... FROM STDIN;");
	for (line = data; !is_end_mark(line, end, &next); line = next)
		if (!next)
			return refuse(source, source->text + statement->offset, err,
			              "the data of COPY have no end");
	statement->data = data;
	statement->data_length = (size_t)(line - data);
	*behind = (size_t)((next ? next : end) - source->text);
	return true;
}
