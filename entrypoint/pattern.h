/*
 * Does a statement begin with these words? In a pattern
 *
 *	a|b             is one of these, [a b] may be missing, $ is the end of the statement
 *	NAME, RELATION  are names, which may be qualified and quoted
 *	()              is anything in parentheses, (a) as well, with the word a directly in it
 *	...             is anything up to the next word, which then must be there
 */
#pragma once

#include <stdbool.h>

struct token;
struct tokens;

/* Is this one of the words that the pattern begins with? Cheap: it spares most patterns. */
bool pattern_begins(const char *pattern, const struct token *first);

/*
 * Where it fits, tokens stand behind it. NAME and RELATION are as written; where there is none, the token's text is NULL.
 */
bool pattern_fits(const char *pattern, struct tokens *tokens, struct token *object,
                  struct token *relation);
