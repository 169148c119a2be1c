/* See caret.h. */
#include "caret.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "token.h"
#include "utf8.h"

/* A literal that starts further in front of the line is not taken for a password any more. */
#define LOOK_BACK ((size_t)4096)

static const char CUT[] = "...";
static const char BLANKED[] = "***";

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

/* The line in which a byte stands, without its end. */
static struct range
line_of(const char *text, const char *end, const char *at)
{
	const char *start = at;
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	while (start > text && start[-1] != '\n')
		start--;
	if (newline)
		end = newline;
	if (end > start && end[-1] == '\r')
		end--;
	return (struct range){ start, end };
}

/* The part of the line that is shown. */
static struct range
window_of(const struct range *line, const char *caret)
{
	const size_t before = utf8_count(line->start, (size_t)(caret - line->start));
	const size_t first = before > CARET_MOST * 3 / 4 ? before - CARET_MOST * 3 / 4 : 0;
	const char *start = line->start;

	/* A line that fits is shown from its start. */
	if (utf8_count(start, (size_t)(line->end - start)) > CARET_MOST)
		start += utf8_bytes(start, (size_t)(line->end - start), first);
	return (struct range){ start,
		               start + utf8_bytes(start, (size_t)(line->end - start), CARET_MOST) };
}

/* One character of the line, and what stands under it, in front of the caret. */
static const char *
show_character(const char *at, const char *end, struct text *line, struct text *under)
{
	const size_t length = utf8_bytes(at, (size_t)(end - at), 1);

	text_add_n(line, at, length);
	if (under && *at == '\t')
		text_add_char(under, '\t');
	else if (under)
		text_add_n(under, "  ", utf8_width(at));
	return at + length;
}

/* The window with secrets blanked; they are looked for in all of the text that is searched. */
static void
show_window(const struct range *searched, const struct range *window, const char *caret,
            struct text *line, struct text *under)
{
	struct range secret;
	bool has_secret = find_secret(&secret, searched->start, window->end, searched->end);

	for (const char *at = window->start; at < window->end;) {
		while (has_secret && secret.end <= at)
			has_secret = find_secret(&secret, secret.end, window->end, searched->end);
		if (has_secret && secret.start <= at) {
			const char *behind = secret.end < window->end ? secret.end : window->end;

			text_add(line, BLANKED);
			if (behind <= caret)
				text_add(under, "   ");
			at = behind;
		} else {
			at = show_character(at, window->end, line, at < caret ? under : NULL);
		}
	}
}

void
caret_show(const char *text, size_t length, size_t offset, struct text *line, struct text *under)
{
	const char *caret = text + (offset < length ? offset : length);
	const struct range found = line_of(text, text + length, caret);
	struct range searched = { text, text + length }, window;

	/* Behind the last character of a line that ends with \r\n. */
	if (caret > found.end)
		caret = found.end;
	if ((size_t)(found.start - text) > LOOK_BACK)
		searched.start = found.start - LOOK_BACK;
	window = window_of(&found, caret);
	if (window.start > found.start) {
		text_add(line, CUT);
		text_add(under, "   ");
	}
	show_window(&searched, &window, caret, line, under);
	if (window.end < found.end)
		text_add(line, CUT);
	text_add_char(under, '^');
}

const char *
caret_blanked(const char *text, struct arena *arena)
{
	const struct range whole = { text, text + strlen(text) };
	struct text shown = text_new(arena), under = text_new(arena);

	show_window(&whole, &whole, text, &shown, &under);
	return shown.at;
}
