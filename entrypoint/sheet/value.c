/* See value.h. */
#include "value.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "../arena.h"
#include "../names.h"

/* Behind the closing quote of the text that begins at `at` with a quote; NULL: it has none. */
static const char *
quote_end(const char *at)
{
	for (at++; *at; at++) {
		if (*at != '"')
			continue;
		if (at[1] != '"')
			return at + 1;
		at++;
	}
	return NULL;
}

/* From quote to quote, both included. */
static const char *
unquote(const char *at, const char *end, struct arena *arena)
{
	char *text = arena_alloc(arena, (size_t)(end - at));
	char *to = text;

	for (at++; at < end - 1; at++) {
		at += *at == '"';
		*to++ = *at;
	}
	return text;
}

const char *
value_unquoted(const char *text, struct arena *arena)
{
	const char *end = *text == '"' ? quote_end(text) : NULL;

	return end && !*end ? unquote(text, end, arena) : NULL;
}

const char *
value_name(const char *text, struct arena *arena)
{
	const char *unquoted = value_unquoted(text, arena);

	return unquoted ? unquoted : text;
}

const char *
value_table(const char *text, struct arena *arena)
{
	struct text quoted = text_new(arena);
	const char *end;

	for (size_t parts = 1; parts <= 2; parts++, text = end + 1) {
		end = *text == '"' ? quote_end(text) : text + strcspn(text, ".\"");
		if (!end || end == text || (*end && *end != '.'))
			return NULL;
		text_add(&quoted,
		         name_quoted(*text == '"' ? unquote(text, end, arena)
		                                  : arena_copy_n(arena, text, (size_t)(end - text)),
		                     arena));
		if (!*end)
			return quoted.at;
		text_add_char(&quoted, '.');
	}
	return NULL;
}

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

static bool
is_name_part(char c, bool is_first)
{
	return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80 ||
	       (!is_first && (isdigit((unsigned char)c) || c == '$'));
}

/* A name at *at, which is moved behind it; NULL: there is none. */
static const char *
take_name(const char **at, struct arena *arena)
{
	const char *from = *at;
	const char *end = from;

	if (*from == '"') {
		end = quote_end(from);
		if (!end)
			return NULL;
		*at = end;
		return unquote(from, end, arena);
	}
	while (is_name_part(*end, end == from))
		end++;
	*at = end;
	return end == from ? NULL : arena_copy_n(arena, from, (size_t)(end - from));
}

static bool
take_value(const char **at, const char **value, struct arena *arena)
{
	const char *from = skip_blanks(*at);
	const char *end;

	if (*from == '"') {
		end = quote_end(from);
		if (!end)
			return false;
		*value = unquote(from, end, arena);
		*at = end;
		return true;
	}
	end = from + strcspn(from, ",)\"");
	*at = end;
	while (end > from && strchr(" \t", end[-1]))
		end--;
	*value = end > from ? arena_copy_n(arena, from, (size_t)(end - from)) : NULL;
	return true;
}

/* One `by` or `by=value`; all of a reference are of the same kind. */
static bool
take_by(const char **at, struct spelling *spelling, struct arena *arena)
{
	const char *name, *value = NULL;

	*at = skip_blanks(*at);
	name = take_name(at, arena);
	*at = skip_blanks(*at);
	if (!name || (spelling->count && spelling->has_values != (**at == '=')))
		return false;
	spelling->has_values = **at == '=';
	if (spelling->has_values) {
		++*at;
		if (!take_value(at, &value, arena))
			return false;
		*at = skip_blanks(*at);
	}
	spelling->by = arena_grow(arena, spelling->by, spelling->count, sizeof name);
	spelling->values = arena_grow(arena, spelling->values, spelling->count, sizeof value);
	spelling->by[spelling->count] = name;
	spelling->values[spelling->count++] = value;
	return true;
}

bool
value_is_reference(const char *text, struct spelling *spelling, struct arena *arena)
{
	struct spelling read = { 0 };
	const char *at = text;

	if (!strchr(text, '('))
		return false;
	if (!take_name(&at, arena) || (*at == '.' && (at++, !take_name(&at, arena))) || *at != '(')
		return false;
	read.shown = arena_copy_n(arena, text, (size_t)(at - text));
	read.table = value_table(read.shown, arena);
	do {
		at++;
		if (!take_by(&at, &read, arena))
			return false;
	} while (*at == ',');
	assert(read.table);
	if (at[0] != ')' || at[1] != '.')
		return false;
	at += 2;
	read.column = take_name(&at, arena);
	if (!read.column || *at)
		return false;
	*spelling = read;
	return true;
}
