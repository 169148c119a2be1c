/* See names.h. */
#include "names.h"

#include "arena.h"

static const char *
quoted(const char *text, char quote, struct arena *arena)
{
	struct text result = text_new(arena);

	text_add_char(&result, quote);
	for (; *text; text++) {
		if (*text == quote)
			text_add_char(&result, quote);
		text_add_char(&result, *text);
	}
	text_add_char(&result, quote);
	return result.at;
}

const char *
name_quoted(const char *name, struct arena *arena)
{
	return quoted(name, '"', arena);
}

const char *
name_literal(const char *value, struct arena *arena)
{
	return quoted(value, '\'', arena);
}

void
name_add_element(struct text *array, const char *name)
{
	text_add(array, array->length ? ",\"" : "{\"");
	text_add_escaped(array, name, "\"\\");
	text_add_char(array, '"');
}
