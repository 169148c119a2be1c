/* See words.h. */
#include "words.h"

#include <string.h>

#include "../arena.h"
#include "../token.h"
#include "act.h"

bool
words_take(struct tokens *tokens, const char *phrase)
{
	struct tokens ahead = *tokens;

	while (*phrase) {
		const size_t length = strcspn(phrase, " ");
		const struct token token = token_next(&ahead);

		if (token.kind == TOKEN_STRING || !token_is_one_of(&token, phrase, length))
			return false;
		phrase += length;
		phrase += *phrase == ' ';
	}
	*tokens = ahead;
	return true;
}

bool
words_find(struct tokens *tokens, const char *phrase)
{
	struct tokens ahead = *tokens;

	do {
		if (words_take(&ahead, phrase)) {
			*tokens = ahead;
			return true;
		}
	} while (words_skip(&ahead));
	return false;
}

static const char *
folded(const struct token *token, struct arena *arena)
{
	char *text = arena_copy_n(arena, token->at, token->length);
	char *to = text;

	if (token->kind == TOKEN_WORD) {
		for (char *c = text; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c - 'A' + 'a');
		return text;
	}
	if (*text != '"') /* U&"..." is left as it is */
		return text;
	for (const char *from = text + 1; from[1]; from++) {
		from += from[0] == '"' && from[1] == '"' && from[2];
		*to++ = *from;
	}
	*to = '\0';
	return text;
}

bool
words_take_identifier(struct tokens *tokens, const char **identifier, struct arena *arena)
{
	struct tokens ahead = *tokens;
	const struct token token = token_next(&ahead);

	if (token.kind != TOKEN_WORD && token.kind != TOKEN_NAME)
		return false;
	*identifier = folded(&token, arena);
	*tokens = ahead;
	return true;
}

bool
words_take_name(struct tokens *tokens, struct name *name, struct arena *arena)
{
	struct name read = { 0 };

	if (!words_take_identifier(tokens, &read.name, arena))
		return false;
	for (;;) {
		struct tokens ahead = *tokens;
		const char *next;

		if (!words_take(&ahead, ".") || !words_take_identifier(&ahead, &next, arena))
			break;
		read = (struct name){ read.name, next };
		*tokens = ahead;
	}
	*name = read;
	return true;
}

bool
words_take_group(struct tokens *tokens, struct tokens *inside)
{
	struct tokens ahead = *tokens;
	const char *start, *last;
	size_t depth = 1;

	if (!words_take(&ahead, "(|["))
		return false;
	start = ahead.at;
	do {
		const struct token token = token_next(&ahead);

		if (token.kind == TOKEN_END)
			return false;
		last = token.at;
		depth += token_is(&token, "(", 1) || token_is(&token, "[", 1);
		depth -= token_is(&token, ")", 1) || token_is(&token, "]", 1);
	} while (depth);
	if (inside)
		*inside = (struct tokens){ start, last, tokens->backslashes };
	*tokens = ahead;
	return true;
}

bool
words_skip(struct tokens *tokens)
{
	return words_take_group(tokens, NULL) || token_next(tokens).kind != TOKEN_END;
}

struct tokens
words_item(struct tokens *tokens)
{
	struct tokens item = *tokens;

	for (;;) {
		const char *const before = tokens->at;

		if (words_take(tokens, ",")) {
			item.end = before;
			return item;
		}
		if (!words_skip(tokens))
			return item;
	}
}

bool
words_are_over(struct tokens tokens)
{
	return token_next(&tokens).kind == TOKEN_END;
}

const char *
words_text(struct tokens tokens, struct arena *arena)
{
	struct text text = text_new(arena);
	bool was_word = false;

	for (;;) {
		const struct token token = token_next(&tokens);
		const bool is_word = token.kind == TOKEN_WORD || token.kind == TOKEN_NAME;

		if (token.kind == TOKEN_END)
			return text.at;
		if (is_word && was_word)
			text_add_char(&text, ' ');
		text_add(&text, token.kind == TOKEN_WORD
		                        ? folded(&token, arena)
		                        : arena_copy_n(arena, token.at, token.length));
		was_word = is_word || token_is(&token, ")", 1);
	}
}

const char *
name_shown(const struct name *name, struct arena *arena)
{
	return name->schema ? arena_join(arena, name->schema, ".", name->name) : name->name;
}
