/* See name.h. */
#include "name.h"

#include <stdbool.h>
#include <stddef.h>

#include "../arena.h"
#include "../token.h"

const char *
name_of(const struct token *token, struct arena *arena)
{
	const char quote = token->length ? token->at[0] : '\0';
	const bool is_quoted = token->length >= 2 && (quote == '"' || quote == '\'');
	struct text name = text_new(arena);

	for (size_t i = is_quoted; i < token->length - is_quoted; i++) {
		char c = token->at[i];

		if (is_quoted && c == quote)
			i++;
		if (!is_quoted && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		text_add_char(&name, c);
	}
	return name.at;
}
