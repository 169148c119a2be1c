/* See inline.h. */
#include "inline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"

/* Behind what is quoted; a quote doubled within is two that follow each other. */
static const char *
behind_quoted(const char *quote)
{
	const char *end = strchr(quote + 1, *quote);

	assert(end);
	return end + 1;
}

void
inline_values(struct text *text, const char *sql, const char *const *literals, size_t count)
{
	const char *from = sql, *at = sql;

	while (at += strcspn(at, "\"'$"), *at) {
		char *behind;
		size_t number;

		if (*at != '$') {
			at = behind_quoted(at);
			continue;
		}
		number = strtoul(at + 1, &behind, 10);
		assert(number >= 1 && number <= count);
		text_add_n(text, from, (size_t)(at - from));
		text_add(text, literals[number - 1]);
		from = at = behind;
	}
	text_add_n(text, from, (size_t)(at - from));
}
