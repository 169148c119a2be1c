/* See copy.h. */
#include "copy.h"

#include <stddef.h>
#include <stdint.h>

#include "../arena.h"
#include "../token.h"
#include "item.h"

bool
copy_is_text(const struct item *item, struct text *table)
{
	struct tokens tokens = { .at = item->sql, .end = item->sql + item->length };
	struct token token = token_next(&tokens), last = { 0 };

	while ((token = token_next(&tokens)).kind != TOKEN_END && !token_is(&token, "(", 1) &&
	       !token_is(&token, "from", 4))
		text_add_n(table, token.at, token.length);
	for (; token.kind != TOKEN_END; token = token_next(&tokens))
		last = token;
	return token_is(&last, "stdin", 5);
}
