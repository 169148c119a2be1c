/* Where something stands in a file, and how that is shown: file:line:column, the line, a caret. */
#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../err.h"
#include "../scoped.h"
#include "../script.h"
#include "../token.h"

/* Of a longer line only what is around the caret is shown. */
#define MOST_SHOWN 160
/* A literal that starts further in front of the line is not taken for a password any more. */
#define LOOK_BACK ((size_t)4096)

static const char CUT[] = "...";
static const char BLANKED[] = "***";

static bool
continues_character(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t
count_characters(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += !continues_character(text[i]);
	return count;
}

/* The byte that a number of characters takes. */
static size_t
bytes_of(const char *text, size_t length, size_t characters)
{
	size_t at = 0;

	while (characters-- > 0 && at < length) {
		at++;
		while (at < length && continues_character(text[at]))
			at++;
	}
	return at;
}

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
	place.column = count_characters(line, (size_t)(at - line)) + 1;
	return place;
}

struct place
place_in_statement(const struct statement *statement, size_t position)
{
	const size_t sent =
		bytes_of(statement->sql, strlen(statement->sql), position ? position - 1 : 0);
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
	                bytes_of(source->text, source->length, position ? position - 1 : 0));
}

/* Behind the quotes that close a literal inside of another, as in execute '... password ''x'''. */
static const char *
skip_nested(const char *at, const char *end)
{
	const char *close;

	while (at < end && *at == '\'')
		at++;
	if (at < end && strchr(" \t\r\n;,)", *at))
		return at; /* it was an empty one */
	close = memchr(at, '\'', (size_t)(end - at));
	while (close && close < end && *close == '\'')
		close++;
	return close ? close : end;
}

/* Behind the literal that starts here; `at`: there is none. */
static const char *
skip_secret(const char *at, const char *end)
{
	bool is_open;
	const char *const behind = token_skip_string(at, end, false, &is_open);
	const char *nested;

	if (end - at < 2 || at[0] != '\'' || at[1] != '\'')
		return behind;
	nested = skip_nested(at, end);
	return nested > behind ? nested : behind;
}

struct range {
	const char *start, *end;
};

/* What is given behind the word password; false: nothing. */
static bool
secret_behind(struct range *secret, const char *word_end, const char *end)
{
	const char *open_comment;
	const char *at = token_skip_blank(word_end, end, &open_comment);

	if (at < end && *at == '=')
		at = token_skip_blank(at + 1, end, &open_comment);
	secret->start = at;
	secret->end = skip_secret(at, end);
	/* In a connection string: password=value. */
	if (secret->end == at && at == word_end + 1 && *word_end == '=')
		while (secret->end < end && !strchr(" \t\r\n';", *secret->end))
			secret->end++;
	return secret->end > at;
}

/*
 * The next secret behind a word that starts at `at` or later, before `stop`. A range too much does
 * no harm, one missed does.
 */
static bool
find_secret(struct range *secret, const char *at, const char *stop, const char *end)
{
	static const char word[] = "password";
	const size_t length = sizeof word - 1;

	for (; at < stop && (size_t)(end - at) >= length; at++)
		if (strncasecmp(at, word, length) == 0 && secret_behind(secret, at + length, end))
			return true;
	return false;
}

/* The window of the line, in bytes from its start. */
static struct range
window_of(const struct place *place)
{
	const size_t before = place->column - 1;
	const size_t first = before > MOST_SHOWN * 3 / 4 ? before - MOST_SHOWN * 3 / 4 : 0;
	const char *start = place->text;
	const char *end = place->text + place->length;

	/* A line that fits is shown from its start. */
	if (count_characters(start, place->length) > MOST_SHOWN)
		start += bytes_of(start, place->length, first);
	end = start + bytes_of(start, (size_t)(end - start), MOST_SHOWN);
	return (struct range){ start, end };
}

/* One character of the line, and what stands under it, in front of the caret. */
static const char *
show_character(const char *at, const char *end, struct text *line, struct text *under)
{
	const size_t length = bytes_of(at, (size_t)(end - at), 1);

	text_add_n(line, at, length);
	if (under)
		text_add_char(under, *at == '\t' ? '\t' : ' ');
	return at + length;
}

static void
show(const struct place *place, struct text *line, struct text *under)
{
	const char *const text_end = place->source->text + place->source->length;
	const struct range window = window_of(place);
	const char *const caret =
		place->text + bytes_of(place->text, place->length, place->column - 1);
	const char *const from = (size_t)(place->text - place->source->text) > LOOK_BACK
	                               ? place->text - LOOK_BACK
	                               : place->source->text;
	struct range secret;
	bool has_secret = find_secret(&secret, from, window.end, text_end);

	if (window.start > place->text) {
		text_add(line, CUT);
		text_add(under, "   ");
	}
	for (const char *at = window.start; at < window.end;) {
		while (has_secret && secret.end <= at)
			has_secret = find_secret(&secret, secret.end, window.end, text_end);
		if (has_secret && secret.start <= at) {
			const char *behind = secret.end < window.end ? secret.end : window.end;

			text_add(line, BLANKED);
			if (behind <= caret)
				text_add(under, "   ");
			at = behind;
		} else {
			at = show_character(at, window.end, line, at < caret ? under : NULL);
		}
	}
	if (window.end < place->text + place->length)
		text_add(line, CUT);
	text_add_char(under, '^');
}

bool
place_blame(const struct place *place, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text line = text_new(&arena);
	struct text under = text_new(&arena);
	const char *further = arena_copy(&arena, err->detail);

	err->detail[0] = '\0';
	if (place->length) {
		show(place, &line, &under);
		(void)err_detail(err, "%s", line.at);
		(void)err_detail(err, "%s", under.at);
	}
	if (*further)
		(void)err_detail(err, "%s", further);
	return err_within(err, "%s:%zu:%zu", place->path, place->line, place->column);
}
