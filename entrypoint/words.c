/* See words.h. */
#include "words.h"

#include <stdbool.h>
#include <string.h>

#include "arena.h"

#define BLANKS " \t\r\n"

struct splitting {
	const char *at;
	const char *why; /* it cannot be split; NULL: so far it can */
	struct arena *arena;
};

static void
needs_shell(struct splitting *splitting, const char *found)
{
	splitting->why = arena_print(splitting->arena,
	                             "has a %.1s, which only a shell would understand", found);
}

/* Up to the quote that ends it. */
static void
take_quoted(struct splitting *splitting, struct text *word, char quote)
{
	const bool is_literal = quote == '\'';
	const char *at = splitting->at;

	for (; *at && *at != quote && !splitting->why; at++) {
		if (!is_literal && *at == '\\' && at[1] && strchr("\"\\$`", at[1]))
			at++;
		else if (!is_literal && (*at == '$' || *at == '`'))
			needs_shell(splitting, at);
		text_add_char(word, *at);
	}
	if (!*at && !splitting->why)
		splitting->why = "has a quote without its end";
	splitting->at = at + (*at != '\0');
}

static char *
take_word(struct splitting *splitting)
{
	struct text word = text_new(splitting->arena);

	while (*splitting->at && !strchr(BLANKS, *splitting->at) && !splitting->why) {
		const char *at = splitting->at++;

		if (*at == '\'' || *at == '"') {
			take_quoted(splitting, &word, *at);
		} else if (*at == '\\' && at[1]) {
			splitting->at++;
			text_add_char(&word, at[1]);
		} else {
			if (strchr("|&;<>()$`", *at))
				needs_shell(splitting, at);
			text_add_char(&word, *at);
		}
	}
	return word.at;
}

char **
words_split(const char *text, const char **why, struct arena *arena)
{
	struct splitting splitting = { text + strspn(text, BLANKS), NULL, arena };
	char **words = NULL;
	size_t count = 0;

	while (*splitting.at && !splitting.why) {
		char *word = take_word(&splitting);

		words = arena_grow(arena, words, count, sizeof word);
		words[count++] = word;
		splitting.at += strspn(splitting.at, BLANKS);
	}
	words = arena_grow(arena, words, count, sizeof *words);
	words[count] = NULL;
	*why = count ? splitting.why : "holds no word";
	return *why ? NULL : words;
}

const char *
words_quoted(const char *word, struct arena *arena)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "_-./+,:@%=";
	struct text text = text_new(arena);

	if (*word && !word[strspn(word, plain)])
		return word;
	text_add_char(&text, '"');
	text_add_escaped(&text, word, "\"\\$`");
	text_add_char(&text, '"');
	return text.at;
}
