/* A command line as words, without a shell: blanks part them, quotes and backslashes keep them together. */
#pragma once

struct arena;

/*
 * Ends with NULL. 'as it stands'; "with \" and \\"; \x is x. What would need a shell (| & ; < > ( ) $ `, outside of
 * single quotes) and a quote without its end give NULL, with the reason in *why, as the end of a sentence.
 */
char **words_split(const char *text, const char **why, struct arena *arena);

/* A word so that a shell reads it as it is: with quotes where it needs them. */
const char *words_quoted(const char *word, struct arena *arena);
